"""Nodes in rows and in numbers: by rising id, by change, by lack of an embedding, counted."""

from typing import Final, LiteralString

from kg.neo4j.candidates import ALL, candidates
from kg.neo4j.database import Transaction
from kg.neo4j.means import Means, Question
from kg.neo4j.rows import LABEL
from kg.neo4j.selection import PASSES, fitted
from kg.store import Counts, Page
from schema.graph import Filter, RelationshipType
from schema.nodes import NodeKind
from schema.relations import Relation

_FIRST: Final[LiteralString] = (
    "WITH n.id AS id ORDER BY id LIMIT $limit RETURN collect({id: id}) AS rows"
)
IDS: Final[dict[NodeKind, LiteralString]] = {
    kind: "MATCH (n:" + LABEL[kind] + ") WHERE n.id > $after " + _FIRST for kind in NodeKind
}
RUN_IDS: Final[LiteralString] = "MATCH (n:Run) WHERE n.id > $after " + _FIRST
CHANGED: Final[dict[NodeKind, LiteralString]] = {
    kind: "MATCH (n:" + LABEL[kind] + ") WHERE n.created > $since AND n.id > $after "
    "WITH n.id AS id, n.text AS text ORDER BY id LIMIT $limit "
    "RETURN collect({id: id, text: text}) AS rows"
    for kind in NodeKind
}
TEXT: Final[dict[NodeKind, LiteralString]] = {
    # The blanks of \s are those of the embedded store: space, and the five from tab to return.
    NodeKind.POST: r"CASE WHEN n.text =~ '\\s*' THEN n.image_description ELSE n.text END",
    NodeKind.INTENTION: "n.text",
    NodeKind.CONCEPT: "n.text",
}
UNEMBEDDED: Final[dict[NodeKind, LiteralString]] = {
    kind: "MATCH (n:" + LABEL[kind] + ":Unembedded) WITH n LIMIT $limit "
    "RETURN collect({id: n.id, text: " + TEXT[kind] + "}) AS rows"
    for kind in NodeKind
}
COUNT_ALL: Final[dict[NodeKind, LiteralString]] = {
    kind: "MATCH (n:" + LABEL[kind] + ") RETURN count(n) AS nodes" for kind in NodeKind
}
COUNT_UNEMBEDDED: Final[dict[NodeKind, LiteralString]] = {
    kind: "MATCH (n:" + LABEL[kind] + ":Unembedded) RETURN count(n) AS nodes" for kind in NodeKind
}
COUNT_RUNS: Final[LiteralString] = "MATCH (n:Run) RETURN count(n) AS nodes"
COUNT_TYPE: Final[dict[str, LiteralString]] = {
    "HAS_INTENTION": "MATCH ()-[r:HAS_INTENTION]->() RETURN count(r) AS nodes",
    "MENTIONS": "MATCH ()-[r:MENTIONS]->() RETURN count(r) AS nodes",
    "ABOUT": "MATCH ()-[r:ABOUT]->() RETURN count(r) AS nodes",
    "RELATED": "MATCH ()-[r:RELATED]->() RETURN count(r) AS nodes",
    "JUDGED": "MATCH ()-[r:JUDGED]->() RETURN count(r) AS nodes",
}
GROUPED: Final[dict[str, LiteralString]] = {
    "posts_by_source": "MATCH (n:Post) RETURN n.source AS name, count(*) AS rows ORDER BY name",
    "intentions_by_relation": (
        "MATCH (n:Intention) RETURN n.relation AS name, count(*) AS rows ORDER BY name"
    ),
    "has_intention_by_relation": (
        "MATCH (:Post)-[:HAS_INTENTION]->(n:Intention) "
        "RETURN n.relation AS name, count(*) AS rows ORDER BY name"
    ),
    "mentions_by_aspect": (
        "MATCH ()-[r:MENTIONS]->() RETURN r.aspect AS name, count(*) AS rows ORDER BY name"
    ),
    "related_by_source": (
        "MATCH ()-[r:RELATED]->() RETURN r.source AS name, count(*) AS rows ORDER BY name"
    ),
    "related_by_relation": (
        "MATCH ()-[r:RELATED]->() RETURN r.relation AS name, count(*) AS rows ORDER BY name"
    ),
}


