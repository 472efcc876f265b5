"""Which words of a query a text has."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg.analysis import WORD_LIMIT, analyzer, words_asked, words_in_common


@pytest.mark.parametrize(
    ("asked", "text", "expected"),
    [
        ("Adopting dogs, and DOGS again!", "a dog to adopt", ["Adopting", "dogs"]),
        ("café", "two cafes", ["café"]),
        ("cat", "dog", []),
        ("", "dog", []),
        (f"{'x' * 70} dog", "dog", ["dog"]),
    ],
)
def test_words_are_the_same_by_their_stem(asked: str, text: str, expected: list[str]) -> None:
    assert words_in_common(asked, text) == expected


@given(st.text(), st.text())
def test_any_two_texts_share_the_words_that_a_search_would_match(asked: str, text: str) -> None:
    cut = analyzer()
    both = [word for word in words_asked(cut, asked) if word in cut.analyze(text)]

    common = words_in_common(asked, text)

    assert [word for one in common for word in cut.analyze(one)] == both
    assert all(word in asked for word in common)


def test_words_that_are_not_looked_up_do_not_count() -> None:
    words = [f"word{n}" for n in range(WORD_LIMIT + 5)]

    common = words_in_common(" ".join(words), " ".join(reversed(words)))

    assert common == words[:WORD_LIMIT]
