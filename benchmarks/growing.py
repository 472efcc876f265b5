"""Growth from 20,000 to 1.37 million intentions: load linear, search and traversal below."""

from pathlib import Path
from typing import Final

import matplotlib as mpl
import matplotlib.pyplot as plt

from benchmarks.generated import PAPER_INTENTIONS, Generated
from benchmarks.loading import generated, settings
from benchmarks.report import section, table
from benchmarks.timing import in_turns
from benchmarks.traversing import measured
from kg.connect import connect
from kg.store import Vector
from schema.nodes import NodeKind

SIZES: Final = (20_000, 100_000, 400_000, PAPER_INTENTIONS)
QUERIES: Final = 100
PLOT: Final = Path("docs/growth.png")
NAMES: Final = ("load, s", "search, ms", "text, ms", "four hops, ms")


async def main() -> None:
    """Measure, plot and report."""
    measures = [await _at(size) for size in SIZES]
    _plot(measures)
    rows = [
        [f"{size:,}", f"{SIZES[i] / found[0]:,.0f}", *(f"{value:.2f}" for value in found)]
        for i, (size, found) in enumerate(zip(SIZES, measures, strict=True))
    ]
    section(
        "grow",
        "Growth",
        f"The same generated graph in four sizes; medians of {QUERIES} calls or more.",
        table(["intentions", "loaded/s", *NAMES], rows),
        f"![growth]({PLOT.name})",
    )


async def _at(size: int) -> tuple[float, ...]:
    loaded = await generated(size)
    graph = Generated(size)
    async with connect(settings(size)) as store:

        async def near(query: Vector) -> None:
            await store.nearest(NodeKind.INTENTION, query, 10)

        async def match(phrase: str) -> None:
            await store.match(NodeKind.INTENTION, phrase, 10)

        (nearest,) = await in_turns(list(graph.queries(QUERIES)), near)
        (matched,) = await in_turns(graph.phrases(QUERIES), match)
    walked, _ = await measured(size)
    return size / loaded.rate, nearest.p50, matched.p50, walked.p50


def _plot(measures: list[tuple[float, ...]]) -> None:
    mpl.use("agg")
    figure, axes = plt.subplots(figsize=(7, 4.5))  # pyright: ignore[reportUnknownMemberType]
    for name, values in zip(NAMES, zip(*measures, strict=True), strict=True):
        relative = [value / values[0] for value in values]
        axes.loglog(SIZES, relative, marker="o", label=name.split(",")[0])  # pyright: ignore[reportUnknownMemberType]
    axes.loglog(SIZES, [size / SIZES[0] for size in SIZES], "k:", label="linear")  # pyright: ignore[reportUnknownMemberType]
    axes.set(xlabel="intentions", ylabel="time, relative to 20,000")
    axes.legend()  # pyright: ignore[reportUnknownMemberType]
    figure.tight_layout()
    figure.savefig(PLOT, dpi=110, metadata={"Software": ""})  # pyright: ignore[reportUnknownMemberType]
