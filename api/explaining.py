"""Why a result stands where it does: which ranker found it, where, and by which words."""

from dataclasses import dataclass

import strawberry

from kg.analysis import words_in_common
from kg.ranking import SearchHit
from schema import nodes
from schema.search import Ranker


@dataclass(frozen=True, slots=True)
class Why:
    """What an explanation is made of: a hit, the text asked for, and the text of the node."""

    hit: SearchHit
    asked: str
    says: str


@strawberry.type(description="Where one ranker put a node.")
class Placing:
    """A ranker, a rank and what came of it."""

    ranker: Ranker = strawberry.field(description="The ranker.")
    rank: int = strawberry.field(description="The node's rank in it, from 1.")
    part: float | None = strawberry.field(
        description="Its part of `score`: its weight / (60 + rank); null where nothing was fused."
    )


@strawberry.type(description="Why a result stands where it does.")
class Explanation:
    """What a person needs to understand a rank."""

    placings: list[Placing] = strawberry.field(
        description="Where each ranker that found it put it. At most 2."
    )
    rank: int = strawberry.field(
        description="Its rank, from 1, before `diversity` and `onePerPost` had their say."
    )
    redundancy: float | None = strawberry.field(
        description="Greatest cosine to a result above it; null where no diversity was asked for, "
        "and of the first result."
    )
    why: strawberry.Private[Why]

    @strawberry.field(
        description="Words of the text asked for that it has, in any form, as the text writes "
        "them; empty where no text was asked for. At most 64."
    )
    def words(self) -> list[str]:
        return words_in_common(self.why.asked, self.why.says)

    @staticmethod
    def of(why: Why) -> "Explanation":
        """Return an explanation as GraphQL shows it."""
        hit = why.hit
        return Explanation(
            placings=[Placing(ranker=p.ranker, rank=p.rank, part=p.part) for p in hit.places],
            rank=hit.rank,
            redundancy=hit.redundancy,
            why=why,
        )


def said_by(node: nodes.Post | nodes.Intention | nodes.Concept) -> str:
    """Return the text by whose words a node is found."""
    if isinstance(node, nodes.Post):
        return f"{node.text}\n{node.image_description}"
    return node.text
