"""How good estimates of yes or no are: area under the ROC curve, expected calibration error.

Both take weights, so that resamples of posts are one call (evaluation.bootstrap). They are held
to scikit-learn's by tests.
"""

from collections.abc import Callable, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from evaluation.bootstrap import Floats

Flags = NDArray[np.bool_]

Figure = Callable[[Flags, Floats, Floats], Floats]
"""From labels (n,), probabilities (n,) and weights (b, n) to figures (b,); NaN where undefined."""

BINS: Final = 10


def areas(accepted: Flags, estimates: Floats, weights: Floats) -> Floats:
    """Return the area under the ROC curve for each row of weights, (b,); ties count half.

    NaN where nothing was accepted, or everything.

    Args:
        accepted: (n,).
        estimates: (n,).
        weights: (b, n).
    """
    order = np.argsort(estimates, kind="stable")
    starts = np.flatnonzero(np.diff(estimates[order], prepend=-np.inf))
    if not len(starts):
        return np.full(len(weights), np.nan)
    ranked = weights[:, order]
    taken = np.add.reduceat(ranked * accepted[order], starts, axis=1)
    refused = np.add.reduceat(ranked * ~accepted[order], starts, axis=1)
    below = np.cumsum(refused, axis=1) - refused / 2
    pairs = taken.sum(axis=1) * refused.sum(axis=1)
    with np.errstate(invalid="ignore"):
        return (taken * below).sum(axis=1) / np.where(pairs > 0, pairs, np.nan)


def areas_within(kinds: Sequence[str]) -> Figure:
    """Return the figure of the area under the curve over pairs of one kind.

    What tells kinds apart, and so the label where the two go together, gains nothing in it.

    Args:
        kinds: (n,). Pairs are weighed alike; a kind of one label has none.
    """
    names, owner = np.unique(np.array(kinds, dtype=str), return_inverse=True)

    def figure(labels: Flags, estimates: Floats, weights: Floats) -> Floats:
        right = pairs = np.zeros(len(weights))
        for number in range(len(names)):
            own = np.flatnonzero(owner == number)
            taken, part = labels[own], weights[:, own]
            count = (part @ taken) * (part @ ~taken)
            right = right + count * np.nan_to_num(areas(taken, estimates[own], part))
            pairs = pairs + count
        with np.errstate(invalid="ignore"):
            return right / np.where(pairs > 0, pairs, np.nan)

    return figure


def calibration_errors(accepted: Flags, estimates: Floats, weights: Floats) -> Floats:
    """Return the expected calibration error for each row of weights, (b,).

    Over ten bins of one width (Guo et al., On Calibration of Modern Neural Networks, 2017,
    section 2): how far the mean estimate is from the share that was accepted, on average. It is
    above 0 by chance alone, the more so the fewer there are.
    """
    bins = np.minimum((estimates * BINS).astype(int), BINS - 1)
    inside = np.eye(BINS)[bins]
    gaps = np.abs((weights * (estimates - accepted)) @ inside).sum(axis=1)
    with np.errstate(invalid="ignore"):
        return gaps / weights.sum(axis=1)
