"""The measures of estimates, against scikit-learn's."""

from importlib import import_module
from typing import Any

import numpy as np
import pytest

from evaluation.measures import areas, calibration_errors

metrics: Any = import_module("sklearn.metrics")
calibration: Any = import_module("sklearn.calibration")

RNG = np.random.default_rng(7)
ESTIMATES = np.round(RNG.random(300), 2)  # with ties
ACCEPTED = RNG.random(300) < ESTIMATES
WEIGHTS = RNG.integers(0, 4, (5, 300)).astype(np.float64)


def test_the_area_is_that_of_the_reference() -> None:
    found = areas(ACCEPTED, ESTIMATES, WEIGHTS)

    expected = [metrics.roc_auc_score(ACCEPTED, ESTIMATES, sample_weight=w) for w in WEIGHTS]
    assert found == pytest.approx(expected, abs=1e-12)


def test_the_calibration_error_is_that_of_the_references_curve() -> None:
    estimates = np.random.default_rng(8).random(300)  # none on the rim of a bin

    (found,) = calibration_errors(ACCEPTED, estimates, np.ones((1, 300)))

    shares, means = calibration.calibration_curve(ACCEPTED, estimates, n_bins=10)
    counts, _ = np.histogram(estimates, bins=10, range=(0, 1))
    assert found == pytest.approx(np.abs(shares - means) @ counts / 300, abs=1e-12)


def test_a_weight_counts_as_a_repeat() -> None:
    repeated = np.repeat(np.arange(300), WEIGHTS[0].astype(int))

    found = calibration_errors(ACCEPTED, ESTIMATES, WEIGHTS[:1])

    again = np.ones((1, len(repeated)))
    assert found == pytest.approx(
        calibration_errors(ACCEPTED[repeated], ESTIMATES[repeated], again)
    )


def test_an_area_without_both_answers_is_not_defined() -> None:
    assert np.isnan(areas(np.ones(300, bool), ESTIMATES, np.ones((1, 300)))).all()
    assert np.isnan(areas(np.empty(0, bool), np.empty(0), np.ones((1, 0)))).all()
