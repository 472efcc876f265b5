"""Writing embeddings, and the model that made them."""

import sqlite3
from collections.abc import Sequence
from dataclasses import asdict
from typing import Final

import numpy as np
import orjson

from kg.embeddings import check
from kg.sqlite import changes
from kg.sqlite.meta import meta, set_meta
from kg.sqlite.rows import keys_of
from kg.sqlite.tables import TABLE
from kg.store import EmbeddingModel, Vector
from schema.errors import EmbeddingModelError
from schema.nodes import NodeKind

MODEL: Final = "embedding_model"


def stored_model(connection: sqlite3.Connection) -> EmbeddingModel | None:
    """Return the model that the graph was embedded by."""
    value = meta(connection, MODEL)
    return None if value is None else EmbeddingModel(**orjson.loads(value))


def require_model(connection: sqlite3.Connection, model: EmbeddingModel) -> None:
    """Record the first model, refuse another (GraphStore.require_model)."""
    stored = stored_model(connection)
    if stored is None:
        set_meta(connection, MODEL, orjson.dumps(asdict(model)).decode())
    elif stored != model:
        raise EmbeddingModelError(str(stored), str(model))


def replace_model(connection: sqlite3.Connection, model: EmbeddingModel) -> None:
    """Drop all embeddings and record a model (GraphStore.replace_model)."""
    for kind, table in TABLE.items():
        rows = connection.execute(f"SELECT key FROM {table}_embedding")
        changes.log(connection, f"{kind}.embedding", (row[0] for row in rows.fetchall()))
        connection.execute(f"DELETE FROM {table}_embedding")
    set_meta(connection, MODEL, orjson.dumps(asdict(model)).decode())


def put_embeddings(
    connection: sqlite3.Connection, kind: NodeKind, ids: Sequence[str], embeddings: Vector
) -> int:
    """Write embeddings at half precision; return how many changed (GraphStore.put_embeddings)."""
    check(stored_model(connection), ids, embeddings)
    table = TABLE[kind]
    keys = keys_of(connection, table, ids)
    size = embeddings.shape[1] * np.dtype(np.float16).itemsize
    joined = memoryview(embeddings.astype(np.float16).tobytes())
    rows = [(keys[i], joined[n * size : (n + 1) * size]) for n, i in enumerate(ids)]
    written = connection.executemany(
        f"INSERT INTO {table}_embedding (key, embedding) VALUES (?, ?) ON CONFLICT DO UPDATE "
        "SET embedding = excluded.embedding WHERE embedding <> excluded.embedding",
        rows,
    ).rowcount
    if written > 0:
        changes.log(connection, f"{kind}.embedding", (key for key, _ in rows))
    return max(0, written)
