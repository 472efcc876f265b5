"""The FAISS file of a vector index: trained, written and opened; never changed in place."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final, LiteralString

import faiss
import numpy as np
from numpy.typing import NDArray

from kg.sqlite import sidecar
from kg.sqlite.changes import Keys
from kg.sqlite.coarse import Coarse
from kg.sqlite.rows import as_json

MOST_LISTS: Final = 4096
TRAINING_POINTS: Final = 20
"""Vectors a list that k-means sees; twice as many gain nothing in recall."""

ADD_ROWS: Final = 16_384
SEED: Final = 20240228

Index = Any  # faiss gives what it adds in Python, search parameters among it, no types
Half = NDArray[np.float16]


def keys(connection: sqlite3.Connection, table: LiteralString) -> Keys:
    """Return the keys of a table of (key, embedding)."""
    rows = connection.execute(f"SELECT key FROM {table}")
    return np.fromiter((row[0] for row in rows), np.int64)


def build(connection: sqlite3.Connection, table: LiteralString, every_key: Keys) -> Index:
    """Return an index of every embedding in a table of (key, embedding), given its keys."""
    sample = _sample(connection, table, every_key)
    coarse = Coarse.trained(sample, lists_for(len(every_key)))
    del sample  # room for what follows
    index = _empty(coarse)
    for some, halves in blocks(_every(connection, table)):
        embeddings = halves.astype(np.float32)
        lists = coarse.lists_of(embeddings)
        rows, points = len(some), faiss.swig_ptr
        index.add_core(rows, points(embeddings), points(some), points(lists))
    return index


def grow(file: Path, struck: Keys, keys: Keys, embeddings: NDArray[np.float32]) -> Index:
    """Return the index of a file, in memory, without some keys and with others."""
    index: Index = faiss.read_index(str(file))
    index.remove_ids(struck)
    index.add_with_ids(embeddings, keys)
    return index


def lists_for(rows: int) -> int:
    """Return into how many lists so many vectors are parted."""
    return int(min(MOST_LISTS, 4 * np.sqrt(rows)))


def save(index: Index, file: Path) -> int:
    """Write the file in one move and return its size in bytes."""
    return sidecar.put_in_place(file, lambda draft: faiss.write_index(index, str(draft)))


def open_mapped(file: Path) -> Index:
    """Open a file by mmap: at once, whatever its size."""
    return faiss.read_index(str(file), faiss.IO_FLAG_MMAP)


def blocks(rows: Iterator[tuple[int, bytes]]) -> Iterator[tuple[Keys, Half]]:
    """Cut rows of (key, embedding) into blocks of arrays: (n,) int64, (n, dimensions) float16."""
    block: list[tuple[int, bytes]] = []
    for row in rows:
        block.append(row)
        if len(block) == ADD_ROWS:
            yield _arrays(block)
            block = []
    if block:
        yield _arrays(block)


def _arrays(block: list[tuple[int, bytes]]) -> tuple[Keys, Half]:
    keys = np.fromiter((key for key, _ in block), np.int64, len(block))
    joined = b"".join(embedding for _, embedding in block)
    return keys, np.frombuffer(joined, np.float16).reshape(len(block), -1)


def gathered(
    connection: sqlite3.Connection, table: LiteralString, some: Keys
) -> tuple[Keys, NDArray[np.float32]]:
    """Return those of some keys that have an embedding, and the embeddings."""
    rows = connection.execute(
        f"SELECT e.key, e.embedding FROM json_each(?) AS j JOIN {table} AS e ON e.key = j.value",
        (as_json(some.tolist()),),
    )
    parts = [(found, halves.astype(np.float32)) for found, halves in blocks(rows)]
    none = (np.zeros(0, np.int64), np.zeros((0, 1), np.float32))
    return (
        np.concatenate([found for found, _ in parts or [none]]),
        np.concatenate([embeddings for _, embeddings in parts or [none]]),
    )


def _sample(
    connection: sqlite3.Connection, table: LiteralString, keys: Keys
) -> NDArray[np.float32]:
    wanted = min(len(keys), TRAINING_POINTS * lists_for(len(keys)))
    chosen = np.random.default_rng(SEED).choice(keys, wanted, replace=False)
    return gathered(connection, table, np.sort(chosen))[1]


def _every(connection: sqlite3.Connection, table: LiteralString) -> Iterator[tuple[int, bytes]]:
    return connection.execute(f"SELECT key, embedding FROM {table} ORDER BY key")


def _empty(coarse: Coarse) -> Index:
    lists, dimensions = coarse.centroids.shape
    quantizer = faiss.IndexFlatIP(dimensions)
    quantizer.add(coarse.centroids)
    index: Index = faiss.IndexIVFScalarQuantizer(
        quantizer,
        dimensions,
        lists,
        faiss.ScalarQuantizer.QT_fp16,
        faiss.METRIC_INNER_PRODUCT,
    )
    index.by_residual = False
    index.is_trained = True  # half precision has nothing to learn
    return index
