"""Every training that a report is of: by inputs, seed and fold; what is finished is kept."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import orjson

from evaluation.bootstrap import Floats
from evaluation.folders import make_folder
from evaluation.sarcasm.classifier import Classifier, Data, Tick, Told
from evaluation.sarcasm.encoder import PretrainedEncoder
from evaluation.sarcasm.examples import LabelledTexts
from evaluation.sarcasm.folds import Fold
from evaluation.sarcasm.parts import Inputs, name_of
from evaluation.sarcasm.segments import Budgets, segments
from evaluation.sarcasm.state import Training
from ingest.progress import NotingReport
from ingest.whole_file import write_whole
from schema.text import digest

VERSION: Final = "1"
"""Raised whenever the same examples would give other numbers."""


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


@dataclass(frozen=True, slots=True)
class _Trial:
    inputs: Inputs
    seed: int
    fold: Fold
    path: Path
    note: str

    @property
    def is_done(self) -> bool:
        return self.path.exists()


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
        keep: Folder of what is finished, and of the checkpoint of what is not. It holds no text
            and no id.
        progress: Told how many examples were learnt from.

    Returns:
        Of each input (seeds, n); NaN where no fold measures an example.

    Raises:
        InputError: The folder cannot be made or written, or a checkpoint not be read.
    """
    make_folder(keep, "--keep")
    trials = _trials(encoder, examples, plan, keep)
    work = _Work([one for one in trials if not one.is_done], plan.training, progress)
    found = {inputs: np.full((len(plan.seeds), len(examples)), np.nan) for inputs in plan.inputs}
    for inputs in plan.inputs:
        own = [one for one in trials if one.inputs == inputs]
        data = None if all(one.is_done for one in own) else _data(encoder, examples, inputs, plan)
        for trial in own:
            if data is not None and not trial.is_done:
                classifier = Classifier(encoder, data, plan.training, trial.seed)
                checkpoint = trial.path.with_suffix(".checkpoint")
                _write(trial, classifier.fit(trial.fold, checkpoint, work.tick(trial)))
                work.finish(trial)
            found[inputs][plan.seeds.index(trial.seed), trial.fold.test] = _read(trial)
    return found


def is_done(
    encoder: PretrainedEncoder, examples: Sequence[LabelledTexts], plan: Plan, keep: Path
) -> bool:
    """Say whether all of it is finished, so that ``told_by`` trains nothing."""
    return all(trial.is_done for trial in _trials(encoder, examples, plan, keep))


class _Work:
    """How much of what is to be trained is done."""

    def __init__(
        self, pending: Sequence[_Trial], training: Training, progress: NotingReport
    ) -> None:
        self._epochs = training.epochs
        self._total = sum(map(self._size, pending))
        self._progress = progress
        self._done = 0

    def tick(self, trial: _Trial) -> Tick:
        def told(epoch: int, rows: int) -> None:
            done = self._done + (epoch - 1) * len(trial.fold.train) + rows
            self._progress(done, self._total, f"{trial.note}, epoch {epoch}")

        return told

    def finish(self, trial: _Trial) -> None:
        self._done += self._size(trial)  # whether or not it was stopped early

    def _size(self, trial: _Trial) -> int:
        return self._epochs * len(trial.fold.train)


def _trials(
    encoder: PretrainedEncoder, examples: Sequence[LabelledTexts], plan: Plan, keep: Path
) -> list[_Trial]:
    how = f"{VERSION} {encoder.revision} {encoder.name} {plan.budgets} {plan.training}"
    return [
        _Trial(inputs, seed, fold, keep / f"{name}.json", note)
        for inputs in plan.inputs
        for number, fold in enumerate(plan.folds, start=1)
        for content in [_content(examples, inputs, fold)]
        for seed in plan.seeds
        for name in [digest(how, name_of(inputs), str(seed), content)]
        for note in [f"{name_of(inputs)}, seed {seed}, fold {number} of {len(plan.folds)}"]
    ]


def _content(examples: Sequence[LabelledTexts], inputs: Inputs, fold: Fold) -> str:
    """Return what stands for all that a trial is given."""
    return digest(
        *(
            part
            for places in (fold.train, fold.valid, fold.test)
            for place in places
            for one in [examples[int(place)]]
            for part in (*one.chosen(inputs), str(one.is_sarcastic))
        ),
        *(str(len(places)) for places in (fold.train, fold.valid, fold.test)),
    )


def _data(
    encoder: PretrainedEncoder, examples: Sequence[LabelledTexts], inputs: Inputs, plan: Plan
) -> Data:
    rows = [one.chosen(inputs) for one in examples]
    read = segments(encoder.tokenizer, rows, inputs, plan.budgets)
    return Data(read, np.array([one.is_sarcastic for one in examples]))


def _write(trial: _Trial, told: Told) -> None:
    kept = {"test": told.test.tolist(), "validations": told.validations}
    write_whole(trial.path, orjson.dumps(kept))


def _read(trial: _Trial) -> Floats:
    return np.array(orjson.loads(trial.path.read_bytes())["test"])
