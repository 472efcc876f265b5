"""The questions of the users at the paper's scale, asked of Neo4j."""

from typing import Final

from benchmarks.asking import measured, opener, report
from benchmarks.generated import PAPER_INTENTIONS, Generated
from benchmarks.questioned import questioned
from benchmarks.server_loading import OURS, loaded
from benchmarks.servers import WHOLE, folder, serving
from kg.connect import connect

ROUNDS: Final = 5


async def main() -> None:
    """Measure and report."""
    graph, place = Generated(PAPER_INTENTIONS), folder(OURS, PAPER_INTENTIONS)
    if not (place / WHOLE).exists():
        await loaded(PAPER_INTENTIONS)
    async with serving(place) as served:
        async with connect(served) as store:
            await questioned(store, graph)
        rows = await measured(graph, opener(served), rounds=ROUNDS)
    report("neo4j-questions", "Neo4j", rows, rounds=ROUNDS)
