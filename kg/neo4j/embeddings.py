"""Writing embeddings, as lists of floats that are halves: both stores hold the same numbers."""

from collections.abc import Sequence
from typing import Any, Final, LiteralString

import numpy as np
from neo4j.vector import Vector as BoltVector

from kg.neo4j import meta
from kg.neo4j.database import Transaction
from kg.neo4j.rows import LABEL
from kg.store import EmbeddingModel, Vector
from schema.errors import EmbeddingModelError, NodeNotFoundError
from schema.nodes import NodeKind

PUT: Final[dict[NodeKind, LiteralString]] = {
    kind: "UNWIND $rows AS row MATCH (n:" + LABEL[kind] + " {id: row.id}) "
    "USING INDEX SEEK n:" + LABEL[kind] + "(id) WHERE n:Unembedded "
    "CALL db.create.setNodeVectorProperty(n, 'embedding', row.embedding) "
    "REMOVE n:Unembedded RETURN collect(n.id) AS ids"
    for kind in NodeKind
}
"""Sets the embeddings of nodes that have none."""

HELD: Final[dict[NodeKind, LiteralString]] = {
    kind: "UNWIND $ids AS id MATCH (n:"
    + LABEL[kind]
    + " {id: id}) USING INDEX SEEK n:"
    + LABEL[kind]
    + "(id) "
    "RETURN n.id AS id, n.embedding AS embedding"
    for kind in NodeKind
}
CHANGE: Final[dict[NodeKind, LiteralString]] = {
    kind: "UNWIND $rows AS row MATCH (n:"
    + LABEL[kind]
    + " {id: row.id}) USING INDEX SEEK n:"
    + LABEL[kind]
    + "(id) "
    "CALL db.create.setNodeVectorProperty(n, 'embedding', row.embedding)"
    for kind in NodeKind
}
DROP: Final[dict[NodeKind, LiteralString]] = {
    kind: "MATCH (n:" + LABEL[kind] + ") WHERE n.embedding IS NOT NULL "
    "WITH n LIMIT $limit REMOVE n.embedding SET n:Unembedded RETURN count(n) AS dropped"
    for kind in NodeKind
}
DROP_ROWS: Final = 10_000


async def put_embeddings(
    transaction: Transaction,
    kind: NodeKind,
    ids: Sequence[str],
    embeddings: Vector,
    *,
    has_vectors: bool,
) -> int:
    """Write embeddings; return how many changed (GraphStore.put_embeddings)."""
    version = await meta.lock(transaction)
    _check(await meta.stored_model(transaction), ids, embeddings)
    halves = embeddings.astype(np.float16).astype(np.float32)
    by_id = dict(zip(ids, halves, strict=True))
    sent = {i: _sent(half, has_vectors=has_vectors) for i, half in by_id.items()}
    rows = [{"id": i, "embedding": one} for i, one in sent.items()]
    fresh = set((await transaction.row(PUT[kind], rows=rows))["ids"])
    rest = [i for i in by_id if i not in fresh]
    there = await transaction.rows(HELD[kind], ids=rest)
    if len(there) < len(rest):
        raise NodeNotFoundError(min(set(rest) - {row["id"] for row in there}))
    changed = [
        {"id": row["id"], "embedding": sent[row["id"]]}
        for row in there
        if not np.array_equal(np.array(row["embedding"], np.float32), by_id[row["id"]])
    ]
    if changed:
        await transaction.rows(CHANGE[kind], rows=changed)
    if fresh or changed:
        await meta.written(transaction, version)
    return len(fresh) + len(changed)


async def drop_some(transaction: Transaction, kind: NodeKind) -> int:
    """Drop some embeddings of a kind; return how many: none where none are left."""
    await meta.lock(transaction)
    row = await transaction.row(DROP[kind], limit=DROP_ROWS)
    return int(row["dropped"])


def _sent(embedding: Vector, *, has_vectors: bool) -> Any:
    """Return an embedding as this server takes it fastest."""
    if not has_vectors:
        return embedding.tolist()
    return BoltVector.from_numpy(embedding)  # pyright: ignore[reportUnknownMemberType] its own


def _check(stored: EmbeddingModel | None, ids: Sequence[str], embeddings: Vector) -> None:
    shape = f"embeddings of shape {embeddings.shape} for {len(ids)} ids"
    if stored is None:
        raise EmbeddingModelError("no model yet (call require_model first)", shape)
    if embeddings.shape != (len(ids), stored.dimensions):
        raise EmbeddingModelError(str(stored), shape)
    if not np.isfinite(embeddings).all():
        raise EmbeddingModelError(str(stored), "embeddings that hold NaN or infinity")
