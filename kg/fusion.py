"""How a search ranks: by meaning, by words, or by both, their ranks fused with weights."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from kg.diversity import NO_SPREAD, Spread
from kg.ranking import Place, SearchHit
from kg.store import Match, Near
from schema.errors import QueryError
from schema.search import Mode, Order, Ranker

FUSION_POOL: Final = 200
"""How many of each ranking are fused; also the deepest rank that hybrid search goes to."""

FUSION_CONSTANT: Final = 60
"""The k of reciprocal rank fusion (Cormack, Clarke and Büttcher, SIGIR 2009)."""


@dataclass(frozen=True, slots=True)
class Scheme:
    """How to rank.

    Attributes:
        mode: By what.
        meaning: Of a hybrid search, the weight of meaning beside that of words, in [0, 1]: at 0.5
            both weigh 1, at 1 meaning weighs 2, and words are not asked.
        spread: How results are kept from being all alike.
        order: In which order what was found is shown.
    """

    mode: Mode = Mode.HYBRID
    meaning: float = 0.5
    spread: Spread = NO_SPREAD
    order: Order = Order.FIT

    def __post_init__(self) -> None:
        """Refuse what is out of bounds.

        Raises:
            QueryError: It is.
        """
        if not 0 <= self.meaning <= 1:
            raise QueryError(f"the weight of meaning is {self.meaning}: it lies between 0 and 1")

    @property
    def reorders(self) -> bool:
        """Whether results are left out or moved once they are ranked."""
        return self.spread.is_asked or self.order is not Order.FIT

    @property
    def weights(self) -> Mapping[Ranker, float]:
        """The weight of each ranker that is asked, above 0."""
        given = {Ranker.MEANING: 2 * self.meaning, Ranker.WORDS: 2 * (1 - self.meaning)}
        match self.mode:
            case Mode.SEMANTIC:
                return {Ranker.MEANING: 1.0}
            case Mode.TEXT:
                return {Ranker.WORDS: 1.0}
            case Mode.HYBRID:
                return {ranker: weight for ranker, weight in given.items() if weight > 0}


HYBRID: Final = Scheme()


def ranked(near: Sequence[Near], matches: Sequence[Match], scheme: Scheme) -> list[SearchHit]:
    """Rank what meaning and words found, best first; one of them may be empty."""
    match scheme.mode:
        case Mode.SEMANTIC:
            return by_meaning(near)
        case Mode.TEXT:
            return [
                SearchHit(m.id, rank, (Place(Ranker.WORDS, rank),), relevance=m.relevance)
                for rank, m in enumerate(matches, start=1)
            ]
        case Mode.HYBRID:
            return _fused(near, matches, scheme.weights)


def by_meaning(near: Sequence[Near]) -> list[SearchHit]:
    """Return the hits of a ranking by meaning alone."""
    return [
        SearchHit(n.id, rank, (Place(Ranker.MEANING, rank),), similarity=n.similarity)
        for rank, n in enumerate(near, start=1)
    ]


def _fused(
    near: Sequence[Near], matches: Sequence[Match], weights: Mapping[Ranker, float]
) -> list[SearchHit]:
    """Fuse: a sum of weight / (60 + rank), falling, ties by rising id."""
    places: dict[str, list[Place]] = {}
    for ranker, found in ((Ranker.MEANING, near), (Ranker.WORDS, matches)):
        for rank, hit in enumerate(found, start=1):
            part = weights[ranker] / (FUSION_CONSTANT + rank)
            places.setdefault(hit.id, []).append(Place(ranker, rank, part))
    scores = {node_id: sum(p.part or 0.0 for p in some) for node_id, some in places.items()}
    similarity = {n.id: n.similarity for n in near}
    relevance = {m.id: m.relevance for m in matches}
    order = sorted(scores.items(), key=lambda item: (-item[1], item[0]))
    return [
        SearchHit(i, rank, tuple(places[i]), similarity.get(i), relevance.get(i), score)
        for rank, (i, score) in enumerate(order, start=1)
    ]
