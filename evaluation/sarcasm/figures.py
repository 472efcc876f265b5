"""How well sarcasm was told, and whether one classifier tells it better than another.

Figures take weights, so that resamples are one call (evaluation.bootstrap). They are held
to scikit-learn's by tests, McNemar's test to statsmodels'.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from types import MappingProxyType
from typing import Any, Final

import numpy as np

from evaluation.bootstrap import Estimate, Floats, Resampling, estimate_by_groups
from evaluation.measures import Figure, Flags, areas

Groups = Sequence[str]
"""Of each post, what it is drawn with: the posts that say the same."""

THRESHOLD: Final = 0.5
"""A probability of so much, or more, says that a post is sarcastic."""


def accuracies(labels: Flags, estimates: Floats, weights: Floats) -> Floats:
    """Return the share of posts that are told right."""
    right = labels == (estimates >= THRESHOLD)
    return _ratio(weights @ right, weights.sum(axis=1))


def precisions(labels: Flags, estimates: Floats, weights: Floats) -> Floats:
    """Return the share of posts told sarcastic that are; undefined where none is told so."""
    told = estimates >= THRESHOLD
    return _ratio(weights @ (labels & told), weights @ told)


def recalls(labels: Flags, estimates: Floats, weights: Floats) -> Floats:
    """Return the share of sarcastic posts that are told so."""
    return _ratio(weights @ (labels & (estimates >= THRESHOLD)), weights @ labels)


def f1s(labels: Flags, estimates: Floats, weights: Floats) -> Floats:
    """Return the harmonic mean of precision and recall, of the label sarcastic."""
    told = estimates >= THRESHOLD
    return _ratio(2 * (weights @ (labels & told)), weights @ told + weights @ labels)


FIGURES: Final[Mapping[str, Figure]] = MappingProxyType(
    {
        "accuracy": accuracies,
        "precision": precisions,
        "recall": recalls,
        "F1": f1s,
        "AUC": areas,
    }
)


def measured(
    figure: Figure, labels: Flags, told: Floats, groups: Groups, how: Resampling
) -> Estimate:
    """Return the mean of a figure over seeds, its interval over groups of posts.

    Args:
        figure: The figure.
        labels: (n,).
        told: (seeds, n), probabilities.
        groups: (n,).
        how: The resampling of groups.
    """
    return estimate_by_groups(groups, lambda w: _mean(figure, labels, told, w), how)


def gain(
    figure: Figure, labels: Flags, told: tuple[Floats, Floats], groups: Groups, how: Resampling
) -> Estimate:
    """Return how far a figure of the second is above that of the first, of the same draws."""
    before, after = told

    def gained(weights: Floats) -> Floats:
        return _mean(figure, labels, after, weights) - _mean(figure, labels, before, weights)

    return estimate_by_groups(groups, gained, how)


@dataclass(frozen=True, slots=True)
class McNemar:
    """The exact test of McNemar, of two classifiers on the same posts (Psychometrika, 1947).

    Attributes:
        gained: Posts that only the second tells right.
        lost: Posts that only the first does.
        p: Chance of a split as uneven, or more, if both were as good; two-sided, binomial.
    """

    gained: int
    lost: int
    p: float


def mcnemar(labels: Flags, before: Floats, after: Floats) -> McNemar:
    """Test whether the second is as often right as the first, by probabilities (n,)."""
    first = (before >= THRESHOLD) == labels
    second = (after >= THRESHOLD) == labels
    gained, lost = int((second & ~first).sum()), int((first & ~second).sum())
    if not gained + lost:
        return McNemar(0, 0, 1.0)
    stats: Any = import_module("scipy.stats")
    return McNemar(gained, lost, float(stats.binomtest(gained, gained + lost).pvalue))


def _mean(figure: Figure, labels: Flags, told: Floats, weights: Floats) -> Floats:
    return np.mean([figure(labels, one, weights) for one in told], axis=0)


def _ratio(above: Floats, below: Floats) -> Floats:
    with np.errstate(invalid="ignore"):
        return above / np.where(below > 0, below, np.nan)
