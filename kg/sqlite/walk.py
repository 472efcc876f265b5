"""Traversal, breadth first: one prepared statement for each way out of a node."""

import sqlite3
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final, LiteralString, NamedTuple

from kg.sqlite.rows import as_json, ids_of, keys_of
from kg.sqlite.tables import ASPECTS, RELATIONS, TABLE
from kg.store import MENTIONED, Hops, Step, Subgraph
from schema.errors import UnknownIdError
from schema.graph import RelationshipType
from schema.nodes import NodeKind, kind_of

DIGITS: Final = 12


KINDS: Final = tuple(NodeKind)

Place = int
"""A node: its key, and in the last two bits its kind's place in KINDS. An enumeration's own hash
would take most of a traversal's time."""


@dataclass(frozen=True, slots=True)
class Way:
    """How to leave a node of one kind along one relationship type in one direction.

    Its SQL gives (key of the end, confidence or weight or NULL, its rank, relation), in the order
    in which they are to be followed; the end of parallel relationships repeats, the first counts.
    """

    type: RelationshipType
    forward: bool
    end: NodeKind
    sql: LiteralString


HAS_INTENTION: Final = Way(
    RelationshipType.HAS_INTENTION,
    True,
    NodeKind.INTENTION,
    """
    SELECT h.intention, h.confidence, i.rank, i.relation
    FROM has_intention AS h JOIN intention AS i ON i.key = h.intention
    WHERE h.post = ?1 ORDER BY h.confidence DESC, i.rank
    """,
)
INTENTION_OF: Final = Way(
    RelationshipType.HAS_INTENTION,
    False,
    NodeKind.POST,
    """
    SELECT post, confidence, rank, (SELECT relation FROM intention WHERE key = ?1)
    FROM has_intention WHERE intention = ?1 ORDER BY confidence DESC, rank
    """,
)
MENTIONS: Final = Way(
    RelationshipType.MENTIONS,
    True,
    NodeKind.CONCEPT,
    """
    SELECT m.concept, NULL, c.rank, m.aspect
    FROM mentions AS m JOIN concept AS c ON c.key = m.concept
    WHERE m.post = ?1 ORDER BY c.rank, m.aspect
    """,
)
MENTIONED_BY: Final = Way(
    RelationshipType.MENTIONS,
    False,
    NodeKind.POST,
    "SELECT post, NULL, rank, aspect FROM mentions WHERE concept = ?1 ORDER BY rank, aspect",
)
ABOUT: Final = Way(
    RelationshipType.ABOUT,
    True,
    NodeKind.CONCEPT,
    """
    SELECT a.concept, a.confidence, c.rank, a.method
    FROM about AS a JOIN concept AS c ON c.key = a.concept
    WHERE a.intention = ?1 ORDER BY a.confidence DESC, c.rank, a.method
    """,
)
SPOKEN_OF_BY: Final = Way(
    RelationshipType.ABOUT,
    False,
    NodeKind.INTENTION,
    """
    SELECT intention, confidence, rank, method FROM about
    WHERE concept = ?1 ORDER BY confidence DESC, rank, intention, method
    """,
)
RELATED: Final = Way(
    RelationshipType.RELATED,
    True,
    NodeKind.CONCEPT,
    """
    SELECT tail, weight, tail_rank, relation FROM related
    WHERE head = ?1 AND (?2 IS NULL OR relation IN (SELECT value FROM json_each(?2)))
    ORDER BY weight DESC, tail_rank, relation
    """,
)
RELATED_FROM: Final = Way(
    RelationshipType.RELATED,
    False,
    NodeKind.CONCEPT,
    """
    SELECT head, weight, head_rank, relation FROM related
    WHERE tail = ?1 AND (?2 IS NULL OR relation IN (SELECT value FROM json_each(?2)))
    ORDER BY weight DESC, head_rank, relation
    """,
)
WAYS: Final[dict[NodeKind, tuple[Way, ...]]] = {
    NodeKind.POST: (HAS_INTENTION, MENTIONS),
    NodeKind.INTENTION: (INTENTION_OF, ABOUT),
    NodeKind.CONCEPT: (MENTIONED_BY, SPOKEN_OF_BY, RELATED, RELATED_FROM),
}


class Arc(NamedTuple):
    """A step before its ids are known."""

    way: Way
    end: Place
    confidence: float
    rank: int
    relation: int | str


