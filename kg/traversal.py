"""Paths between nodes, written against the store protocol.

The store follows relationships breadth first (``GraphStore.traverse``); here the ways through
what it saw are put in order. A path to a given end is looked for from both sides: its first half
is followed from the start, its second half from the end, each step within the fan-out of the node
that it is followed from, so that a concept with ten thousand intentions hides neither.
"""

import heapq
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import Final, TypeVar

from anyio import to_thread

from kg.hops import Ends, Hops, Step, Subgraph
from kg.overlap import Overlap
from kg.store import GraphStore
from schema.errors import QueryError
from schema.nodes import kind_of
from schema.text import flaw

HOP_LIMIT: Final = 6
FAN_OUT_LIMIT: Final = 1000
FRONTIER_LIMIT: Final = 5000
PATH_LIMIT: Final = 100
DIGITS: Final = 9
"""Confidences are compared to this many digits."""

T = TypeVar("T")

Steps = Mapping[str, Sequence[Step]]


@dataclass(frozen=True, slots=True)
class Path:
    """A way from one node to another that visits no node twice.

    Attributes:
        steps: At least one; each begins where the one before ended.
        confidence: The product of the steps' confidences, in (0, 1].
    """

    steps: tuple[Step, ...]
    confidence: float

    @property
    def node_ids(self) -> tuple[str, ...]:
        """The nodes on the way, both ends included."""
        return (self.steps[0].start_id, *(step.end_id for step in self.steps))


@dataclass(frozen=True, slots=True)
class Paths:
    """Paths by falling confidence, ties by fewer steps, then by the ids on the way.

    Attributes:
        paths: At most as many as were asked for.
        cut: Why there may be others: ``fan_out``, ``frontier``, ``time``, ``candidates`` (paths
            that differ were looked for among too many); empty if nothing was.
    """

    paths: tuple[Path, ...]
    cut: frozenset[str]


async def neighborhood(store: GraphStore, start_id: str, hops: Hops) -> Subgraph:
    """Return what lies within some hops of a node.

    Raises:
        UnknownIdError: There is no such node.
        QueryError: A bound is out of range, or no step is of the type that the last should have.
    """
    _check(hops)
    return await store.traverse(start_id, hops)


async def paths(
    store: GraphStore,
    start_id: str,
    end_id: str | None,
    hops: Hops,
    *,
    limit: int = 10,
    overlap: float = 1.0,
) -> Paths:
    """Return the paths between two nodes, or the best path to each node that is reached.

    With an overlap below 1, paths are taken in their order, each only where it shares no more than
    that part of its inner nodes with each path taken before (kg.overlap).

    Args:
        store: The graph.
        start_id: Where every path begins.
        end_id: Where it ends; None for the best path to every node within reach.
        hops: How long a path may be, and what it may follow. Its ``ends``, without ``end_id``
            only, say where a path may end: nodes whose best path ends otherwise are left out.
        limit: Most paths, 1 to PATH_LIMIT.
        overlap: 0 for paths with no inner node in common, 1 for any; below 1 with ``end_id`` only.

    Raises:
        UnknownIdError: One of the nodes is not there.
        QueryError: A bound is out of range, no step is of the type that the last should have, both
            ends are one node, or ``end_id`` is given beside which ends are wanted.
    """
    _check(hops)
    if not 1 <= limit <= PATH_LIMIT:
        raise QueryError(f"asked for {limit} paths: 1 to {PATH_LIMIT}")
    if not 0 <= overlap <= 1:
        raise QueryError(f"asked for an overlap of {overlap}: 0 to 1")
    if end_id is None and overlap < 1:
        raise QueryError("an overlap is one of paths between two nodes: name the other end")
    if end_id is not None and not hops.ends.are_any:
        raise QueryError(
            f"every path ends at {end_id!r}: leave out toKind (--to-kind) and lastType, or that end"
        )
    if start_id == end_id:
        raise QueryError(f"a path from {start_id!r} to itself has no steps: name another end")
    clock = _Clock(time.monotonic() + hops.timeout_s)
    if end_id is None:
        seen = await store.traverse(start_id, replace(hops, timeout_s=clock.left_s / 2))
        clock.leave(hops.timeout_s / 2)
        return await to_thread.run_sync(lambda: _best_to_each(seen, hops, limit, clock))
    there, back = await _both_sides(store, start_id, end_id, hops, clock)
    return await to_thread.run_sync(
        lambda: _between(there, back, hops.most, limit, clock, Overlap(overlap))
    )


