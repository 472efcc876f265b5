"""What a search is asked, and what it has at hand when it is planned."""

from dataclasses import dataclass
from typing import Final

from kg.neo4j.estimate import Estimates, Subject
from kg.neo4j.indexes import Answering, VectorIndex
from kg.neo4j.planning import Costs
from schema.graph import Filter
from schema.nodes import NodeKind

SLACK: Final = 16
"""Candidates beyond k: the server's values are not rounded as ours, and may tie."""

GROWTH: Final = 4
"""Where the last candidates tie, so many times as many are asked for."""


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked for, whether by meaning or by words: the k best of a kind that pass."""

    kind: NodeKind
    k: int
    where: Filter


@dataclass(frozen=True, slots=True)
class Means:
    """What searches are planned by.

    Attributes:
        answering: The indexes that answer.
        estimates: Those that are known.
        costs: Of the ways.
    """

    answering: Answering
    estimates: Estimates
    costs: Costs

    def subject(self, asked: Question) -> Subject:
        """Return what the estimate of a question is of, with the indexes that answer."""
        return Subject(asked.kind, asked.where, self.answering.tags)

    def index(self, kind: NodeKind, dimensions: int | None) -> VectorIndex | None:
        """Return the vector index that answers for vectors of so many dimensions; None: of any."""
        found = self.answering.vectors.get(kind)
        fits = found is not None and dimensions in (None, found.dimensions)
        return found if fits else None
