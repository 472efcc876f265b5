"""Counts by a facet, against a background, and of two groups side by side."""

from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from heapq import nlargest
from typing import Any, Final, TypeVar

import numpy as np
from numpy.typing import NDArray

from kg import statistics
from kg.filters import all_of, any_of
from kg.statistics import Counts
from kg.store import GraphStore
from schema.errors import QueryError, StoreBusyError
from schema.facets import OWN, Facet
from schema.graph import EVERYTHING, Filter
from schema.nodes import NodeKind

COMPARED_LIMIT: Final = 10_000
"""Most values that are compared: the most frequent."""

LEAST_LIMIT: Final = 1_000_000
TRIES: Final = 3

T = TypeVar("T")

Pair = tuple[T, T]
"""Of a group and its background, or of two groups."""


@dataclass(frozen=True, slots=True)
class Subject:
    """What is counted: the nodes of a kind, posts or intentions, by a facet."""

    kind: NodeKind
    by: Facet


@dataclass(frozen=True, slots=True)
class Cut:
    """Which values are compared, and how many of them are told.

    Attributes:
        least: Those that so many nodes have, at least.
        first: How many.
    """

    least: int = 5
    first: int = 10

    def __post_init__(self) -> None:
        """Refuse what leaves nothing out, or all.

        Raises:
            QueryError: ``least`` is not between 1 and LEAST_LIMIT.
        """
        if not 1 <= self.least <= LEAST_LIMIT:
            raise QueryError(f"least is {self.least}: ask for 1 to {LEAST_LIMIT}")


DEFAULT_CUT: Final = Cut()


@dataclass(frozen=True, slots=True)
class FacetTable:
    """Counts by a facet.

    Attributes:
        nodes: How many nodes pass.
        values: How many values they have, together.
        counts: The most frequent values, by falling count, ties by rising value.
    """

    nodes: int
    values: int
    counts: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class Rate:
    """A share of a group, and its interval of 95 %."""

    count: int
    share: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Lift:
    """How much more frequent a value is in a group than in the background that it is a part of.

    Attributes:
        value: The value.
        count: Nodes of the group that have it.
        background: Nodes of the background that have it, those of the group among them.
        lift: The share in the group by the share in the background.
        low: Lower end of its interval of 95 %.
        high: Upper end.
        p: How likely so great a difference between group and rest is by chance.
        q: The same, corrected for the number of values compared (Benjamini and Hochberg).
    """

    value: str
    count: int
    background: int
    lift: float
    low: float
    high: float
    p: float
    q: float


@dataclass(frozen=True, slots=True)
class LiftTable:
    """Lifts of a group.

    Attributes:
        group: Nodes in the group.
        background: Nodes in the background.
        compared: How many values were compared.
        lifts: By falling lower end of the interval, ties by rising value.
    """

    group: int
    background: int
    compared: int
    lifts: tuple[Lift, ...]


