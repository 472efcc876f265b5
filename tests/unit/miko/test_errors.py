"""What goes wrong is told in one line, with the way out, and by the exit code."""

from pathlib import Path
from typing import Any, Final

import pytest
from contract.small_graph import CAKE_POST, HOME
from unit.miko.asking import miko, python

from miko import keep

GONE = "sqlite:///gone.db"
POST = '{"id": "pets:1", "text": "Meet Rex"}\n'


def fails_with(error: BaseException) -> Any:
    """Return what stands for `miko.running.answer` and ends in this error."""

    def answer(_question: object) -> None:
        raise error

    return answer


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("stats", "--store", GONE), "there is no graph at sqlite:///gone.db: load one by"),
        (("search", "a", "--mode", "text", "--store", GONE), "there is no graph at"),
        (("stats", "--store", "redis://here"), "no store is known for 'redis://here'"),
        (("load", "posts.jsonl", "--store", "sqlite:///:memory:"), "names no file"),
        (("load", "gone.jsonl"), "gone.jsonl cannot be read: No such file or directory"),
        (("load", "."), "cannot be read: Is a directory"),
        (("load", "notes.txt"), "notes.txt is in no format known: name it by --format"),
        (
            ("load", "posts.jsonl", "--format", "csv"),
            "no format is called 'csv', only subgraph, record",
        ),
        (("load", "posts.jsonl", "--rejects", "posts.jsonl"), "name another reject file"),
        (("stats", "--store", "sqlite:///posts.jsonl"), "is no SQLite file, or a damaged one"),
        (("demo", "--folder", "posts.jsonl", "--no-serve"), "name another by --folder"),
    ],
)
def test_what_cannot_be_opened_is_named_with_the_way_out(
    folder: Path, arguments: tuple[str, ...], message: str
) -> None:
    (folder / "posts.jsonl").write_text(POST)
    (folder / "notes.txt").write_text("Rex is a good dog.")

    result = miko(*arguments)

    assert (result.exit_code, result.stdout) == (1, "")
    assert len(result.stderr.splitlines()) == 1
    assert result.stderr.startswith("miko: ")
    assert message in result.stderr
    assert not (folder / "miko.db").exists()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("similar", "nobody"), "no node has the id 'nobody': a post is 'source:id'"),
        (("similar", "pets:9"), "no node has the id 'pets:9'"),
        (("similar", CAKE_POST.id), "'food:3' has no embedding yet: run `miko embed`"),
        (("paths", "pets:9", HOME.id), "no node has the id 'pets:9'"),
        (("paths", HOME.id, "pets:9"), "no node has the id 'pets:9'"),
        (("search", " ", "--mode", "text"), "the text to search for is empty"),
        (("search", "\ud800", "--mode", "text"), "the text to search for holds a lone surrogate"),
        (("similar", "\udcff:1"), "no node has the id '\\udcff:1'"),
        (("paths", "\udcff:1"), "no node has the id '\\udcff:1'"),
        (("paths", HOME.id, "\udcff:1"), "no node has the id '\\udcff:1'"),
        (("paths", HOME.id, "--commonsense", "\udcff"), "the relation '\\udcff' holds a lone"),
    ],
)
def test_a_question_that_has_no_answer_says_why(
    graph: str, arguments: tuple[str, ...], message: str
) -> None:
    result = miko(*arguments, "--store", graph)

    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr.startswith(f"miko: {message}")
    assert len(result.stderr.splitlines()) == 1


@pytest.mark.parametrize(
    "arguments", [("search", "rex"), ("posts", "--relation", "xWant", "--about", "rex")]
)
def test_a_search_by_meaning_asks_for_embeddings_and_writes_nothing(
    folder: Path, arguments: tuple[str, ...]
) -> None:
    (folder / "posts.jsonl").write_text(POST)
    miko("load", "posts.jsonl")

    result = miko(*arguments)

    assert result.exit_code == 1
    assert result.stderr.startswith("miko: the graph has no embeddings yet: run `miko embed`")
    assert "embedding model: none: run `miko embed`" in miko("stats").stdout


@pytest.mark.parametrize(
    ("command", "name", "value"),
    [
        ("stats", "MIKO_STORE_TIMEOUT_S", "-1"),
        ("embed", "MIKO_EMBEDDER_BATCH_ROWS", "many"),
        ("serve", "MIKO_API_PORT", "99999"),
        ("serve", "MIKO_API_ALLOWED_HOSTS", '["miko.example"'),
        ("serve", "MIKO_API_ALLOWED_HOSTS", "[3]"),
    ],
)
def test_a_setting_that_is_wrong_is_named(graph: str, command: str, name: str, value: str) -> None:
    result = miko(command, "--store", graph, **{name: value})

    assert result.exit_code == 1
    assert result.stderr.startswith(f"miko: {name}: Input should be ")


ASKED: Final = ("--model", "some-model")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("stats", "--label", "sarcastic"), "'sarcastic' is no NAME=VALUE"),
        (("stats", "--hashtag", "#"), "the filter's hashtags: '' is empty"),
        (("search", "a", "--source", "\udcff"), "the filter's sources: '\\udcff' holds"),
        (("posts", "-r", "xWant", "--concept", ""), "the filter's concepts: '' is empty"),
        (("search",), "Missing argument"),
        (("search", "a", "--mode", "guess"), "'guess' is not one of"),
        (("search", "a", "--relation", "xLoves"), "'xLoves' is not one of"),
        (("similar", HOME.id, "--first", "0"), "greater than or equal to 1"),
        (("paths", HOME.id, "--hops", "7"), "less than or equal to 6"),
        (("posts",), "Missing option"),
        (("distill", "posts.jsonl", "--engine", "other"), "Usage: miko distill"),
        (("neo4j", "--heap", "much"), "--heap"),
        (("bench-models", "t.json", *ASKED, "--judge", "j", "--judge-url", "no"), "--judge-url"),
        (("stats", "--kind", "post"), "No such option"),
        (("fetch",), "No such command"),
    ],
)
def test_wrong_usage_is_exit_code_2(arguments: tuple[str, ...], message: str) -> None:
    result = miko(*arguments)

    assert (result.exit_code, result.stdout) == (2, "")
    assert message in result.stderr


def test_a_stop_says_that_nothing_is_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keep, "answer", fails_with(KeyboardInterrupt()))

    result = miko("stats")

    assert result.exit_code == 130
    assert result.stderr.startswith("miko: stopped; what was written is kept")


def test_an_error_of_the_program_is_not_dressed_up(monkeypatch: pytest.MonkeyPatch) -> None:
    error = ValueError("a slip of ours")
    monkeypatch.setattr(keep, "answer", fails_with(error))

    assert miko("stats").exception is error


@pytest.mark.parametrize(
    ("rows", "code"), [(POST, 0), (POST + "{\n", 3), (POST + POST.replace("Rex", "Tom"), 3)]
)
def test_the_exit_code_of_a_load_says_whether_rows_were_rejected(
    folder: Path, rows: str, code: int
) -> None:
    (folder / "posts.jsonl").write_text(rows)

    result = python("-m", "miko", "load", "posts.jsonl", "--json")

    assert (result.returncode, result.stderr) == (code, "")
    assert (folder / "rejects.jsonl").exists() == bool(code)
