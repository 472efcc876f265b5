"""Load into Neo4j, embeddings given, beside a raw script that sends the same rows."""

import logging
import shutil
import time
from collections.abc import Awaitable, Iterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from typing import Final

import neo4j

from benchmarks import raw_cypher
from benchmarks.generated import MODEL, PAPER_INTENTIONS, Block, Generated
from benchmarks.machine import peak_memory_gb
from benchmarks.report import section, table
from benchmarks.servers import WHOLE, Retries, folder, serving
from kg.connect import connect
from kg.settings import StoreSettings
from kg.store import GraphStore
from schema.graph import Batch
from schema.nodes import NodeKind

DATA: Final = "data/databases/neo4j"
FILES: Final = "neostore*"
INDEXES: Final = "schema/index/[!v]*/**/*"
VECTORS: Final = "schema/index/vector*/**/*"
OURS: Final = "miko"
RAW: Final = "raw"


@dataclass(slots=True)
class Seconds:
    """What each of the two took, without the making of the rows."""

    ours: list[float] = field(default_factory=list[float])
    raw: list[float] = field(default_factory=list[float])
    indexes: float = 0.0


async def main() -> None:
    """Measure and report."""
    seconds, retries = await loaded(PAPER_INTENTIONS)
    ours, raw = sum(seconds.ours), sum(seconds.raw)
    rows = [
        ["rows, relationships and embeddings", f"{ours:.0f} s", f"{raw:.0f} s"],
        [
            "intentions a second",
            f"{PAPER_INTENTIONS / ours:,.0f}",
            f"{PAPER_INTENTIONS / raw:,.0f}",
        ],
        ["**share of the limit**, asked ≥ 0.8", f"**{raw / ours:.2f}**", "1"],
        ["vector index, afterwards", f"{seconds.indexes:.0f} s", ""],
        ["everything in", f"{PAPER_INTENTIONS / (ours + seconds.indexes):,.0f} intentions/s", ""],
        ["on disk: nodes, relationships, embeddings", _gigabytes(FILES), ""],
        ["on disk: constraints and indexes but those of vectors", _gigabytes(INDEXES), ""],
        ["on disk: vector index", _gigabytes(VECTORS), ""],
        ["transactions tried again", f"{retries}", ""],
        ["peak memory of Python, both senders, asked ≤ 1 GB", f"{peak_memory_gb():.2f} GB", ""],
    ]
    section(
        "neo4j-load",
        "Load into Neo4j at the paper's scale",
        f"{PAPER_INTENTIONS:,} intentions, the same graph as that of the embedded store. The raw "
        "script sends the same rows by UNWIND and Vector to a server of its own, in turns of 5,000 "
        "posts; it reads nothing and merges nothing. What it takes to prepare its rows does not "
        "count; what MIKO takes does.",
        table(["", "MIKO", "raw script"], rows),
    )


async def loaded(intentions: int) -> tuple[Seconds, int]:
    """Load a generated graph anew into two servers, in turns."""
    retries = Retries()
    logger = logging.getLogger("kg.neo4j.retries")
    logger.setLevel(logging.DEBUG)
    logger.addHandler(retries)
    for name in (OURS, RAW):
        shutil.rmtree(folder(name, intentions), ignore_errors=True)
    async with AsyncExitStack() as stack:
        urls = [
            (await stack.enter_async_context(serving(folder(name, intentions)))).url
            for name in (OURS, RAW)
        ]
        seconds = await _in_turns(Generated(intentions), urls[0], urls[1])
    (folder(OURS, intentions) / WHOLE).touch()
    shutil.rmtree(folder(RAW, intentions))
    return seconds, retries.count


async def _in_turns(graph: Generated, ours: str, raw: str) -> Seconds:
    seconds = Seconds()
    async with AsyncExitStack() as stack:
        store = await stack.enter_async_context(connect(StoreSettings(url=ours)))
        async with connect(StoreSettings(url=raw)):
            pass  # the same constraints and indexes
        driver = await stack.enter_async_context(neo4j.AsyncGraphDatabase.driver(raw))  # pyright: ignore[reportUnknownMemberType] its own
        await store.require_model(MODEL)
        for part in parts(graph):
            statements = (
                raw_cypher.of_block(part)
                if isinstance(part, Block)
                else raw_cypher.of_concepts(part)
            )
            seconds.raw.append(await _timed(raw_cypher.send(driver, statements)))
            del statements
            seconds.ours.append(await _timed(put(store, part)))
        seconds.indexes = await _timed(store.refresh())
    return seconds


def _gigabytes(pattern: str) -> str:
    """Return the size of some of the database's files, on the disk."""
    files = (folder(OURS, PAPER_INTENTIONS) / DATA).glob(pattern)
    return f"{sum(512 * f.stat().st_blocks for f in files if f.is_file()) / 1e9:.2f} GB"


def parts(graph: Generated) -> Iterator[Batch | Block]:
    """Yield a graph in the order in which it is loaded."""
    yield from graph.concept_batches()
    yield from graph.blocks()


async def put(store: GraphStore, part: Batch | Block) -> None:
    """Write a part, its embeddings included."""
    if isinstance(part, Batch):
        await store.put(part)
        return
    await store.put(part.batch)
    ids = [intention.id for intention in part.batch.intentions]
    await store.put_embeddings(NodeKind.INTENTION, ids, part.embeddings)


async def _timed(work: Awaitable[object]) -> float:
    start = time.perf_counter()
    await work
    return time.perf_counter() - start
