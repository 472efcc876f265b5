"""Where a statement about all that passes begins: at a filter's rarest condition, if it has one."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, LiteralString

from kg.neo4j.database import Transaction
from kg.neo4j.means import Means, Question
from kg.neo4j.planning import exact
from kg.neo4j.rows import LABEL
from kg.neo4j.seeds import SEEDED
from kg.neo4j.selection import asked_of
from schema.nodes import NodeKind

ALL: Final[dict[NodeKind, LiteralString]] = {k: "MATCH (n:" + LABEL[k] + ") " for k in NodeKind}


@dataclass(frozen=True, slots=True)
class Candidates:
    """The nodes among which are all that pass.

    Attributes:
        begin: How a statement begins that finds them, as n, each once; a WHERE may follow.
        asked: Its parameters, and those of the filter.
        found: How many it finds, about.
        along: How many are looked at before as many as were asked for have passed, about, where
            all are looked at in any order.
    """

    begin: LiteralString
    asked: Mapping[str, object]
    found: float
    along: float


async def candidates(transaction: Transaction, means: Means, question: Question) -> Candidates:
    """Return the nodes of a kind that may pass a filter."""
    kind, where = question.kind, question.where
    asked = {"seed": None, "tags": means.answering.tags, **(await asked_of(transaction, where))}
    if where.is_empty:
        return Candidates(ALL[kind], asked, question.k, question.k)
    estimate = await means.estimates.of(transaction, means.subject(question))
    along = min(estimate.nodes, question.k * estimate.nodes / max(estimate.passing, 1))
    seed = exact(estimate).seed
    if seed is None:
        return Candidates(ALL[kind], asked, estimate.nodes, along)
    found = estimate.seeds[0][0] * means.costs.compared
    return Candidates(SEEDED[seed.by][kind], asked | {"seed": seed.value}, found, along)
