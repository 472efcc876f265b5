"""What a comparison of inputs comes to: a row for each, and what intentions add."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from evaluation.bootstrap import Estimate, Floats, Resampling
from evaluation.folds import Fold
from evaluation.measures import areas_within
from evaluation.sarcasm.examples import LabelledTexts
from evaluation.sarcasm.figures import FIGURES, McNemar, gain, mcnemar, measured
from evaluation.sarcasm.parts import Inputs, Part, name_of

ORIGIN: Final = "(origin alone)"
"""Who guesses by the file or the run that a post's intentions come from, and by nothing else."""

WITHIN: Final = "AUC within origins"
COMPARED: Final = ("accuracy", "F1", "AUC", WITHIN)


@dataclass(frozen=True, slots=True)
class Row:
    """How well one input tells sarcasm.

    Attributes:
        inputs: Its name.
        seeds: Trainings, over which figures are means.
        figures: By name, with intervals over groups of posts.
        least: The lowest accuracy of a seed.
        most: The highest.
    """

    inputs: str
    seeds: int
    figures: Mapping[str, Estimate]
    least: float
    most: float


@dataclass(frozen=True, slots=True)
class Uplift:
    """What intentions add to an input.

    Attributes:
        before: The input without them.
        after: The same with them.
        differences: Of figures, by name; above 0 they help.
        test: McNemar's, of the means of the seeds' probabilities.
    """

    before: str
    after: str
    differences: Mapping[str, Estimate]
    test: McNemar


@dataclass(frozen=True, slots=True)
class Report:
    """What was measured.

    Attributes:
        posts: How many.
        sarcastic: How many of them are.
        origins: How many come from where.
        rows: For each input, behind them ORIGIN where there is more than one.
        uplifts: For each input that was measured with intentions and without.
    """

    posts: int
    sarcastic: int
    origins: Mapping[str, int]
    rows: Sequence[Row]
    uplifts: Sequence[Uplift]


def report_of(
    examples: Sequence[LabelledTexts],
    folds: Sequence[Fold],
    told: Mapping[Inputs, Floats],
    how: Resampling,
) -> Report:
    """Return the report of what classifiers told of the folds' test parts.

    Args:
        examples: n of them.
        folds: Their parts.
        told: Of each input (seeds, n), NaN where nothing is told.
        how: The resampling of groups of posts.
    """
    tested = np.sort(np.concatenate([fold.test for fold in folds]))
    own = [examples[int(place)] for place in tested]
    measure = _Measure(own, how)
    by_input = {inputs: some[:, tested] for inputs, some in told.items()}
    rows = [measure.row(name_of(inputs), some) for inputs, some in by_input.items()]
    if len(measure.origins) > 1:
        guessed = by_origin(examples, folds)[None, tested]
        rows.append(measure.row(ORIGIN, guessed))
    uplifts = [
        measure.uplift((before, by_input[before]), (after, by_input[after]))
        for before, after in _with_and_without(by_input)
    ]
    return Report(len(own), sum(one.is_sarcastic for one in own), measure.origins, rows, uplifts)


def by_origin(examples: Sequence[LabelledTexts], folds: Sequence[Fold]) -> Floats:
    """Return the share of sarcastic posts among those of the same origin that are learnt from.

    (n,), NaN where no fold measures an example; the share of all, where none is of its origin.
    """
    origins = np.array([one.origin for one in examples], dtype=str)
    labels = np.array([one.is_sarcastic for one in examples])
    found = np.full(len(examples), np.nan)
    for fold in folds:
        seen = np.concatenate([fold.train, fold.valid])
        found[fold.test] = labels[seen].mean()
        for origin in np.unique(origins[seen]):
            share = labels[seen][origins[seen] == origin].mean()
            found[fold.test[origins[fold.test] == origin]] = share
    return found


class _Measure:
    def __init__(self, examples: Sequence[LabelledTexts], how: Resampling) -> None:
        self._labels = np.array([one.is_sarcastic for one in examples])
        self._groups = [one.group for one in examples]
        self._how = how
        names = sorted({one.origin for one in examples} - {""})
        self.origins = {name: sum(one.origin == name for one in examples) for name in names}
        within = {WITHIN: areas_within([one.origin for one in examples])}
        self._figures = {**FIGURES, **(within if len(names) > 1 else {})}

    def row(self, name: str, told: Floats) -> Row:
        figures = {
            which: measured(figure, self._labels, told, self._groups, self._how)
            for which, figure in self._figures.items()
        }
        ones = np.ones((1, len(self._labels)))
        each = [float(FIGURES["accuracy"](self._labels, one, ones)[0]) for one in told]
        return Row(name, len(told), figures, min(each), max(each))

    def uplift(self, before: tuple[Inputs, Floats], after: tuple[Inputs, Floats]) -> Uplift:
        differences = {
            which: gain(figure, self._labels, (before[1], after[1]), self._groups, self._how)
            for which, figure in self._figures.items()
            if which in COMPARED
        }
        test = mcnemar(self._labels, before[1].mean(axis=0), after[1].mean(axis=0))
        return Uplift(name_of(before[0]), name_of(after[0]), differences, test)


def _with_and_without(told: Mapping[Inputs, Floats]) -> list[tuple[Inputs, Inputs]]:
    """Return the pairs of inputs of which the second has intentions besides."""
    return [
        (inputs, (*inputs, Part.INTENTIONS))
        for inputs in told
        if Part.INTENTIONS not in inputs and (*inputs, Part.INTENTIONS) in told
    ]