@dataclass(slots=True)
class Walk:
    """What a traversal has seen so far."""

    hops: dict[Place, int]
    arcs: dict[Place, list[Arc]] = field(default_factory=dict[Place, list[Arc]])
    cut: set[str] = field(default_factory=set[str])


def traverse(connection: sqlite3.Connection, start_id: str, hops: Hops) -> Subgraph:
    """Walk breadth first from a node (GraphStore.traverse)."""
    start = _start(connection, start_id)
    walk = Walk({start: 0})
    deadline = time.monotonic() + hops.timeout_s
    frontier = {start: 1.0}
    ways = _followed(hops)
    relations = as_json(sorted(hops.relations)) if hops.relations else None
    for hop in range(1, hops.most + 1):
        reached: dict[Place, tuple[float, int]] = {}
        for place, confidence in frontier.items():
            if time.monotonic() > deadline:
                walk.cut.add("time")
                break
            arcs = _arcs(connection, place, ways[place & 3], relations, hops.fan_out, walk.cut)
            walk.arcs[place] = arcs
            _reach(reached, walk.hops, arcs, confidence)
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


def _arcs(
    connection: sqlite3.Connection,
    place: Place,
    ways: Sequence[Way],
    relations: str | None,
    fan_out: int,
    cut: set[str],
) -> list[Arc]:
    """Return the arcs out of a node, along each way the first ``fan_out`` different ends."""
    arcs: list[Arc] = []
    for way in ways:
        by_weight = way.type is RelationshipType.RELATED
        parameters = (place >> 2, relations) if by_weight else (place >> 2,)
        end_bits = KINDS.index(way.end)
        first: dict[int, Arc] = {}
        for key, weight, rank, relation in connection.execute(way.sql, parameters):
            if key in first or (by_weight and key == place >> 2):
                continue
            if len(first) == fan_out:
                cut.add("fan_out")
                break
            sure = 1 - 2**-weight if by_weight else MENTIONED if weight is None else weight
            first[key] = Arc(way, key << 2 | end_bits, sure, rank, relation)
        arcs.extend(first.values())
    return arcs


def _reach(
    reached: dict[Place, tuple[float, int]],
    hops: dict[Place, int],
    arcs: Sequence[Arc],
    confidence: float,
) -> None:
    """Note the best way to each node that was not reached by fewer hops."""
    for arc in arcs:
        if arc.end in hops:
            continue
        product = confidence * arc.confidence
        held = reached.get(arc.end)
        if held is None or product > held[0]:
            reached[arc.end] = (product, arc.rank)


def _kept(reached: dict[Place, tuple[float, int]], limit: int, cut: set[str]) -> dict[Place, float]:
    if len(reached) > limit:
        cut.add("frontier")
    best = sorted(reached.items(), key=lambda item: (-round(item[1][0], DIGITS), item[1][1]))
    return {place: confidence for place, (confidence, _) in best[:limit]}


def _named(connection: sqlite3.Connection, start_id: str, walk: Walk) -> Subgraph:
    """Put ids in the place of keys; steps to nodes that were not kept fall away."""
    names: dict[Place, str] = {}
    for bits, kind in enumerate(KINDS):
        keys = [place >> 2 for place in walk.hops if place & 3 == bits]
        names |= {key << 2 | bits: i for key, i in ids_of(connection, kind, keys).items()}
    steps = {
        names[place]: tuple(_steps(names[place], arcs, names)) for place, arcs in walk.arcs.items()
    }
    hops = {names[place]: hop for place, hop in walk.hops.items()}
    return Subgraph(start_id, steps, hops, frozenset(walk.cut))


def _steps(start_id: str, arcs: list[Arc], names: dict[Place, str]) -> Iterator[Step]:
    arcs.sort(key=lambda arc: (-arc.confidence, arc.rank, arc.way.type, not arc.way.forward))
    for arc in arcs:
        end_id = names.get(arc.end)
        if end_id is not None:
            relation = _relation(arc)
            way = arc.way
            yield Step(start_id, way.type, end_id, way.forward, relation, arc.confidence)


def _relation(arc: Arc) -> str:
    match arc.relation:
        case str():
            return arc.relation
        case place if arc.way.type is RelationshipType.MENTIONS:
            return ASPECTS[place].value
        case place:
            return RELATIONS[place].value
