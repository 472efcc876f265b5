"""Intervals: of whole posts, from a seed, and told only where there is one."""

import tracemalloc

import numpy as np
import pytest
from unit.evaluation import references

from evaluation.annotation.agreement import cohen, share
from evaluation.bootstrap import Estimate, Floats, Resampling, estimate, estimate_by_groups

VALUES = np.random.default_rng(0).random(300)


def parts_of(values: Floats) -> Floats:
    return np.column_stack([values, np.ones(len(values))])


def test_an_interval_is_that_of_scipy_where_each_post_holds_one() -> None:
    found = estimate(parts_of(VALUES), share, Resampling(9_999))

    assert found.value == pytest.approx(VALUES.mean())
    assert (found.low, found.high) == pytest.approx(
        references.mean_interval(VALUES.tolist()), abs=0.003
    )


def test_what_hangs_together_in_a_post_makes_the_interval_wider() -> None:
    posts = parts_of(VALUES)
    fewer = posts.reshape(-1, 10, 2)[:, 0] * 10  # ten judgements a post, all alike

    apart = estimate(posts, share, Resampling())
    together = estimate(fewer, share, Resampling())

    assert width(together) > 2 * width(apart)


def test_rows_of_one_group_are_drawn_together() -> None:
    names = [f"{n:03}" for n in range(300)]
    twice = np.tile(VALUES, 2)

    once = estimate_by_groups(names, lambda w: w @ VALUES / w.sum(axis=1), Resampling())
    both = estimate_by_groups([*names, *names], lambda w: w @ twice / w.sum(axis=1), Resampling())

    assert [both.value, both.low, both.high] == pytest.approx([once.value, once.low, once.high])
    assert both.posts == 300


def test_one_long_name_of_a_group_costs_no_more_than_itself() -> None:
    names = [*(f"{n:03}" for n in range(299)), "9" * 1_000_000]

    tracemalloc.start()
    found = estimate_by_groups(names, lambda w: w @ VALUES / w.sum(axis=1), Resampling())
    _, peak_bytes = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert found.posts == 300
    assert peak_bytes < 100_000_000  # numpy's strings take 1.2 GB


def test_a_seed_gives_one_interval_and_another_seed_another() -> None:
    first, again, other = (
        estimate(parts_of(VALUES), share, Resampling(500, seed)) for seed in (1, 1, 2)
    )

    assert first == again
    assert first != other


def test_no_post_has_no_figure_and_one_post_no_interval() -> None:
    none = estimate(np.empty((0, 2)), share, Resampling())
    one = estimate(np.array([[1.0, 4.0]]), share, Resampling())

    assert none == Estimate(None, None, None, 0)
    assert one == Estimate(0.25, None, None, 1)


def test_a_kappa_that_is_not_defined_is_none() -> None:
    alike = np.tile([[1.0, 0, 0, 0]], (39, 1))

    found = estimate(alike, cohen(2), Resampling())

    assert found == Estimate(None, None, None, 39)


@pytest.mark.parametrize(("seed", "has_interval"), [(0, False), (1, True)])
def test_an_interval_wants_half_of_the_resamples_to_define_the_figure(
    seed: int, has_interval: bool
) -> None:
    # Of two posts that differ, every other resample draws one of them twice.
    found = estimate(np.array([[1.0, 0, 0, 0], [0, 0, 0, 1]]), cohen(2), Resampling(100, seed))

    assert found.value == 1.0
    assert (found.low is not None) is has_interval


def width(found: Estimate) -> float:
    assert found.low is not None
    assert found.high is not None
    return found.high - found.low
