"""Traversal over the tables: each way out of a hop's nodes is one statement."""

import sqlite3
import time
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from kg.breadth_first import Arc, Walk
from kg.breadth_first import Way as AnyWay
from kg.columns.places import ASPECTS, RELATIONS
from kg.hops import MENTIONED, Hops, Subgraph
from kg.sqlite.rows import as_json, ids_of, keys_of
from kg.sqlite.selected import Selected
from kg.sqlite.tables import TABLE
from kg.sqlite.ways import WAYS, Row, Way
from schema.errors import UnknownIdError
from schema.graph import RelationshipType
from schema.nodes import NodeKind, kind_of

KINDS: Final = tuple(NodeKind)

Place = int
"""A node: its key, and in the last two bits its kind's place in KINDS. An enumeration's own hash
would take most of a traversal's time."""

PassingKeys = Mapping[NodeKind, Selected | None]
"""The keys of a kind that pass, None where all do."""


def traverse(
    connection: sqlite3.Connection, start_id: str, hops: Hops, passing: PassingKeys
) -> Subgraph:
    """Walk breadth first from a node (GraphStore.traverse)."""
    start = _start(connection, start_id)
    deadline = time.monotonic() + hops.timeout_s
    relations = as_json(sorted(hops.relations)) if hops.relations else None
    ways = _followed(hops)
    walk = Walk(hops, _begun(start, passing), {start: 0}, lambda place: ways[place & 3])
    for some in walk.rounds(deadline):
        _expand(connection, walk, some, ways, relations, passing)
    return walk.subgraph(start_id, _names(connection, walk.hops), _relation)


def _start(connection: sqlite3.Connection, start_id: str) -> Place:
    kind = kind_of(start_id)
    keys = keys_of(connection, TABLE[kind], [start_id])
    if start_id not in keys:
        raise UnknownIdError(start_id)
    return keys[start_id] << 2 | KINDS.index(kind)


def _begun(start: Place, passing: PassingKeys) -> dict[Place, float]:
    selected = passing.get(KINDS[start & 3])
    return {start: 1.0} if selected is None or start >> 2 in selected else {}


def _followed(hops: Hops) -> list[list[Way]]:
    """Return the ways out of each kind of node, in the order of KINDS."""
    return [
        [way for way in WAYS[kind] if not hops.types or way.type in hops.types] for kind in KINDS
    ]


def _expand(
    connection: sqlite3.Connection,
    walk: Walk[Place],
    nodes: Sequence[Place],
    ways: Sequence[Sequence[Way]],
    relations: str | None,
    passing: PassingKeys,
) -> None:
    """Note the arcs out of some nodes."""
    for bits, own in enumerate(ways):
        some = [node for node in nodes if node & 3 == bits]
        keys = [node >> 2 for node in some]
        for number, way in enumerate(own if some else ()):
            selected = passing.get(way.end)
            for place, rows in way.rows(connection, keys, relations, walk.bounds.fan_out):
                first = _first(rows, selected, walk)
                walk.arcs[some[place]] += _arcs(way, number, first)


def _first(rows: Iterable[Row], selected: Selected | None, walk: Walk[Place]) -> list[Row]:
    """Return the rows of the first different ends that pass, as many as the fan-out."""
    first: dict[int, Row] = {}
    for row in rows:
        if row[3] in first or not (selected is None or row[3] in selected):
            continue
        if len(first) == walk.bounds.fan_out:
            walk.cut.add("fan_out")
            break
        first[row[3]] = row
    return list(first.values())


def _arcs(way: Way, number: int, rows: Iterable[Row]) -> list[Arc[Place]]:
    bits = KINDS.index(way.end)
    match way.type:
        case RelationshipType.MENTIONS:
            return [(-MENTIONED, rank, number, k << 2 | bits, of) for _, _, rank, k, of in rows]
        case RelationshipType.RELATED:
            return [(2**w - 1, rank, number, k << 2 | bits, of) for _, w, rank, k, of in rows]
        case _:
            return [(less, rank, number, k << 2 | bits, of) for _, less, rank, k, of in rows]


def _names(connection: sqlite3.Connection, places: Iterable[Place]) -> dict[Place, str]:
    names: dict[Place, str] = {}
    for bits, kind in enumerate(KINDS):
        keys = [place >> 2 for place in places if place & 3 == bits]
        names |= {key << 2 | bits: i for key, i in ids_of(connection, kind, keys).items()}
    return names


def _relation(way: AnyWay, place: int | str) -> str:
    match place:
        case str():
            return place
        case _ if way.type is RelationshipType.MENTIONS:
            return ASPECTS[place].value
        case _:
            return RELATIONS[place].value
