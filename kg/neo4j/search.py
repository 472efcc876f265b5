"""Nearest nodes: candidates, by the way that a filter asks for, put in their total order."""

from collections.abc import Sequence
from typing import Final, LiteralString

import numpy as np

from kg.embeddings import ranked
from kg.neo4j.database import Row, Transaction
from kg.neo4j.definitions import SECOND, VECTOR_NAMES
from kg.neo4j.estimate import Estimate
from kg.neo4j.means import GROWTH, SLACK, Means, Question
from kg.neo4j.planning import Route, chosen, exact, inside, missed
from kg.neo4j.rows import LABEL
from kg.neo4j.seeds import SEEDED, By, is_all
from kg.neo4j.selection import PASSES, asked_of, fitted
from kg.neo4j.vectors import SENT, embedding_of, sending
from kg.plan import SearchPlan, Strategy
from kg.store import Near, Vector
from schema.graph import Filter
from schema.nodes import NodeKind

UNKNOWN: Final = Estimate(0, 0)
"""Where the index answers by itself, nothing need be estimated."""

_BEST: Final[LiteralString] = (
    "WITH n, score ORDER BY score DESC, n.id LIMIT $wanted "
    "RETURN collect({id: n.id, embedding: " + SENT + "}) AS rows"
)
_COMPARED: Final[LiteralString] = (
    "WITH n, vector.similarity.cosine(n.embedding, $query) AS score " + _BEST
)
_INDEXED: Final[LiteralString] = (
    "CALL db.index.vector.queryNodes($index, $asked, $query) YIELD node AS n, score "
)

# Planning a filter's condition takes the server longer than most searches: where nothing is asked,
# it is not there.
INDEXED: Final[LiteralString] = _INDEXED + _BEST
"""Asks the vector index, of any kind."""

FILTERED: Final[dict[NodeKind, LiteralString]] = {
    kind: _INDEXED + "WITH n, score WHERE " + PASSES[kind] + " " + _BEST for kind in NodeKind
}
"""Asks the vector index, and keeps what passes."""


def _by_relations(name: LiteralString, passes: LiteralString) -> LiteralString:
    return (
        "CYPHER 25 MATCH (n:Intention) SEARCH n IN (VECTOR INDEX " + name + " FOR $query "
        "WHERE n.relation IN $relations LIMIT $asked) SCORE AS score "
        "WITH n, score WHERE " + passes + " " + _BEST
    )


# SEARCH takes the name of an index as a word of the statement only.
_NAMES: Final[tuple[LiteralString, ...]] = (
    VECTOR_NAMES[NodeKind.INTENTION],
    VECTOR_NAMES[NodeKind.INTENTION] + SECOND,
)
BY_RELATIONS: Final[dict[str, LiteralString]] = {n: _by_relations(n, "true") for n in _NAMES}
"""Asks an index for intentions of some relations, by its name."""

BY_RELATIONS_FILTERED: Final[dict[str, LiteralString]] = {
    name: _by_relations(name, PASSES[NodeKind.INTENTION]) for name in _NAMES
}
SELECTED: Final[dict[By, dict[NodeKind, LiteralString]]] = {
    by: {
        kind: seeded + "WHERE n.embedding IS NOT NULL AND " + PASSES[kind] + " " + _COMPARED
        for kind, seeded in kinds.items()
    }
    for by, kinds in SEEDED.items()
}
"""Compares what passes of what a seed leads to."""

SELECTED_ALL: Final[dict[By, dict[NodeKind, LiteralString]]] = {
    by: {
        kind: seeded + "WHERE n.embedding IS NOT NULL " + _COMPARED
        for kind, seeded in kinds.items()
    }
    for by, kinds in SEEDED.items()
}
"""Compares all that a seed leads to: the filter asks for nothing else."""

SCAN: Final[dict[NodeKind, LiteralString]] = {
    kind: "MATCH (n:" + LABEL[kind] + ") WHERE n.embedding IS NOT NULL " + _COMPARED
    for kind in NodeKind
}
SCAN_FILTERED: Final[dict[NodeKind, LiteralString]] = {
    kind: "MATCH (n:" + LABEL[kind] + ") WHERE n.embedding IS NOT NULL AND " + PASSES[kind] + " "
    "" + _COMPARED
    for kind in NodeKind
}


async def nearest(
    transaction: Transaction, means: Means, question: Question, query: Vector
) -> list[Near]:
    """Return the k nearest (GraphStore.nearest), widening while the last may tie with others."""
    k = question.k
    wanted = k + SLACK
    while True:
        rows = await _candidates(transaction, means, question, query, wanted)
        near = _by_cosine(rows, query)
        if len(near) < wanted or near[k - 1].similarity > near[-1].similarity:
            return near[:k]
        wanted *= GROWTH


async def plan(transaction: Transaction, means: Means, question: Question) -> SearchPlan:
    """Say how the k nearest are found (GraphStore.plan)."""
    estimate = await means.estimates.of(transaction, means.subject(question))
    index, wanted = means.index(question.kind, None), question.k + SLACK
    return chosen(estimate, index, wanted, question.where, means.costs).plan


async def _candidates(
    transaction: Transaction, means: Means, question: Question, query: Vector, wanted: int
) -> Sequence[Row]:
    """Find as many as are wanted, or all that pass; an index that gives too few is not enough."""
    kind, where = question.kind, question.where
    index = means.index(kind, len(query))
    asked = {"query": query.tolist(), "wanted": wanted, **(await asked_of(transaction, where))}
    subject, tags = means.subject(question), means.answering.tags
    estimate = UNKNOWN
    if not inside(index, where):
        estimate = await means.estimates.of(transaction, subject)
    route = chosen(estimate, index, wanted, where, means.costs)
    rows = await _run(transaction, kind, route, where, tags=tags, **asked)
    if route.index is None or len(rows) == wanted:
        return rows
    if estimate is UNKNOWN:
        estimate = await means.estimates.of(transaction, subject)
    elif route.plan.strategy is Strategy.FILTERED:
        means.estimates.keep(subject, missed(estimate, len(rows), route.plan.asked))
    return await _run(transaction, kind, exact(estimate), where, tags=tags, **asked)


async def _run(
    transaction: Transaction, kind: NodeKind, route: Route, where: Filter, **asked: object
) -> Sequence[Row]:
    statement = sending(fitted(_statement(kind, route, where), where), transaction.server)
    if route.seed is not None:
        asked["seed"] = route.seed.value
    if route.index is not None:
        asked |= {"index": route.index.name, "asked": route.plan.asked}
    return await transaction.listed(statement, **asked)


def _statement(kind: NodeKind, route: Route, where: Filter) -> LiteralString:
    if route.seed is not None:
        return (SELECTED_ALL if is_all(route.seed, where) else SELECTED)[route.seed.by][kind]
    if route.index is None:
        return (SCAN if where.is_empty else SCAN_FILTERED)[kind]
    return _of_index(kind, route.index.name, where, by_relations=route.by_relations)


def _of_index(kind: NodeKind, name: str, where: Filter, *, by_relations: bool) -> LiteralString:
    if by_relations:
        return (BY_RELATIONS if where.only_relations else BY_RELATIONS_FILTERED)[name]
    return INDEXED if where.is_empty else FILTERED[kind]


def _by_cosine(rows: Sequence[Row], query: Vector) -> list[Near]:
    if not rows:
        return []
    stored = np.array([embedding_of(row["embedding"]) for row in rows])
    return ranked([row["id"] for row in rows], stored, query)
