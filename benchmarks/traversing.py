"""Four hops from a post: to its intentions, their concepts, other intentions, other posts."""

from typing import Final

from benchmarks.generated import PAPER_INTENTIONS, Generated, post_id
from benchmarks.loading import generated, is_there, settings
from benchmarks.report import section, table
from benchmarks.timing import Times, in_turns
from kg.connect import connect
from kg.hops import Hops
from kg.traversal import neighborhood, paths

QUERIES: Final = 200
SIZES: Final = ((200_000, 2), (PAPER_INTENTIONS, 3))
HOPS: Final = Hops(4, fan_out=100)


async def main() -> None:
    """Measure and report."""
    rows: list[list[object]] = []
    for intentions, asked in SIZES:
        if not is_there(intentions):
            await generated(intentions)
        walked, found = await measured(intentions)
        rows.append(
            [
                f"{intentions:,}",
                walked,
                f"≤ {asked}",
                found,
            ]
        )
    section(
        "traverse",
        "Traversal of four hops",
        f"{QUERIES} posts, fan-out 100 (relationships of one type and direction from a node), "
        "frontier 100 (nodes carried from hop to hop). Paths are the ten best from one post to "
        "another, searched from both sides.",
        table(["intentions", "neighborhood p50 / p95 ms", "asked p50", "paths p50 / p95 ms"], rows),
    )


async def measured(intentions: int) -> tuple[Times, Times]:
    """Return the times of neighbourhoods and of paths."""
    posts = Generated(intentions).posts
    step = posts // QUERIES
    async with connect(settings(intentions)) as store:

        async def walk(number: int) -> None:
            await neighborhood(store, post_id(number), HOPS)

        async def way(number: int) -> None:
            await paths(store, post_id(number), post_id((number + posts // 2) % posts), HOPS)

        walked, found = await in_turns(range(0, step * QUERIES, step), walk, way)
    return walked, found
