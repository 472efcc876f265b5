"""How vectors are parted into lists: k-means in two levels, groups of centroids and centroids.

Against k-means over all centroids at once, training and parting take a fraction of the time, for
little recall at the same number of lists probed (docs/decisions/0009-two-level-lists.md).
"""

from dataclasses import dataclass
from typing import Any, Final

import faiss
import numpy as np
from numpy.typing import NDArray

from kg.store import Vector

ROUNDS: Final = 6
GROUPS_TRIED: Final = 3
"""A vector's list is the nearest centroid in the nearest groups, as many as this."""

SEED: Final = 1234

Lists = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Coarse:
    """The centroids of the lists.

    Attributes:
        centroids: (lists, dimensions) float32.
        finder: A FAISS index of the centroids by groups, which FAISS gives no useful type.
    """

    centroids: Vector
    finder: Any

    @staticmethod
    def trained(sample: Vector, lists: int) -> "Coarse":
        """Return about as many centroids as asked for, each group's by its share of a sample."""
        heads = _kmeans(sample, max(1, round(np.sqrt(lists))))
        nearest = (sample @ heads.T).argmax(axis=1)
        groups = [
            _kmeans(members, max(1, round(lists * len(members) / len(sample))))
            for members in (sample[nearest == group] for group in range(len(heads)))
            if len(members)
        ]
        centroids = np.concatenate(groups)
        return Coarse(centroids, _finder(heads, centroids))

    def lists_of(self, vectors: Vector) -> Lists:
        """Return the list of each vector, (n,) int64."""
        _, nearest = self.finder.search(vectors, 1)
        return np.ascontiguousarray(nearest[:, 0])


def _finder(heads: Vector, centroids: Vector) -> Any:
    """Find a centroid by its group: one call for a whole block, so that other threads go on."""
    groups, dimensions = heads.shape
    quantizer = faiss.IndexFlatIP(dimensions)
    quantizer.add(heads)
    finder: Any = faiss.IndexIVFFlat(quantizer, dimensions, groups, faiss.METRIC_INNER_PRODUCT)
    finder.is_trained = True
    finder.add(centroids)
    finder.nprobe = GROUPS_TRIED
    return finder


def _kmeans(vectors: Vector, k: int) -> Vector:
    if k >= len(vectors):
        return vectors
    means: Any = faiss.Kmeans(
        vectors.shape[1],
        k,
        niter=ROUNDS,
        seed=SEED,
        spherical=True,
        min_points_per_centroid=1,
        max_points_per_centroid=1 << 20,
    )
    means.train(vectors)
    return means.centroids
