"""Counting the values of nodes over columns of keys."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import numpy as np
from numpy.typing import NDArray

BLOCK: Final = 4_000_000
"""Rows worked on at a time, so that memory does not grow with the graph."""

FEW: Final = 16
"""Where a table has more than so many rows a key, the keys are looked up one by one."""

Numbers = NDArray[np.int64]
Column = NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class Table:
    """The values of some keys, (n,) each: rows are distinct, and rise by key, then by value."""

    keys: Column
    values: Column

    def is_large_for(self, keys: Numbers) -> bool:
        """Whether keys are looked up one by one, sooner than all rows are gone through."""
        return FEW * len(keys) < len(self.keys)

    def starts(self, keys: Numbers) -> tuple[Numbers, Numbers]:
        """Return for each key where its rows begin, and how many there are."""
        if self.is_large_for(keys):
            some = keys.astype(np.int32)  # of another type, it would copy the whole column
            begins, ends = (np.searchsorted(self.keys, some, side) for side in ("left", "right"))
            return begins, ends - begins
        offsets = np.zeros(int(max(keys.max(initial=0), self.keys.max(initial=0))) + 2, np.int64)
        np.cumsum(np.bincount(self.keys, minlength=len(offsets) - 1), out=offsets[1:])
        return offsets[keys], offsets[keys + 1] - offsets[keys]


@dataclass(frozen=True, slots=True)
class Way:
    """From nodes to values: a node has the values that the table gives of its keys.

    Attributes:
        nodes: (n,) the nodes that are counted; one may be there more than once.
        keys: (n,) the key of each in the table, 0 for none.
        table: The values of keys.
    """

    nodes: Numbers
    keys: Numbers
    table: Table

    @staticmethod
    def of(nodes: Numbers, keys: Numbers, table: Table) -> "Way":
        """Return the way of the rows that have a node: its key is not 0."""
        there = nodes > 0
        return Way(nodes[there], keys[there], table)

    def only(self, which: NDArray[np.bool_]) -> "Way":
        """Return the way of some nodes, given of each number whether it is one of them."""
        kept = which[self.nodes]
        return Way(self.nodes[kept], self.keys[kept], self.table)


def distinct_keys(keys: Numbers) -> Numbers:
    """Return each key once, rising, but for 0."""
    if FEW * len(keys) < keys.max(initial=0):
        rising = np.sort(keys)  # numpy's unique hashes, and takes 10 x
        return rising[np.diff(rising, prepend=0) > 0]
    return np.flatnonzero(np.bincount(keys[keys > 0]))


def count(own: Way | None, through: Way | None) -> Numbers:
    """Return for each value how many nodes have it.

    What a node has by one row of each way is counted as it stands; the other nodes' values are
    put together, and each counts once.

    Args:
        own: Where given, the values that nodes have by themselves: each node once, as its key.
        through: Where given, those that they have by the other end of their pairs.
    """
    if own is not None and through is None:
        return _weighed(own, 1 + int(own.table.values.max(initial=0)))
    ways = [way for way in (own, through) if way is not None]
    nodes = 1 + max(int(way.nodes.max(initial=0)) for way in ways)
    values = 1 + max(int(way.table.values.max(initial=0)) for way in ways)
    is_single = np.ones(nodes, np.bool_)
    for way in ways:
        is_single &= np.bincount(way.nodes, minlength=nodes) <= 1
    singles, others = ([way.only(w) for way in ways] for w in (is_single, ~is_single))
    found = np.zeros(values, np.int64)
    for way in singles:
        found += _weighed(way, values)
    if len(singles) == 2:
        found -= np.bincount(_in_both(singles[0], singles[1], values), minlength=values)
    for nodes_of, values_of in _blocks(others):
        rows = np.sort(nodes_of * values + values_of)  # numpy's unique hashes, and takes 10 x
        is_first = np.diff(rows, prepend=-1) > 0
        found += np.bincount(rows[is_first] % values, minlength=values)
    return found


def _weighed(way: Way, values: int) -> Numbers:
    """Count the rows of the table, each as often as nodes have its key."""
    if way.table.is_large_for(way.keys):
        return np.bincount(_rows(way)[1], minlength=values)
    times = np.bincount(way.keys, minlength=1 + int(way.table.keys.max(initial=0)))
    rows = np.flatnonzero((times > 0)[way.table.keys])
    weights = times[way.table.keys[rows]].astype(np.float64)
    counts = np.bincount(way.table.values[rows], weights=weights, minlength=values)
    return counts.astype(np.int64)


def _in_both(own: Way, through: Way, values: int) -> Column:
    """Return the values that nodes have by both ways, one for each node that has one so."""
    key_of = np.zeros(1 + int(own.nodes.max(initial=0)), np.int64)
    known = through.nodes < len(key_of)
    key_of[through.nodes[known]] = through.keys[known]
    nodes_of, values_of = _rows(own)
    asked = key_of[nodes_of] * values + values_of
    there = through.table.keys.astype(np.int64) * values + through.table.values
    places = np.searchsorted(there, asked)
    places[places == len(there)] = 0
    return values_of[there[places] == asked] if len(there) else values_of[:0]


def _blocks(ways: Sequence[Way]) -> Iterator[tuple[Numbers, Column]]:
    """Yield nodes and their values, all of a node in one block."""
    ordered = [_by_node(way) for way in ways]
    if not any(len(way.nodes) for way in ordered):
        return
    sizes = np.zeros(1 + max(int(way.nodes.max(initial=0)) for way in ordered), np.int64)
    for way in ordered:
        np.add.at(sizes, way.nodes, way.table.starts(way.keys)[1])
    ends = np.flatnonzero(np.diff(np.cumsum(sizes) // BLOCK, append=-1)) + 1
    for begin, end in pairwise([0, *ends.tolist()]):
        parts = [_rows(_between(way, begin, end)) for way in ordered]
        yield np.concatenate([n for n, _ in parts]), np.concatenate([v for _, v in parts])


def _by_node(way: Way) -> Way:
    order = np.argsort(way.nodes, kind="stable")
    return Way(way.nodes[order], way.keys[order], way.table)


def _between(way: Way, begin: int, end: int) -> Way:
    first, last = np.searchsorted(way.nodes, [begin, end])
    return Way(way.nodes[first:last], way.keys[first:last], way.table)


def _rows(way: Way) -> tuple[Numbers, Column]:
    """Return the nodes and values of a way, a row for each value of each key."""
    starts, sizes = way.table.starts(way.keys)
    shifts = np.repeat(starts - np.cumsum(sizes) + sizes, sizes)
    return np.repeat(way.nodes, sizes), way.table.values[shifts + np.arange(len(shifts))]
