"""What outputs are worth: held to the packages that others use, on the same strings."""

import warnings
from importlib import import_module
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from evaluation.benchmark.comparing import paired_difference
from evaluation.benchmark.encoder import TokenEncoder
from evaluation.benchmark.greedy_matching import bert_scores
from evaluation.benchmark.measures import COUNT, mean, mean_of
from evaluation.benchmark.words import bleu, bleu_counts, meteor, rouge_l
from evaluation.bootstrap import Floats, Resampling
from kg.packaged import PACKAGED
from kg.sentence_embedder import model_path
from schema.errors import ModelLoadError
from schema.relations import Relation

PAIRS = [
    ("find a home for the dog", "find a new home for Rex"),
    ("promote the shelter's open day, and its puppies", "promote the shelter"),
    ("hopeful", "hopeful and touched"),
    ("visit it", "visit the animal shelter on Saturday with their children"),
    ("buy a dress [SEP] now", "answer questions about the dog [SEP]"),
    ("take a photo of the dog", "take a photo of the dog"),
]
WRITTEN = [written for written, _ in PAIRS]
REFERENCES = [reference for _, reference in PAIRS]
WORDS = st.lists(st.sampled_from("a b c d e dog dogs .".split()), max_size=8).map(" ".join)


@pytest.fixture(scope="module")
def encoder() -> TokenEncoder:
    return TokenEncoder(PACKAGED)


@pytest.mark.parametrize("layer", [None, 3])
def test_bert_score_is_that_of_the_package(layer: int | None) -> None:
    package: Any = import_module("bert_score")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        scorer = package.BERTScorer(model_type=str(model_path(PACKAGED)), num_layers=layer or 6)
        expected = scorer.score(WRITTEN, REFERENCES)[2].tolist()

    found = bert_scores(TokenEncoder(PACKAGED, layer), WRITTEN, REFERENCES)

    assert found == pytest.approx(expected, abs=1e-5)


def test_a_text_that_is_empty_has_no_bert_score(encoder: TokenEncoder) -> None:
    found = bert_scores(encoder, ["", "a dog", "[SEP]"], ["a dog", "", "a dog"])

    assert found.tolist() == [0, 0, 0]


def test_the_encoder_is_named_with_its_weights_and_layer(encoder: TokenEncoder) -> None:
    assert encoder.name == "all-MiniLM-L6-v2 (53aa51172d14), layer 6"


@pytest.mark.parametrize(("name", "layer"), [("gone/model", None), (PACKAGED, 7)])
def test_an_encoder_or_a_layer_that_is_not_there_is_told(name: str, layer: int | None) -> None:
    with pytest.raises(ModelLoadError, match=r"(give --encoder|name one of them by --layer)"):
        TokenEncoder(name, layer)


@given(st.lists(st.tuples(WORDS, WORDS), min_size=1, max_size=6))
def test_bleu_of_sums_over_posts_is_that_of_sacrebleu(pairs: list[tuple[str, str]]) -> None:
    written, references = [a for a, _ in pairs], [b for _, b in pairs]
    package: Any = import_module("sacrebleu")

    sums = np.stack([bleu_counts([a], [b]) for a, b in pairs]).sum(axis=0, keepdims=True)

    expected = package.corpus_bleu(written, [references]).score / 100
    assert bleu(sums)[0] == pytest.approx(expected, abs=1e-9)


def test_rouge_l_is_the_f1_of_the_longest_common_subsequence() -> None:
    # 4 words of 6 and 6; 2 of 1 and 3.
    assert rouge_l(WRITTEN[:1], REFERENCES[:1]).tolist() == [pytest.approx(4 / 6)]
    assert rouge_l(["hopeful", ""], ["hopeful and touched", "x"]).tolist() == [0.5, 0]


@pytest.mark.parametrize(
    ("written", "reference", "matches", "chunks"),
    [
        ("the dogs ran home", "the dog ran home", 4, 1),  # a stem
        ("the hound ran home", "the dog ran home", 3, 2),  # no synonym
        ("the dog, ran", "the dog , ran", 4, 1),  # a comma is a word of its own
    ],
)
def test_meteor_is_of_exact_words_and_stems(
    written: str, reference: str, matches: int, chunks: int
) -> None:
    # Each text has four words, so precision and recall are one; Lavie and Agarwal, 2007.
    expected = matches / 4 * (1 - 0.5 * (chunks / matches) ** 3)

    assert meteor([written, ""], [reference, "a"]).tolist() == [pytest.approx(expected), 0]


def test_a_figure_is_the_mean_over_relations_of_the_mean_over_posts() -> None:
    sums = np.zeros((2, 2 * COUNT))
    sums[0, [0, COUNT]] = 3, 4  # xWant: four references
    sums[0, [1, COUNT + 1]] = 0.25, 1  # oEffect: one

    assert mean(sums)[0] == pytest.approx((0.75 + 0.25) / 2)
    assert np.isnan(mean(sums)[1])
    assert mean_of(Relation.X_WANT)(sums)[0] == 0.75


def test_the_paired_test_is_that_of_scipy() -> None:
    rng = np.random.default_rng(0)
    first, second = rng.random(60), rng.random(60) - 0.1

    found = paired_difference(of_one(first), of_one(second), mean, Resampling(20_000))

    expected = import_module("scipy.stats").permutation_test(
        (first, second),
        apart,
        permutation_type="samples",
        vectorized=True,
        n_resamples=20_000,
        rng=1,
    )
    assert found.estimate.value == pytest.approx(expected.statistic)
    assert 0.01 < found.p < 0.9
    assert found.p == pytest.approx(expected.pvalue, abs=0.015)


def test_what_is_the_same_does_not_differ_and_what_is_worse_everywhere_does() -> None:
    scores = np.linspace(0.2, 0.6, 40)

    same = paired_difference(of_one(scores), of_one(scores), mean, Resampling(1000))
    worse = paired_difference(of_one(scores - 0.1), of_one(scores), mean, Resampling(1000))

    assert (same.estimate.value, same.p) == (0, 1)
    assert worse.p == pytest.approx(1 / 1001)
    assert worse.estimate.high is not None
    assert worse.estimate.high < 0


def apart(first: Floats, second: Floats, axis: int) -> Floats:
    """Return how far the mean of one is above that of the other."""
    return first.mean(axis=axis) - second.mean(axis=axis)


def of_one(scores: Floats) -> Floats:
    """Return what posts add that have a score in xWant."""
    parts = np.zeros((len(scores), 2 * COUNT))
    parts[:, 0], parts[:, COUNT] = scores, 1
    return parts
