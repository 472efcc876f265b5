"""Estimates of judged pairs by models that saw no pair of their posts."""

from collections.abc import Iterable, Sequence
from importlib import import_module
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from evaluation.plausibility.model import Floats, Plausibility
from evaluation.plausibility.pairs import Pair

Places = NDArray[np.int64]

FOLDS: Final = 5
SEED: Final = 0


def crossed(pairs: Sequence[Pair]) -> Floats:
    """Return the estimate of each pair by the model of the other folds, (n,).

    Posts are parted, not pairs, and posts of the same words are in one fold.
    """
    selection: Any = import_module("sklearn.model_selection")
    folds = selection.GroupKFold(FOLDS, shuffle=True, random_state=SEED)
    parts: Iterable[tuple[Places, Places]] = folds.split(pairs, groups=[p.group for p in pairs])
    found = np.empty(len(pairs))
    for learnt, held_out in parts:
        model = Plausibility.fitted(_at(learnt, pairs))
        found[held_out] = model.estimates(_at(held_out, pairs))
    return found


def _at(places: Places, pairs: Sequence[Pair]) -> list[Pair]:
    numbers: list[int] = places.tolist()
    return [pairs[number] for number in numbers]
