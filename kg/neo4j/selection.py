"""A filter as a condition in Cypher (schema.graph.Filter).

Each condition is one text, whatever a filter asks: what it does not ask for is an empty list.
"""

from typing import Final, LiteralString

from kg.neo4j.rows import labels
from schema.graph import Filter
from schema.nodes import NodeKind

TAGGED: Final[LiteralString] = (
    "all(label IN $labels WHERE label IN p.labels) "
    "AND all(tag IN $hashtags WHERE tag IN p.hashtags)"
)
"""Whether a post p has the labels and hashtags."""

_OF_POST: Final[LiteralString] = (
    "(size($sources) = 0 OR p.source IN $sources) AND "
    + TAGGED
    + """
    AND all(uri IN $emotions WHERE EXISTS {
        MATCH (p)-[:MENTIONS {aspect: 'emotion'}]->(:Concept {id: uri})
    })
"""
)
_MENTIONED: Final[LiteralString] = "EXISTS { MATCH (p)-[:MENTIONS]->(:Concept {id: uri}) }"
_SPOKEN_OF: Final[LiteralString] = "EXISTS { MATCH (i)-[:ABOUT]->(:Concept {id: uri}) }"
_RELATION: Final[LiteralString] = "(size($relations) = 0 OR i.relation IN $relations)"

PAIR: Final[LiteralString] = (
    _OF_POST + " AND " + _RELATION + " AND all(uri IN $concepts WHERE "
    "" + _MENTIONED + " OR " + _SPOKEN_OF + ")"
)
"""Whether the pair of a post p and an intention i of it is in."""

_POST: Final[LiteralString] = (
    "(EXISTS { MATCH (p)-[:HAS_INTENTION]->(i:Intention) WHERE " + PAIR + " } OR ("
    "size($relations) = 0 AND NOT EXISTS { (p)-[:HAS_INTENTION]->() } AND "
    "" + _OF_POST + " AND all(uri IN $concepts WHERE " + _MENTIONED + ")))"
)
_INTENTION: Final[LiteralString] = (
    "(EXISTS { MATCH (p:Post)-[:HAS_INTENTION]->(i) WHERE " + PAIR + " } OR ("
    "$asks_no_post AND " + _RELATION + " AND NOT EXISTS { ()-[:HAS_INTENTION]->(i) } AND "
    "all(uri IN $concepts WHERE " + _SPOKEN_OF + ")))"
)

PASSES: Final[dict[NodeKind, LiteralString]] = {
    NodeKind.POST: "EXISTS { WITH n AS p WHERE " + _POST + " RETURN p }",
    NodeKind.INTENTION: (
        "(($only_relations AND n.relation IN $relations) OR "
        "(NOT $only_relations AND EXISTS { WITH n AS i WHERE " + _INTENTION + " RETURN i }))"
    ),
    NodeKind.CONCEPT: (
        "(EXISTS { MATCH (p:Post)-[:MENTIONS]->(n) WHERE " + _POST + " } OR "
        "EXISTS { MATCH (i:Intention)-[:ABOUT]->(n) WHERE " + _INTENTION + " })"
    ),
}
"""Whether a node n of a kind passes a filter that is not empty."""


def parameters(where: Filter) -> dict[str, object]:
    """Return what the conditions ask for."""
    return {
        "only_relations": where.only_relations,
        "asks_no_post": Filter(relations=where.relations, concepts=where.concepts) == where,
        "relations": [relation.value for relation in where.relations],
        "sources": list(where.sources),
        "labels": labels(where.labels),
        "hashtags": list(where.hashtags),
        "concepts": list(where.concepts),
        "emotions": list(where.emotions),
    }
