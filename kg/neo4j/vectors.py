"""Embeddings as a server sends them: as its own vectors where it has them, else as lists.

A list of numbers takes server and driver three times as long.
"""

from collections.abc import Sequence
from typing import Final, LiteralString

import numpy as np
from neo4j.vector import Vector as BoltVector

from kg.neo4j.database import Server
from kg.store import Vector

Sent = BoltVector | Sequence[float]

SENT: Final[LiteralString] = "<the embedding of n>"
"""Stands in a statement that is fitted to the server."""

_CYPHER_25: Final[LiteralString] = "CYPHER 25 "
"""Has vectors."""


def sending(statement: LiteralString, server: Server) -> LiteralString:
    """Return a statement that sends embeddings as the server does it fastest."""
    if not server.has_vectors:
        return statement.replace(SENT, "n.embedding")
    sent: LiteralString = statement.replace(SENT, "vector(n.embedding, size(n.embedding), FLOAT32)")
    return _CYPHER_25 + sent.removeprefix(_CYPHER_25)


def embedding_of(sent: Sent) -> Vector:
    """Return an embedding that was sent, (dimensions,)."""
    if isinstance(sent, BoltVector):
        return np.frombuffer(sent.raw(), ">f4").astype(np.float32)
    return np.array(sent, np.float32)
