"""How good estimates of yes or no are: area under the ROC curve, expected calibration error.

Both take weights, so that resamples of posts are one call (evaluation.bootstrap). They are held
to scikit-learn's by tests.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

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
