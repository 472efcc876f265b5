"""The questions of the users at the paper's scale, asked of Neo4j."""

import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Final, cast

from benchmarks.asking import Opened, measured, report
from benchmarks.generated import PAPER_INTENTIONS, Generated
from benchmarks.questioned import questioned
from benchmarks.server_loading import OURS, loaded
from benchmarks.servers import WHOLE, folder, serving
from kg.connect import connect
from kg.neo4j.store import Neo4jStore
from kg.settings import StoreSettings
from kg.store import GraphStore
from schema.facets import Facet
from schema.nodes import NodeKind

ROUNDS: Final = 5


async def main() -> None:
    """Measure and report."""
    graph, place = Generated(PAPER_INTENTIONS), folder(OURS, PAPER_INTENTIONS)
    if not (place / WHOLE).exists():
        await loaded(PAPER_INTENTIONS)
    async with serving(place) as served, connect(served) as first:
        await questioned(first, graph)
        start = time.perf_counter()
        await first.facet(NodeKind.POST, Facet.SOURCE)
        took_s = time.perf_counter() - start
        rows = await measured(graph, _opener(served, first), rounds=ROUNDS)
    report(
        "neo4j-questions",
        "Neo4j",
        rows,
        rounds=ROUNDS,
        note=" The columns that facets are counted over are there, as in a server that was asked "
        f"for one before: the first took {took_s:.0f} s, of a Neo4j that had just been started.",
    )


def _opener(served: StoreSettings, first: GraphStore) -> Opened:
    """Return what opens a store anew, with the columns that another one has read."""
    counting = cast(Neo4jStore, first)._counting  # pyright: ignore[reportPrivateUsage]

    @asynccontextmanager
    async def opened() -> AsyncGenerator[GraphStore]:
        async with connect(served) as store:
            await store.version()
            own = cast(Neo4jStore, store)._counting  # pyright: ignore[reportPrivateUsage]
            own.columns = counting.columns
            yield store

    return opened
