"""Rates, how sure they are, and what separates two groups: closed forms, in NumPy.

Counts come as (n,) arrays, one element a value. Intervals are of 95 %.
"""

from math import erfc, sqrt
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Counts = NDArray[np.int64]

Z: Final = 1.959963984540054
"""The 97.5th percentile of the normal distribution."""


class Interval(NamedTuple):
    """Lower and upper ends, (n,) each."""

    low: Floats
    high: Floats


def rates(counts: Counts, size: int) -> Floats:
    """Return the shares of a group, 0 where it is empty."""
    return counts / max(1, size)


def wilson(counts: Counts, size: int) -> Interval:
    """Return the score interval of a share (Wilson, JASA 1927); [0, 1] for an empty group."""
    if not size:
        return Interval(np.zeros(len(counts)), np.ones(len(counts)))
    share = counts / size
    middle = (share + Z**2 / (2 * size)) / (1 + Z**2 / size)
    half = Z / (1 + Z**2 / size) * np.sqrt(share * (1 - share) / size + Z**2 / (4 * size**2))
    # The ends are exact where all or none have the value, but for the last bits.
    low = np.where(counts == 0, 0.0, middle - half)
    return Interval(low, np.where(counts == size, 1.0, middle + half))


def difference(counts: Counts, size: int, others: Counts, size_of_others: int) -> Interval:
    """Return the interval of a share less another group's (Newcombe, Stat. Med. 1998, method 10).

    It takes the groups for independent.
    """
    share, other = rates(counts, size), rates(others, size_of_others)
    low, high = wilson(counts, size)
    low_of_other, high_of_other = wilson(others, size_of_others)
    return Interval(
        share - other - np.hypot(share - low, high_of_other - other),
        share - other + np.hypot(high - share, other - low_of_other),
    )


def lift(counts: Counts, size: int, background: Counts, size_of_background: int) -> Floats:
    """Return how many times as frequent values are in a group as in the background around it.

    0 where the group has none; the background has some.
    """
    return rates(counts, size) / rates(background, size_of_background)


def lift_interval(
    counts: Counts, size: int, background: Counts, size_of_background: int
) -> Interval:
    """Return the interval of a lift.

    The group is a part of the background, so the two shares are not independent. The variance of
    the lift's logarithm is worked out by the delta method from those that are: of the group, and
    of the rest of the background. None and all are taken as half a node more and less, so that few
    nodes are not taken for certain; where the group has none, the lower end is 0. A group that is
    its background has lift 1, for sure.
    """
    rest = size_of_background - size
    if not rest or not size:
        return Interval(np.full(len(counts), float(size > 0)), np.ones(len(counts)))
    share = np.clip(counts, 0.5, size - 0.5) / size
    others = np.clip(background - counts, 0.5, rest - 0.5) / rest
    part = size / size_of_background
    whole = part * share + (1 - part) * others
    spread = (1 / share - part / whole) ** 2 * share * (1 - share) / size
    spread += ((1 - part) / whole) ** 2 * others * (1 - others) / rest
    width = np.exp(Z * np.sqrt(spread))
    ratio, found = share / whole, lift(counts, size, background, size_of_background)
    low = np.where(counts == 0, 0.0, np.minimum(ratio / width, found))
    return Interval(low, np.maximum(ratio * width, found))


def p_values(counts: Counts, size: int, others: Counts, size_of_others: int) -> Floats:
    """Return how likely so unequal shares of two groups are if nothing tells them apart.

    By the log-likelihood ratio (Dunning, Computational Linguistics 1993), which keeps its
    distribution for rare values; chi-squared with one degree of freedom, two-sided.
    """
    total = size + size_of_others
    if not size or not size_of_others:
        return np.ones(len(counts))
    rows = [(counts, size), (others, size_of_others)]
    both = counts + others
    ratio = np.zeros(len(counts))
    for have, of in rows:
        ratio += _information(have, of * both / total)
        ratio += _information(of - have, of * (total - both) / total)
    return np.array([_upper_tail(value) for value in 2 * ratio])


def q_values(p: Floats) -> Floats:
    """Return the rates of false discoveries (Benjamini and Hochberg, JRSS B 1995).

    Of the values whose q is at most 0.05, about one in twenty is there by chance.
    """
    order = np.argsort(p, kind="stable")
    stepped = p[order] * len(p) / np.arange(1, len(p) + 1)
    least = np.minimum.accumulate(stepped[::-1])[::-1]
    q = np.empty(len(p))
    q[order] = np.minimum(least, 1.0)
    return q


def _information(observed: NDArray[np.int64], expected: Floats) -> Floats:
    """Return observed * log(observed / expected), 0 where nothing was observed."""
    found = np.zeros(len(observed))
    there = observed > 0
    found[there] = observed[there] * np.log(observed[there] / expected[there])
    return found


def _upper_tail(value: float) -> float:
    """Return the chance of a chi-squared variable of one degree of freedom beyond a value."""
    return erfc(sqrt(max(0.0, value) / 2))
