"""The index of words holds each row once, as it is now, whatever was written in between."""

import sqlite3
from collections.abc import Generator
from contextlib import closing
from pathlib import Path
from typing import Final

import pytest

from kg.sqlite import changes, words
from kg.sqlite.sidecar import Owner
from kg.sqlite.words import WordIndex
from schema.nodes import NodeKind

KIND: Final = NodeKind.INTENTION
NOTE: Final = "intention.words.json"


@pytest.fixture
def rows() -> Generator[sqlite3.Connection]:
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.execute(
            "CREATE TABLE change (version INTEGER PRIMARY KEY, subject, first, last)"
        )
        connection.execute("CREATE TABLE intention (key INTEGER PRIMARY KEY, id, relation, text)")
        write(connection, {key: f"alpha row{key}" for key in range(1, 9)})
        yield connection


def write(connection: sqlite3.Connection, texts: dict[int, str | None]) -> None:
    """Write texts by key, None for none."""
    connection.executemany("DELETE FROM intention WHERE key = ?", [(key,) for key in texts])
    connection.executemany(
        "INSERT INTO intention VALUES (?, ?, 0, ?)",
        [(key, f"id{key}", text) for key, text in texts.items() if text is not None],
    )
    changes.log(connection, KIND, texts)


def index_in(folder: Path, connection: sqlite3.Connection) -> WordIndex:
    return WordIndex(folder, KIND, Owner("graph", lambda: changes.version(connection)))


def keys(index: WordIndex, text: str) -> list[int]:
    return sorted(key for key, _ in index.match(text, 99, relations=(), selected=None))


@pytest.mark.parametrize("looked_at", [2, 4, 65_536])
def test_what_changed_or_is_gone_is_found_no_more(
    tmp_path: Path, rows: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch, looked_at: int
) -> None:
    monkeypatch.setattr(words, "LOOKED_AT", looked_at)
    index = index_in(tmp_path, rows)
    index.catch_up(rows)

    write(rows, {2: "omega", 3: "alpha row3", 5: None, 6: "…", 8: "omega alpha", 9: "omega"})
    index.catch_up(rows)

    assert keys(index, "alpha") == [1, 3, 4, 7, 8]
    assert keys(index, "omega") == [2, 8, 9]
    assert keys(index, "row2 row5 row6 row8") == []


def test_what_another_committed_and_did_not_note_is_there_once(
    tmp_path: Path, rows: sqlite3.Connection
) -> None:
    index, other = index_in(tmp_path, rows), index_in(tmp_path, rows)
    index.catch_up(rows)
    before = (tmp_path / NOTE).read_bytes()
    write(rows, {9: "omega", 1: "omega"})
    other.catch_up(rows)
    (tmp_path / NOTE).write_bytes(before)

    index.catch_up(rows)

    assert keys(index, "omega") == [1, 9]
    assert keys(index, "alpha") == [2, 3, 4, 5, 6, 7, 8]


def test_rows_that_are_as_they_were_do_not_change_the_relevance_of_others(
    tmp_path: Path, rows: sqlite3.Connection
) -> None:
    index = index_in(tmp_path, rows)
    index.catch_up(rows)
    before = index.match("alpha row1", 99, relations=(), selected=None)

    write(rows, {key: f"alpha row{key}" for key in (1, 2, 7)})
    index.catch_up(rows)

    assert index.match("alpha row1", 99, relations=(), selected=None) == before
