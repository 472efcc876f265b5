"""Writing embeddings, as lists of floats that are halves: both stores hold the same numbers."""

from collections.abc import Sequence
from typing import Any, Final, LiteralString

import numpy as np
from neo4j.vector import Vector as BoltVector

from kg.embeddings import check
from kg.neo4j import meta, read
from kg.neo4j.database import Transaction
from kg.neo4j.definitions import MARKED
from kg.neo4j.rows import LABEL
from kg.store import Vector
from schema.errors import NodeNotFoundError
from schema.nodes import NodeKind

PUT: Final[dict[NodeKind, LiteralString]] = {
    kind: "MATCH (g:Graph {id: 'graph'}) WITH coalesce(g.marks_" + LABEL[kind] + ", []) AS marks "
    "UNWIND $rows AS row MATCH (n:" + LABEL[kind] + " {id: row.id}) "
    "USING INDEX SEEK n:" + LABEL[kind] + "(id) WHERE n:Unembedded "
    "CALL db.create.setNodeVectorProperty(n, 'embedding', row.embedding) "
    "REMOVE n:Unembedded FOREACH (mark IN marks | SET n:" + MARKED[kind] + ") "
    "RETURN collect(n.id) AS ids"
    for kind in NodeKind
}
"""Sets the embeddings of nodes that have none, and the second label where an index is of it."""

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
    check(await meta.stored_model(transaction), ids, embeddings)
    halves = embeddings.astype(np.float16).astype(np.float32)
    by_id = dict(zip(ids, halves, strict=True))
    sent = {i: _sent(half, has_vectors=has_vectors) for i, half in by_id.items()}
    rows = [{"id": i, "embedding": one} for i, one in sent.items()]
    fresh = set((await transaction.row(PUT[kind], rows=rows))["ids"])
    rest = [i for i in by_id if i not in fresh]
    held = dict(zip(rest, await read.embeddings(transaction, kind, rest), strict=True))
    if gone := [i for i, embedding in held.items() if embedding is None]:
        raise NodeNotFoundError(min(gone))
    changed = [
        {"id": i, "embedding": sent[i]}
        for i, embedding in held.items()
        if embedding is not None and not np.array_equal(embedding, by_id[i])
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
