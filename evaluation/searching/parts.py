"""Judged posts parted in two: those that are learnt from, and those that ask."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from evaluation.near_duplicates import groups_by_embedding
from schema.text import rank_of


def halves(ids: Sequence[str], embeddings: NDArray[np.float32]) -> tuple[set[str], set[str]]:
    """Return the ids to learn from and those that ask, about as many, by a hash of the id.

    Posts that are near duplicates, or are so by way of others, are in one part.

    Args:
        ids: Of the posts, rising.
        embeddings: (posts, dimensions), of unit length; posts may be none.
    """
    groups = groups_by_embedding(embeddings)
    first: dict[int, str] = {}
    for post_id, group in zip(ids, groups, strict=True):
        first.setdefault(group, post_id)
    learnt = {i for i, g in zip(ids, groups, strict=True) if rank_of(first[g]) % 2 == 0}
    return learnt, set(ids) - learnt
