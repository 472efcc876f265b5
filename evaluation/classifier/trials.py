"""Trainings of classifiers, each on a part of its examples; what is finished is kept."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import orjson

from evaluation.bootstrap import Floats
from evaluation.classifier.classifier import Classifier, Data, Tick
from evaluation.classifier.encoder import PretrainedEncoder
from evaluation.classifier.segments import segments
from evaluation.classifier.state import Training
from evaluation.folders import make_folder
from evaluation.folds import Fold
from ingest.progress import NotingReport
from ingest.whole_file import write_whole
from schema.text import digest

VERSION: Final = "2"
"""Raised whenever the same examples would give other numbers."""


@dataclass(frozen=True, slots=True, eq=False)
class Examples:
    """Texts with a label each.

    Attributes:
        rows: (n, parts).
        labels: (n,).
        budgets: (parts,), most tokens of each part.
    """

    rows: Sequence[Sequence[str]]
    labels: Sequence[bool]
    budgets: Sequence[int]


@dataclass(frozen=True, slots=True)
class Trial:
    """One training.

    Attributes:
        examples: What is learnt from, and told.
        fold: Which of them.
        seed: Of the weights that are new, and of the order.
        note: What a progress bar says of it.
    """

    examples: Examples
    fold: Fold
    seed: int
    note: str


class Trials:
    """Trainings of one encoder; what they told is kept in a folder, without any text or id."""

    def __init__(
        self, encoder: PretrainedEncoder, how: Training, trials: Sequence[Trial], keep: Path
    ) -> None:
        """Say what is to be trained.

        Args:
            encoder: What is fine-tuned.
            how: The training.
            trials: The trainings.
            keep: Folder of what is finished, and of the checkpoint of what is not.
        """
        self._encoder = encoder
        self._how = how
        self._trials = [(keep / f"{self._name(one)}.json", one) for one in trials]
        self._keep = keep

    @property
    def are_done(self) -> bool:
        """Say whether all of it is finished, so that ``told`` trains nothing."""
        return all(path.exists() for path, _ in self._trials)

    def told(self, progress: NotingReport) -> list[Floats]:
        """Return what each says of its fold's test part, by training what is not finished.

        Args:
            progress: Told how many examples were learnt from.

        Raises:
            InputError: The folder cannot be made or written, or a checkpoint not be read; or the
                encoder reads fewer tokens at a time than are asked for.
        """
        make_folder(self._keep, "--keep")
        work = _Work([t for p, t in self._trials if not p.exists()], self._how, progress)
        read: tuple[Examples, Data] | None = None
        for path, trial in self._trials:
            if path.exists():
                continue
            if read is None or read[0] is not trial.examples:
                read = (trial.examples, self._data(trial.examples))
            self._train(trial, read[1], path, work.tick(trial))
            work.finish(trial)
        return [np.array(orjson.loads(path.read_bytes())["test"]) for path, _ in self._trials]

    def _train(self, trial: Trial, data: Data, path: Path, tick: Tick) -> None:
        checkpoint = path.with_suffix(".checkpoint")
        classifier = Classifier(self._encoder, data, self._how, trial.seed)
        validations = classifier.fit(trial.fold.train, trial.fold.valid, checkpoint, tick)
        test = classifier.estimates(data.segments.at(trial.fold.test))
        write_whole(path, orjson.dumps({"test": test.tolist(), "validations": validations}))
        checkpoint.unlink(missing_ok=True)

    def _data(self, examples: Examples) -> Data:
        read = segments(self._encoder.tokenizer, examples.rows, examples.budgets)
        return Data(read, np.array(examples.labels))

    def _name(self, trial: Trial) -> str:
        """Return what stands for all that a training is given."""
        how = f"{VERSION} {self._encoder.revision} {self._encoder.name} {self._how}"
        examples, fold = trial.examples, trial.fold
        parts = (fold.train, fold.valid, fold.test)
        texts = (
            text
            for places in parts
            for place in places
            for text in (*examples.rows[int(place)], str(examples.labels[int(place)]))
        )
        return digest(
            how,
            str(tuple(examples.budgets)),
            str(trial.seed),
            *(str(len(places)) for places in parts),
            *texts,
        )


class _Work:
    """How much of what is to be trained is done."""

    def __init__(self, pending: Sequence[Trial], how: Training, progress: NotingReport) -> None:
        self._epochs = how.epochs
        self._total = sum(map(self._size, pending))
        self._progress = progress
        self._done = 0

    def tick(self, trial: Trial) -> Tick:
        def told(epoch: int, rows: int) -> None:
            done = self._done + (epoch - 1) * len(trial.fold.train) + rows
            self._progress(done, self._total, f"{trial.note}, epoch {epoch}")

        return told

    def finish(self, trial: Trial) -> None:
        self._done += self._size(trial)  # whether or not it was stopped early

    def _size(self, trial: Trial) -> int:
        return self._epochs * len(trial.fold.train)
