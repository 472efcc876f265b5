"""How sure a figure is: percentile intervals from resamples of whole posts.

What one post's intentions are judged as hangs together, so posts are drawn, not judgements (the
cluster bootstrap; Davison and Hinkley, Bootstrap Methods, 1997, section 3.8). A figure is given as
a function of sums over posts: a resample is then one product of matrices.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Statistic = Callable[[Floats], Floats]
"""From sums, (b, columns), to figures, (b,); NaN where a figure is not defined."""

LEVEL: Final = 0.95
CHUNK: Final = 100
"""Resamples at a time, which bounds the memory: so many counts for each post."""

LEAST_DEFINED: Final = 0.5
"""Share of the resamples that must define the figure, for an interval to be told."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """A figure and its interval.

    Attributes:
        value: None where it is not defined, as a kappa where all chose one thing.
        low: Lower end of the interval of 95 %; None where there is none.
        high: Its upper end.
        posts: How many posts it is of; those that were drawn together count as one.
    """

    value: float | None
    low: float | None
    high: float | None
    posts: int

    def __str__(self) -> str:
        """Say it as tables do: the figure, and its interval in brackets."""
        if self.value is None:
            return "none"
        interval = "" if self.low is None else f" [{self.low:.3f}, {self.high:.3f}]"
        return f"{self.value:.3f}{interval}"


@dataclass(frozen=True, slots=True)
class Resampling:
    """How often posts are drawn anew, and from which seed: the same seed, the same interval."""

    resamples: int = 2_000
    seed: int = 0


def estimate(parts: Floats, statistic: Statistic, how: Resampling) -> Estimate:
    """Return a figure of all posts, and its interval.

    Args:
        parts: (posts, columns), what each post adds to the sums; posts may be none. One post has
            no interval.
        statistic: The figure.
        how: The resampling.
    """
    return estimate_by_weights(len(parts), lambda drawn: statistic(drawn @ parts), how)


def estimate_by_weights(posts: int, statistic: Statistic, how: Resampling) -> Estimate:
    """Return a figure of all posts, and its interval, where it is no function of sums.

    Args:
        posts: How many there are; may be 0. One post has no interval.
        statistic: The figure, from how often each post counts, (b, posts).
        how: The resampling.
    """
    if not posts:
        return Estimate(None, None, None, 0)
    value = float(statistic(np.ones((1, posts)))[0])
    if posts == 1 or np.isnan(value):
        return Estimate(None if np.isnan(value) else value, None, None, posts)
    drawn = np.concatenate([statistic(weights) for weights in _weights(posts, how)])
    defined = drawn[~np.isnan(drawn)]
    if len(defined) < LEAST_DEFINED * how.resamples:
        return Estimate(value, None, None, posts)
    low, high = np.quantile(defined, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return Estimate(value, float(low), float(high), posts)


def estimate_by_groups(groups: Sequence[str], statistic: Statistic, how: Resampling) -> Estimate:
    """Return a figure of rows, and its interval from resamples of groups of them.

    Args:
        groups: (n,), what each row is drawn with, as its post; n may be 0.
        statistic: The figure, from how often each row counts, (b, n).
        how: The resampling.
    """
    # Not numpy.unique: it would hold each as wide as the longest, which may be a whole text.
    places = {name: place for place, name in enumerate(sorted(set(groups)))}
    owner = np.array([places[name] for name in groups], np.intp)
    return estimate_by_weights(len(places), lambda drawn: statistic(drawn[:, owner]), how)


def _weights(posts: int, how: Resampling) -> Iterator[Floats]:
    """Yield how often each post is drawn, (b, posts)."""
    rng = np.random.default_rng(how.seed)
    for start in range(0, how.resamples, CHUNK):
        size = min(CHUNK, how.resamples - start)
        drawn = rng.integers(posts, size=(size, posts))
        rows = np.arange(size)[:, None] * posts
        counts = np.bincount((drawn + rows).ravel(), minlength=size * posts)
        yield counts.reshape(size, posts).astype(np.float64)
