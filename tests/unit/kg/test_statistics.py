"""The closed forms agree with SciPy's and with what was published."""

from math import exp, log, sqrt

import numpy as np
import pytest
from contract import reference_statistics as reference
from hypothesis import given
from hypothesis import strategies as st

from kg import statistics

sizes = st.integers(1, 10_000)


def array(*values: int) -> statistics.Counts:
    return np.array(values, np.int64)


@given(sizes, st.data())
def test_the_interval_of_a_share_is_wilsons(size: int, data: st.DataObject) -> None:
    count = data.draw(st.integers(0, size))

    low, high = statistics.wilson(array(count), size)

    assert (low[0], high[0]) == pytest.approx(reference.wilson(count, size), abs=1e-12)


def test_the_interval_of_a_difference_is_newcombes() -> None:
    """Example (a) of the paper's table II: 56 of 70 and 48 of 80."""
    low, high = statistics.difference(array(56), 70, array(48), 80)

    assert (low[0], high[0]) == pytest.approx((0.0524, 0.3339), abs=5e-5)


@given(st.tuples(*[st.integers(1, 500)] * 4))
def test_p_is_that_of_the_log_likelihood_ratio(table: tuple[int, int, int, int]) -> None:
    have, lack, others_have, others_lack = table

    found = statistics.p_values(
        array(have), have + lack, array(others_have), others_have + others_lack
    )

    expected = reference.p_value(have, have + lack, others_have, others_have + others_lack)
    assert found[0] == pytest.approx(expected, rel=1e-6, abs=1e-12)


@given(st.lists(st.floats(0, 1), min_size=1, max_size=30))
def test_q_is_that_of_benjamini_and_hochberg(values: list[float]) -> None:
    p = np.array(values)

    assert statistics.q_values(p) == pytest.approx(reference.q_values(values))


def test_nothing_is_corrected_where_nothing_was_compared() -> None:
    assert len(statistics.q_values(np.zeros(0))) == 0


@given(sizes, st.data())
def test_a_group_against_itself_has_lift_1_for_sure(size: int, data: st.DataObject) -> None:
    count = array(data.draw(st.integers(1, size)))

    low, high = statistics.lift_interval(count, size, count, size)

    assert statistics.lift(count, size, count, size)[0] == 1
    assert (low[0], high[0]) == pytest.approx((1, 1))
    assert statistics.p_values(count, size, count - count, 0)[0] == 1


def test_in_a_vast_background_the_interval_is_that_of_the_groups_share_alone() -> None:
    """Katz' interval of a risk ratio, of which the second group's part vanishes."""
    low, high = statistics.lift_interval(array(30), 100, array(10**8), 10**9)

    width = 1.959964 * sqrt(1 / 30 - 1 / 100)
    assert (low[0], high[0]) == pytest.approx((exp(log(3) - width), exp(log(3) + width)), rel=1e-4)


def test_the_interval_of_a_lift_covers_it_in_nineteen_of_twenty_samples() -> None:
    random = np.random.default_rng(7)
    samples, size, rest = 20_000, 400, 1600
    inside, outside = 0.15, 0.05
    true = inside / ((size * inside + rest * outside) / (size + rest))

    have = random.binomial(size, inside, samples)
    low, high = statistics.lift_interval(
        have, size, have + random.binomial(rest, outside, samples), size + rest
    )

    assert np.mean((low <= true) & (true <= high)) == pytest.approx(0.95, abs=0.01)


def test_a_value_that_the_group_lacks_has_an_upper_end() -> None:
    low, high = statistics.lift_interval(array(0), 50, array(100), 1000)

    assert low[0] == 0
    assert 0 < high[0] < 3


def test_empty_groups_say_nothing() -> None:
    nothing = array(0)

    assert statistics.p_values(nothing, 0, array(3), 10)[0] == 1
    assert [end[0] for end in statistics.wilson(nothing, 0)] == [0, 1]


def test_few_nodes_are_not_taken_for_certain() -> None:
    low, high = statistics.lift_interval(array(5), 5, array(5), 100)

    assert low[0] < 15
    assert high[0] >= 20


@given(st.tuples(*[st.integers(0, 40)] * 4))
def test_an_interval_holds_its_lift(table: tuple[int, int, int, int]) -> None:
    have, lack, others_have, _ = table
    size, whole = have + lack, sum(table)
    background = array(have + others_have)
    if not size or not background[0]:
        return

    low, high = statistics.lift_interval(array(have), size, background, whole)

    assert low[0] <= statistics.lift(array(have), size, background, whole)[0] <= high[0]
    assert 0 <= low[0] <= high[0] < float("inf")