@dataclass(frozen=True, slots=True)
class Contrast:
    """How frequent a value is in two groups.

    Attributes:
        value: The value.
        a: Its share of the first group.
        b: Its share of the second.
        difference: The first share less the second.
        low: Lower end of the difference's interval of 95 %.
        high: Upper end.
        p: How likely so great a difference is by chance.
        q: The same, corrected for the number of values compared (Benjamini and Hochberg).
    """

    value: str
    a: Rate
    b: Rate
    difference: float
    low: float
    high: float
    p: float
    q: float

    @property
    def sure(self) -> float:
        """How far the interval of the difference is from 0, which it may hold."""
        return max(self.low, -self.high, 0.0)


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two groups side by side.

    Attributes:
        total_a: Nodes in the first group.
        total_b: Nodes in the second.
        total_both: Nodes in both; the intervals take the groups for independent.
        compared: How many values were compared.
        contrasts: Those first whose difference is surely the greatest, then by difference, then
            by rising value.
    """

    total_a: int
    total_b: int
    total_both: int
    compared: int
    contrasts: tuple[Contrast, ...]


async def facet(
    store: GraphStore, subject: Subject, where: Filter = EVERYTHING, *, first: int = 10
) -> FacetTable:
    """Count the nodes that pass by their values.

    Raises:
        QueryError: Concepts are not counted by facets.
        StoreBusyError: The graph is written to all the time.
    """

    async def asked() -> FacetTable:
        counts = await store.facet(subject.kind, subject.by, where)
        nodes = await store.count(subject.kind, where)
        return FacetTable(nodes, len(counts), tuple(_most(counts, first)))

    return await _at_one_version(store, asked)


async def lift(
    store: GraphStore,
    subject: Subject,
    where: Filter,
    *,
    background: Filter = EVERYTHING,
    cut: Cut = DEFAULT_CUT,
) -> LiftTable:
    """Compare a group with the background that it is a part of.

    The group is what passes ``where`` and ``background`` both. The least that a value is to have
    is counted in the background, whether the group has it or not: what is left out does not
    depend on the group, so that the correction holds.

    Raises:
        QueryError: The values are not the nodes' own (schema.facets.OWN): a node of the group may
            have one in a pair that is not in the group.
        StoreBusyError: As ``facet``.
    """
    if subject.by not in OWN[subject.kind]:
        names = ", ".join(sorted(by.name for by in OWN[subject.kind]))
        raise QueryError(
            f"{subject.by.name} is not of {subject.kind.name} alone: its lift is asked by {names}, "
            "or of the other kind"
        )
    group = all_of(background, where)

    async def asked() -> LiftTable:
        around = await store.facet(subject.kind, subject.by, background)
        inside = await store.facet(subject.kind, subject.by, group)
        size = await store.count(subject.kind, group)
        whole = await store.count(subject.kind, background)
        if not size:
            return LiftTable(0, whole, 0, ())
        values = [value for value, count in _most(around, COMPARED_LIMIT) if count >= cut.least]
        rows = _lifts(values, (inside, around), (size, whole))
        best = sorted(rows, key=lambda row: (-row.low, row.value))
        return LiftTable(size, whole, len(values), tuple(best[: cut.first]))

    return await _at_one_version(store, asked)


async def compare(
    store: GraphStore,
    subject: Subject,
    groups: tuple[Filter, Filter],
    *,
    within: Filter = EVERYTHING,
    cut: Cut = DEFAULT_CUT,
) -> Comparison:
    """Compare two groups of what passes ``within``, by the values of a facet.

    The least that a value is to have is counted in both groups together. Where one of them is
    empty, nothing is compared.

    Raises:
        QueryError, StoreBusyError: As ``facet``.
    """
    a, b = (all_of(within, group) for group in groups)

    async def asked() -> Comparison:
        of_a = await store.facet(subject.kind, subject.by, a)
        of_b = await store.facet(subject.kind, subject.by, b)
        total_a = await store.count(subject.kind, a)
        total_b = await store.count(subject.kind, b)
        if not (total_a and total_b):
            return Comparison(total_a, total_b, 0, 0, ())
        either = await store.count(subject.kind, all_of(within, any_of(*groups)))
        sums = {value: of_a.get(value, 0) + of_b.get(value, 0) for value in {**of_a, **of_b}}
        values = [value for value, count in _most(sums, COMPARED_LIMIT) if count >= cut.least]
        rows = _contrasts(values, (of_a, of_b), (total_a, total_b))
        best = sorted(rows, key=lambda row: (-row.sure, -abs(row.difference), row.value))
        both = total_a + total_b - either
        return Comparison(total_a, total_b, both, len(values), tuple(best[: cut.first]))

    return await _at_one_version(store, asked)


def _lifts(values: Sequence[str], counts: Pair[Mapping[str, int]], sizes: Pair[int]) -> list[Lift]:
    inside, around = (_counts(some, values) for some in counts)
    lifts = statistics.lift(inside, sizes[0], around, sizes[1])
    low, high = statistics.lift_interval(inside, sizes[0], around, sizes[1])
    p = statistics.p_values(inside, sizes[0], around - inside, sizes[1] - sizes[0])
    columns = (inside, around, lifts, low, high, p, statistics.q_values(p))
    return [Lift(value, *row) for value, row in zip(values, _rows(columns), strict=True)]


def _contrasts(
    values: Sequence[str], counts: Pair[Mapping[str, int]], sizes: Pair[int]
) -> list[Contrast]:
    of_a, of_b = (_counts(some, values) for some in counts)
    low, high = statistics.difference(of_a, sizes[0], of_b, sizes[1])
    apart = statistics.rates(of_a, sizes[0]) - statistics.rates(of_b, sizes[1])
    p = statistics.p_values(of_a, sizes[0], of_b, sizes[1])
    columns = (apart, low, high, p, statistics.q_values(p))
    return [
        Contrast(value, a, b, *row)
        for value, a, b, row in zip(
            values,
            _rates(of_a, sizes[0]),
            _rates(of_b, sizes[1]),
            _rows(columns),
            strict=True,
        )
    ]


def _rates(counts: Counts, size: int) -> list[Rate]:
    low, high = statistics.wilson(counts, size)
    return [Rate(*row) for row in _rows((counts, statistics.rates(counts, size), low, high))]


def _rows(columns: Sequence[NDArray[Any]]) -> Iterator[tuple[Any, ...]]:
    """Give columns row by row, as Python's own numbers."""
    return zip(*(column.tolist() for column in columns), strict=True)


def _counts(counts: Mapping[str, int], values: Sequence[str]) -> Counts:
    return np.array([counts.get(value, 0) for value in values], np.int64)


def _most(counts: Mapping[str, int], first: int) -> list[tuple[str, int]]:
    least = min(nlargest(first, counts.values()), default=0)  # sorting all would take the time
    some = ((value, count) for value, count in counts.items() if count >= least)
    return sorted(some, key=lambda item: (-item[1], item[0]))[:first]


async def _at_one_version(store: GraphStore, asked: Callable[[], Awaitable[T]]) -> T:
    """Ask until nothing was written in between: counts of two versions do not go together."""
    for _ in range(TRIES):
        version = await store.version()
        answer = await asked()
        if await store.version() == version:
            return answer
    raise StoreBusyError("the graph is being written to: ask again when that is done")
