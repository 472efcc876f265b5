"""Estimates by a transformer that reads a post and an intention together, fine-tuned."""

from collections.abc import Sequence
from pathlib import Path
from typing import Final

import numpy as np

from evaluation.bootstrap import Floats
from evaluation.classifier.encoder import PretrainedEncoder
from evaluation.classifier.state import Training
from evaluation.classifier.trials import Examples, Trial, Trials
from evaluation.folds import Fold
from evaluation.plausibility.crossed import SEED, folds_of, parted
from evaluation.plausibility.pairs import Pair
from ingest.progress import NotingReport

BUDGETS: Final = (64, 32)
"""Most tokens of a post, and of the sentence of an intention."""

TRAINING: Final = Training(epochs=3, patience=1)

VALIDATION: Final = 8
"""Of so many parts of what is learnt from, one stops the learning."""


def cross_encoded(
    pairs: Sequence[Pair], encoder: PretrainedEncoder, keep: Path, progress: NotingReport
) -> Floats:
    """Return the estimate of each judged pair by the training of the other folds, (n,).

    Args:
        pairs: They are parted as for the model that is used.
        encoder: What is fine-tuned.
        keep: Folder of what is finished (evaluation.classifier.trials).
        progress: Told how many pairs were learnt from.

    Raises:
        InputError: There are too few pairs, or they are of too few posts; or the folder cannot be
            written.
    """
    rows = [(pair.post, pair.relation.about.sentence(pair.tail)) for pair in pairs]
    examples = Examples(rows, [bool(pair.accepted) for pair in pairs], BUDGETS)
    folds: list[Fold] = []
    for learnt, held_out in folds_of(pairs):
        train, valid = parted(pairs, learnt, VALIDATION)[0]
        folds.append(Fold(train, valid, held_out))
    trials = [
        Trial(examples, fold, SEED, f"fold {number} of {len(folds)}")
        for number, fold in enumerate(folds, start=1)
    ]
    told = Trials(encoder, TRAINING, trials, keep).told(progress)
    found = np.empty(len(pairs))
    for fold, own in zip(folds, told, strict=True):
        found[fold.test] = own
    return found
