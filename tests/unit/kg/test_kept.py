"""Answers are kept while the graph is the same, up to a size."""

from kg.kept import Kept


def test_an_answer_is_of_one_version() -> None:
    kept: Kept[str, int] = Kept(10)
    kept.keep("a", 1, 7)

    assert kept.get("a", 1) == 7
    assert kept.get("a", 2) is None
    assert kept.get("a", 1) is None  # a graph does not go back


def test_what_was_asked_for_longest_ago_is_let_go() -> None:
    kept: Kept[str, str] = Kept(5)
    for key in ("a", "b"):
        kept.keep(key, 1, key, size=2)
    kept.get("a", 1)

    kept.keep("c", 1, "c", size=2)

    assert [kept.get(key, 1) for key in "abc"] == ["a", None, "c"]


def test_the_last_answer_stays_however_large() -> None:
    kept: Kept[str, str] = Kept(5)
    kept.keep("a", 1, "a")

    kept.keep("b", 1, "b", size=100)

    assert [kept.get(key, 1) for key in "ab"] == [None, "b"]


def test_an_answer_kept_again_counts_once() -> None:
    kept: Kept[str, str] = Kept(4)
    kept.keep("a", 1, "a")
    for version in range(10):
        kept.keep("b", version, "b", size=3)

    assert kept.get("a", 1) == "a"
