"""What two processes do to one another that open a graph at once."""

import sqlite3
from pathlib import Path
from typing import Any

import pytest
from contract.small_graph import BATCH, DOG_POST

from kg.sqlite.database import Database
from kg.sqlite.store import open_sqlite
from kg.sqlite.tables import INDEXES
from schema.nodes import NodeKind

pytestmark = pytest.mark.anyio

CONNECT = sqlite3.connect


def late_indexes(path: Path) -> int:
    connection = CONNECT(path)
    sql = "SELECT count(*) FROM sqlite_schema WHERE type = 'index' AND sql IS NOT NULL"
    (made,) = connection.execute(sql).fetchone()
    connection.close()
    return made


@pytest.mark.parametrize("statement", range(1, 9))
def test_a_graph_that_another_process_makes_meanwhile_is_opened(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, statement: int
) -> None:
    path = tmp_path / "graph.db"

    class Overtaken(sqlite3.Connection):
        left = statement

        def execute(self, sql: str, /, *parameters: Any) -> sqlite3.Cursor:
            self.left -= 1
            if self.left == 0:
                monkeypatch.setattr(sqlite3, "connect", CONNECT)
                Database(path, 1.0).close()
            return super().execute(sql, *parameters)

    def connect(*given: Any, **named: Any) -> sqlite3.Connection:
        return CONNECT(*given, factory=Overtaken, **named)

    monkeypatch.setattr(sqlite3, "connect", connect)

    database = Database(path, 1.0)

    assert database.path == path
    database.close()


async def test_no_reader_makes_the_late_indexes_while_the_first_load_goes_on(
    tmp_path: Path,
) -> None:
    path = tmp_path / "graph.db"
    async with open_sqlite(path, timeout_s=1.0) as load:
        await load.put(BATCH)
        async with open_sqlite(path, timeout_s=1.0) as reader:
            matches = await reader.match(NodeKind.POST, "home", 5)
        while_loading = late_indexes(path)
        await load.refresh()

    assert [hit.id for hit in matches] == [DOG_POST.id]
    assert (while_loading, late_indexes(path)) == (0, len(INDEXES))


async def test_a_reader_makes_the_late_indexes_of_a_load_that_ended_before_it_could(
    tmp_path: Path,
) -> None:
    path = tmp_path / "graph.db"
    async with open_sqlite(path, timeout_s=1.0) as load:
        await load.put(BATCH)
    before = late_indexes(path)

    async with open_sqlite(path, timeout_s=1.0):
        after = late_indexes(path)

    assert (before, after) == (0, len(INDEXES))
