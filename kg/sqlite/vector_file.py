"""The FAISS file of a vector index: trained, written and opened; never changed in place."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final, LiteralString

import faiss
import numpy as np
from numpy.typing import NDArray

from kg.sqlite.changes import Keys
from kg.sqlite.rows import as_json

MOST_LISTS: Final = 1024
TRAINING_POINTS: Final = 40
"""Vectors a list that k-means sees; FAISS warns below 39."""

TRAINING_ROUNDS: Final = 6
"""Rounds of k-means; more gain nothing in recall on the real sentences (docs/benchmarks.md)."""

ROOM: Final = 1.1
"""Room of a list, beside what its share of the sample foretells."""

ADD_ROWS: Final = 32_768
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
    index = _trained(sample, lists=lists_for(len(every_key)))
    _reserve(index, sample, len(every_key))
    every = connection.execute(f"SELECT key, embedding FROM {table} ORDER BY key")
    for some, embeddings in blocks(every):
        index.add_with_ids(embeddings.astype(np.float32), some)
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
    draft = file.with_suffix(".draft")
    faiss.write_index(index, str(draft))
    with draft.open("rb+") as written:
        written.flush()
    draft.replace(file)
    return file.stat().st_size


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


def _sample(connection: sqlite3.Connection, table: LiteralString, keys: Keys) -> Half:
    wanted = min(len(keys), TRAINING_POINTS * lists_for(len(keys)))
    chosen = np.random.default_rng(SEED).choice(keys, wanted, replace=False)
    rows = connection.execute(
        f"SELECT e.key, e.embedding FROM json_each(?) AS j JOIN {table} AS e ON e.key = j.value",
        (as_json(sorted(chosen.tolist())),),
    )
    return np.concatenate([embeddings for _, embeddings in blocks(rows)])


def _reserve(index: Index, sample: Half, rows: int) -> None:
    """Give each list the room that its share of a sample foretells.

    Lists that grow by doubling take half as much memory again.
    """
    _, lists = index.quantizer.search(sample.astype(np.float32), 1)
    shares = np.bincount(lists[:, 0], minlength=index.nlist) / len(sample)
    for number, share in enumerate(shares.tolist()):
        index.invlists.resize(number, int(share * rows * ROOM))
        index.invlists.resize(number, 0)


def _trained(sample: Half, lists: int) -> Index:
    dimensions = sample.shape[1]
    index: Index = faiss.IndexIVFScalarQuantizer(
        faiss.IndexFlatIP(dimensions),
        dimensions,
        lists,
        faiss.ScalarQuantizer.QT_fp16,
        faiss.METRIC_INNER_PRODUCT,
    )
    index.by_residual = False
    index.cp.niter = TRAINING_ROUNDS
    index.cp.min_points_per_centroid = 1
    index.cp.max_points_per_centroid = TRAINING_POINTS
    index.cp.spherical = True
    index.train(sample.astype(np.float32))
    return index
