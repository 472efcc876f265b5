"""How vectors are parted into lists: k-means in two levels, groups of centroids and centroids.

Against k-means over all centroids at once, the training and the parting of the paper's 1.372
million vectors into 4,096 lists take a tenth of the time, for a hundredth of recall at the same
number of lists probed (docs/decisions/0009-two-level-lists.md).
"""

from dataclasses import dataclass
from typing import Any, Final

import faiss
import numpy as np
from numpy.typing import NDArray

from kg.store import Vector

ROUNDS: Final = 8
GROUPS_TRIED: Final = 3
"""A vector's list is the nearest centroid in the nearest groups, as many as this."""

SEED: Final = 1234

Lists = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Coarse:
    """Centroids in groups.

    Attributes:
        heads: One centroid a group, (groups, dimensions) float32.
        centroids: (lists, dimensions) float32, group after group.
        bounds: Where each group's centroids begin, and where the last ends, (groups + 1,).
    """

    heads: Vector
    centroids: Vector
    bounds: NDArray[np.int64]

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
        bounds = np.cumsum([0, *(len(group) for group in groups)])
        kept = np.unique(nearest)
        return Coarse(heads[kept], np.concatenate(groups), bounds)

    def lists_of(self, vectors: Vector) -> Lists:
        """Return the list of each vector, (n,) int64."""
        products = vectors @ self.heads.T
        tried = min(GROUPS_TRIED, len(self.heads))
        groups = np.argpartition(-products, tried - 1, axis=1)[:, :tried]
        best = np.full(len(vectors), -np.inf, np.float32)
        lists = np.zeros(len(vectors), np.int64)
        for group in range(len(self.heads)):
            rows = np.flatnonzero((groups == group).any(axis=1))
            if len(rows):
                self._improve(vectors, rows, group, best, lists)
        return lists

    def _improve(
        self, vectors: Vector, rows: Lists, group: int, best: Vector, lists: Lists
    ) -> None:
        start, stop = self.bounds[group], self.bounds[group + 1]
        products = vectors[rows] @ self.centroids[start:stop].T
        nearest = products.argmax(axis=1)
        values = products[np.arange(len(rows)), nearest]
        better = values > best[rows]
        best[rows[better]] = values[better]
        lists[rows[better]] = nearest[better] + start


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
