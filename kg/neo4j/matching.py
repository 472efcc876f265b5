"""Matching nodes: hits of the full-text index, put in their total order."""

from typing import Final, LiteralString

from tantivy import TextAnalyzer

from kg.analysis import words_asked
from kg.neo4j.database import Row, Transaction
from kg.neo4j.selection import PASSES, parameters
from kg.store import RELEVANCE_DIGITS, Match
from schema.graph import Filter
from schema.nodes import NodeKind

SLACK: Final = 16
GROWTH: Final = 4
SATURATION: Final = 2.2
"""BM25's k1 + 1, which Lucene leaves out of its scores; with it they are those of every store."""


def _matched(passes: LiteralString) -> LiteralString:
    """Ask the index; of what does not pass, only the number comes back."""
    return (
        "CALL db.index.fulltext.queryNodes($index, $words, {limit: $asked}) "
        "YIELD node AS n, score WITH n, score, " + passes + " AS passes "
        "RETURN count(*) AS hits, min(score) AS last, "
        "collect(CASE WHEN passes THEN {id: n.id, score: score} END) AS found"
    )


EVERY: Final[LiteralString] = _matched("true")
PASSING: Final[dict[NodeKind, LiteralString]] = {k: _matched(PASSES[k]) for k in NodeKind}


async def match(
    transaction: Transaction,
    index: str,
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
    statement = EVERY if where.is_empty else PASSING[kind]
    asked = k + SLACK
    while True:
        row = await transaction.row(
            statement, index=index, words=" ".join(words), asked=asked, **parameters(where)
        )
        found = _found(row)
        is_all = row["hits"] < asked
        if is_all or (len(found) >= k and found[k - 1].relevance > _relevance(row["last"])):
            return found[:k]
        asked *= GROWTH


def _found(row: Row) -> list[Match]:
    hits = [Match(hit["id"], _relevance(hit["score"])) for hit in row["found"]]
    return sorted(hits, key=lambda hit: (-hit.relevance, hit.id))


def _relevance(score: float) -> float:
    return round(SATURATION * score, RELEVANCE_DIGITS)