async def ids(transaction: Transaction, means: Means, question: Question, *, after: str) -> Page:
    """Return a page of ids by rising id (GraphStore.ids)."""
    kind, limit, where = question.kind, question.k, question.where
    begin = await candidates(transaction, means, question)
    statement = IDS[kind]
    if not where.is_empty:
        statement = _passing(begin.begin if begin.found < begin.along else ALL[kind], kind)
    rows = await transaction.listed(
        fitted(statement, where), after=after, limit=limit + 1, **begin.asked
    )
    found = [row["id"] for row in rows]
    return Page(tuple(found[:limit]), more=len(found) > limit)


def _passing(begin: LiteralString, kind: NodeKind) -> LiteralString:
    return begin + "WHERE n.id > $after AND " + PASSES[kind] + " " + _FIRST


async def run_ids(transaction: Transaction, *, after: str, limit: int) -> Page:
    """Return a page of ids of runs by rising id (GraphStore.run_ids)."""
    rows = await transaction.listed(RUN_IDS, after=after, limit=limit + 1)
    found = [row["id"] for row in rows]
    return Page(tuple(found[:limit]), more=len(found) > limit)


async def changed(
    transaction: Transaction, kind: NodeKind, *, since: int, after: str, limit: int
) -> list[tuple[str, str]]:
    """Return (id, text) of nodes written after a version, by rising id (GraphStore.changed)."""
    rows = await transaction.listed(CHANGED[kind], since=since, after=after, limit=limit)
    return [(row["id"], row["text"]) for row in rows]


async def unembedded(transaction: Transaction, kind: NodeKind, limit: int) -> list[tuple[str, str]]:
    """Return (id, text to embed) of nodes without an embedding."""
    rows = await transaction.listed(UNEMBEDDED[kind], limit=limit)
    return [(row["id"], row["text"]) for row in rows]


async def count(transaction: Transaction, means: Means, kind: NodeKind, where: Filter) -> int:
    """Return how many nodes pass (GraphStore.count)."""
    if where.is_empty:
        return await _one(transaction, COUNT_ALL[kind])
    begin = await candidates(transaction, means, Question(kind, 0, where))
    statement = begin.begin + "WHERE " + PASSES[kind] + " RETURN count(n) AS nodes"
    return await _one(transaction, fitted(statement, where), **begin.asked)


async def embedded(transaction: Transaction) -> dict[str, int]:
    """Count the nodes that have an embedding, by label."""
    return {
        kind.value: await _one(transaction, COUNT_ALL[kind])
        - await _one(transaction, COUNT_UNEMBEDDED[kind])
        for kind in NodeKind
    }


async def counts(transaction: Transaction) -> Counts:
    """Count everything (GraphStore.counts)."""
    nodes = {kind.value: await _one(transaction, COUNT_ALL[kind]) for kind in NodeKind}
    grouped = {
        name: {row["name"]: row["rows"] for row in await transaction.rows(statement)}
        for name, statement in GROUPED.items()
    }
    for name in ("intentions_by_relation", "has_intention_by_relation"):
        grouped[name] = {r.value: grouped[name][r.value] for r in Relation if r in grouped[name]}
    return Counts(
        nodes=nodes | {"Run": await _one(transaction, COUNT_RUNS)},
        relationships={
            t.value: await _one(transaction, COUNT_TYPE[t.value]) for t in RelationshipType
        },
        embedded=await embedded(transaction),
        judgements=await _one(transaction, COUNT_TYPE["JUDGED"]),
        **grouped,
    )


async def _one(transaction: Transaction, statement: LiteralString, **asked: object) -> int:
    return int((await transaction.row(statement, **asked))["nodes"])
