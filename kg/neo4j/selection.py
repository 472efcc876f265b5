"""A filter as a condition in Cypher (schema.graph.Filter).

Each condition is one text, whatever a filter asks: what it does not ask for is an empty list, and
its parts are a list of clauses (kg.clauses). ``fitted`` leaves out what takes long to plan.
"""

from collections.abc import Callable, Sequence
from typing import Final, LiteralString

from kg.clauses import clauses_of
from kg.neo4j.database import Transaction
from kg.neo4j.rows import labels
from schema.graph import Filter
from schema.nodes import NodeKind

TAGGED: Final[LiteralString] = (
    "all(label IN $labels WHERE label IN p.labels) "
    "AND all(tag IN $hashtags WHERE tag IN p.hashtags)"
)
"""Whether a post p has the labels and hashtags."""

_OWN: Final[LiteralString] = "$"
_PART: Final[LiteralString] = "part."
"""Before the name of what is asked: by a filter itself, and by a part of it."""


def _of_post(asked: LiteralString) -> LiteralString:
    return (
        "(size(" + asked + "sources) = 0 OR p.source IN " + asked + "sources) "
        "AND all(label IN " + asked + "labels WHERE label IN p.labels) "
        "AND all(tag IN " + asked + "hashtags WHERE tag IN p.hashtags) "
        "AND all(said IN " + asked + "mentions_asked WHERE EXISTS { "
        "MATCH (p)-[:MENTIONS {aspect: said[0]}]->(:Concept {id: said[1]}) })"
        "" + _is_post(asked)
    )


def _is_post(asked: LiteralString) -> LiteralString:
    return " AND (size(" + asked + "posts_asked) = 0 OR p.id IN " + asked + "posts_asked)"


def _is_intention(asked: LiteralString) -> LiteralString:
    return " AND (size(" + asked + "intentions_asked) = 0 OR i.id IN " + asked + "intentions_asked)"


def _of_intention(asked: LiteralString) -> LiteralString:
    return (
        "(size(" + asked + "relations) = 0 OR i.relation IN " + asked + "relations) "
        "AND all(uri IN " + asked + "about WHERE " + _SPOKEN_OF + ")" + _is_intention(asked)
    )


def _judged(asked: LiteralString) -> LiteralString:
    return (
        " AND (NOT " + asked + "asks_judgement OR EXISTS { MATCH (p)-[judged:JUDGED]->(i) "
        "WHERE (size(" + asked + "annotators) = 0 OR judged.annotator IN " + asked + "annotators) "
        "AND (size(" + asked + "choices) = 0 OR judged.choice IN " + asked + "choices) })"
    )


def _said(asked: LiteralString) -> LiteralString:
    return (
        " AND (NOT " + asked + "asks_run OR ("
        "(size(" + asked + "runs) = 0 OR has.run IN " + asked + "runs) "
        "AND (size(" + asked + "models) + size(" + asked + "prompts) = 0 OR EXISTS { "
        "MATCH (run:Run {id: has.run}) "
        "WHERE (size(" + asked + "models) = 0 OR run.model IN " + asked + "models) "
        "AND (size(" + asked + "prompts) = 0 OR run.prompt_hash IN " + asked + "prompts) }) "
        "AND (" + asked + "plausibility IS NULL "
        "OR coalesce(has.plausibility >= " + asked + "plausibility, false))))"
    )


_MENTIONED: Final[LiteralString] = "EXISTS { MATCH (p)-[:MENTIONS]->(:Concept {id: uri}) }"
_SPOKEN_OF: Final[LiteralString] = "EXISTS { MATCH (i)-[:ABOUT]->(:Concept {id: uri}) }"


NARROWER: Final[LiteralString] = "-[:RELATED*0..3 {relation: 'IsA'}]->"
"""From a concept to what it is a kind of (schema.graph.NARROWER_STEPS; no parameter says that)."""

KINDS: Final[LiteralString] = (
    "UNWIND $ids AS id MATCH (top:Concept {id: id}) USING INDEX SEEK top:Concept(id) "
    "MATCH (c:Concept)" + NARROWER + "(top) RETURN id, collect(DISTINCT c.id) AS kinds"
)
"""A concept and those that are narrower, found once: to go up from each that a pair has to what is
asked for took seconds. They become a map, ``$kinds``, in which the server looks each up at once."""

_MENTIONED_KIND: Final[LiteralString] = (
    "EXISTS { MATCH (p)-[:MENTIONS]->(kind:Concept) WHERE $kinds[uri][kind.id] }"
)
_SPOKEN_OF_KIND: Final[LiteralString] = (
    "EXISTS { MATCH (i)-[:ABOUT]->(kind:Concept) WHERE $kinds[uri][kind.id] }"
)
_EITHER_KIND: Final[LiteralString] = _MENTIONED_KIND + " OR " + _SPOKEN_OF_KIND


def _kinds(asked: LiteralString, holds: LiteralString) -> LiteralString:
    return " AND all(uri IN " + asked + "kinds_of WHERE " + holds + ")"


