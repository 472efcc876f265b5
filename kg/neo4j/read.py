"""Reading nodes and relationships by id: one statement a question, answers in the order asked."""

from collections.abc import Callable, Sequence
from typing import Final, LiteralString, TypeVar

from kg import order
from kg.neo4j.database import Row, Transaction
from kg.neo4j.rows import (
    CONCEPT,
    INTENTION,
    POST,
    RUN,
    concept_of,
    intention_of,
    post_of,
    run_of,
)
from kg.neo4j.selection import PAIR, asked_of, fitted
from kg.neo4j.vectors import SENT, Sent, embedding_of, sending
from kg.store import HeldIntention, LinkedConcept, MentionedConcept, Vector
from schema.graph import NO_RUN, About, Aspect, Filter, HasIntention, Judgement, Mentions, Related
from schema.nodes import Concept, Intention, NodeKind, Post, Run
from schema.relations import Relation

Node = TypeVar("Node")

# A row per place, so row i answers ids[i] even when an id repeats. The hints keep a plan that was
# made for an empty graph from scanning a full one.
_EACH: Final[LiteralString] = (
    "UNWIND range(0, size($ids) - 1) AS place WITH place, $ids[place] AS id "
)
_POST: Final[LiteralString] = _EACH + "MATCH (n:Post {id: id}) USING INDEX SEEK n:Post(id) "
_INTENTION: Final[LiteralString] = (
    _EACH + "MATCH (n:Intention {id: id}) USING INDEX SEEK n:Intention(id) "
)
_CONCEPT: Final[LiteralString] = (
    _EACH + "MATCH (n:Concept {id: id}) USING INDEX SEEK n:Concept(id) "
)
_RUN: Final[LiteralString] = _EACH + "MATCH (n:Run {id: id}) USING INDEX SEEK n:Run(id) "


def _nodes_as(node: LiteralString) -> LiteralString:
    return "RETURN collect({place: place, node: " + node + "}) AS rows"


POSTS: Final[LiteralString] = _POST + _nodes_as(POST)
INTENTIONS: Final[LiteralString] = _INTENTION + _nodes_as(INTENTION)
CONCEPTS: Final[LiteralString] = _CONCEPT + _nodes_as(CONCEPT)
RUNS: Final[LiteralString] = _RUN + _nodes_as(RUN)
EMBEDDINGS: Final[dict[NodeKind, LiteralString]] = {
    NodeKind.POST: _POST + _nodes_as(SENT),
    NodeKind.INTENTION: _INTENTION + _nodes_as(SENT),
    NodeKind.CONCEPT: _CONCEPT + _nodes_as(SENT),
}
HAS_INTENTION: Final[LiteralString] = (
    _EACH + "MATCH (p:Post {id: id})-[has:HAS_INTENTION]->(n:Intention) "
    "USING INDEX SEEK p:Post(id) WITH place, id, n, has, COLLECT { "
    "MATCH (p)-[judged:JUDGED]->(n) RETURN properties(judged) "
    "ORDER BY judged.annotator, judged.time } AS judged "
    "RETURN collect({place: place, post: id, node: " + INTENTION + ", has: properties(has), "
    "judged: judged}) AS rows"
)
MENTIONS: Final[LiteralString] = (
    _EACH + "MATCH (p:Post {id: id})-[mentions:MENTIONS]->(n:Concept) "
    "USING INDEX SEEK p:Post(id) "
    "RETURN collect({place: place, post: id, node: " + CONCEPT + ", "
    "mentions: properties(mentions)}) AS rows"
)
ABOUT: Final[LiteralString] = (
    _EACH + "MATCH (i:Intention {id: id})-[about:ABOUT]->(n:Concept) "
    "USING INDEX SEEK i:Intention(id) "
    "RETURN collect({place: place, intention: id, node: " + CONCEPT + ", "
    "about: properties(about)}) AS rows"
)
JUDGED_OF: Final[LiteralString] = (
    _EACH + "MATCH (p:Post {id: id})-[judged:JUDGED]->(i:Intention) USING INDEX SEEK p:Post(id) "
    "RETURN collect({place: place, post: id, intention: i.id, judged: properties(judged)}) AS rows"
)
RELATED: Final[LiteralString] = (
    _EACH + "MATCH (h:Concept {id: id})-[related:RELATED]->(t:Concept) "
    "USING INDEX SEEK h:Concept(id) "
    "RETURN collect({place: place, head: id, tail: t.id, "
    "related: related {.relation, .source, .weight, .licence}}) AS rows"
)
POSTS_OF: Final[LiteralString] = (
    _EACH + "MATCH (p:Post)-[has:HAS_INTENTION]->(i:Intention {id: id}) "
    "USING INDEX SEEK i:Intention(id) WHERE " + PAIR + " "
    "WITH DISTINCT place, p.id AS post ORDER BY post "
    "WITH place, collect(post)[..$limit] AS posts "
    "RETURN collect({place: place, posts: posts}) AS rows"
)

_GREATEST: Final[LiteralString] = (
    " WITH place, max(has.plausibility) AS plausibility "
    "RETURN collect({place: place, plausibility: plausibility}) AS rows"
)
PLAUSIBILITIES: Final[dict[NodeKind, LiteralString]] = {
    NodeKind.POST: _EACH + "MATCH (p:Post {id: id})-[has:HAS_INTENTION]->(i:Intention) "
    "USING INDEX SEEK p:Post(id) WHERE " + PAIR + _GREATEST,
    NodeKind.INTENTION: _EACH + "MATCH (p:Post)-[has:HAS_INTENTION]->(i:Intention {id: id}) "
    "USING INDEX SEEK i:Intention(id) WHERE " + PAIR + _GREATEST,
}


