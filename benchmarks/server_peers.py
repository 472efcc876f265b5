"""Load into Neo4j, beside the loaders of neo4j-graphrag and langchain-neo4j on the same rows."""

import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from statistics import median
from typing import Final

import numpy as np
import orjson
from tantivy import TextAnalyzer

from benchmarks.generated import MODEL, Generated
from benchmarks.loading import FOLDER
from benchmarks.report import section, table
from benchmarks.server_loading import parts, put
from benchmarks.servers import SETTINGS
from kg.analysis import analyzer
from kg.connect import connect
from kg.neo4j import relationships
from kg.neo4j.jars import jars_of
from kg.neo4j.java import java_for
from kg.neo4j.relationships import Relationship
from kg.neo4j.rows import Properties
from kg.neo4j.server import running_server
from kg.neo4j.write_nodes import KIND_PLACE, concept_row, intention_row, post_row
from kg.settings import StoreSettings
from schema.graph import Batch

INTENTIONS: Final = 20_000
ROUNDS: Final = 3
OURS: Final = "MIKO"
PEERS: Final = {
    "neo4j-graphrag 1.22.0, `Neo4jWriter`": "graphrag.py",
    "langchain-neo4j 0.11.0, `Neo4jGraph.add_graph_documents`": "langchain.py",
}
UV: Final = str(Path(sys.executable).with_name("uv"))
SCRIPTS: Final = Path(__file__).with_name("peers")
PLACE: Final = FOLDER / "peers"
JARS: Final = PLACE / "jars"


async def main() -> None:
    """Measure and report."""
    shutil.rmtree(PLACE, ignore_errors=True)
    PLACE.mkdir(parents=True)
    _write_rows(Generated(INTENTIONS))
    apoc = _apoc()
    seconds: dict[str, list[float]] = {name: [] for name in (OURS, *PEERS)}
    for _ in range(ROUNDS):
        for name, own in seconds.items():
            own.append(await _on_a_new_server(name, apoc))
    ours = median(seconds[OURS])
    rows = [
        [name, f"{INTENTIONS / median(own):,.0f}", f"{median(own) / ours:.1f}"]
        for name, own in seconds.items()
    ]
    section(
        "neo4j-peers",
        "Load into Neo4j beside other loaders",
        f"{INTENTIONS:,} intentions with their embeddings, posts, concepts and relationships, the "
        f"same rows for each, by each to a new server with APOC, which the others call; medians of "
        f"{ROUNDS} rounds. What it takes to prepare the others' rows does not count; what MIKO "
        "takes does, and its constraints, range and full-text indexes, which the others do not "
        "make. Without the vector index.",
        table(["loader", "intentions/s", "MIKO is … times as fast, asked ≥ 5"], rows),
    )


async def _on_a_new_server(name: str, apoc: list[Path]) -> float:
    """Return the seconds that a loader takes."""
    home = PLACE / "server"
    shutil.rmtree(home, ignore_errors=True)
    (home / "plugins").mkdir(parents=True)
    for jar in apoc:
        shutil.copy(jar, home / "plugins")
    async with running_server(SETTINGS.model_copy(update={"cache": JARS}), home) as server:
        if name == OURS:
            return await _ours(server.url)
        script = str(SCRIPTS / PEERS[name])
        run = subprocess.run(
            [UV, "run", "--quiet", "--script", script, server.url, str(PLACE)],
            capture_output=True,
            text=True,
        )
        assert run.returncode == 0, run.stderr
        return float(run.stdout.split()[-1])


async def _ours(url: str) -> float:
    async with connect(StoreSettings(url=url)) as store:
        await store.require_model(MODEL)
        seconds = 0.0
        for part in parts(Generated(INTENTIONS)):
            start = time.perf_counter()
            await put(store, part)
            seconds += time.perf_counter() - start
    return seconds


def _apoc() -> list[Path]:
    """Lay Neo4j's jars and APOC's in a folder of their own; return those of APOC."""
    java = java_for(SETTINGS.version, SETTINGS.java_home)
    own = JARS / SETTINGS.version
    own.mkdir(parents=True)
    for jar in jars_of(SETTINGS.version, SETTINGS.cache, java).glob("*.jar"):
        (own / jar.name).symlink_to(jar)
    target = (PLACE / "apoc").absolute()
    command = ["mvn", "--quiet", "--batch-mode", f"--file={SCRIPTS / 'apoc.xml'}"]
    copy = ["dependency:copy-dependencies", f"-DoutputDirectory={target}"]
    subprocess.run([*command, *copy], check=True)
    apoc = sorted(target.glob("*.jar"))
    for jar in apoc:
        (own / jar.name).symlink_to(jar)
    return apoc


def _write_rows(graph: Generated) -> None:
    """Write what the raw script would send as files: nodes, relationships, embeddings."""
    cut = analyzer()
    embeddings = [block.embeddings for block in graph.blocks()]
    np.save(PLACE / "embeddings.npy", np.concatenate(embeddings))
    with (
        (PLACE / "nodes.jsonl").open("wb") as nodes,
        (PLACE / "relationships.jsonl").open("wb") as ties,
    ):
        for batch in chain(graph.concept_batches(), (block.batch for block in graph.blocks())):
            for label, properties in _nodes(batch, cut):
                nodes.write(orjson.dumps({"label": label, "properties": properties}) + b"\n")
            for kind, one in _ties(batch):
                row = {"type": kind, "start": one.start, "end": one.end, "values": one.values}
                ties.write(orjson.dumps(row) + b"\n")


def _nodes(batch: Batch, cut: TextAnalyzer) -> Iterator[tuple[str, Properties]]:
    for concept in batch.concepts:
        yield "Concept", concept_row(concept, cut, kind=KIND_PLACE[concept.kind])
    for post in batch.posts:
        yield "Post", post_row(post, cut)
    for intention in batch.intentions:
        yield "Intention", intention_row(intention, cut)


def _ties(batch: Batch) -> Iterator[tuple[str, Relationship]]:
    for one in batch.has_intention:
        yield "HAS_INTENTION", relationships.has_intention(one)
    for one in batch.about:
        yield "ABOUT", relationships.about(one)
