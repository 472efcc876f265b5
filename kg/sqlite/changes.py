"""The log of changes: what gives the graph its version, and a derived index its way to catch up."""

import sqlite3
from collections.abc import Iterable, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

Keys = NDArray[np.int64]
"""Rising keys of nodes, (n,) int64."""

RELATIONSHIPS: Final = "relationships"
"""The subject of a change that touches no node's text and no embedding."""

INSERT: Final = "INSERT INTO change (subject, first, last) VALUES (?, ?, ?)"


def version(connection: sqlite3.Connection) -> int:
    """Return the number of the last change; 0 before the first."""
    (last,) = connection.execute("SELECT max(version) FROM change").fetchone()
    return last or 0


def log(connection: sqlite3.Connection, subject: str, keys: Iterable[int]) -> None:
    """Log that these keys of a subject were written, as few ranges as cover just them."""
    rising = np.unique(np.fromiter(keys, np.int64))
    if not len(rising):
        return
    breaks = np.flatnonzero(np.diff(rising) > 1)
    firsts = rising[np.concatenate(([0], breaks + 1))]
    lasts = rising[np.concatenate((breaks, [len(rising) - 1]))]
    rows = [(subject, int(a), int(b)) for a, b in zip(firsts, lasts, strict=True)]
    connection.executemany(INSERT, rows)


def log_relationships(connection: sqlite3.Connection) -> None:
    """Log that relationships, or what is beside a node's text, changed."""
    connection.execute(INSERT, (RELATIONSHIPS, 0, 0))


def since(connection: sqlite3.Connection, subject: str, seen: int) -> Sequence[tuple[int, int]]:
    """Return the ranges of keys of a subject written after a version, disjoint and rising."""
    rows = connection.execute(
        "SELECT first, last FROM change WHERE version > ? AND subject = ? ORDER BY first",
        (seen, subject),
    ).fetchall()
    merged: list[tuple[int, int]] = []
    for first, last in rows:
        if merged and first <= merged[-1][1] + 1:
            merged[-1] = (merged[-1][0], max(merged[-1][1], last))
        else:
            merged.append((first, last))
    return merged
