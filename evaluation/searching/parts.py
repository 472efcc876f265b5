"""Judged posts parted in two: those that are learnt from, and those that ask."""

from collections.abc import Sequence
from importlib import import_module
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from schema.text import rank_of

NEAR: Final = 0.8
"""Cosine from which two posts are near-duplicates: of all pairs of 1,000 real posts, 30 are."""


def parted(ids: Sequence[str], embeddings: NDArray[np.float32]) -> tuple[set[str], set[str]]:
    """Return the ids to learn from and those that ask, about as many, by a hash of the id.

    Posts that are near-duplicates, or are so by way of others, are in one part.

    Args:
        ids: Of the posts, rising.
        embeddings: (posts, dimensions), of unit length; posts may be none.
    """
    if not ids:
        return set(), set()
    graphs: Any = import_module("scipy.sparse.csgraph")
    _, groups = graphs.connected_components(embeddings @ embeddings.T >= NEAR, directed=False)
    first: dict[int, str] = {}
    for post_id, group in zip(ids, groups.tolist(), strict=True):
        first.setdefault(group, post_id)
    learnt = {i for i, g in zip(ids, groups.tolist(), strict=True) if rank_of(first[g]) % 2 == 0}
    return learnt, set(ids) - learnt
