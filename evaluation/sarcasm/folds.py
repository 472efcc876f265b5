"""Which examples are learnt from, which stop the learning, and which are measured."""

from collections.abc import Sequence
from importlib import import_module
from typing import Any, Final

import numpy as np

from evaluation.folds import Fold, Places
from evaluation.sarcasm.examples import LabelledTexts
from evaluation.sarcasm.posts import PublishedSplit
from evaluation.sarcasm.terms import Parting
from schema.errors import InputError

LEAST_TESTED: Final = 100
"""Examples of the published test split, for it to be what is measured."""

VALIDATION: Final = 8
"""Of so many parts of what is not measured, one stops the learning."""

SEED: Final = 0


def folds_of(examples: Sequence[LabelledTexts], parting: Parting, folds: int) -> list[Fold]:
    """Return the published splits, or folds that each example is measured in once.

    Folds are stratified by label, and hold examples of the same words together. With AUTO it is
    the published splits where LEAST_TESTED examples and more of the test split are there, and
    both labels in each split.

    Raises:
        InputError: There are too few examples of a label.
    """
    published = _published(examples)
    is_enough = len(published.test) >= LEAST_TESTED and _has_both(examples, published)
    if parting is Parting.PUBLISHED or (parting is Parting.AUTO and is_enough):
        _check(examples, [published])
        return [published]
    _check_enough(examples, folds)
    crossed = _crossed(examples, folds)
    _check(examples, crossed)
    return crossed


def limited(fold: Fold, most: int | None) -> Fold:
    """Return a fold with at most so many examples to learn from, drawn at random."""
    if most is None or most >= len(fold.train):
        return fold
    drawn = np.random.default_rng(SEED).choice(fold.train, most, replace=False)
    return Fold(np.sort(drawn), fold.valid, fold.test)


def _published(examples: Sequence[LabelledTexts]) -> Fold:
    splits = np.array([one.split for one in examples], dtype=str)
    return Fold(*(np.flatnonzero(splits == split) for split in PublishedSplit))


def _crossed(examples: Sequence[LabelledTexts], folds: int) -> list[Fold]:
    everything = np.arange(len(examples))
    return [
        Fold(*_halves(examples, rest), test)
        for rest, test in _stratified(examples, everything, folds)
    ]


def _halves(examples: Sequence[LabelledTexts], rest: Places) -> tuple[Places, Places]:
    """Return what of the rest is learnt from, and what stops it."""
    return _stratified(examples, rest, VALIDATION)[0]


def _stratified(
    examples: Sequence[LabelledTexts], places: Places, folds: int
) -> list[tuple[Places, Places]]:
    selection: Any = import_module("sklearn.model_selection")
    own = [examples[int(place)] for place in places]
    labels = [one.is_sarcastic for one in own]
    groups = [one.group for one in own]
    splitter = selection.StratifiedGroupKFold(folds, shuffle=True, random_state=SEED)
    return [(places[a], places[b]) for a, b in splitter.split(own, labels, groups)]


def _has_both(examples: Sequence[LabelledTexts], fold: Fold) -> bool:
    labels = np.array([one.is_sarcastic for one in examples])
    return all(len(set(labels[part].tolist())) == 2 for part in (fold.train, fold.valid, fold.test))


def _check(examples: Sequence[LabelledTexts], folds: Sequence[Fold]) -> None:
    if not all(_has_both(examples, fold) for fold in folds):
        raise InputError(
            "a part of the posts is all sarcastic, or none of it: give more posts that have all "
            "that is asked for, ask for fewer --inputs, or measure by --parting crossed"
        )


def _check_enough(examples: Sequence[LabelledTexts], folds: int) -> None:
    taken = sum(one.is_sarcastic for one in examples)
    needed = 2 * max(folds, VALIDATION)
    if min(taken, len(examples) - taken) < needed:
        raise InputError(
            f"of {len(examples)} posts that have all that is asked for, {taken} are sarcastic: "
            f"{needed} of each label are needed; give more by --intentions FILE or --store URL, "
            "or ask for fewer --inputs"
        )
