"""Counting nodes: over the columns that are held in memory, where they answer, else by Cypher."""

from collections.abc import Awaitable, Callable, Mapping

import anyio.to_thread

from kg.columns import facets
from kg.columns.facets import BY_COLUMNS, Counted
from kg.facet_counts import FACET_VALUES_KEPT, KeptFacets
from kg.kept import Kept
from kg.neo4j import meta
from kg.neo4j.columns import ColumnMemory
from kg.neo4j.database import Database
from kg.neo4j.meta import State
from kg.neo4j.passing import Passing, is_answered
from schema.facets import COUNTED
from schema.graph import Filter
from schema.nodes import NodeKind

ByCypher = Callable[[], Awaitable[Mapping[str, int]]]


class Counting:
    """What counts the nodes of a graph, and keeps what it counted last."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self.columns = ColumnMemory(database)
        self._kept: KeptFacets = Kept(FACET_VALUES_KEPT)

    async def close(self) -> None:
        """Begin nothing more."""
        await self.columns.close()

    async def facet(
        self, subject: Counted, where: Filter, by_cypher: ByCypher
    ) -> Mapping[str, int]:
        """Count the nodes that pass (GraphStore.facet)."""
        state = await self._database.read(meta.state)
        asked = (subject.kind, subject.by, where)
        kept = self._kept.get(asked, state)
        if kept is not None:
            return kept
        found = await self._facet(state, subject, where)
        counts = await by_cypher() if found is None else found
        return self._kept.keep(asked, state, counts, size=1 + len(counts))

    async def count(self, kind: NodeKind, where: Filter) -> int | None:
        """Count the nodes that pass; None where the columns do not answer."""
        if kind not in COUNTED or not is_answered(where) or self.columns.is_empty:
            return None
        held = self.columns.of(await self._database.read(meta.state))
        if held is None:
            return None
        return await anyio.to_thread.run_sync(lambda: len(Passing(held, where).nodes(kind)))

    async def _facet(
        self, state: State, subject: Counted, where: Filter
    ) -> Mapping[str, int] | None:
        if subject.by not in BY_COLUMNS or not is_answered(where):
            return None
        held = await self.columns.wanted(state, wait=where.is_empty)
        if held is None:
            return None
        passing = Passing(held, where)
        return await anyio.to_thread.run_sync(
            lambda: facets.facet(held.columns, held, passing, subject)
        )