@dataclass(slots=True)
class _Clock:
    """When a search for paths has to end, and whether it ended there."""

    deadline: float
    was_out: bool = False

    @property
    def left_s(self) -> float:
        return max(0.0, self.deadline - time.monotonic())

    def leave(self, seconds: float) -> None:
        """See that so much is left: a store may take longer than it was given (GraphStore)."""
        self.deadline = max(self.deadline, time.monotonic() + seconds)

    def is_out(self) -> bool:
        self.was_out = self.was_out or time.monotonic() > self.deadline
        return self.was_out

    def until_out(self, items: Iterable[T]) -> Iterator[T]:
        for item in items:
            if self.is_out():
                return
            yield item

    def cut(self, *others: frozenset[str]) -> frozenset[str]:
        return frozenset({"time"} if self.was_out else ()).union(*others)


def _check(hops: Hops) -> None:
    bounds = (
        ("hops", hops.most, HOP_LIMIT),
        ("a fan-out of", hops.fan_out, FAN_OUT_LIMIT),
        ("a frontier of", hops.frontier, FRONTIER_LIMIT),
    )
    for name, value, limit in bounds:
        if not 1 <= value <= limit:
            raise QueryError(f"asked for {name} {value}: 1 to {limit}")
    if hops.types and hops.ends.last_type not in {None, *hops.types}:
        raise QueryError(
            f"no step is of the type {hops.ends.last_type}: name it among the types, or leave them "
            "out"
        )
    for relation in hops.relations:
        if reason := flaw(relation):
            raise QueryError(f"the relation {relation[:80]!r} {reason}")


async def _both_sides(
    store: GraphStore, start_id: str, end_id: str, hops: Hops, clock: _Clock
) -> tuple[Subgraph, Subgraph]:
    """See each side within a third of the time, so that a third is left to put paths in order."""
    first, second = (hops.most + 1) // 2, max(1, hops.most // 2)
    third_s = hops.timeout_s / 3
    there = await store.traverse(start_id, replace(hops, most=first, timeout_s=third_s))
    clock.leave(2 * third_s)
    back = await store.traverse(end_id, replace(hops, most=second, timeout_s=clock.left_s / 2))
    clock.leave(third_s)
    return there, back


def _between(
    there: Subgraph, back: Subgraph, most: int, limit: int, clock: _Clock, overlap: Overlap
) -> Paths:
    """Put the paths in order; the direct ones come however late it is.

    Any paths are found length by length, so that late it is the long ones that are missing.
    Those that differ are found one by one: what is taken tells what is looked for.
    """
    start_id, end_id = there.start_id, back.start_id
    begin = {start_id: there.steps.get(start_id, ())}
    direct = [Path((s,), s.confidence) for s in begin[start_id] if s.end_id == end_id]
    ways: list[Iterable[Path]] = [sorted(direct, key=_order)]
    backward = _reversed(back, clock)
    for length in range(2, most + 1):
        first = (length + 1) // 2
        layers = [begin, *[there.steps] * (first - 1), *[backward] * (length - first)]
        way = _ranked(layers, start_id, end_id, clock, overlap)
        ways.append(sorted(islice(way, limit), key=_order) if overlap.is_free else way)
    found = tuple(islice(_differing(heapq.merge(*ways, key=_order), overlap), limit))
    spent = frozenset({"candidates"} if overlap.is_spent else ())
    return Paths(found, clock.cut(there.cut, back.cut, spent))


def _differing(paths: Iterable[Path], overlap: Overlap) -> Iterator[Path]:
    for path in paths:
        node_ids = path.node_ids
        if overlap.allows(node_ids[1:-1], len(node_ids) - 2):
            overlap.take(node_ids)
            yield path


