"""What posts have of one relation beside what they have of another."""

from collections.abc import Sequence
from typing import Final, LiteralString

import numpy as np

from kg.embeddings import Embedded, Sides, most_alike
from kg.neo4j.candidates import candidates
from kg.neo4j.database import Row, Transaction
from kg.neo4j.means import GROWTH, SLACK, Means, Question
from kg.neo4j.selection import PAIR, fitted
from kg.store import DivergentPair
from schema.relations import Relation


def _held(relation: LiteralString) -> LiteralString:
    return (
        "COLLECT { MATCH (p)-[has:HAS_INTENTION]->(i:Intention) "
        "WHERE i.relation = " + relation + " AND i.embedding IS NOT NULL AND " + PAIR + " "
        "RETURN DISTINCT i }"
    )


_SIDES: Final[LiteralString] = (
    "WITH p, " + _held("$first") + " AS firsts, " + _held("$second") + " AS seconds "
)
CANDIDATES: Final[LiteralString] = (
    "WITH n AS p " + _SIDES + "UNWIND firsts AS a UNWIND seconds AS b "
    "WITH p, max(vector.similarity.cosine(a.embedding, b.embedding)) AS score "
    "ORDER BY score, p.id LIMIT $wanted RETURN collect({id: p.id}) AS rows"
)
HELD: Final[LiteralString] = (
    "UNWIND $ids AS id MATCH (p:Post {id: id}) USING INDEX SEEK p:Post(id) " + _SIDES + " "
    "RETURN collect({id: p.id, firsts: [i IN firsts | [i.id, i.embedding]], "
    "seconds: [i IN seconds | [i.id, i.embedding]]}) AS rows"
)


async def divergent(
    transaction: Transaction, means: Means, question: Question, relations: tuple[Relation, Relation]
) -> list[DivergentPair]:
    """Return of k posts the intentions that are least alike (GraphStore.divergent).

    The server compares in single precision; what it finds is compared again, and more of it is
    asked for while the last may tie with others.
    """
    k, where = question.k, question.where
    begin = await candidates(transaction, means, question)
    asked = {**begin.asked, "first": relations[0].value, "second": relations[1].value}
    statement = fitted(begin.begin + CANDIDATES, where)
    wanted = k + SLACK
    while True:
        found = await transaction.listed(statement, wanted=wanted, **asked)
        ids = [row["id"] for row in found]
        rows = await transaction.listed(fitted(HELD, where), ids=ids, **asked)
        pairs = most_alike(_sides(row) for row in rows)
        if len(ids) < wanted or pairs[k - 1].similarity < pairs[-1].similarity:
            return pairs[:k]
        wanted *= GROWTH


def _sides(row: Row) -> Sides:
    return Sides(row["id"], _embedded(row["firsts"]), _embedded(row["seconds"]))


def _embedded(stored: Sequence[tuple[str, Sequence[float]]]) -> list[Embedded]:
    return [(intention_id, np.array(embedding)) for intention_id, embedding in stored]
