"""The columns that facets are counted over: when they are read, and when they are let go of."""

from dataclasses import replace
from typing import LiteralString

import pytest
from contract.small_graph import BATCH, HOME

from kg.neo4j import meta
from kg.neo4j.columns import ColumnMemory
from kg.neo4j.database import Address, Row, Transaction, open_database
from kg.neo4j.passing import Passing
from kg.neo4j.read_columns import PAIRS
from kg.neo4j.store import open_neo4j
from schema.facets import Facet
from schema.graph import EVERYTHING, Batch
from schema.nodes import NodeKind, Post, Run

pytestmark = pytest.mark.anyio

OTHER = Run.of("infer", "another-model")
SAID_AGAIN = Batch(runs=(OTHER,), has_intention=(replace(BATCH.has_intention[0], run_id=OTHER.id),))


async def test_they_are_read_where_they_are_waited_for(url: str) -> None:
    async with open_database(Address(url)) as database:
        memory = ColumnMemory(database)

        held = await memory.wanted(await database.read(meta.state), wait=True)

    assert held is not None
    assert held.columns.has_intention.shape[1] == len(BATCH.has_intention)
    assert len(Passing(held, EVERYTHING).nodes(NodeKind.POST)) == len(BATCH.posts)
    assert set(held.values[Facet.SOURCE]) == {post.source for post in BATCH.posts}


async def test_they_are_read_where_they_are_asked_for_twice(url: str) -> None:
    async with open_database(Address(url)) as database:
        memory, state = ColumnMemory(database), await database.read(meta.state)

        assert await memory.wanted(state, wait=False) is None
        assert memory.is_empty
        await memory.wanted(state, wait=False)
        held = await memory.wanted(state, wait=True)

    assert held is not None


async def test_what_is_written_lets_go_of_them(url: str) -> None:
    async with (
        open_database(Address(url)) as database,
        open_neo4j(Address(url), create=False) as store,
    ):
        memory = ColumnMemory(database)
        await memory.wanted(await database.read(meta.state), wait=True)

        await store.put(Batch(posts=(Post("new:1", "text", "new"),)))

        assert memory.of(await database.read(meta.state)) is None
        assert memory.is_empty


async def test_those_of_a_graph_that_was_written_to_meanwhile_are_not_held(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with (
        open_database(Address(url)) as database,
        open_neo4j(Address(url), create=False) as store,
    ):
        rows, state = Transaction.rows, await database.read(meta.state)

        async def overtaken(
            self: Transaction, query: LiteralString, /, **parameters: object
        ) -> list[Row]:
            if query == PAIRS and parameters["value"] == HOME.relation:
                await store.put(SAID_AGAIN)
            return await rows(self, query, **parameters)

        monkeypatch.setattr(Transaction, "rows", overtaken)
        memory = ColumnMemory(database)

        assert await memory.wanted(state, wait=True) is None
        assert memory.is_empty
