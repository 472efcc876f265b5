"""How a search by meaning was planned: for whoever wonders why it is slow, or what it asked."""

from dataclasses import dataclass
from enum import StrEnum


class Strategy(StrEnum):
    """How the nearest nodes that pass a filter are found."""

    INDEX = "index"
    """The vector index gives them: there is no filter, or it works inside the index."""

    FILTERED = "filtered"
    """The vector index gives more, and what does not pass is left out."""

    SELECTED = "selected"
    """What may pass is found first, from its rarest condition, and compared one by one."""

    SCAN = "scan"
    """Everything is compared, one by one: there is no index that answers."""


@dataclass(frozen=True, slots=True)
class SearchPlan:
    """How a store finds the nearest nodes that pass a filter.

    Attributes:
        strategy: How.
        nodes: How many nodes of the kind there are.
        estimated: About how many of them pass.
        asked: How many nodes the vector index is asked for; 0 where none is.
    """

    strategy: Strategy
    nodes: int
    estimated: int
    asked: int

    @property
    def share(self) -> float:
        """About which share of the nodes passes, in [0, 1]."""
        return min(1.0, self.estimated / self.nodes) if self.nodes else 0.0
