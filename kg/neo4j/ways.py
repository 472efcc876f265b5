"""The ways out of a node: each relationship type in each direction, followed for many at once."""

from dataclasses import dataclass
from typing import Final, LiteralString

from kg.breadth_first import Way as AnyWay
from kg.neo4j.rows import LABEL
from kg.neo4j.selection import PASSES
from schema.graph import RelationshipType
from schema.nodes import NodeKind

SEEN: Final[dict[NodeKind, LiteralString]] = {**PASSES, NodeKind.CONCEPT: "true"}
"""Whether a filter lets a traversal see a node n: concepts always."""


@dataclass(frozen=True, slots=True)
class Way:
    """How to leave nodes of one kind along one relationship type in one direction.

    Attributes:
        type: What is followed.
        forward: Whether it points away from the node at hand.
        end: The kind of node at the far end.
        follow: For nodes ``$ids[0]``, the list of the first ``$most`` different ends of each:
            ``id``, ``end``, ``rank``, ``relation`` and ``sure``, in the order to follow them in.
        follow_passing: The same of the ends that pass a filter.
    """

    type: RelationshipType
    forward: bool
    end: NodeKind
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
            "UNWIND $ids[0] AS id MATCH (s:" + LABEL[start] + " {id: id}) "
            "USING INDEX SEEK s:" + LABEL[start] + "(id) CALL (s) { "
            "MATCH " + pattern + " WHERE s <> n AND " + only + " AND " + passes + " "
            "WITH n, " + relation + " AS relation, " + sure + " AS sure "
            "ORDER BY sure DESC, relation "
            "WITH n, collect({relation: relation, sure: sure})[0] AS first "
            "RETURN n.id AS end, n.rank AS rank, first.relation AS relation, first.sure AS sure "
            "ORDER BY sure DESC, rank LIMIT $most } "
            "WITH id, end, rank, relation, sure ORDER BY id, sure DESC, rank RETURN collect("
            "{id: id, end: end, rank: rank, relation: relation, sure: sure}) AS rows"
        )

    return Way(type_, pattern.startswith("(s)-["), end, follow("true"), follow(SEEN[end]))


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


def less(way: Way, sure: float) -> float:
    """Return minus the confidence of a step: ``sure`` is the weight, where the way is RELATED."""
    return 2**-sure - 1 if way.type is RelationshipType.RELATED else -sure


def relation_of(way: AnyWay, relation: int | str) -> str:  # noqa: ARG001 as the steps want it
    """Return the relation of a step: arcs hold it as it is."""
    return str(relation)
