"""Traversal, breadth first: each way out of a hop's nodes is one statement."""

import sqlite3
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from kg.sqlite.rows import as_json, ids_of, keys_of
from kg.sqlite.selected import Selected
from kg.sqlite.tables import ASPECTS, RELATIONS, TABLE
from kg.sqlite.ways import WAYS, Row, Way
from kg.store import MENTIONED, Hops, Step, Subgraph
from schema.errors import UnknownIdError
from schema.graph import RelationshipType
from schema.nodes import NodeKind, kind_of

DIGITS: Final = 12

NODES_AT_ONCE: Final = 256
"""The clock is looked at after as many nodes."""

KINDS: Final = tuple(NodeKind)

Place = int
"""A node: its key, and in the last two bits its kind's place in KINDS. An enumeration's own hash
would take most of a traversal's time."""

Arc = tuple[float, int, int, Place, int | str]
"""A step before its ids are known: minus its confidence, rank of its end, its way among those of
its start's kind, its end, its relation: in their own order, the order of steps."""


@dataclass(slots=True)
class Walk:
    """What a traversal has seen so far."""

    bounds: Hops
    passing: Mapping[NodeKind, Selected | None]
    ways: Sequence[Sequence[Way]]
    relations: str | None
    hops: dict[Place, int]
    arcs: dict[Place, list[Arc]] = field(default_factory=dict[Place, list[Arc]])
    cut: set[str] = field(default_factory=set[str])


def traverse(
    connection: sqlite3.Connection,
    start_id: str,
    hops: Hops,
    passing: Mapping[NodeKind, Selected | None],
) -> Subgraph:
    """Walk breadth first from a node (GraphStore.traverse), among what passes of each kind."""
    start = _start(connection, start_id)
    deadline = time.monotonic() + hops.timeout_s
    relations = as_json(sorted(hops.relations)) if hops.relations else None
    walk = Walk(hops, passing, _followed(hops), relations, {start: 0})
    selected = passing.get(KINDS[start & 3])
    frontier = {start: 1.0} if selected is None or start >> 2 in selected else {}
    for hop in range(1, hops.most + 1):
        reached: dict[Place, tuple[float, int]] = {}
        nodes = list(frontier)
        for first in range(0, len(nodes), NODES_AT_ONCE):
            if time.monotonic() > deadline:
                walk.cut.add("time")
                break
            some = nodes[first : first + NODES_AT_ONCE]
            _expand(connection, walk, some)
            _reach(reached, walk, frontier, some)
        frontier = _kept(reached, hops.frontier, walk.cut)
        walk.hops.update(dict.fromkeys(frontier, hop))
    return _named(connection, start_id, walk)


def _start(connection: sqlite3.Connection, start_id: str) -> Place:
    kind = kind_of(start_id)
    keys = keys_of(connection, TABLE[kind], [start_id])
    if start_id not in keys:
        raise UnknownIdError(start_id)
    return keys[start_id] << 2 | KINDS.index(kind)


def _followed(hops: Hops) -> list[list[Way]]:
    """Return the ways out of each kind of node, in the order of KINDS."""
    return [
        [way for way in WAYS[kind] if not hops.types or way.type in hops.types] for kind in KINDS
    ]


def _expand(connection: sqlite3.Connection, walk: Walk, nodes: Sequence[Place]) -> None:
    """Note the arcs out of some nodes."""
    walk.arcs.update((node, []) for node in nodes)
    for bits, ways in enumerate(walk.ways):
        some = [node for node in nodes if node & 3 == bits]
        keys = [node >> 2 for node in some]
        for number, way in enumerate(ways if some else ()):
            for place, rows in way.rows(connection, keys, walk.relations, walk.bounds.fan_out):
                walk.arcs[some[place]] += _arcs(way, number, rows, walk)


def _arcs(way: Way, number: int, rows: Iterable[Row], walk: Walk) -> list[Arc]:
    """Return the arcs to the first different ends, as many as the fan-out."""
    selected = walk.passing.get(way.end)
    first: dict[int, Row] = {}
    for row in rows:
        if row[3] in first or not (selected is None or row[3] in selected):
            continue
        if len(first) == walk.bounds.fan_out:
            walk.cut.add("fan_out")
            break
        first[row[3]] = row
    bits = KINDS.index(way.end)
    rows = first.values()
    match way.type:
        case RelationshipType.MENTIONS:
            return [(-MENTIONED, rank, number, k << 2 | bits, of) for _, _, rank, k, of in rows]
        case RelationshipType.RELATED:
            return [(2**w - 1, rank, number, k << 2 | bits, of) for _, w, rank, k, of in rows]
        case _:
            return [(less, rank, number, k << 2 | bits, of) for _, less, rank, k, of in rows]


def _reach(
    reached: dict[Place, tuple[float, int]],
    walk: Walk,
    frontier: Mapping[Place, float],
    nodes: Sequence[Place],
) -> None:
    """Note the best way to each node that was not reached by fewer hops."""
    hops, none = walk.hops, (1.0, 0)
    for node in nodes:
        confidence = frontier[node]
        for less, rank, _, end, _ in walk.arcs[node]:
            product = confidence * less
            if end not in hops and product < reached.get(end, none)[0]:
                reached[end] = (product, rank)


def _kept(reached: dict[Place, tuple[float, int]], limit: int, cut: set[str]) -> dict[Place, float]:
    worst = 0.0
    if len(reached) > limit:
        cut.add("frontier")
        worst = sorted(less for less, _ in reached.values())[limit - 1] + 10**-DIGITS
    best = sorted(
        (round(less, DIGITS), rank, node) for node, (less, rank) in reached.items() if less <= worst
    )
    return {node: -reached[node][0] for _, _, node in best[:limit]}


def _named(connection: sqlite3.Connection, start_id: str, walk: Walk) -> Subgraph:
    """Put ids in the place of keys; steps to nodes that were not kept fall away."""
    names: dict[Place, str] = {}
    for bits, kind in enumerate(KINDS):
        keys = [place >> 2 for place in walk.hops if place & 3 == bits]
        names |= {key << 2 | bits: i for key, i in ids_of(connection, kind, keys).items()}
    steps = {
        names[node]: tuple(_steps(names[node], walk.ways[node & 3], arcs, names))
        for node, arcs in walk.arcs.items()
    }
    hops = {names[node]: hop for node, hop in walk.hops.items()}
    return Subgraph(start_id, steps, hops, frozenset(walk.cut))


def _steps(
    start_id: str, ways: Sequence[Way], arcs: Sequence[Arc], names: Mapping[Place, str]
) -> Iterator[Step]:
    for less, _, number, end, place in sorted([arc for arc in arcs if arc[3] in names]):
        way = ways[number]
        yield Step(start_id, way.type, names[end], way.forward, _relation(way, place), -less)


def _relation(way: Way, place: int | str) -> str:
    match place:
        case str():
            return place
        case _ if way.type is RelationshipType.MENTIONS:
            return ASPECTS[place].value
        case _:
            return RELATIONS[place].value
