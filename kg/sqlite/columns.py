"""Relationships and values of nodes as columns of keys in a file: what counts over all of a graph.

SQLite takes seconds to go through a million relationships; these are read by mmap. The file is
made when it is asked for and something was written since.
"""

import sqlite3
from itertools import chain, pairwise
from pathlib import Path
from typing import Final, LiteralString

import numpy as np

from kg.columns.counting import Column
from kg.columns.tables import Columns, distinct
from kg.sqlite import changes, sidecar
from kg.sqlite.sidecar import Owner, Sidecar

LAYOUT: Final = 1
TABLES: Final[dict[str, tuple[int, LiteralString]]] = {
    "has_intention": (
        3,
        "SELECT post, intention, run FROM has_intention ORDER BY post, intention, run",
    ),
    "mentions": (3, "SELECT post, concept, aspect FROM mentions ORDER BY post, concept, aspect"),
    "about": (2, "SELECT intention, concept FROM about ORDER BY intention, concept"),
    "relation": (2, "SELECT key, relation FROM intention ORDER BY key"),
    "source": (2, "SELECT key, dense_rank() OVER (ORDER BY source) FROM post ORDER BY key"),
    "label": (
        2,
        "SELECT post, dense_rank() OVER (ORDER BY name, value) AS n FROM post_label"
        " ORDER BY post, n",
    ),
    "hashtag": (
        2,
        "SELECT post, dense_rank() OVER (ORDER BY tag) AS n FROM post_hashtag ORDER BY post, n",
    ),
}
"""By table its width and the statement that reads it, in the order of its columns. Texts are
numbers from 1, in their order."""


class ColumnFile:
    """The file of a graph's columns. ``build`` is for one process and one caller at a time."""

    def __init__(self, folder: Path, owner: Owner) -> None:
        self._file = folder / "columns"
        self._note = folder / "columns.json"
        self._owner = owner
        self._held: tuple[int, Columns] | None = None

    def of(self, version: int) -> Columns | None:
        """Return the columns of this version of the graph; None where the file has another's."""
        held = self._held
        if held is None or held[0] != version:
            held = self._held = self._open()
        return held[1] if held is not None and held[0] == version else None

    def build(self, connection: sqlite3.Connection) -> Columns:
        """Make the file anew from what SQLite holds, and return what is in it."""
        self._note.unlink(missing_ok=True)
        tables = [_read(connection, *asked) for asked in TABLES.values()]
        sizes = np.array([table.shape[1] for table in tables], np.int32)

        def write(draft: Path) -> None:
            with draft.open("wb") as file:
                for part in (sizes, *tables):
                    part.tofile(file)

        version, size = changes.version(connection), sidecar.put_in_place(self._file, write)
        sidecar.write(self._note, Sidecar(self._owner.graph, version, LAYOUT, size))
        return _mapped(self._file)

    def _open(self) -> tuple[int, Columns] | None:
        note = sidecar.fitting(self._note, self._owner, LAYOUT)
        if note is None or not self._file.exists() or self._file.stat().st_size != note.size_bytes:
            return None
        columns = _mapped(self._file)
        # Another process may have put a file in its place after the note was read.
        return (note.seen, columns) if sidecar.read(self._note) == note else None


def _read(connection: sqlite3.Connection, width: int, statement: LiteralString) -> Column:
    rows = chain.from_iterable(connection.execute(statement))
    return distinct(np.fromiter(rows, np.int32).reshape(-1, width))


def _mapped(file: Path) -> Columns:
    held = np.memmap(file, np.int32, "r")
    widths = [width for width, _ in TABLES.values()]
    sizes = held[: len(widths)].tolist()
    ends = np.cumsum([len(widths), *(w * n for w, n in zip(widths, sizes, strict=True))])
    parts = (held[a:b] for a, b in pairwise(ends.tolist()))
    return Columns(*(part.reshape(w, -1) for part, w in zip(parts, widths, strict=True)))
