"""How many nodes pass a filter, about: from degrees and from counts that the server keeps."""

import time
from collections import OrderedDict
from dataclasses import dataclass
from math import prod
from typing import Final, LiteralString, NamedTuple

from kg.neo4j.database import Transaction
from kg.neo4j.seeds import Seed, counted
from schema.graph import Filter
from schema.nodes import NodeKind

KEPT: Final = 256
KEPT_S: Final = 60.0
"""How long an estimate stands: one that is no longer right costs time, never an answer."""

# Each is read from the server's own counts.
TOTALS: Final[LiteralString] = """
CALL () { MATCH (n:Post) RETURN count(n) AS posts }
CALL () { MATCH (n:Intention) RETURN count(n) AS intentions }
CALL () { MATCH (n:Concept) RETURN count(n) AS concepts }
CALL () { MATCH ()-[r:HAS_INTENTION]->() RETURN count(r) AS held }
CALL () { MATCH ()-[r:MENTIONS]->() RETURN count(r) AS mentions }
CALL () { MATCH ()-[r:ABOUT]->() RETURN count(r) AS about }
RETURN posts, intentions, concepts, held, mentions, about
"""


@dataclass(frozen=True, slots=True)
class Totals:
    """How many nodes and relationships there are."""

    posts: int
    intentions: int
    concepts: int
    held: int
    mentions: int
    about: int

    def of(self, kind: NodeKind) -> int:
        """Return how many nodes of a kind there are."""
        return {
            NodeKind.POST: self.posts,
            NodeKind.INTENTION: self.intentions,
            NodeKind.CONCEPT: self.concepts,
        }[kind]

    def led_to(self, kind: NodeKind, seed: Seed) -> int:
        """Return to how many nodes of a kind a seed leads, about, by the mean degrees."""
        a_post, an_intention = max(1, self.posts), max(1, self.intentions)
        posts = seed.posts + seed.intentions * self.held / an_intention
        intentions = seed.intentions + seed.posts * self.held / a_post
        concepts = posts * self.mentions / a_post + intentions * self.about / an_intention
        found = {
            NodeKind.POST: posts,
            NodeKind.INTENTION: intentions,
            NodeKind.CONCEPT: concepts,
        }[kind]
        return min(self.of(kind), round(found))


@dataclass(frozen=True, slots=True)
class Estimate:
    """What is known of a filter before a search.

    Attributes:
        nodes: How many nodes of the kind there are.
        passing: About how many pass.
        seeds: By rising number of nodes that they lead to, with those numbers.
    """

    nodes: int
    passing: float
    seeds: tuple[tuple[int, Seed], ...] = ()


class Subject(NamedTuple):
    """What an estimate is of: the nodes of a kind that pass a filter.

    Attributes:
        kind: The kind.
        where: The filter.
        tags: The full-text index that counts labels and hashtags; None where none answers.
    """

    kind: NodeKind
    where: Filter
    tags: str | None


class Estimates:
    """The estimates last made, each for a while."""

    def __init__(self) -> None:
        self._kept: OrderedDict[Subject, tuple[float, Estimate]] = OrderedDict()

    async def of(self, transaction: Transaction, subject: Subject) -> Estimate:
        """Return an estimate; one that is kept costs nothing."""
        kept = self._kept.get(subject)
        if kept is not None and time.monotonic() - kept[0] < KEPT_S:
            return kept[1]
        made = await estimate(transaction, subject)
        self.keep(subject, made)
        return made

    def keep(self, subject: Subject, made: Estimate) -> None:
        """Keep an estimate, and let go of the oldest."""
        self._kept[subject] = (time.monotonic(), made)
        self._kept.move_to_end(subject)
        while len(self._kept) > KEPT:
            self._kept.popitem(last=False)


async def estimate(transaction: Transaction, subject: Subject) -> Estimate:
    """Estimate how many nodes pass: as if the conditions of a filter were independent."""
    totals = Totals(**await transaction.row(TOTALS))
    nodes = totals.of(subject.kind)
    counts = await counted(transaction, subject.where, subject.tags)
    seeds = [(totals.led_to(subject.kind, seed), seed) for seed in counts]
    passing = nodes * prod(led_to / max(1, nodes) for led_to, _ in seeds)
    return Estimate(nodes, passing, tuple(sorted(seeds, key=lambda pair: pair[0])))
