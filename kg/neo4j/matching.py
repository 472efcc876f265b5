"""Matching nodes: hits of the full-text index, put in their total order."""

from collections.abc import Sequence
from typing import Final, LiteralString

from kg.neo4j.database import Row, Transaction
from kg.neo4j.lucene import phrase
from kg.neo4j.means import GROWTH, SLACK, Means, Question
from kg.neo4j.seeds import SEEDED, By, Seed
from kg.neo4j.seeds import is_all as is_all_of
from kg.neo4j.selection import PASSES, asked_of, fitted
from kg.store import RELEVANCE_DIGITS, Match
from schema.nodes import NodeKind

SATURATION: Final = 2.2
"""BM25's k1 + 1, which Lucene leaves out of its scores; with it they are those of every store."""


TIE: Final = 1.01 * 10**-RELEVANCE_DIGITS / SATURATION
"""Scores that are one relevance differ by less."""

_BEST: Final[LiteralString] = (
    "CALL (found) { UNWIND found AS hit WITH hit, found[$k - 1].score - $tie AS least "
    "WHERE least IS NULL OR hit.score >= least "
    "WITH hit.score AS score, hit.id AS id ORDER BY id "
    "WITH score, collect(id)[..$k] AS ids UNWIND ids AS id "
    "RETURN collect({id: id, score: score}) AS best } "
)
"""Of what was found, by falling score, the k best, and at most k of each score that may tie."""


def _matched(passes: LiteralString) -> LiteralString:
    """Ask the index; of what does not pass, only the number comes back."""
    return (
        "CALL db.index.fulltext.queryNodes($index, $words, {limit: $asked}) "
        "YIELD node AS n, score WITH n, score, " + passes + " AS passes ORDER BY score DESC "
        "WITH count(*) AS hits, min(score) AS last, "
        "collect(CASE WHEN passes THEN {id: n.id, score: score} END) AS found "
        "" + _BEST + "RETURN hits, last, best AS found"
    )


EVERY: Final[LiteralString] = _matched("true")
PASSING: Final[dict[NodeKind, LiteralString]] = {k: _matched(PASSES[k]) for k in NodeKind}


def _among(seeded: LiteralString, passes: LiteralString) -> LiteralString:
    """Find what passes first, then ask the index for every hit."""
    return (
        seeded + "WITH n WHERE " + passes + " WITH collect(n) AS passing "
        "CALL db.index.fulltext.queryNodes($index, $words) YIELD node AS n, score "
        "WITH n, score WHERE n IN passing RETURN collect({id: n.id, score: score}) AS found"
    )


AMONG: Final[dict[By, dict[NodeKind, LiteralString]]] = {
    by: {kind: _among(seeded, PASSES[kind]) for kind, seeded in kinds.items()}
    for by, kinds in SEEDED.items()
}
AMONG_ALL: Final[dict[By, dict[NodeKind, LiteralString]]] = {
    by: {kind: _among(seeded, "true") for kind, seeded in kinds.items()}
    for by, kinds in SEEDED.items()
}
"""Where the filter asks for nothing but the seed's condition."""


async def match(
    transaction: Transaction, means: Means, question: Question, words: Sequence[str]
) -> list[Match]:
    """Return the k best matches (GraphStore.match) of words, asking for more until k pass.

    Where few nodes pass, those are found instead, once the first hits were too few. Each word is
    a phrase to Lucene: without their accents, ``ᴀɴᴅ`` and ``⑴`` are its operators ``AND`` and
    ``(1)``.
    """
    kind, k, where = question.kind, question.k, question.where
    asks = {
        "index": means.answering.words_of(kind),
        "words": " ".join(phrase(word) for word in words),
        "k": k,
        "tie": TIE,
        **(await asked_of(transaction, where)),
    }
    statement = EVERY if where.is_empty else fitted(PASSING[kind], where)
    asked = k + SLACK
    while True:
        row = await transaction.row(statement, asked=asked, **asks)
        found = _found(row)
        is_all = row["hits"] < asked
        if is_all or (len(found) >= k and found[k - 1].relevance > _relevance(row["last"])):
            return found[:k]
        if not where.is_empty and (seed := await _rare(transaction, means, question)):
            statements = AMONG_ALL if is_all_of(seed, where) else AMONG
            among = fitted(statements[seed.by][kind], where)
            tags = means.answering.tags
            return _found(await transaction.row(among, seed=seed.value, tags=tags, **asks))[:k]
        asked *= GROWTH


async def _rare(transaction: Transaction, means: Means, question: Question) -> Seed | None:
    """Return a filter's rarest condition, if it leads to few nodes."""
    estimate = await means.estimates.of(transaction, means.subject(question))
    led_to, seed = estimate.seeds[0] if estimate.seeds else (means.costs.most_asked, None)
    return seed if led_to * means.costs.compared <= means.costs.most_asked else None


def _found(row: Row) -> list[Match]:
    hits = [Match(hit["id"], _relevance(hit["score"])) for hit in row["found"]]
    return sorted(hits, key=lambda hit: (-hit.relevance, hit.id))


def _relevance(score: float) -> float:
    return round(SATURATION * score, RELEVANCE_DIGITS)
