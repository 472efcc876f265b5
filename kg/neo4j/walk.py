"""Traversal in Cypher: each way out of a hop's nodes is one statement."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter
from typing import Final, LiteralString

from kg.breadth_first import Arc, Walk
from kg.breadth_first import Way as AnyWay
from kg.neo4j.database import Transaction
from kg.neo4j.rows import LABEL
from kg.neo4j.selection import PASSES, parameters
from kg.store import MENTIONED, Hops, Subgraph
from schema.errors import UnknownIdError
from schema.graph import RelationshipType
from schema.nodes import NodeKind, kind_of

SEEN: Final[dict[NodeKind, LiteralString]] = {**PASSES, NodeKind.CONCEPT: "true"}
"""Whether a filter lets a traversal see a node n: concepts always."""


@dataclass(frozen=True, slots=True)
class Way:
    """How to leave nodes of one kind along one relationship type in one direction.

    Attributes:
        type: What is followed.
        forward: Whether it points away from the node at hand.
        follow: For nodes ``$ids``, the first ``$most`` different ends of each: ``id``, ``end``,
            ``rank``, ``relation`` and ``sure``, in the order to follow them in.
        follow_passing: The same of the ends that pass a filter.
    """

    type: RelationshipType
    forward: bool
    follow: LiteralString
    follow_passing: LiteralString


def _way(
    type_: RelationshipType,
    start: NodeKind,
    end: NodeKind,
    *,
    pattern: LiteralString,
    relation: LiteralString,
    sure: LiteralString,
    only: LiteralString = "true",
) -> Way:
    def follow(passes: LiteralString) -> LiteralString:
        return (
            "UNWIND $ids AS id MATCH (s:" + LABEL[start] + " {id: id}) "
            "USING INDEX SEEK s:" + LABEL[start] + "(id) CALL (s) { "
            "MATCH " + pattern + " WHERE s <> n AND " + only + " AND " + passes + " "
            "WITH n, " + relation + " AS relation, " + sure + " AS sure "
            "ORDER BY sure DESC, relation "
            "WITH n, collect({relation: relation, sure: sure})[0] AS first "
            "RETURN n.id AS end, n.rank AS rank, first.relation AS relation, first.sure AS sure "
            "ORDER BY sure DESC, rank LIMIT $most } "
            "RETURN id, end, rank, relation, sure ORDER BY id, sure DESC, rank"
        )

    return Way(type_, pattern.startswith("(s)-["), follow("true"), follow(SEEN[end]))


_ONLY: Final[LiteralString] = "(size($only) = 0 OR r.relation IN $only)"
POST, INTENTION, CONCEPT = NodeKind.POST, NodeKind.INTENTION, NodeKind.CONCEPT
WAYS: Final[dict[NodeKind, tuple[Way, ...]]] = {
    POST: (
        _way(
            RelationshipType.HAS_INTENTION,
            POST,
            INTENTION,
            pattern="(s)-[r:HAS_INTENTION]->(n:Intention)",
            relation="n.relation",
            sure="r.confidence",
        ),
        _way(
            RelationshipType.MENTIONS,
            POST,
            CONCEPT,
            pattern="(s)-[r:MENTIONS]->(n:Concept)",
            relation="r.aspect",
            sure="$mentioned",
        ),
    ),
    INTENTION: (
        _way(
            RelationshipType.ABOUT,
            INTENTION,
            CONCEPT,
            pattern="(s)-[r:ABOUT]->(n:Concept)",
            relation="r.method",
            sure="r.confidence",
        ),
        _way(
            RelationshipType.HAS_INTENTION,
            INTENTION,
            POST,
            pattern="(n:Post)-[r:HAS_INTENTION]->(s)",
            relation="s.relation",
            sure="r.confidence",
        ),
    ),
    CONCEPT: (
        _way(
            RelationshipType.ABOUT,
            CONCEPT,
            INTENTION,
            pattern="(n:Intention)-[r:ABOUT]->(s)",
            relation="r.method",
            sure="r.confidence",
        ),
        _way(
            RelationshipType.MENTIONS,
            CONCEPT,
            POST,
            pattern="(n:Post)-[r:MENTIONS]->(s)",
            relation="r.aspect",
            sure="$mentioned",
        ),
        _way(
            RelationshipType.RELATED,
            CONCEPT,
            CONCEPT,
            pattern="(s)-[r:RELATED]->(n:Concept)",
            relation="r.relation",
            sure="r.weight",
            only=_ONLY,
        ),
        _way(
            RelationshipType.RELATED,
            CONCEPT,
            CONCEPT,
            pattern="(n:Concept)-[r:RELATED]->(s)",
            relation="r.relation",
            sure="r.weight",
            only=_ONLY,
        ),
    ),
}
"""Each node's by type, then forwards before backwards."""

THERE: Final[dict[NodeKind, LiteralString]] = {
    kind: "MATCH (n:" + LABEL[kind] + " {id: $id}) RETURN n.id AS id" for kind in NodeKind
}
PASSING: Final[dict[NodeKind, LiteralString]] = {
    kind: "MATCH (n:" + LABEL[kind] + " {id: $id}) WHERE " + SEEN[kind] + " RETURN n.id AS id"
    for kind in NodeKind
}


async def traverse(transaction: Transaction, start_id: str, hops: Hops) -> Subgraph:
    """Walk breadth first from a node (GraphStore.traverse)."""
    deadline = time.monotonic() + hops.timeout_s
    asked: dict[str, object] = {
        **parameters(hops.where),
        "only": sorted(hops.relations),
        "mentioned": MENTIONED,
        "most": hops.fan_out + 1,
    }
    kind = kind_of(start_id)
    there = await transaction.rows(THERE[kind], id=start_id)
    if not there:
        raise UnknownIdError(start_id)
    passes = hops.where.is_empty or await transaction.rows(PASSING[kind], id=start_id, **asked)
    ways = {
        kind: [way for way in own if not hops.types or way.type in hops.types]
        for kind, own in WAYS.items()
    }
    walk = Walk(hops, {start_id: 1.0} if passes else {}, {start_id: 0})
    for some in walk.rounds(deadline):
        await _expand(transaction, walk, some, ways, asked)
    names = {node: node for node in walk.hops}
    return walk.subgraph(start_id, names, lambda node: ways[kind_of(node)], _relation)


async def _expand(
    transaction: Transaction,
    walk: Walk[str],
    nodes: Sequence[str],
    ways: dict[NodeKind, list[Way]],
    asked: dict[str, object],
) -> None:
    """Note the arcs out of some nodes."""
    for kind, own in ways.items():
        some = [node for node in nodes if kind_of(node) is kind]
        for number, way in enumerate(own if some else ()):
            statement = way.follow if walk.bounds.where.is_empty else way.follow_passing
            rows = await transaction.rows(statement, ids=some, **asked)
            for node, ends in groupby(rows, itemgetter("id")):
                arcs: list[Arc[str]] = [
                    (_less(way, row["sure"]), row["rank"], number, row["end"], row["relation"])
                    for row in ends
                ]
                if len(arcs) > walk.bounds.fan_out:
                    walk.cut.add("fan_out")
                walk.arcs[node] += arcs[: walk.bounds.fan_out]


def _less(way: Way, sure: float) -> float:
    return 2**-sure - 1 if way.type is RelationshipType.RELATED else -sure


def _relation(way: AnyWay, relation: int | str) -> str:  # noqa: ARG001
    return str(relation)
