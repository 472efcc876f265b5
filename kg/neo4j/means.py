"""What a search has at hand when it is planned."""

from dataclasses import dataclass

from kg.neo4j.estimate import Estimates, Subject
from kg.neo4j.indexes import Answering, VectorIndex
from kg.neo4j.planning import Costs
from schema.graph import Filter
from schema.nodes import NodeKind


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

    def subject(self, kind: NodeKind, where: Filter) -> Subject:
        """Return what the estimate of a filter is of, with the indexes that answer."""
        return Subject(kind, where, self.answering.tags)

    def index(self, kind: NodeKind, dimensions: int | None) -> VectorIndex | None:
        """Return the vector index that answers for vectors of so many dimensions; None: of any."""
        found = self.answering.vectors.get(kind)
        fits = found is not None and dimensions in (None, found.dimensions)
        return found if fits else None