def _pair(asked: LiteralString) -> LiteralString:
    return (
        _of_post(asked) + " AND " + _of_intention(asked) + _said(asked) + _judged(asked) + " "
        "AND all(uri IN " + asked + "concepts WHERE " + _MENTIONED + " OR " + _SPOKEN_OF + ")"
        "" + _kinds(asked, _EITHER_KIND)
    )


def _post_alone(asked: LiteralString) -> LiteralString:
    return (
        "NOT " + asked + "needs_intention AND " + _of_post(asked) + " "
        "AND all(uri IN " + asked + "concepts WHERE " + _MENTIONED + ")"
        "" + _kinds(asked, _MENTIONED_KIND)
    )


def _intention_alone(asked: LiteralString) -> LiteralString:
    return (
        "NOT " + asked + "needs_post AND " + _of_intention(asked) + " "
        "AND all(uri IN " + asked + "concepts WHERE " + _SPOKEN_OF + ")"
        "" + _kinds(asked, _SPOKEN_OF_KIND)
    )


def _parts(condition: Callable[[LiteralString], LiteralString]) -> LiteralString:
    """Ask a condition of a filter's parts: any clause, and all that is in it."""
    return (
        " AND any(clause IN $clauses WHERE "
        "all(part IN clause WHERE (" + condition(_PART) + ") = part.holds))"
    )


def _whole(condition: Callable[[LiteralString], LiteralString]) -> LiteralString:
    return condition(_OWN) + _parts(condition)


PAIR: Final[LiteralString] = _whole(_pair)
"""Whether the pair of a post p and an intention i of it, by HAS_INTENTION has, is in."""

POST_ALONE: Final[LiteralString] = _whole(_post_alone)
"""Whether a post p that has no intention is in."""

INTENTION_ALONE: Final[LiteralString] = _whole(_intention_alone)
"""Whether an intention i that no post has is in."""

_POST: Final[LiteralString] = (
    "(EXISTS { MATCH (p)-[has:HAS_INTENTION]->(i:Intention) WHERE " + PAIR + " } OR ("
    "NOT EXISTS { (p)-[:HAS_INTENTION]->() } AND " + POST_ALONE + "))"
)
_INTENTION: Final[LiteralString] = (
    "(EXISTS { MATCH (p:Post)-[has:HAS_INTENTION]->(i) WHERE " + PAIR + " } OR ("
    "NOT EXISTS { ()-[:HAS_INTENTION]->(i) } AND " + INTENTION_ALONE + "))"
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


def fitted(statement: LiteralString, where: Filter) -> LiteralString:
    """Return a statement without the conditions that a filter does not ask for and may lack.

    These take the server longer to plan than all the rest.
    """
    if not where.parts:
        for condition in (_pair, _post_alone, _intention_alone):
            statement = statement.replace(_parts(condition), "")
    if not where.kinds_of:
        for holds in (_EITHER_KIND, _MENTIONED_KIND, _SPOKEN_OF_KIND):
            statement = statement.replace(_kinds(_OWN, holds), "")
    if not where.posts:
        statement = statement.replace(_is_post(_OWN), "")
    if not where.intentions:
        statement = statement.replace(_is_intention(_OWN), "")
    if not where.asks_run:
        statement = statement.replace(_said(_OWN), "")
    return statement if where.asks_judgement else statement.replace(_judged(_OWN), "")


async def asked_of(transaction: Transaction, where: Filter) -> dict[str, object]:
    """Return what the conditions ask for; narrower concepts are found by a statement of their own.

    Raises:
        QueryError: The filter's parts stand for too many clauses.
    """
    clauses = clauses_of(where)
    parts = [where, *(part for clause in clauses for part, _ in clause)]
    return {
        "only_relations": where.only_relations,
        "clauses": [[_asked(part) | {"holds": holds} for part, holds in c] for c in clauses],
        "kinds": await _kinds_of(transaction, sorted({u for part in parts for u in part.kinds_of})),
        **_asked(where),
    }


async def _kinds_of(transaction: Transaction, uris: Sequence[str]) -> dict[str, dict[str, bool]]:
    """Return of each concept that is there the narrower ones, itself included."""
    rows = await transaction.rows(KINDS, ids=uris) if uris else []
    return {row["id"]: dict.fromkeys(row["kinds"], True) for row in rows}


def _asked(where: Filter) -> dict[str, object]:
    return {
        "needs_post": where.needs_post,
        "needs_intention": where.needs_intention,
        "asks_judgement": where.asks_judgement,
        "asks_run": where.asks_run,
        "relations": [relation.value for relation in where.relations],
        "sources": list(where.sources),
        "posts_asked": list(where.posts),
        "intentions_asked": list(where.intentions),
        "labels": labels(where.labels),
        "hashtags": list(where.hashtags),
        "concepts": list(where.concepts),
        "mentions_asked": [[aspect.value, uri] for aspect, uri in where.mentioned],
        "about": list(where.about),
        "kinds_of": list(where.kinds_of),
        "annotators": list(where.annotators),
        "choices": list(where.choices),
        "runs": list(where.runs),
        "models": list(where.models),
        "prompts": list(where.prompts),
        "plausibility": where.plausibility,
    }
