"""Nearest and matching nodes: candidates from an index, put in their total order."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, LiteralString

import numpy as np
from tantivy import TextAnalyzer

from kg.analysis import words_asked
from kg.embeddings import ranked
from kg.neo4j.database import Row, Transaction
from kg.neo4j.definitions import VECTOR_INDEXES, WORD_INDEXES
from kg.neo4j.rows import LABEL
from kg.neo4j.selection import PASSES, parameters
from kg.store import RELEVANCE_DIGITS, Match, Near, Vector
from schema.graph import Filter
from schema.nodes import NodeKind

SLACK: Final = 16
"""Candidates beyond k: the server's cosines are rounded, and may tie."""

LEAST_ASKED: Final = 100
"""Fewest that an index is asked for: what it misses falls as the number grows (docs/decisions)."""

MOST_ASKED: Final = 2_000
GROWTH: Final = 4
SATURATION: Final = 2.2
"""BM25's k1 + 1, which Lucene leaves out of its scores; with it they are those of every store."""

_FOUND: Final[LiteralString] = "RETURN n.id AS id, n.embedding AS embedding"


@dataclass(frozen=True, slots=True)
class Statements:
    """How one kind of node is searched under a condition.

    Attributes:
        exact: Compares all that pass, one by one.
        indexed: Asks the vector index, and keeps of what it finds what passes.
        matched: Asks the full-text index, and says what passes.
    """

    exact: LiteralString
    indexed: LiteralString
    matched: LiteralString


def _statements(kind: NodeKind, passes: LiteralString) -> Statements:
    found: LiteralString = "score DESC, n.id LIMIT $wanted " + _FOUND
    return Statements(
        "MATCH (n:" + LABEL[kind] + ") WHERE n.embedding IS NOT NULL AND " + passes + " "
        "WITH n, vector.similarity.cosine(n.embedding, $query) AS score ORDER BY " + found,
        "CALL db.index.vector.queryNodes('" + VECTOR_INDEXES[kind] + "', $asked, $query) "
        "YIELD node AS n, score WITH n, score WHERE " + passes + " "
        "WITH n, score ORDER BY " + found,
        "CALL db.index.fulltext.queryNodes('" + WORD_INDEXES[kind] + "', $words, "
        "{limit: $asked}) YIELD node AS n, score "
        "RETURN n.id AS id, score, " + passes + " AS passes",
    )


# Planning a filter's condition takes the server longer than most searches: where nothing is asked,
# it is not there.
EVERY: Final = {kind: _statements(kind, "true") for kind in NodeKind}
PASSING: Final = {kind: _statements(kind, PASSES[kind]) for kind in NodeKind}
BY_RELATION: Final[LiteralString] = (
    "CYPHER 25 MATCH (n:Intention) SEARCH n IN (VECTOR INDEX intention_embedding FOR $query "
    "WHERE n.relation IN $relations LIMIT $asked) SCORE AS score "
    "WITH n, score ORDER BY score DESC, n.id LIMIT $wanted " + _FOUND
)
"""Asks the index for intentions of some relations."""


async def nearest(
    transaction: Transaction,
    kind: NodeKind,
    query: Vector,
    k: int,
    where: Filter,
    *,
    indexed: bool,
    has_search: bool,
) -> list[Near]:
    """Return the k nearest (GraphStore.nearest), widening while the last may tie with others."""
    wanted = k + SLACK
    while True:
        rows = await _candidates(
            transaction, kind, query, wanted, where, indexed=indexed, has_search=has_search
        )
        near = _by_cosine(rows, query)
        if len(near) < wanted or near[k - 1].similarity > near[-1].similarity:
            return near[:k]
        wanted *= GROWTH


async def _candidates(
    transaction: Transaction,
    kind: NodeKind,
    query: Vector,
    wanted: int,
    where: Filter,
    *,
    indexed: bool,
    has_search: bool,
) -> Sequence[Row]:
    """Ask the index where it can give as many as are wanted; else compare one by one."""
    statements = _asked(kind, where)
    asked = {"query": query.tolist(), "wanted": wanted, **parameters(where)}
    if (
        indexed
        and has_search
        and kind is NodeKind.INTENTION
        and where.relations
        and where.only_relations
    ):
        rows = await transaction.rows(BY_RELATION, asked=max(LEAST_ASKED, wanted), **asked)
        if len(rows) == wanted:
            return rows
    elif indexed:
        most = wanted if where.is_empty else MOST_ASKED
        rows = await transaction.rows(statements.indexed, asked=max(LEAST_ASKED, most), **asked)
        if len(rows) == wanted:
            return rows
    return await transaction.rows(statements.exact, **asked)


def _asked(kind: NodeKind, where: Filter) -> Statements:
    return (EVERY if where.is_empty else PASSING)[kind]


def _by_cosine(rows: Sequence[Row], query: Vector) -> list[Near]:
    if not rows:
        return []
    stored = np.array([row["embedding"] for row in rows], np.float64)
    return ranked([row["id"] for row in rows], stored, query)


async def match(
    transaction: Transaction,
    kind: NodeKind,
    text: str,
    k: int,
    where: Filter,
    cut: TextAnalyzer,
) -> list[Match]:
    """Return the k best matches (GraphStore.match), asking for more until k pass.

    Words are letters and digits in lower case, so that none of them is an operator of Lucene's.
    """
    words = words_asked(cut, text)
    if not words:
        return []
    asked = k + SLACK
    while True:
        rows = await transaction.rows(
            _asked(kind, where).matched, words=" ".join(words), asked=asked, **parameters(where)
        )
        found = sorted(
            (Match(row["id"], _relevance(row["score"])) for row in rows if row["passes"]),
            key=lambda hit: (-hit.relevance, hit.id),
        )
        if len(rows) < asked:
            return found[:k]
        last = min(row["score"] for row in rows)
        if len(found) >= k and found[k - 1].relevance > _relevance(last):
            return found[:k]
        asked *= GROWTH


def _relevance(score: float) -> float:
    return round(SATURATION * score, RELEVANCE_DIGITS)
