"""What every store asks of embeddings, and the exact cosines that it orders by."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from kg.store import SIMILARITY_DIGITS, EmbeddingModel, Near, Vector
from schema.errors import EmbeddingModelError


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
    exact, asked = stored.astype(np.float64), query.astype(np.float64)
    lengths = np.linalg.norm(exact, axis=1) * np.linalg.norm(asked)
    cosines = (exact * asked).sum(axis=1) / np.maximum(lengths, 1e-12)
    near = [
        Near(node_id, round(cosine, SIMILARITY_DIGITS))
        for node_id, cosine in zip(ids, np.clip(cosines, -1, 1).tolist(), strict=True)
    ]
    return sorted(near, key=lambda hit: (-hit.similarity, hit.id))
