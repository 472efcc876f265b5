"""Every training that a report is of: by inputs, seed and fold."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from pathlib import Path

import numpy as np

from evaluation.bootstrap import Floats
from evaluation.classifier.encoder import PretrainedEncoder
from evaluation.classifier.state import Training
from evaluation.classifier.trials import Examples, Trial, Trials
from evaluation.folds import Fold
from evaluation.sarcasm.examples import LabelledTexts
from evaluation.sarcasm.parts import Budgets, Inputs, name_of
from ingest.progress import NotingReport


@dataclass(frozen=True, slots=True)
class Plan:
    """What is trained.

    Attributes:
        inputs: Each gets classifiers of its own.
        seeds: Each of them.
        folds: Parts of the examples; each is trained on by itself.
        budgets: Tokens of each part.
        training: How.
    """

    inputs: Sequence[Inputs]
    seeds: Sequence[int]
    folds: Sequence[Fold]
    budgets: Budgets
    training: Training


def told_by(
    encoder: PretrainedEncoder,
    examples: Sequence[LabelledTexts],
    plan: Plan,
    keep: Path,
    progress: NotingReport,
) -> Mapping[Inputs, Floats]:
    """Return how probably sarcastic each example is by classifiers that did not see it.

    Args:
        encoder: What is fine-tuned.
        examples: n of them.
        plan: What is trained.
        keep: Folder of what is finished (evaluation.classifier.trials).
        progress: Told how many examples were learnt from.

    Returns:
        Of each input (seeds, n); NaN where no fold measures an example.

    Raises:
        InputError: The folder cannot be made or written, or a checkpoint not be read.
    """
    told = Trials(encoder, plan.training, _trials(examples, plan), keep).told(progress)
    found = {inputs: np.full((len(plan.seeds), len(examples)), np.nan) for inputs in plan.inputs}
    each = product(plan.inputs, plan.folds, enumerate(plan.seeds))
    for (inputs, fold, (number, _)), own in zip(each, told, strict=True):
        found[inputs][number, fold.test] = own
    return found


def is_done(
    encoder: PretrainedEncoder, examples: Sequence[LabelledTexts], plan: Plan, keep: Path
) -> bool:
    """Say whether all of it is finished, so that ``told_by`` trains nothing."""
    return Trials(encoder, plan.training, _trials(examples, plan), keep).are_done


def _trials(examples: Sequence[LabelledTexts], plan: Plan) -> list[Trial]:
    """Return the trainings: by inputs, then folds, then seeds."""
    labels = [one.is_sarcastic for one in examples]
    given = {
        inputs: Examples([o.chosen(inputs) for o in examples], labels, plan.budgets.of(inputs))
        for inputs in plan.inputs
    }
    return [
        Trial(given[inputs], fold, seed, note)
        for inputs in plan.inputs
        for number, fold in enumerate(plan.folds, start=1)
        for seed in plan.seeds
        for note in [f"{name_of(inputs)}, seed {seed}, fold {number} of {len(plan.folds)}"]
    ]
