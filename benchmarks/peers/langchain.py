# /// script
# requires-python = ">=3.11"
# dependencies = ["langchain-neo4j==0.11.0", "neo4j-rust-ext", "orjson", "numpy"]
# ///
"""Load rows by the graph of langchain-neo4j: ``uv run --script langchain.py URL FOLDER``.

Prints the seconds of the loader alone. A document is a thousand nodes, and the relationships
that start at them.
"""

import sys
import time
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import orjson
from langchain_neo4j import Neo4jGraph
from langchain_neo4j.graphs.graph_document import GraphDocument, Node, Relationship

DOCUMENT_NODES = 1000


class Graph(Neo4jGraph):
    """Without a look at the schema, for which APOC must be let into the database's insides."""

    def refresh_schema(self) -> None:
        self.structured_schema = {}


def documents_of(folder: Path) -> Iterator[GraphDocument]:
    embeddings = iter(np.load(folder / "embeddings.npy").tolist())
    nodes = []
    for row in map(orjson.loads, (folder / "nodes.jsonl").read_bytes().splitlines()):
        properties = row["properties"]
        if row["label"] == "Intention":
            properties["embedding"] = next(embeddings)
        nodes.append(Node(id=properties["id"], type=row["label"], properties=properties))
    by_id = {node.id: node for node in nodes}
    starting = defaultdict(list)
    for row in map(orjson.loads, (folder / "relationships.jsonl").read_bytes().splitlines()):
        starting[row["start"]].append(
            Relationship(
                source=by_id[row["start"]],
                target=by_id[row["end"]],
                type=row["type"],
                properties=row["values"],
            )
        )
    for first in range(0, len(nodes), DOCUMENT_NODES):
        some = nodes[first : first + DOCUMENT_NODES]
        yield GraphDocument(nodes=some, relationships=[r for n in some for r in starting[n.id]])


def main() -> None:
    url, folder = sys.argv[1], Path(sys.argv[2])
    documents = list(documents_of(folder))
    # The server asks for no login, this client does.
    graph = Graph(url=url, username="neo4j", password="none", refresh_schema=False)  # noqa: S106
    start = time.perf_counter()
    graph.add_graph_documents(documents, baseEntityLabel=True)
    print(time.perf_counter() - start)


if __name__ == "__main__":
    main()
