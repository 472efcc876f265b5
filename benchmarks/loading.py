"""Load with embeddings given, at the paper's scale: rows, relationships, full text, vectors."""

import shutil
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from benchmarks.generated import MODEL, PAPER_INTENTIONS, Generated
from benchmarks.machine import peak_memory_gb
from benchmarks.report import section, table
from kg.connect import connect
from kg.settings import StoreSettings
from kg.store import GraphStore
from schema.nodes import NodeKind

FOLDER: Final = Path(".bench")


@dataclass(frozen=True, slots=True)
class Loaded:
    """Seconds of each part of a load, without the making of the rows."""

    intentions: int
    rows_s: float
    embeddings_s: float
    indexes_s: float
    open_s: float

    @property
    def rate(self) -> float:
        """Intentions a second, everything in."""
        return self.intentions / (self.rows_s + self.embeddings_s + self.indexes_s)


def settings(intentions: int) -> StoreSettings:
    """Return where the generated graph of a size is."""
    return StoreSettings(url=f"sqlite:///{FOLDER}/generated-{intentions}/miko.db")


def is_there(intentions: int) -> bool:
    """Whether a generated graph of this size was loaded before."""
    return Path(settings(intentions).url.removeprefix("sqlite:///")).exists()


async def generated(intentions: int) -> Loaded:
    """Load a generated graph anew."""
    folder = FOLDER / f"generated-{intentions}"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    async with connect(settings(intentions)) as store:
        rows_s, embeddings_s = await _written(store, Generated(intentions))
        start = time.perf_counter()
        await store.refresh()
        indexes_s = time.perf_counter() - start
    start = time.perf_counter()
    async with connect(settings(intentions)) as store:
        await store.version()
        open_s = time.perf_counter() - start
    return Loaded(intentions, rows_s, embeddings_s, indexes_s, open_s)


async def _written(store: GraphStore, graph: Generated) -> tuple[float, float]:
    await store.require_model(MODEL)
    rows_s = embeddings_s = 0.0
    for batch in graph.concept_batches():
        start = time.perf_counter()
        await store.put(batch)
        rows_s += time.perf_counter() - start
    for block in graph.blocks():
        ids = [intention.id for intention in block.batch.intentions]
        start = time.perf_counter()
        await store.put(block.batch)
        middle = time.perf_counter()
        await store.put_embeddings(NodeKind.INTENTION, ids, block.embeddings)
        embeddings_s += time.perf_counter() - middle
        rows_s += middle - start
    return rows_s, embeddings_s


async def main() -> None:
    """Measure and report."""
    loaded = await generated(PAPER_INTENTIONS)
    rows = [
        ["rows and relationships", f"{loaded.rows_s:.1f} s", ""],
        ["embeddings", f"{loaded.embeddings_s:.1f} s", ""],
        ["indexes (FAISS, tantivy, SQLite)", f"{loaded.indexes_s:.1f} s", ""],
        ["**everything in**", f"**{loaded.rate:,.0f} intentions/s**", "≥ 20,000"],
        ["peak memory", f"{peak_memory_gb():.2f} GB", "≤ 3"],
        ["open again", f"{1000 * loaded.open_s:.0f} ms", "≤ 1,000"],
    ]
    section(
        "load",
        "Load at the paper's scale",
        f"{PAPER_INTENTIONS:,} intentions on {Generated().posts:,} posts, {Generated().concepts:,} "
        "concepts, two concepts an intention, 384 dimensions; the time to make the rows does not "
        "count.",
        table(["", "measured", "asked"], rows),
    )
