"""Where a filter is rare: the conditions from which the nodes that may pass are found.

A seed leads to every node that passes. Where a filter asks for nothing else, it leads to no other;
else what it finds is checked.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum, auto
from typing import Final, LiteralString

from kg.neo4j.database import Transaction
from kg.neo4j.lucene import phrase
from kg.neo4j.rows import labels
from kg.neo4j.selection import NARROWER, TAGGED
from schema.graph import Filter
from schema.nodes import NodeKind

MOST_COUNTED: Final = 200_000
"""Most entries of an index that are counted; beyond, a condition is not rare."""

TAGS_ASKED: Final = 50
"""Most labels and hashtags of a filter that the index is asked for; all are checked."""


class By(Enum):
    """The condition that a seed is of."""

    CONCEPT = auto()
    MENTION = auto()
    ABOUT = auto()
    KIND = auto()
    TAGS = auto()
    SOURCES = auto()
    RELATIONS = auto()
    JUDGEMENTS = auto()
    POSTS = auto()
    INTENTIONS = auto()


@dataclass(frozen=True, slots=True)
class Seed:
    """A condition, and how many nodes it leads to at first.

    Attributes:
        by: The condition.
        value: What it asks for, as its statements take it.
        posts: How many posts it leads to.
        intentions: How many intentions it leads to, but by their posts.
    """

    by: By
    value: str | Sequence[str]
    posts: int = 0
    intentions: int = 0


DEGREES: Final[LiteralString] = """
UNWIND $ids AS id OPTIONAL MATCH (c:Concept {id: id}) USING INDEX SEEK c:Concept(id)
RETURN id, COUNT { (c)<-[:MENTIONS]-() } AS posts, COUNT { (c)<-[:ABOUT]-() } AS intentions
"""
DEGREES_OF_KINDS: Final[LiteralString] = (
    "UNWIND $ids AS id OPTIONAL MATCH (top:Concept {id: id}) USING INDEX SEEK top:Concept(id) "
    "OPTIONAL MATCH (c:Concept)" + NARROWER + "(top) WITH DISTINCT id, c "
    "RETURN id, sum(COUNT { (c)<-[:MENTIONS]-() }) AS posts, "
    "sum(COUNT { (c)<-[:ABOUT]-() }) AS intentions"
)
COUNT_TAGS: Final[LiteralString] = """
CALL db.index.fulltext.queryNodes($tags, $seed, {limit: $most}) YIELD node
RETURN count(node) AS found
"""
COUNT_SOURCES: Final[LiteralString] = """
MATCH (p:Post) USING INDEX SEEK p:Post(source) WHERE p.source IN $seed
WITH p LIMIT $most RETURN count(p) AS found
"""
COUNT_RELATIONS: Final[LiteralString] = """
MATCH (i:Intention) USING INDEX SEEK i:Intention(relation) WHERE i.relation IN $seed
WITH i LIMIT $most RETURN count(i) AS found
"""
COUNT_JUDGEMENTS: Final[LiteralString] = (
    "MATCH (:Post)-[judged:JUDGED]->() RETURN count(judged) AS found"
)

_POST_IDS: Final[LiteralString] = (
    "UNWIND $seed AS id MATCH (p:Post {id: id}) USING INDEX SEEK p:Post(id) WITH p "
)
_INTENTION_IDS: Final[LiteralString] = (
    "UNWIND $seed AS id MATCH (i:Intention {id: id}) USING INDEX SEEK i:Intention(id) WITH i "
)
_CONCEPT: Final[LiteralString] = (
    "MATCH (c:Concept {id: $seed}) USING INDEX SEEK c:Concept(id) WITH c "
)
_OF_POSTS: Final[dict[NodeKind, LiteralString]] = {
    NodeKind.POST: "WITH DISTINCT p AS n ",
    NodeKind.INTENTION: "MATCH (p)-[:HAS_INTENTION]->(n:Intention) WITH DISTINCT n ",
    NodeKind.CONCEPT: (
        "CALL (p) { MATCH (p)-[:MENTIONS]->(n:Concept) RETURN n "
        "UNION MATCH (p)-[:HAS_INTENTION]->(:Intention)-[:ABOUT]->(n:Concept) RETURN n } "
        "WITH DISTINCT n "
    ),
}
_OF_INTENTIONS: Final[dict[NodeKind, LiteralString]] = {
    NodeKind.POST: "MATCH (n:Post)-[:HAS_INTENTION]->(i) WITH DISTINCT n ",
    NodeKind.INTENTION: "WITH DISTINCT i AS n ",
    NodeKind.CONCEPT: (
        "CALL (i) { MATCH (i)-[:ABOUT]->(n:Concept) RETURN n "
        "UNION MATCH (i)<-[:HAS_INTENTION]-(:Post)-[:MENTIONS]->(n:Concept) RETURN n } "
        "WITH DISTINCT n "
    ),
}


_OF_JUDGED: Final[dict[NodeKind, LiteralString]] = {
    NodeKind.POST: "WITH DISTINCT p AS n ",
    NodeKind.INTENTION: "WITH DISTINCT i AS n ",
    NodeKind.CONCEPT: (
        "CALL (p, i) { MATCH (p)-[:MENTIONS]->(n:Concept) RETURN n "
        "UNION MATCH (i)-[:ABOUT]->(n:Concept) RETURN n } WITH DISTINCT n "
    ),
}


_KIND: Final[LiteralString] = (
    "MATCH (top:Concept {id: $seed}) USING INDEX SEEK top:Concept(id) "
    "MATCH (c:Concept)" + NARROWER + "(top) WITH DISTINCT c "
)


def _of_concept(begin: LiteralString, kind: NodeKind) -> LiteralString:
    """Lead on from the posts that mention it, and from the intentions that are about it."""
    posts: LiteralString = "MATCH (c)<-[:MENTIONS]-(p:Post) " + _OF_POSTS[kind] + "RETURN n "
    intentions: LiteralString = (
        "MATCH (c)<-[:ABOUT]-(i:Intention) " + _OF_INTENTIONS[kind] + "RETURN n "
    )
    return begin + "CALL (c) { " + posts + "UNION " + intentions + "} WITH DISTINCT n "


SEEDED: Final[dict[By, dict[NodeKind, LiteralString]]] = {
    By.CONCEPT: {kind: _of_concept(_CONCEPT, kind) for kind in NodeKind},
    By.KIND: {kind: _of_concept(_KIND, kind) for kind in NodeKind},
    By.MENTION: {
        kind: "MATCH (c:Concept {id: $seed[1]}) USING INDEX SEEK c:Concept(id) "
        "MATCH (c)<-[:MENTIONS {aspect: $seed[0]}]-(p:Post) " + rest
        for kind, rest in _OF_POSTS.items()
    },
    By.ABOUT: {
        kind: _CONCEPT + "MATCH (c)<-[:ABOUT]-(i:Intention) " + rest
        for kind, rest in _OF_INTENTIONS.items()
    },
    By.TAGS: {
        kind: "CALL db.index.fulltext.queryNodes($tags, $seed) YIELD node AS p "
        "WITH p WHERE " + TAGGED + " " + rest
        for kind, rest in _OF_POSTS.items()
    },
    By.SOURCES: {
        kind: "MATCH (p:Post) USING INDEX SEEK p:Post(source) WHERE p.source IN $seed WITH p "
        "" + rest
        for kind, rest in _OF_POSTS.items()
    },
    By.POSTS: {kind: _POST_IDS + rest for kind, rest in _OF_POSTS.items()},
    By.INTENTIONS: {kind: _INTENTION_IDS + rest for kind, rest in _OF_INTENTIONS.items()},
    By.RELATIONS: {
        kind: "MATCH (i:Intention) USING INDEX SEEK i:Intention(relation) "
        "WHERE i.relation IN $seed WITH i " + rest
        for kind, rest in _OF_INTENTIONS.items()
    },
    By.JUDGEMENTS: {
        kind: "MATCH (p:Post)-[:JUDGED]->(i:Intention) " + _OF_JUDGED[kind] for kind in NodeKind
    },
}
"""How statements begin that find the nodes n of a kind that may pass; each n once."""


async def counted(transaction: Transaction, where: Filter, tags: str | None) -> list[Seed]:
    """Return the seeds of a filter, and of all that it asks besides, with their counts.

    Args:
        transaction: To ask in.
        where: The filter.
        tags: The full-text index of labels and hashtags; None where none answers.
    """
    seeds = [seed for part in where.all_of for seed in await counted(transaction, part, tags)]
    seeds += await _of_concepts(transaction, where)
    if where.kinds_of:
        rows = await transaction.rows(DEGREES_OF_KINDS, ids=list(where.kinds_of))
        seeds += [Seed(By.KIND, r["id"], r["posts"], r["intentions"]) for r in rows]
    if tags is not None and (asked := tags_asked(where)):
        found = await _count(transaction, COUNT_TAGS, asked, tags=tags)
        seeds.append(Seed(By.TAGS, asked, posts=found))
    if where.sources:
        found = await _count(transaction, COUNT_SOURCES, where.sources)
        seeds.append(Seed(By.SOURCES, where.sources, posts=found))
    if where.relations:
        names = [relation.value for relation in where.relations]
        found = await _count(transaction, COUNT_RELATIONS, names)
        seeds.append(Seed(By.RELATIONS, names, intentions=found))
    if where.posts:
        seeds.append(Seed(By.POSTS, where.posts, posts=len(where.posts)))
    if where.intentions:
        seeds.append(Seed(By.INTENTIONS, where.intentions, intentions=len(where.intentions)))
    if where.asks_judgement:
        found = await _count(transaction, COUNT_JUDGEMENTS, "")
        seeds.append(Seed(By.JUDGEMENTS, "", intentions=found))
    return seeds


def is_all(seed: Seed, where: Filter) -> bool:
    """Whether a filter asks for nothing but a seed's condition."""
    mentioned = Filter(emotions=where.emotions, mentions=where.mentions)
    return (
        where
        == {
            By.CONCEPT: Filter(concepts=where.concepts[:1]),
            By.MENTION: mentioned if len(where.mentioned) == 1 else None,
            By.ABOUT: Filter(about=where.about[:1]),
            By.KIND: Filter(kinds_of=where.kinds_of[:1]),
            By.TAGS: Filter(labels=where.labels, hashtags=where.hashtags),
            By.SOURCES: Filter(sources=where.sources),
            By.RELATIONS: Filter(relations=where.relations),
            By.POSTS: Filter(posts=where.posts),
            By.INTENTIONS: Filter(intentions=where.intentions),
            By.JUDGEMENTS: None,  # it leads to what anyone judged in any way
        }[seed.by]
    )


