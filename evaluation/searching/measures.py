"""How good one ranking is. Held to scikit-learn's by tests."""

from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np

ACCEPTED: Final = 2
"""Grade of an answer that people accepted."""

REFUSED: Final = 1
"""Grade of one that was made for the same post, and refused; all else is 0."""

CUT: Final = 10
DEEP: Final = 100


def ndcg(ranking: Sequence[str], grades: Mapping[str, int]) -> float:
    """Return the normalised discounted cumulative gain of the first ten; gains are the grades.

    (Järvelin and Kekäläinen, TOIS 2002.)
    """
    gains = [grades.get(i, 0) for i in ranking[:CUT]]
    best = sorted(grades.values(), reverse=True)[:CUT]
    return _dcg(gains) / _dcg(best)


def reciprocal_rank(ranking: Sequence[str], grades: Mapping[str, int]) -> float:
    """Return 1 / the rank of the first that was accepted; 0 where none is there."""
    ranks = (n for n, i in enumerate(ranking, start=1) if grades.get(i) == ACCEPTED)
    first = next(ranks, None)
    return 0.0 if first is None else 1 / first


def recall(ranking: Sequence[str], grades: Mapping[str, int]) -> float:
    """Return which share of the accepted is among the first hundred."""
    wanted = {i for i, grade in grades.items() if grade == ACCEPTED}
    return len(wanted & set(ranking[:DEEP])) / len(wanted)


def _dcg(gains: Sequence[int]) -> float:
    return float(sum(gain / np.log2(n) for n, gain in enumerate(gains, start=2)))
