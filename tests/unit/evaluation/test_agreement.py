"""The coefficients of agreement are those of scikit-learn, statsmodels and krippendorff."""

from typing import Final

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from unit.evaluation import references

from evaluation.annotation.agreement import (
    Ints,
    alpha,
    cohen,
    coincidences,
    fleiss,
    fleiss_parts,
)
from evaluation.bootstrap import Floats

GRADES: Final = 3
MISSING: Final = -1


def ratings(least: int, *, annotators: int = 4) -> st.SearchStrategy[list[list[int]]]:
    """Return items as lists of grades, one an annotator; from ``least`` on they may be missing."""
    given_grades = st.lists(st.integers(0, GRADES - 1), min_size=least, max_size=least)
    others = st.lists(
        st.integers(MISSING, GRADES - 1), min_size=annotators - least, max_size=annotators - least
    )
    item = st.tuples(given_grades, others).map(lambda parts: [*parts[0], *parts[1]])
    return st.lists(item, min_size=2, max_size=30)


def counted(items: list[list[int]]) -> Ints:
    return np.array([[item.count(grade) for grade in range(GRADES)] for item in items])


def tables(items: list[list[int]]) -> Floats:
    cells = np.zeros((1, GRADES * GRADES))
    for first, second in items:
        cells[0, first * GRADES + second] += 1
    return cells


def summed(parts: Floats) -> Floats:
    return parts.sum(axis=0, keepdims=True)


@given(ratings(2, annotators=2))
def test_cohens_kappa_is_that_of_scikit_learn(items: list[list[int]]) -> None:
    firsts, seconds = [item[0] for item in items], [item[1] for item in items]
    expected = references.cohen(firsts, seconds, GRADES)

    (found,) = cohen(GRADES)(tables(items))

    assert found == pytest.approx(expected, nan_ok=True)


@given(ratings(4))
def test_fleiss_kappa_is_that_of_statsmodels(items: list[list[int]]) -> None:
    counts = counted(items)
    is_one_thing = np.count_nonzero(counts.sum(axis=0)) == 1
    expected = np.nan if is_one_thing else references.fleiss(counts)

    (found,) = fleiss(summed(fleiss_parts(counts)))

    assert found == pytest.approx(expected, nan_ok=True)


@pytest.mark.parametrize("level", ["ordinal", "nominal"])
@given(items=ratings(2))
def test_alpha_is_that_of_krippendorff_whoever_is_missing(
    items: list[list[int]], level: str
) -> None:
    matrix = np.array(items, dtype=np.float64).T
    matrix[matrix == MISSING] = np.nan
    expected = references.alpha(matrix, GRADES, level)

    (found,) = alpha(GRADES, is_ordinal=level == "ordinal")(summed(coincidences(counted(items))))

    assert found == pytest.approx(expected, nan_ok=True)


def test_many_resamples_at_once_give_what_each_gives_alone() -> None:
    rng = np.random.default_rng(3)
    parts = coincidences(rng.integers(1, 4, size=(20, GRADES)))
    weights = rng.integers(0, 3, size=(50, 20)).astype(np.float64)
    of_all = alpha(GRADES, is_ordinal=True)(weights @ parts)

    one_by_one = [alpha(GRADES, is_ordinal=True)(row[None, :] @ parts)[0] for row in weights]

    assert of_all == pytest.approx(one_by_one)
