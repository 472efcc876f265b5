"""The model of plausibility: logistic regression over a tail's words, its relation and numbers.

What else was tried, and how it did: docs/evaluation.md, "Plausibility". Its loss is that of
probabilities, so its estimates are calibrated as they come.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from enum import StrEnum
from importlib import import_module
from typing import Any, Final, Self

import numpy as np

from evaluation.bootstrap import Floats
from evaluation.plausibility.pairs import Pair
from schema.errors import InputError
from schema.relations import Relation

NAME: Final = "plausibility-words-and-numbers"
VERSION: Final = "1"
"""Raised whenever the same judgements would give other estimates."""

STRENGTH: Final = 0.3
"""Inverse of the penalty on the weights."""

NUMBERS_SCALE: Final = 0.3
"""Deviations of a number against a tail's words, which have length 1 together."""

LEAST_TAILS: Final = 3
"""Tails that a word or pair of words stands in, to count."""


class Feature(StrEnum):
    """What of a pair is looked at."""

    WORDS = "words"
    RELATION = "relation"
    NUMBERS = "numbers"


@dataclass(frozen=True, slots=True)
class Plausibility:
    """A fitted model; its parts are scikit-learn's, which has no types."""

    words: Any
    scaler: Any
    regression: Any
    features: Collection[Feature]

    @classmethod
    def fitted(cls, pairs: Sequence[Pair], features: Collection[Feature] = tuple(Feature)) -> Self:
        """Learn from pairs that were judged, of which some were accepted and some were not.

        Raises:
            InputError: Their tails have no word in common.
        """
        text: Any = import_module("sklearn.feature_extraction.text")
        preprocessing: Any = import_module("sklearn.preprocessing")
        linear: Any = import_module("sklearn.linear_model")
        words = text.TfidfVectorizer(sublinear_tf=True, ngram_range=(1, 2), min_df=LEAST_TAILS)
        model = cls(
            _fitted(words, [pair.tail for pair in pairs]),
            preprocessing.StandardScaler().fit([pair.numbers for pair in pairs]),
            linear.LogisticRegression(C=STRENGTH, max_iter=1000),
            features,
        )
        model.regression.fit(model._features(pairs), [bool(pair.accepted) for pair in pairs])
        return model

    def estimates(self, pairs: Sequence[Pair]) -> Floats:
        """Return how plausible pairs are, (n,), in [0, 1]; n may be 0."""
        if not pairs:
            return np.empty(0)
        return np.asarray(self.regression.predict_proba(self._features(pairs)))[:, 1]

    def _features(self, pairs: Sequence[Pair]) -> Any:
        sparse: Any = import_module("scipy.sparse")
        columns = {
            Feature.WORDS: self.words.transform([pair.tail for pair in pairs]),
            Feature.RELATION: [[float(pair.relation is r) for r in Relation] for pair in pairs],
            Feature.NUMBERS: NUMBERS_SCALE * self.scaler.transform([p.numbers for p in pairs]),
        }
        return sparse.hstack([sparse.csr_matrix(columns[one]) for one in self.features]).tocsr()


def _fitted(words: Any, tails: Sequence[str]) -> Any:
    try:
        return words.fit(tails)
    except ValueError as error:
        # What scikit-learn says of a vocabulary that is empty, or is after pruning.
        raise InputError(
            f"no word stands in {LEAST_TAILS} of the {len(tails)} intentions that were judged: "
            "judge more to learn from them"
        ) from error
