"""The vector index of one kind of node: FAISS on disk, and what was written since in memory.

The file is an inverted-file index with half-precision vectors (the very values that SQLite
keeps), opened by mmap and never changed. Nodes embedded after it was built are a block in memory
that is scanned exactly; nodes that were embedded anew or are gone are struck from the file's
answers. When the block has outgrown memory, ``settle`` writes a new file and switches.
"""

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final, LiteralString

import faiss
import numpy as np
from numpy.typing import NDArray

from kg.plan import Strategy
from kg.sqlite import changes, sidecar, vector_file
from kg.sqlite.changes import Keys
from kg.sqlite.selected import Bitmap, Selected, bitmap, without
from kg.sqlite.sidecar import Owner, Sidecar
from kg.sqlite.tables import TABLE
from kg.store import Vector
from schema.nodes import NodeKind

LAYOUT: Final = 1
BLOCK_LIMIT: Final = 20_000
"""Most nodes in the block before a file is worth its building."""

BLOCK_SHARE: Final = 0.1
"""Beside a file, the block may be this share of it."""

EXACT_LIMIT: Final = 4_000
"""Where no more nodes than this pass a filter, they are compared one by one."""

PROBED_ROWS: Final = 20_000
"""Vectors in the lists probed without a filter. With one there are more, by its share to the power
of WIDENING: the nearest that pass lie further out."""

WIDENING: Final = 0.72


@dataclass(frozen=True, slots=True)
class View:
    """One state of the index, which a search holds on to while others replace it.

    Attributes:
        seen: The version of the graph that it is complete to.
        base: The index of the file, or None.
        struck: Keys whose vectors in the file no longer count, as a bitmap.
        keys: Keys of the block, rising, (n,) int64.
        block: Embeddings of the block, (n, dimensions) float32.
    """

    seen: int
    base: vector_file.Index
    struck: Bitmap
    keys: Keys
    block: Vector

    @property
    def room(self) -> int:
        """How many nodes the block may hold."""
        return max(BLOCK_LIMIT, int(self.base.ntotal * BLOCK_SHARE) if self.base else 0)


NO_KEYS: Final = np.zeros(0, np.int64)


class VectorIndex:
    """The nearest nodes of one kind, by inner product of unit vectors.

    ``catch_up``, ``settle`` and ``build`` are for one caller at a time; ``nearest`` is for any.
    """

    def __init__(self, folder: Path, kind: NodeKind, owner: Owner) -> None:
        self.name = f"{TABLE[kind]}.faiss"
        self._file = folder / self.name
        self._note = folder / f"{TABLE[kind]}.faiss.json"
        self._owner = owner
        self._table: LiteralString = f"{TABLE[kind]}_embedding"
        self._subject = f"{kind}.embedding"
        self._view = self._opened()

    @property
    def seen(self) -> int:
        """The version of the graph up to which the index is complete."""
        return self._view.seen

    def is_behind(self, connection: sqlite3.Connection) -> bool:
        """Whether more was embedded since than a block may hold."""
        ranges = changes.since(connection, self._subject, self._view.seen)
        return sum(last - first + 1 for first, last in ranges) > self._view.room

    def catch_up(self, connection: sqlite3.Connection) -> None:
        """Take what was embedded since into the block."""
        view, version = self._view, changes.version(connection)
        ranges = changes.since(connection, self._subject, view.seen)
        stay = ~_inside(view.keys, ranges)
        keys, blocks = [view.keys[stay]], [view.block[stay]] if stay.any() else []
        for some, embeddings in vector_file.blocks(_rows(connection, self._table, ranges)):
            keys.append(some)
            blocks.append(embeddings.astype(np.float32))
        joined = np.concatenate(keys)
        order = np.argsort(joined)
        self._view = replace(
            view,
            seen=version,
            struck=_struck(view.struck, ranges) if view.base else view.struck,
            keys=joined[order],
            block=np.concatenate(blocks)[order] if blocks else view.block[:0],
        )

    def settle(self, connection: sqlite3.Connection) -> None:
        """Bring the file up to what is written, if a block would be too small for the rest."""
        self._reload()
        if self.is_behind(connection):
            self.build(connection)
            return
        self.catch_up(connection)
        view = self._view
        if len(view.keys) <= view.room:
            return
        held = len(view.keys) + (view.base.ntotal if view.base else 0)
        if view.base is None or vector_file.lists_for(held) > 2 * view.base.nlist:
            self.build(connection)
            return
        struck = np.flatnonzero(np.unpackbits(view.struck, bitorder="little"))
        self._switch(vector_file.grow(self._file, struck, view.keys, view.block), view.seen)

    def build(self, connection: sqlite3.Connection) -> None:
        """Build anew from what SQLite holds."""
        version = changes.version(connection)
        keys = vector_file.keys(connection, self._table)
        if len(keys) > BLOCK_LIMIT:
            self._switch(vector_file.build(connection, self._table, keys), version)
            return
        self._note.unlink(missing_ok=True)
        self._file.unlink(missing_ok=True)
        self._view = _empty()
        self.catch_up(connection)

    def strategy(self, selected: Selected | None) -> Strategy:
        """Say how ``nearest`` finds what is selected."""
        if selected is not None and len(selected.keys) <= EXACT_LIMIT:
            return Strategy.SELECTED
        return Strategy.SCAN if self._view.base is None else Strategy.INDEX

    def nearest(
        self, connection: sqlite3.Connection, query: Vector, k: int, selected: Selected | None
    ) -> list[tuple[int, float]]:
        """Return the k nearest keys among those selected with their inner products, falling."""
        view = self._view
        if selected is not None and len(selected.keys) <= EXACT_LIMIT:
            return _best(*vector_file.gathered(connection, self._table, selected.keys), query, k)
        found = _scan(view, query, k, selected)
        if view.base is not None:
            found += _probe(view, query, k, selected)
        return sorted(found, key=lambda hit: -hit[1])[:k]

    def _opened(self) -> View:
        note = sidecar.fitting(self._note, self._owner, LAYOUT)
        if note is None:
            return _empty()
        try:
            if self._file.stat().st_size != note.size_bytes:
                return _empty()
            return replace(_empty(), seen=note.seen, base=vector_file.open_mapped(self._file))
        except (OSError, RuntimeError):  # faiss raises RuntimeError on a file it cannot read
            return _empty()

    def _reload(self) -> None:
        """See the file that another process has written since."""
        note = sidecar.read(self._note)
        if note is not None and note.seen > self._view.seen:
            self._view = self._opened()

    def _switch(self, index: vector_file.Index, version: int) -> None:
        """Write the file, then the note: a crash between leaves a note that does not fit."""
        self._note.unlink(missing_ok=True)
        size = vector_file.save(index, self._file)
        sidecar.write(self._note, Sidecar(self._owner.graph, version, LAYOUT, size))
        self._view = replace(_empty(), seen=version, base=vector_file.open_mapped(self._file))


