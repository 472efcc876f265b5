"""Coefficients of agreement by the packages that others use, to hold ours to."""

import warnings
from collections.abc import Sequence
from importlib import import_module

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]


def cohen(first: Sequence[int], second: Sequence[int], categories: int) -> float:
    """Return scikit-learn's."""
    score = import_module("sklearn.metrics").cohen_kappa_score
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it warns where both always chose one thing
        return float(score(first, second, labels=list(range(categories))))


def fleiss(counts: Ints) -> float:
    """Return statsmodels', of (items, categories)."""
    return float(import_module("statsmodels.stats.inter_rater").fleiss_kappa(counts))


def alpha(ratings: NDArray[np.float64], categories: int, level: str) -> float:
    """Return krippendorff's, of (annotators, items), NaN where one is missing."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # it divides by 0 where all chose one thing
        found = import_module("krippendorff").alpha(
            ratings, value_domain=list(range(categories)), level_of_measurement=level
        )
    return float(found)


def mean_interval(values: Sequence[float]) -> tuple[float, float]:
    """Return SciPy's percentile interval of a mean."""
    found = import_module("scipy.stats").bootstrap(
        (np.array(values),), np.mean, method="percentile", n_resamples=9_999, rng=1
    )
    return float(found.confidence_interval.low), float(found.confidence_interval.high)
