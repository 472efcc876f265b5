"""Estimates of judged pairs by models that saw no pair of their posts."""

from collections.abc import Collection, Sequence
from importlib import import_module
from typing import Any, Final

import numpy as np

from evaluation.bootstrap import Floats
from evaluation.folds import Places
from evaluation.plausibility.model import Feature, Plausibility
from evaluation.plausibility.pairs import Pair
from schema.errors import InputError

FOLDS: Final = 5
SEED: Final = 0
LEAST_OF_EACH: Final = 20
"""Judged pairs that must be accepted, and that must not, for anything to be learnt."""


def crossed(pairs: Sequence[Pair], features: Collection[Feature] = tuple(Feature)) -> Floats:
    """Return the estimate of each pair by the model of the other folds, (n,).

    Raises:
        InputError: There are too few pairs, or they are of too few posts.
    """
    found = np.empty(len(pairs))
    for learnt, held_out in folds_of(pairs):
        model = Plausibility.fitted(_at(learnt, pairs), features)
        found[held_out] = model.estimates(_at(held_out, pairs))
    return found


def crossed_within(pairs: Sequence[Pair], columns: Floats) -> Floats:
    """Return the estimate of each pair by a regression that learnt of its own fold, (n,).

    For columns that are of another model for each fold: those that it learns from are then of the
    model of those that it estimates, which saw the label of neither. No post is in both.

    Args:
        pairs: n that were judged.
        columns: (n, columns).

    Raises:
        InputError: There are too few pairs, or they are of too few posts.
    """
    parts = parts_of_folds(pairs)
    linear: Any = import_module("sklearn.linear_model")
    preprocessing: Any = import_module("sklearn.preprocessing")
    accepted = np.array([bool(pair.accepted) for pair in pairs])
    found = np.empty(len(pairs))
    for learnt, part in parts:
        scaler = preprocessing.StandardScaler().fit(columns[learnt])
        regression = linear.LogisticRegression(max_iter=1000)
        regression.fit(scaler.transform(columns[learnt]), accepted[learnt])
        found[part] = regression.predict_proba(scaler.transform(columns[part]))[:, 1]
    return found


def parts_of_folds(pairs: Sequence[Pair]) -> list[tuple[Places, Places]]:
    """Return each fold without a part, and the part, for each of the parts of each fold.

    Raises:
        InputError: There are too few pairs, or they are of too few posts.
    """
    found: list[tuple[Places, Places]] = []
    folds = folds_of(pairs)
    posts = len({pair.group for pair in pairs})
    if posts < 2 * FOLDS:
        raise InputError(
            f"what was judged is of {posts} different posts: {2 * FOLDS} are needed to learn "
            "within each fold; judge intentions of others"
        )
    for _, held_out in folds:
        found += parted(pairs, held_out, FOLDS)
    for learnt, _ in found:
        _check_both(_at(learnt, pairs))
    return found


def folds_of(pairs: Sequence[Pair]) -> list[tuple[Places, Places]]:
    """Return the places that are learnt from and those that are held out, of each fold.

    Posts are parted, not pairs, and posts of the same words are in one fold.

    Raises:
        InputError: There are too few pairs, or they are of too few posts.
    """
    _check_enough(pairs)
    folds = parted(pairs, np.arange(len(pairs)), FOLDS)
    for learnt, _ in folds:
        _check_both(_at(learnt, pairs))
    return folds


def parted(pairs: Sequence[Pair], places: Places, folds: int) -> list[tuple[Places, Places]]:
    """Return these places without a part, and the part, for each of so many parts of the posts.

    Of fewer posts, each is a part.
    """
    selection: Any = import_module("sklearn.model_selection")
    groups = [pair.group for pair in _at(places, pairs)]
    most = min(folds, len(set(groups)))
    splitter = selection.GroupKFold(most, shuffle=True, random_state=SEED)
    return [(places[rest], places[part]) for rest, part in splitter.split(groups, groups=groups)]


def _check_enough(pairs: Sequence[Pair]) -> None:
    """Refuse pairs of which nothing can be learnt.

    Raises:
        InputError: There are too few that were accepted, or that were not, or too few posts.
    """
    taken = sum(bool(pair.accepted) for pair in pairs)
    if min(taken, len(pairs) - taken) < LEAST_OF_EACH:
        raise InputError(
            f"{taken} intentions of the graph were accepted and {len(pairs) - taken} were not: "
            f"{LEAST_OF_EACH} of each are needed to learn from; load judgements by `miko load`, "
            "or name a graph that has them by --judged"
        )
    posts = len({pair.group for pair in pairs})
    if posts < FOLDS:
        raise InputError(
            f"what was judged is of {posts} different posts: {FOLDS} are needed to tell how good "
            "estimates are; judge intentions of others"
        )


def _check_both(seen: Sequence[Pair]) -> None:
    """Refuse a part in which only one of the two can be learnt.

    Raises:
        InputError: It is.
    """
    if len({bool(pair.accepted) for pair in seen}) == 1:
        which = "not accepted" if seen[0].accepted else "accepted"
        raise InputError(
            f"all intentions that were {which} are of few posts: of none, when these are set "
            "aside to measure; judge intentions of more posts"
        )


def _at(places: Places, pairs: Sequence[Pair]) -> list[Pair]:
    numbers: list[int] = places.tolist()
    return [pairs[number] for number in numbers]
