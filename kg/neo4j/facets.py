"""Counting nodes by a facet (GraphStore.facet): from what a filter's rarest condition leads to."""

from typing import Final, LiteralString, NamedTuple

from kg.columns.facets import Counted
from kg.neo4j.candidates import candidates
from kg.neo4j.database import Transaction
from kg.neo4j.means import Means, Question
from kg.neo4j.selection import INTENTION_ALONE, PAIR, PASSES, POST_ALONE, fitted
from schema.facets import ASPECT_OF, OWN, RELATIONS_OF, Facet
from schema.graph import Filter
from schema.nodes import NodeKind
from schema.relations import Side


class _Value(NamedTuple):
    """How a value v of a pair is found, by what it is told from others, and how it is written."""

    found: LiteralString
    group: LiteralString = "v"
    written: LiteralString = "v"


_ABOUT: Final[LiteralString] = "MATCH (i)-[:ABOUT]->(v:Concept) "
_JUDGED: Final[LiteralString] = "MATCH (p)-[v:JUDGED]->(i) "
_RUN: Final[LiteralString] = "MATCH (v:Run {id: has.run}) "
_CONCEPT: Final[LiteralString] = (
    "CALL (p, i) { MATCH (p)-[:MENTIONS]->(v:Concept) RETURN v "
    "UNION ALL MATCH (i)-[:ABOUT]->(v:Concept) RETURN v } "
)
_SIDE: Final[LiteralString] = (
    "UNWIND CASE WHEN i IS NULL THEN [] WHEN i.relation IN $audience THEN ['audience'] "
    "ELSE ['author'] END AS v "
)
VALUES: Final[dict[Facet, _Value]] = {
    Facet.RELATION: _Value("UNWIND [i.relation] AS v "),
    Facet.SIDE: _Value(_SIDE),
    Facet.ABOUT: _Value(_ABOUT, written="v.id"),
    Facet.SOURCE: _Value("UNWIND [p.source] AS v "),
    Facet.LABEL: _Value("UNWIND p.labels AS v "),
    Facet.HASHTAG: _Value("UNWIND p.hashtags AS v "),
    Facet.CONCEPT: _Value(_CONCEPT, written="v.id"),
    Facet.ANNOTATOR: _Value(_JUDGED, "v.annotator"),
    Facet.CHOICE: _Value(_JUDGED, "v.choice"),
    Facet.RUN: _Value(_RUN, written="v.id"),
    Facet.MODEL: _Value(_RUN, "v.model"),
    Facet.PROMPT: _Value(_RUN, "v.prompt_hash"),
} | {
    facet: _Value("MATCH (p)-[:MENTIONS {aspect: $aspect}]->(v:Concept) ", written="v.id")
    for facet in ASPECT_OF
}

_NAMED: Final[dict[NodeKind, LiteralString]] = {NodeKind.POST: "p", NodeKind.INTENTION: "i"}
_PAIRED: Final[dict[NodeKind, LiteralString]] = {
    NodeKind.POST: "WITH n AS p OPTIONAL MATCH (p)-[has:HAS_INTENTION]->(i:Intention) ",
    NodeKind.INTENTION: "WITH n AS i OPTIONAL MATCH (p:Post)-[has:HAS_INTENTION]->(i) ",
}
_ALONE: Final[dict[NodeKind, LiteralString]] = {
    NodeKind.POST: "(i IS NOT NULL AND " + PAIR + ") OR (i IS NULL AND " + POST_ALONE + ") ",
    NodeKind.INTENTION: "(p IS NOT NULL AND "
    + PAIR
    + ") OR (p IS NULL AND "
    + INTENTION_ALONE
    + ") ",
}


def _counted(begin: LiteralString, kind: NodeKind, by: Facet, *, asks: bool) -> LiteralString:
    """Return the statement that counts, of the nodes n that ``begin`` finds, those that pass.

    Each node's values are made different by themselves: the sets of nodes that
    ``count(DISTINCT n)`` keeps take three times as long.
    """
    value = VALUES[by]
    passing: LiteralString
    if by in OWN[kind]:
        passing = begin + ("WHERE " + PASSES[kind] + " " if asks else "")
        passing += "CALL (n) { WITH n AS " + _NAMED[kind] + " "
    else:
        passing = begin + "CALL (n) { " + _PAIRED[kind]
        passing += "WITH p, i, has WHERE " + _ALONE[kind] if asks else ""
    return (
        passing + value.found + "RETURN DISTINCT " + value.group + " AS v } "
        "WITH v, count(*) AS nodes "
        "RETURN collect({value: " + value.written + ", nodes: nodes}) AS rows"
    )


async def facet(
    transaction: Transaction, means: Means, subject: Counted, where: Filter
) -> dict[str, int]:
    """Count the nodes that pass (GraphStore.facet)."""
    kind, by = subject.kind, subject.by
    begin = await candidates(transaction, means, Question(kind, 0, where))
    rows = await transaction.listed(
        fitted(_counted(begin.begin, kind, by, asks=not where.is_empty), where),
        aspect=ASPECT_OF[by].value if by in ASPECT_OF else None,
        audience=[relation.value for relation in RELATIONS_OF[Side.AUDIENCE]],
        **begin.asked,
    )
    return {row["value"]: row["nodes"] for row in rows if row["value"]}