def _reversed(back: Subgraph, clock: _Clock) -> dict[str, list[Step]]:
    turned: dict[str, list[Step]] = {}
    for steps in clock.until_out(back.steps.values()):
        for s in steps:
            turn = Step(s.end_id, s.type, s.start_id, not s.forward, s.relation, s.confidence)
            turned.setdefault(turn.start_id, []).append(turn)
    return turned


def _best_to_each(seen: Subgraph, hops: Hops, limit: int, clock: _Clock) -> Paths:
    """Widen by one hop at a time, keeping for each node the best path of that many hops.

    The best path overall never visits a node twice: without the cycle it would be as sure, and
    shorter.
    """
    best: dict[str, Path] = {}
    layer: dict[str, Path] = {seen.start_id: Path((), 1.0)}
    for _ in range(hops.most):
        following: dict[str, Path] = {}
        for node_id, path in clock.until_out(layer.items()):
            for step in seen.steps.get(node_id, ()):
                longer = Path((*path.steps, step), path.confidence * step.confidence)
                _keep(following, step.end_id, longer)
        following.pop(seen.start_id, None)
        for node_id, path in following.items():
            _keep(best, node_id, path)
        layer = following
    wanted = [path for path in best.values() if _is_wanted(path, hops.ends)]
    return Paths(tuple(heapq.nsmallest(limit, wanted, key=_order)), clock.cut(seen.cut))


def _is_wanted(path: Path, ends: Ends) -> bool:
    last = path.steps[-1]
    return ends.want(kind_of(last.end_id), last.type)


def _keep(best: dict[str, Path], node_id: str, path: Path) -> None:
    held = best.get(node_id)
    if held is None or _order(path) < _order(held):
        best[node_id] = path


def _order(path: Path) -> tuple[float, int, tuple[str, ...], tuple[str, ...]]:
    arcs = tuple(_arc(step) for step in path.steps)
    return -round(path.confidence, DIGITS), len(path.steps), path.node_ids, arcs


def _arc(step: Step) -> str:
    return f"{step.type}{'>' if step.forward else '<'}{step.relation}"


def _ranked(
    layers: Sequence[Steps], start_id: str, end_id: str, clock: _Clock, overlap: Overlap
) -> Iterator[Path]:
    """Yield simple paths with one step from each layer, best first, until time is out.

    A* over partial paths: what is still to come is bounded from above by the best way to the end
    that may visit nodes twice. Among equals the lesser ids are widened first, so paths are found
    in their final order. What has too much in common with a path that was taken is not widened.
    """
    hopes = _hopes(layers, end_id, clock)
    waiting: list[_Partial] = []
    _push(waiting, hopes, Path((), 1.0), (start_id,))
    while waiting and not overlap.is_spent and not clock.is_out():
        _, node_ids, _, path = heapq.heappop(waiting)
        if len(path.steps) == len(layers):
            yield path
            continue
        overlap.widened += 1
        if not overlap.allows(node_ids[1:], len(layers) - 1):
            continue
        for step in layers[len(path.steps)].get(node_ids[-1], ()):
            if step.end_id not in node_ids:
                longer = Path((*path.steps, step), path.confidence * step.confidence)
                _push(waiting, hopes, longer, (*node_ids, step.end_id))


_Partial = tuple[float, tuple[str, ...], tuple[str, ...], Path]


def _push(
    waiting: list[_Partial],
    hopes: Sequence[Mapping[str, float]],
    path: Path,
    node_ids: tuple[str, ...],
) -> None:
    hope = hopes[len(path.steps)].get(node_ids[-1])
    if hope is not None:
        arcs = tuple(_arc(step) for step in path.steps)
        heapq.heappush(waiting, (-round(path.confidence * hope, DIGITS), node_ids, arcs, path))


def _hopes(layers: Sequence[Steps], end_id: str, clock: _Clock) -> list[dict[str, float]]:
    """Return for each layer, by node, the greatest confidence of a way from there to the end."""
    hopes: list[dict[str, float]] = [{end_id: 1.0}]
    for steps in reversed(layers):
        here: dict[str, float] = {}
        for node_id, some in clock.until_out(steps.items()):
            onward = [s.confidence * hopes[0].get(s.end_id, 0.0) for s in some]
            best = max(onward, default=0.0)
            if best > 0:
                here[node_id] = best
        hopes.insert(0, here)
    return hopes
