"""What an exact search would find: every embedding against every query, in plain numpy."""

import sqlite3
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from kg.store import Vector

ROWS: Final = 100_000
Keys = NDArray[np.int64]
Best = tuple[NDArray[np.floating], Keys]


class Exact:
    """The intentions of an embedded graph, read straight from its SQLite file."""

    def __init__(self, url: str) -> None:
        self.path = Path(url.removeprefix("sqlite:///"))
        self._connection = sqlite3.connect(self.path)

    def keys(self, sql: str) -> Keys:
        """Return the keys that a statement gives, rising."""
        return np.array(sorted(row[0] for row in self._connection.execute(sql)), np.int64)

    def ids(self, keys: Sequence[int]) -> set[str]:
        """Return the ids of keys."""
        marks = ",".join("?" * len(keys))
        sql = f"SELECT id FROM intention WHERE key IN ({marks})"  # noqa: S608
        return {row[0] for row in self._connection.execute(sql, [int(k) for k in keys])}

    def nearest(
        self, queries: Vector, k: int, groups: Sequence[Keys | None]
    ) -> list[NDArray[np.int64]]:
        """Return for each group the keys of the k nearest to each query, (queries, k)."""
        none: Best = np.zeros((len(queries), 0)), np.zeros((len(queries), 0), np.int64)
        best: list[Best] = [none] * len(groups)
        for keys, vectors in self._blocks():
            products = queries @ vectors.T
            for place, group in enumerate(groups):
                inside = slice(None) if group is None else np.isin(keys, group, assume_unique=True)
                best[place] = _merged(best[place], products[:, inside], keys[inside], k)
        return [keys for _, keys in best]

    def _blocks(self) -> Iterator[tuple[Keys, Vector]]:
        rows = self._connection.execute(
            "SELECT key, embedding FROM intention_embedding ORDER BY key"
        )
        while some := rows.fetchmany(ROWS):
            vectors = np.frombuffer(b"".join(r[1] for r in some), np.float16).reshape(len(some), -1)
            yield np.array([r[0] for r in some], np.int64), vectors.astype(np.float32)


def _merged(held: Best, products: Vector, keys: Keys, k: int) -> Best:
    scores = np.concatenate([held[0], products], axis=1)
    ids = np.concatenate([held[1], np.broadcast_to(keys, products.shape)], axis=1)
    order = np.argsort(-scores, axis=1)[:, :k] if scores.shape[1] <= k else _top(scores, k)
    return np.take_along_axis(scores, order, 1), np.take_along_axis(ids, order, 1)


def _top(scores: NDArray[np.floating], k: int) -> NDArray[np.intp]:
    return np.argpartition(-scores, k - 1, axis=1)[:, :k]
