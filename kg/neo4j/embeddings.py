"""Writing embeddings, as lists of floats that are halves: both stores hold the same numbers."""

from collections.abc import Sequence
from typing import Any, Final, LiteralString

import numpy as np
from neo4j.vector import Vector as BoltVector
from numpy.typing import NDArray

from kg.embeddings import check
from kg.neo4j import meta, read
from kg.neo4j.batches import over
from kg.neo4j.database import Database, Transaction
from kg.neo4j.definitions import MARKED
from kg.neo4j.rows import LABEL
from kg.store import EmbeddingModel, Vector
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
    kind: "MATCH (n:" + LABEL[kind] + ") WHERE n.id > $after AND n.embedding IS NOT NULL "
    "WITH n ORDER BY n.id LIMIT $limit REMOVE n.embedding SET n:Unembedded "
    "RETURN count(n) AS dropped, max(n.id) AS last"
    for kind in NodeKind
}
"""Drops the embeddings of some nodes, by rising id."""

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
    halves = embeddings.astype(np.float16)
    by_id = dict(zip(ids, halves, strict=True))

    def row(node_id: str) -> dict[str, Any]:
        return {"id": node_id, "embedding": _sent(by_id[node_id], has_vectors=has_vectors)}

    put = await over(transaction, PUT[kind], list(by_id), row)
    fresh = {node_id for one in put for node_id in one["ids"]}
    rest = [i for i in by_id if i not in fresh]
    held = dict(zip(rest, await read.embeddings(transaction, kind, rest), strict=True))
    if gone := [i for i, embedding in held.items() if embedding is None]:
        raise NodeNotFoundError(min(gone))
    changed = [
        i
        for i, embedding in held.items()
        if embedding is not None and not np.array_equal(embedding, by_id[i])
    ]
    await over(transaction, CHANGE[kind], changed, row)
    if fresh or changed:
        await meta.written(transaction, version)
    return len(fresh) + len(changed)


async def replace_model(database: Database, model: EmbeddingModel) -> None:
    """Drop all embeddings, page by page, and record a model (GraphStore.replace_model).

    Others may write embeddings of the old model meanwhile: the model is recorded by a transaction
    that finds none left.
    """
    for kind in NodeKind:
        after: str | None = ""
        while after is not None:
            after = await database.write(lambda t, k=kind, a=after: _drop_page(t, k, a))
    while not await database.write(lambda t: _is_replaced(t, model)):
        pass


async def _drop_page(transaction: Transaction, kind: NodeKind, after: str) -> str | None:
    """Drop the embeddings of a page of nodes; return its last id, None where it is the end."""
    version = await meta.lock(transaction)
    row = await transaction.row(DROP[kind], after=after, limit=DROP_ROWS)
    if row["dropped"]:
        await meta.written(transaction, version)
    last: str | None = row["last"]
    return last


async def _is_replaced(transaction: Transaction, model: EmbeddingModel) -> bool:
    """Drop what was written since; record the model where that is all that is left."""
    version = await meta.lock(transaction)
    rows = [await transaction.row(DROP[kind], after="", limit=DROP_ROWS) for kind in NodeKind]
    is_last = all(int(row["dropped"]) < DROP_ROWS for row in rows)
    if is_last:
        await meta.set_model(transaction, model)
    await meta.written(transaction, version)
    return is_last


def _sent(embedding: NDArray[np.float16], *, has_vectors: bool) -> Any:
    """Return an embedding as this server takes it fastest."""
    if not has_vectors:
        return embedding.tolist()
    return BoltVector(embedding.astype(">f4").tobytes(), "f32")
