"""Whether one system is better than another on the same posts: paired, by post."""

from dataclasses import dataclass

import numpy as np

from evaluation.bootstrap import CHUNK, Estimate, Floats, Resampling, Statistic, estimate


@dataclass(frozen=True, slots=True)
class Difference:
    """How far a figure of one system is above that of another.

    Attributes:
        estimate: The first's less the second's, and its interval from resamples of posts.
        p: Chance of a difference as large, either way, were it all the same who wrote what.
    """

    estimate: Estimate
    p: float


def paired_difference(
    first: Floats, second: Floats, figure: Statistic, how: Resampling
) -> Difference:
    """Compare two systems.

    The test is approximate randomisation (Noreen, 1989; Riezler and Maxwell, 2005): in each draw
    the systems change places in about half of the posts.

    Args:
        first: (posts, columns), what each post adds to the sums of the first.
        second: The same of the second.
        figure: The figure of sums.
        how: How many draws, and from which seed.
    """
    width = first.shape[1]

    def apart(sums: Floats) -> Floats:
        return figure(sums[:, :width]) - figure(sums[:, width:])

    both = np.hstack([first, second])
    found = apart(both.sum(axis=0, keepdims=True))[0]
    rng, change, beyond = np.random.default_rng(how.seed), second - first, 0
    for start in range(0, how.resamples, CHUNK):
        size = min(CHUNK, how.resamples - start)
        swapped = rng.integers(2, size=(size, len(first))) @ change
        drawn = apart(both.sum(axis=0) + np.hstack([swapped, -swapped]))
        beyond += int((np.abs(drawn) >= abs(found) - 1e-12).sum())
    return Difference(estimate(both, apart, how), (beyond + 1) / (how.resamples + 1))