def _empty() -> View:
    return View(0, None, np.zeros(0, np.uint8), NO_KEYS, np.zeros((0, 1), np.float32))


def _rows(
    connection: sqlite3.Connection, table: LiteralString, ranges: Sequence[tuple[int, int]]
) -> Any:
    sql = f"SELECT key, embedding FROM {table} WHERE key BETWEEN ? AND ?"
    for span in ranges:
        yield from connection.execute(sql, span)


def _inside(keys: Keys, ranges: Sequence[tuple[int, int]]) -> NDArray[np.bool_]:
    """Say of each key whether a range holds it; ranges are disjoint and rising."""
    if not ranges:
        return np.zeros(len(keys), np.bool_)
    firsts = np.array([first for first, _ in ranges])
    lasts = np.array([last for _, last in ranges])
    place = np.searchsorted(firsts, keys, side="right") - 1
    return (place >= 0) & (keys <= lasts[place])


def _struck(old: Bitmap, ranges: Sequence[tuple[int, int]]) -> Bitmap:
    spans = [np.arange(first, last + 1) for first, last in ranges]
    keys = np.concatenate([np.flatnonzero(np.unpackbits(old, bitorder="little")), *spans])
    return bitmap(np.unique(keys))


def _scan(view: View, query: Vector, k: int, selected: Selected | None) -> list[tuple[int, float]]:
    keys, block = view.keys, view.block
    if selected is not None:
        passing = selected.holds(keys)
        keys, block = keys[passing], block[passing]
    return _best(keys, block, query, k)


def _best(keys: Keys, vectors: Vector, query: Vector, k: int) -> list[tuple[int, float]]:
    if not len(keys):
        return []
    products = vectors @ query
    best = np.argpartition(-products, k - 1)[:k] if k < len(keys) else np.arange(len(keys))
    return list(zip(keys[best].tolist(), products[best].tolist(), strict=True))


def _probe(view: View, query: Vector, k: int, selected: Selected | None) -> list[tuple[int, float]]:
    """Search the file; where a filter leaves fewer than k in the lists probed, probe them all."""
    lists = view.base.nlist
    if selected is None:
        chosen = faiss.IDSelectorNot(_selector(view.struck)) if view.struck.any() else None
        probes = probes_for(view.base, 1.0)
    else:
        chosen = _selector(without(selected.bits, view.struck))
        probes = probes_for(view.base, len(selected.keys) / view.base.ntotal)
    found = _search(view, query, k, chosen, probes)
    if len(found) < k and probes < lists:
        found = _search(view, query, k, chosen, lists)
    return found


def probes_for(base: vector_file.Index, share: float) -> int:
    """Return how many lists of a file are probed where this share of its nodes passes."""
    rows = PROBED_ROWS / max(share, 1e-6) ** WIDENING
    return min(base.nlist, max(1, round(rows * base.nlist / base.ntotal)))


def _search(view: View, query: Vector, k: int, chosen: Any, probes: int) -> list[tuple[int, float]]:
    settings = faiss.SearchParametersIVF()
    settings.sel, settings.nprobe = chosen, min(probes, view.base.nlist)
    products, keys = view.base.search(query[None], k, params=settings)
    pairs = zip(keys[0].tolist(), products[0].tolist(), strict=True)
    return [(key, product) for key, product in pairs if key >= 0]


def _selector(bits: Bitmap) -> Any:
    chosen: Any = faiss.IDSelectorBitmap(len(bits), faiss.swig_ptr(bits))
    chosen.bits = bits  # the selector does not own the memory it reads
    return chosen
