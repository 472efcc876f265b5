# /// script
# requires-python = ">=3.11"
# dependencies = ["neo4j-graphrag==1.22.0", "neo4j-rust-ext", "orjson"]
# ///
"""Load rows by the graph writer of neo4j-graphrag: ``uv run --script graphrag.py URL FOLDER``.

Prints the seconds of the writer alone.
"""

import asyncio
import sys
import time
from pathlib import Path

import neo4j
import numpy as np
import orjson
from neo4j_graphrag.components.kg_writer import Neo4jWriter
from neo4j_graphrag.components.types import Neo4jGraph, Neo4jNode, Neo4jRelationship


def graph_of(folder: Path) -> Neo4jGraph:
    embeddings = iter(np.load(folder / "embeddings.npy").tolist())
    nodes = [
        Neo4jNode(
            id=row["properties"]["id"],
            label=row["label"],
            properties=row["properties"],
            embedding_properties=(
                {"embedding": next(embeddings)} if row["label"] == "Intention" else {}
            ),
        )
        for row in map(orjson.loads, (folder / "nodes.jsonl").read_bytes().splitlines())
    ]
    relationships = [
        Neo4jRelationship(
            start_node_id=row["start"],
            end_node_id=row["end"],
            type=row["type"],
            properties=row["values"],
        )
        for row in map(orjson.loads, (folder / "relationships.jsonl").read_bytes().splitlines())
    ]
    return Neo4jGraph(nodes=nodes, relationships=relationships)


def main() -> None:
    url, folder = sys.argv[1], Path(sys.argv[2])
    graph = graph_of(folder)
    with neo4j.GraphDatabase.driver(url) as driver:
        writer = Neo4jWriter(driver)
        start = time.perf_counter()
        done = asyncio.run(writer.run(graph))
        seconds = time.perf_counter() - start
    if done.status != "SUCCESS":
        sys.exit(str(done.metadata))
    print(seconds)


if __name__ == "__main__":
    main()
