"""Search by example: towards some nodes and texts, away from others."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from kg.asked import check_text, embedded, embeddings_of
from kg.diversity import NO_SPREAD, Spread, spread_out
from kg.embedder import Embedder
from kg.fusion import by_meaning
from kg.ranking import (
    REORDERED_POOL,
    RESULT_LIMIT,
    Ranking,
    SearchHit,
    Slice,
    paged,
)
from kg.store import GraphStore, Vector
from schema.errors import QueryError

EXAMPLE_LIMIT: Final = 20
"""Most examples towards, and away."""

UNLIKE_WEIGHT: Final = 0.2
"""Manning, Raghavan and Schütze (2008, section 9.1.1) weigh 0.15 against 0.75."""

NOWHERE: Final = 1e-3
"""A mean of unit vectors that is shorter points nowhere: what is left is rounding."""


@dataclass(frozen=True, slots=True)
class Examples:
    """Nodes of any kind, by id, and texts; order and repeats make no difference."""

    ids: tuple[str, ...] = ()
    texts: tuple[str, ...] = ()

    def __len__(self) -> int:
        """Return how many there are."""
        return len(self.ids) + len(self.texts)


NO_EXAMPLES: Final = Examples()


@dataclass(frozen=True, slots=True)
class Direction:
    """What results are to be like.

    Attributes:
        like: Towards these; at least one.
        unlike: Away from these.
        unlike_weight: Which share of the mean of ``unlike`` is taken off, in [0, 1].
    """

    like: Examples
    unlike: Examples = NO_EXAMPLES
    unlike_weight: float = UNLIKE_WEIGHT

    def __post_init__(self) -> None:
        """Refuse what is out of bounds.

        Raises:
            QueryError: There are no examples towards, too many, a text that cannot be searched
                for, or a weight that is none.
        """
        if not len(self.like):
            raise QueryError("there is no example that results are to be like: give one at least")
        for name, examples in (("like", self.like), ("unlike", self.unlike)):
            if len(examples) > EXAMPLE_LIMIT:
                raise QueryError(f"{name} has {len(examples)} examples: at most {EXAMPLE_LIMIT}")
            for text in examples.texts:
                check_text(text)
        if not 0 <= self.unlike_weight <= 1:
            raise QueryError(f"the weight of unlike is {self.unlike_weight}: between 0 and 1")

    @property
    def ids(self) -> frozenset[str]:
        """The nodes that are examples."""
        return frozenset((*self.like.ids, *self.unlike.ids))


async def by_example(
    store: GraphStore,
    embedder: Embedder | None,
    direction: Direction,
    wanted: Slice,
    *,
    spread: Spread = NO_SPREAD,
) -> Ranking[SearchHit]:
    """Rank nodes by their similarity to what examples say; no example is among them.

    Examples that are nodes need no embedder.

    Raises:
        UnknownIdError: An example's id names no node.
        QueryError: An example has no embedding, the examples cancel one another, or the page lies
            too deep.
        EmbeddingModelError: The graph was embedded by another model than the embedder's.
        StaleCursorError: The graph has changed since the version of the window.
    """
    kind, where = wanted.kind, wanted.where

    async def rank(last: int) -> list[SearchHit]:
        like = await _embeddings(store, embedder, direction.like)
        unlike = await _embeddings(store, embedder, direction.unlike)
        query = rocchio(like, unlike, direction.unlike_weight)
        near = await store.nearest(kind, query, example_depth(direction, spread, last), where)
        hits = by_meaning([n for n in near if n.id not in direction.ids])
        return await spread_out(store, kind, hits, spread, where)

    limit = REORDERED_POOL if spread.is_asked else RESULT_LIMIT
    return await paged(store, wanted.window, limit, rank, is_whole=spread.is_asked)


def example_depth(direction: Direction, spread: Spread, last: int) -> int:
    """Return how many nodes a store is asked for, to reach a rank: examples may be among them."""
    return (REORDERED_POOL if spread.is_asked else last + 1) + len(direction.ids)


def rocchio(like: Sequence[Vector], unlike: Sequence[Vector], unlike_weight: float) -> Vector:
    """Return the unit vector towards some and away from others, (dimensions,) float32.

    The mean of the first less a share of the mean of the others (Rocchio 1971, Relevance feedback
    in information retrieval, in The SMART Retrieval System), made of unit length.

    Args:
        like: At least one embedding.
        unlike: Any number of embeddings.
        unlike_weight: The share.

    Raises:
        QueryError: They cancel one another.
    """
    query = np.mean(np.array(like, np.float64), axis=0)
    if len(unlike):
        query = query - unlike_weight * np.mean(np.array(unlike, np.float64), axis=0)
    length = float(np.linalg.norm(query))
    if length < NOWHERE:
        raise QueryError("the examples cancel one another: leave some out")
    return (query / length).astype(np.float32)


async def _embeddings(
    store: GraphStore, embedder: Embedder | None, examples: Examples
) -> list[Vector]:
    ids, texts = sorted(set(examples.ids)), sorted(set(examples.texts))
    nodes = await embeddings_of(store, ids)
    return [*nodes, *(await embedded(store, embedder, texts) if texts else ())]
