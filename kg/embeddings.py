"""What every store asks of embeddings, and the exact cosines that it orders by."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np
from numpy.typing import NDArray

from kg.store import SIMILARITY_DIGITS, DivergentPair, EmbeddingModel, Near, Vector
from schema.errors import EmbeddingModelError

Embedded = tuple[str, NDArray[np.floating]]
"""The id of a node and its embedding, (dimensions,) of any length."""


@dataclass(frozen=True, slots=True)
class Sides:
    """A post's intentions of two relations."""

    post_id: str
    first: Sequence[Embedded]
    second: Sequence[Embedded]


def check(stored: EmbeddingModel | None, ids: Sequence[str], embeddings: Vector) -> None:
    """Refuse embeddings that are not the graph's model's, one for each id, all finite.

    Raises:
        EmbeddingModelError: They are not, or no model is recorded.
    """
    shape = f"embeddings of shape {embeddings.shape} for {len(ids)} ids"
    if stored is None:
        raise EmbeddingModelError("no model yet (call require_model first)", shape)
    if embeddings.shape != (len(ids), stored.dimensions):
        raise EmbeddingModelError(str(stored), shape)
    if not np.isfinite(embeddings).all():
        raise EmbeddingModelError(str(stored), "embeddings that hold NaN or infinity")


def ranked(ids: Sequence[str], stored: NDArray[np.floating], query: Vector) -> list[Near]:
    """Return nodes by falling cosine, ties by rising id.

    Args:
        ids: Of n nodes.
        stored: Their embeddings, (n, dimensions), of any length.
        query: (dimensions,) float32.
    """
    cosines = _cosines(stored.astype(np.float64), query.astype(np.float64)[np.newaxis])
    near = [Near(*found) for found in zip(ids, cosines, strict=True)]
    return sorted(near, key=lambda hit: (-hit.similarity, hit.id))


def most_alike(posts: Iterable[Sides]) -> list[DivergentPair]:
    """Return each post's pair of the greatest cosine, ties by rising ids.

    Posts come by rising similarity of their pair, ties by rising id; one that has nothing of a
    relation is left out.
    """
    every = [(one.post_id, a, b) for one in posts for a, b in product(one.first, one.second)]
    if not every:
        return []
    firsts = np.array([a[1] for _, a, _ in every], np.float64)
    seconds = np.array([b[1] for _, _, b in every], np.float64)
    best: dict[str, DivergentPair] = {}
    for (post_id, a, b), cosine in zip(every, _cosines(firsts, seconds), strict=True):
        pair = DivergentPair(post_id, a[0], b[0], cosine)
        if post_id not in best or _likeness(pair) < _likeness(best[post_id]):
            best[post_id] = pair
    return sorted(best.values(), key=divergence_order)


def divergence_order(pair: DivergentPair) -> tuple[float, str]:
    """Order the pairs of posts: the least alike first."""
    return pair.similarity, pair.post_id


def _likeness(pair: DivergentPair) -> tuple[float, str, str]:
    return -pair.similarity, pair.first_id, pair.second_id


def cosines(rows: Sequence[Vector], others: Sequence[Vector]) -> NDArray[np.float64]:
    """Return the cosines of each row with each of the others, rounded, (n, m).

    Args:
        rows: n embeddings of any length; those of length 0 have 0 with all.
        others: m embeddings.
    """
    if not (rows and others):
        return np.zeros((len(rows), len(others)))
    products: NDArray[np.float64] = np.dot(_unit(rows), _unit(others).T)
    return products.clip(-1, 1).round(SIMILARITY_DIGITS)


def _unit(embeddings: Sequence[Vector]) -> NDArray[np.float64]:
    """Return them as one matrix; kept at half precision, they are not of unit length."""
    stacked = np.array(embeddings, np.float64)
    return stacked / np.maximum(np.linalg.norm(stacked, axis=1, keepdims=True), 1e-12)


def _cosines(firsts: NDArray[np.float64], seconds: NDArray[np.float64]) -> list[float]:
    """Return the cosines of rows, rounded; where there is one row, it stands for each."""
    lengths = np.linalg.norm(firsts, axis=1) * np.linalg.norm(seconds, axis=1)
    cosines = (firsts * seconds).sum(axis=1) / np.maximum(lengths, 1e-12)
    return [round(cosine, SIMILARITY_DIGITS) for cosine in np.clip(cosines, -1, 1).tolist()]
