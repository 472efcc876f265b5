"""Exact cosines of a few candidates: what every store orders by."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from kg.store import SIMILARITY_DIGITS, Near, Vector


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
