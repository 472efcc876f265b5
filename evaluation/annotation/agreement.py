"""Coefficients of agreement, each as a function of sums over posts (see evaluation.bootstrap).

Own code, since an interval wants a coefficient of thousands of resamples, which packages take one
at a time (scikit-learn's kappa of 270 items: 10 ms). Tests hold these to scikit-learn's,
statsmodels' and krippendorff's.
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from evaluation.bootstrap import Floats, Statistic

Ints = NDArray[np.int64]


def share(sums: Floats) -> Floats:
    """Return the first column by the second."""
    return _divided(sums[:, 0], sums[:, 1])


def cohen(categories: int) -> Statistic:
    """Return Cohen's kappa (1960), unweighted, of tables of two annotators' choices.

    The columns are the table's cells, row by row. Not defined where both always chose one thing.
    """

    def kappa(sums: Floats) -> Floats:
        tables = sums.reshape(-1, categories, categories)
        size = tables.sum(axis=(1, 2))
        alike = np.trace(tables, axis1=1, axis2=2)
        by_chance = (tables.sum(axis=1) * tables.sum(axis=2)).sum(axis=1)
        return _divided(alike * size - by_chance, size**2 - by_chance)

    return kappa


def fleiss_parts(counts: Ints) -> Floats:
    """Return what items of equally many judgements add to Fleiss' kappa, (items, 2 + categories).

    Args:
        counts: (items, categories), how many chose which; the same sum, 2 or more, in each row.
    """
    each = counts.sum(axis=1)
    alike = (counts * (counts - 1)).sum(axis=1) / (each * (each - 1))
    return np.column_stack([alike, np.ones(len(counts)), counts / each[:, None]])


def fleiss(sums: Floats) -> Floats:
    """Return Fleiss' kappa (1971) of the sums of ``fleiss_parts``."""
    size = sums[:, 1]
    alike = _divided(sums[:, 0], size)
    by_chance = (_divided(sums[:, 2:], size[:, None]) ** 2).sum(axis=1)
    return _divided(alike - by_chance, 1 - by_chance)


def coincidences(counts: Ints) -> Floats:
    """Return what items add to Krippendorff's coincidence matrix, (items, categories ** 2).

    Args:
        counts: (items, categories), how many chose which; 2 or more in each row.
    """
    ordered = counts[:, :, None] * counts[:, None, :]
    same = np.eye(counts.shape[1], dtype=np.int64) * counts[:, None, :]
    return ((ordered - same) / (counts.sum(axis=1) - 1)[:, None, None]).reshape(len(counts), -1)


def alpha(categories: int, *, is_ordinal: bool) -> Statistic:
    """Return Krippendorff's alpha (Content Analysis, 4th edition, chapter 12).

    Any number of judgements an item, some missing. The columns are those of ``coincidences``.
    """
    distance = _ordinal if is_ordinal else _nominal

    def coefficient(sums: Floats) -> Floats:
        seen = sums.reshape(-1, categories, categories)
        totals = seen.sum(axis=2)
        size = totals.sum(axis=1)
        diagonal = np.eye(categories) * totals[:, None, :]
        expected = totals[:, :, None] * totals[:, None, :] - diagonal
        apart = distance(totals)
        observed = (seen * apart).sum(axis=(1, 2)) * (size - 1)
        return 1 - _divided(observed, (expected * apart).sum(axis=(1, 2)))

    return coefficient


Distance = Callable[[Floats], Floats]


def _nominal(totals: Floats) -> Floats:
    categories = totals.shape[1]
    return np.broadcast_to(1 - np.eye(categories), (len(totals), categories, categories))


def _ordinal(totals: Floats) -> Floats:
    """Return squared distances by the judgements between two grades and half of those at them."""
    middle = totals.cumsum(axis=1) - totals / 2
    return (middle[:, :, None] - middle[:, None, :]) ** 2


def _divided(numerator: Floats, denominator: Floats) -> Floats:
    """Return the quotient, NaN where the denominator is 0 but for the last bits."""
    whole = np.broadcast_to(denominator, numerator.shape)
    found = np.full(numerator.shape, np.nan)
    return np.divide(numerator, whole, out=found, where=np.abs(whole) > 1e-12)