async def posts(transaction: Transaction, ids: Sequence[str]) -> list[Post | None]:
    return await _nodes(transaction, POSTS, ids, post_of)


async def intentions(transaction: Transaction, ids: Sequence[str]) -> list[Intention | None]:
    return await _nodes(transaction, INTENTIONS, ids, intention_of)


async def concepts(transaction: Transaction, ids: Sequence[str]) -> list[Concept | None]:
    return await _nodes(transaction, CONCEPTS, ids, concept_of)


async def runs(transaction: Transaction, ids: Sequence[str]) -> list[Run | None]:
    return await _nodes(transaction, RUNS, ids, run_of)


async def embeddings(
    transaction: Transaction, kind: NodeKind, ids: Sequence[str]
) -> list[Vector | None]:
    statement = sending(EMBEDDINGS[kind], transaction.server)
    return await _nodes(transaction, statement, ids, _embedding)


def _embedding(sent: Sent | None) -> Vector | None:
    return None if sent is None else embedding_of(sent)


async def _nodes(
    transaction: Transaction,
    statement: LiteralString,
    ids: Sequence[str],
    read: Callable[..., Node],
) -> list[Node | None]:
    nodes: list[Node | None] = [None] * len(ids)
    for row in await transaction.listed(statement, ids=list(ids)):
        nodes[row["place"]] = read(row["node"])
    return nodes


async def intentions_of(
    transaction: Transaction, post_ids: Sequence[str], relations: Sequence[Relation]
) -> list[list[HeldIntention]]:
    answers: list[list[HeldIntention]] = [list[HeldIntention]() for _ in post_ids]
    for row in await transaction.listed(HAS_INTENTION, ids=list(post_ids)):
        held = _held_intention(row)
        if not relations or held.intention.relation in relations:
            answers[int(row["place"])].append(held)
    return [sorted(own, key=order.of_intention) for own in answers]


def _held_intention(row: Row) -> HeldIntention:
    post_id, intention, has = row["post"], intention_of(row["node"]), row["has"]
    return HeldIntention(
        intention,
        HasIntention(
            post_id,
            intention.id,
            has["raw"],
            has["run"],
            has.get("plausibility"),
            has.get("estimator", NO_RUN),
        ),
        tuple(Judgement(post_id, intention.id, **judged) for judged in row["judged"]),
    )


async def mentions_of(
    transaction: Transaction, post_ids: Sequence[str]
) -> list[list[MentionedConcept]]:
    answers: list[list[MentionedConcept]] = [list[MentionedConcept]() for _ in post_ids]
    for row in await transaction.listed(MENTIONS, ids=list(post_ids)):
        answers[int(row["place"])].append(_mentioned(row))
    return [sorted(own, key=order.of_mention) for own in answers]


def _mentioned(row: Row) -> MentionedConcept:
    concept, held = concept_of(row["node"]), row["mentions"]
    aspect = Aspect(held["aspect"])
    return MentionedConcept(
        concept, Mentions(row["post"], concept.id, aspect, held["raw"], held["run"])
    )


async def about_of(
    transaction: Transaction, intention_ids: Sequence[str]
) -> list[list[LinkedConcept]]:
    answers: list[list[LinkedConcept]] = [list[LinkedConcept]() for _ in intention_ids]
    for row in await transaction.listed(ABOUT, ids=list(intention_ids)):
        concept, held = concept_of(row["node"]), row["about"]
        about = About(row["intention"], concept.id, held["method"], held["confidence"])
        answers[int(row["place"])].append(LinkedConcept(concept, about))
    return [sorted(own, key=order.of_link) for own in answers]


async def judgements_of(transaction: Transaction, post_ids: Sequence[str]) -> list[list[Judgement]]:
    answers: list[list[Judgement]] = [list[Judgement]() for _ in post_ids]
    for row in await transaction.listed(JUDGED_OF, ids=list(post_ids)):
        judgement = Judgement(row["post"], row["intention"], **row["judged"])
        answers[int(row["place"])].append(judgement)
    return [sorted(own, key=order.of_judgement) for own in answers]


async def related_of(transaction: Transaction, concept_ids: Sequence[str]) -> list[list[Related]]:
    answers: list[list[Related]] = [list[Related]() for _ in concept_ids]
    for row in await transaction.listed(RELATED, ids=list(concept_ids)):
        related = Related(head_id=row["head"], tail_id=row["tail"], **row["related"])
        answers[int(row["place"])].append(related)
    return [sorted(own, key=order.of_related) for own in answers]


async def posts_of(
    transaction: Transaction, intention_ids: Sequence[str], limit: int, where: Filter
) -> list[list[str]]:
    answers: list[list[str]] = [list[str]() for _ in intention_ids]
    statement, asked = fitted(POSTS_OF, where), await asked_of(transaction, where)
    for row in await transaction.listed(statement, ids=list(intention_ids), limit=limit, **asked):
        answers[int(row["place"])] = row["posts"]
    return answers


async def plausibilities(
    transaction: Transaction, kind: NodeKind, ids: Sequence[str], where: Filter
) -> list[float | None]:
    answers: list[float | None] = [None] * len(ids)
    statement, asked = fitted(PLAUSIBILITIES[kind], where), await asked_of(transaction, where)
    for row in await transaction.listed(statement, ids=list(ids), **asked):
        answers[int(row["place"])] = row["plausibility"]
    return answers
