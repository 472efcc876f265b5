"""The figures of sarcasm and the paired test, against scikit-learn's and statsmodels'."""

from importlib import import_module
from typing import Any

import numpy as np
import pytest

from evaluation.bootstrap import Resampling
from evaluation.classifier.classifier import cross_entropy
from evaluation.measures import areas_within
from evaluation.sarcasm.figures import FIGURES, gain, mcnemar, measured

metrics: Any = import_module("sklearn.metrics")
contingency: Any = import_module("statsmodels.stats.contingency_tables")

RNG = np.random.default_rng(3)
TOLD = np.round(RNG.random(200), 2)
BETTER = np.clip(TOLD + RNG.normal(0, 0.1, 200), 0, 1)
LABELS = RNG.random(200) < TOLD
WEIGHTS = RNG.integers(0, 4, (5, 200)).astype(np.float64)
REFERENCES = {
    "accuracy": metrics.accuracy_score,
    "precision": metrics.precision_score,
    "recall": metrics.recall_score,
    "F1": metrics.f1_score,
}
HOW = Resampling(200)
APART = [f"{n:03}" for n in range(200)]
"""Groups of one post each."""


@pytest.mark.parametrize("name", REFERENCES)
def test_a_figure_is_that_of_the_reference(name: str) -> None:
    found = FIGURES[name](LABELS, TOLD, WEIGHTS)

    told = TOLD >= 0.5
    assert found == pytest.approx(
        [REFERENCES[name](LABELS, told, sample_weight=w) for w in WEIGHTS]
    )


def test_the_area_is_that_of_the_reference() -> None:
    (found,) = FIGURES["AUC"](LABELS, TOLD, np.ones((1, 200)))

    assert found == pytest.approx(metrics.roc_auc_score(LABELS, TOLD))


def test_the_cross_entropy_is_that_of_the_reference() -> None:
    told = np.clip(TOLD, 0.01, 0.99)

    assert cross_entropy(LABELS, told) == pytest.approx(metrics.log_loss(LABELS, told))
    assert np.isfinite(cross_entropy(np.array([True]), np.zeros(1)))


def test_a_precision_where_nothing_is_told_sarcastic_is_not_defined() -> None:
    assert np.isnan(FIGURES["precision"](LABELS, np.zeros(200), np.ones((1, 200)))).all()


def test_mcnemars_test_is_that_of_the_reference() -> None:
    found = mcnemar(LABELS, TOLD, BETTER)

    right = [(told >= 0.5) == LABELS for told in (TOLD, BETTER)]
    table = [
        [int(np.sum((right[0] == first) & (right[1] == second))) for second in (True, False)]
        for first in (True, False)
    ]
    assert found.p == pytest.approx(contingency.mcnemar(table, exact=True).pvalue)
    assert [found.lost, found.gained] == [table[0][1], table[1][0]]
    assert found.gained + found.lost > 10


def test_classifiers_that_say_the_same_do_not_differ() -> None:
    assert mcnemar(LABELS, TOLD, TOLD).p == 1
    assert gain(FIGURES["F1"], LABELS, (TOLD[None], TOLD[None]), APART, HOW).high == 0


def test_a_figure_of_seeds_is_their_mean_and_a_difference_that_of_means() -> None:
    two = np.stack([TOLD, BETTER])

    both = measured(FIGURES["AUC"], LABELS, two, APART, HOW).value
    gained = gain(FIGURES["AUC"], LABELS, (TOLD[None], two), APART, HOW).value

    scores = [metrics.roc_auc_score(LABELS, told) for told in two]
    assert both == pytest.approx(np.mean(scores))
    assert gained == pytest.approx(np.mean(scores) - scores[0])


def test_posts_that_say_the_same_make_no_interval_narrower() -> None:
    labels, told = np.tile(LABELS, 2), np.tile(TOLD, 2)[None]

    once = measured(FIGURES["accuracy"], LABELS, TOLD[None], APART, HOW)
    twice = measured(FIGURES["accuracy"], labels, told, [*APART, *APART], HOW)

    assert [twice.value, twice.low, twice.high] == pytest.approx([once.value, once.low, once.high])


def test_to_tell_origins_apart_gains_nothing_within_them() -> None:
    origins = ["a" if label else "b" for label in LABELS[:150]] + ["a", "b"] * 25
    of_a = np.array([origin == "a" for origin in origins])

    within = areas_within(origins)(LABELS, of_a.astype(float), np.ones((1, 200)))

    assert within == pytest.approx([0.5])
    assert FIGURES["AUC"](LABELS, of_a.astype(float), np.ones((1, 200)))[0] > 0.8


def test_the_area_within_one_origin_is_the_area() -> None:
    found = areas_within(["a"] * 200)(LABELS, TOLD, WEIGHTS)

    assert found == pytest.approx(FIGURES["AUC"](LABELS, TOLD, WEIGHTS))
