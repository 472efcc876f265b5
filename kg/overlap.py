"""Which of several paths are different enough to be given beside one another."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

PARTIAL_LIMIT: Final = 100_000
"""Most partial paths that are widened in the search for paths that differ."""


@dataclass(slots=True)
class Overlap:
    """Says of each path whether it may stand beside those taken before it.

    It may where it shares, with each of them, no more than a given part of its own inner nodes.
    A path of one step has no inner node, and may always be taken.

    Attributes:
        share: The part, 0 to 1; at 1 every path may be taken.
        widened: How many partial paths were looked at.
        taken: The nodes of each path that was taken, its ends among them.
    """

    share: float
    widened: int = 0
    taken: list[frozenset[str]] = field(default_factory=list[frozenset[str]])

    @property
    def is_free(self) -> bool:
        """Whether every path may be taken."""
        return self.share >= 1

    @property
    def is_spent(self) -> bool:
        """Whether no more may be looked at."""
        return not self.is_free and self.widened > PARTIAL_LIMIT

    def allows(self, inner: Sequence[str], count: int) -> bool:
        """Whether a path may be taken: its inner nodes so far, and how many it will have.

        What is not allowed will not be, however it goes on and whatever else is taken.
        """
        most = int(self.share * count)
        return all(sum(node in nodes for node in inner) <= most for nodes in self.taken)

    def take(self, node_ids: Sequence[str]) -> None:
        """Take a path; where every path may be taken, nothing is to be remembered."""
        if not self.is_free:
            self.taken.append(frozenset(node_ids))
