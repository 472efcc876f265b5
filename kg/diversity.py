"""Results that are not all alike: one intention of a post, and maximal marginal relevance.

Both take the first REORDERED_POOL of a ranking, whatever page is asked for, so that the pages of
one question are the pages of one order.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from kg.embeddings import cosines
from kg.ranking import REORDERED_POOL, SearchHit
from kg.store import GraphStore, Vector
from schema.errors import QueryError
from schema.graph import Filter
from schema.nodes import NodeKind

HOLDER_LIMIT: Final = 1000
"""Of an intention's posts, this many count, by rising id."""

MARGIN_DIGITS: Final = 9
"""What is compared is rounded, so that the last bits of a product decide nothing."""


@dataclass(frozen=True, slots=True)
class Spread:
    """How results are kept from being all alike.

    Attributes:
        diversity: What unlikeness to the results above weighs against fitting the question, in
            [0, 1]; 0 keeps the order.
        one_per_post: Of the intentions that one post has, keep only the best.
    """

    diversity: float = 0.0
    one_per_post: bool = False

    def __post_init__(self) -> None:
        """Refuse what is out of bounds.

        Raises:
            QueryError: It is.
        """
        if not 0 <= self.diversity <= 1:
            raise QueryError(f"diversity is {self.diversity}: it lies between 0 and 1")

    @property
    def is_asked(self) -> bool:
        """Whether anything is left out or moved."""
        return self.one_per_post or self.diversity > 0


NO_SPREAD: Final = Spread()


async def spread_out(
    store: GraphStore, kind: NodeKind, hits: Sequence[SearchHit], spread: Spread, where: Filter
) -> list[SearchHit]:
    """Return the pool of a ranking as a spread wants it; all of it where none is asked for.

    A post counts as having an intention where the pair passes.

    Raises:
        QueryError: One result a post is asked for, of other nodes than intentions.
    """
    if not spread.is_asked:
        return list(hits)
    pool = list(hits[:REORDERED_POOL])
    if spread.one_per_post:
        if kind is not NodeKind.INTENTION:
            raise QueryError("one result a post is for intentions only")
        ids = [hit.id for hit in pool]
        pool = one_per_post(pool, await store.posts_of(ids, limit=HOLDER_LIMIT, where=where))
    if spread.diversity:
        embeddings = await store.embeddings(kind, [hit.id for hit in pool])
        pool = diverse(pool, embeddings, spread.diversity)
    return pool


def one_per_post(hits: Sequence[SearchHit], posts: Sequence[Sequence[str]]) -> list[SearchHit]:
    """Keep, from the best on, each intention that shares no post with one that was kept.

    So of each post one intention is kept at most; one that no post has always is.

    Args:
        hits: Intentions, best first.
        posts: Of each, the posts that have it.
    """
    kept: list[SearchHit] = []
    taken: set[str] = set()
    for hit, own in zip(hits, posts, strict=True):
        if taken.isdisjoint(own):
            kept.append(hit)
            taken.update(own)
    return kept


def diverse(
    hits: Sequence[SearchHit], embeddings: Sequence[Vector | None], diversity: float
) -> list[SearchHit]:
    """Order by maximal marginal relevance (Carbonell and Goldstein, SIGIR 1998).

    Next comes the hit with the greatest (1 - diversity) * fit - diversity * redundancy, ties by the
    order given. Its fit is its similarity; its relevance or score, where it has one, as a share of
    the greatest. Its redundancy is the greatest cosine to a hit before it; 0 for the first, and of
    a node without an embedding.
    """
    fit, alike = _fit(hits), _cosines(embeddings)
    redundancy = np.zeros(len(hits))
    left = np.ones(len(hits), np.bool_)
    order: list[SearchHit] = []
    for _ in hits:
        margin = np.round((1 - diversity) * fit - diversity * redundancy, MARGIN_DIGITS)
        best = int(np.where(left, margin, -np.inf).argmax())
        seen = float(redundancy[best]) if order else None
        order.append(replace(hits[best], redundancy=seen))
        redundancy = alike[best] if seen is None else np.maximum(redundancy, alike[best])
        left[best] = False
    return order


def _fit(hits: Sequence[SearchHit]) -> NDArray[np.float64]:
    if all(hit.score is None and hit.relevance is None for hit in hits):
        return np.array([hit.similarity or 0.0 for hit in hits], np.float64)
    values = [(hit.relevance if hit.score is None else hit.score) or 0.0 for hit in hits]
    greatest = max(values) or 1.0  # relevance is rounded, at times to 0
    return np.array([value / greatest for value in values], np.float64)


def _cosines(embeddings: Sequence[Vector | None]) -> NDArray[np.float64]:
    """Return (n, n) cosines, rounded as all similarities are; 0 where there is no embedding."""
    dimensions = next((len(e) for e in embeddings if e is not None), 1)
    rows = [np.zeros(dimensions, np.float32) if e is None else e for e in embeddings]
    return cosines(rows, rows)