def tags_asked(where: Filter) -> str:
    """Return a filter's labels and hashtags as a query of Lucene's, each a phrase.

    What has no character but white space is no phrase: it is left to the check.
    """
    pairs = [("labels", label) for label in labels(where.labels)]
    pairs += [("hashtags", tag) for tag in where.hashtags]
    phrases = [f"{field}:{phrase(text)}" for field, text in pairs if text.split()]
    return " AND ".join(phrases[:TAGS_ASKED])


async def _of_concepts(transaction: Transaction, where: Filter) -> list[Seed]:
    mentioned = [uri for _, uri in where.mentioned]
    ids = list(dict.fromkeys((*where.concepts, *mentioned, *where.about)))
    if not ids:
        return []
    degrees = {row["id"]: row for row in await transaction.rows(DEGREES, ids=ids)}
    return [
        *(
            Seed(By.CONCEPT, i, degrees[i]["posts"], degrees[i]["intentions"])
            for i in where.concepts
        ),
        *(Seed(By.MENTION, [a.value, i], degrees[i]["posts"]) for a, i in where.mentioned),
        *(Seed(By.ABOUT, i, intentions=degrees[i]["intentions"]) for i in where.about),
    ]


async def _count(
    transaction: Transaction, statement: LiteralString, seed: str | Sequence[str], **asked: object
) -> int:
    row = await transaction.row(statement, seed=seed, most=MOST_COUNTED, **asked)
    return int(row["found"])
