"""From posts and what is known of them to a comparison of inputs on those that have them all."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import numpy as np

from evaluation.bootstrap import Floats, Resampling
from evaluation.classifier.classifier import Classifier, Data
from evaluation.classifier.encoder import PretrainedEncoder
from evaluation.classifier.segments import segments
from evaluation.classifier.state import Training
from evaluation.sarcasm.blind import check_blind, check_texts
from evaluation.sarcasm.examples import LabelledTexts, labelled_texts
from evaluation.sarcasm.folds import folds_of, limited
from evaluation.sarcasm.knowledge import Knowledge, Known
from evaluation.sarcasm.parts import Budgets, Inputs, Part, name_of, parts_of
from evaluation.sarcasm.posts import LabelledPost, PublishedSplit
from evaluation.sarcasm.report import Report, report_of
from evaluation.sarcasm.terms import Parting
from evaluation.sarcasm.trials import Plan, is_done, told_by
from ingest.progress import NotingReport
from schema.errors import InputError

CHECKED: Final = 24
"""Posts of each label in the check that ids are no features."""

EVERYTHING: Final = "all that is asked for"


@dataclass(frozen=True, slots=True)
class StudyDesign:
    """What is to be compared.

    Attributes:
        inputs: Of these.
        seeds: How many trainings of each, from seed 0.
        parting: How posts are parted.
        folds: Into how many, where not as published.
        limit: Most posts to learn from; None for all.
        budgets: Tokens of each part.
        training: How classifiers are trained.
        how: The resampling of groups of posts.
    """

    inputs: Sequence[Inputs]
    seeds: int
    parting: Parting
    folds: int
    limit: int | None
    budgets: Budgets
    training: Training
    how: Resampling


@dataclass(frozen=True, slots=True)
class Comparison:
    """A report, and what it is of.

    Attributes:
        coverage: How many posts of each published split have what; ``posts`` is all.
        rejected: Rows of files that could not be read.
        is_crossed: Whether posts were parted into folds, and not as published.
        folds: Into how many.
        trained: Posts that one training learns from, the fewest.
        report: What was measured.
    """

    coverage: Mapping[str, Mapping[str, int]]
    rejected: int
    is_crossed: bool
    folds: int
    trained: int
    report: Report


class Study:
    """Posts that have all that is asked for, parted."""

    def __init__(
        self,
        posts: Sequence[LabelledPost],
        knowledge: Knowledge,
        design: StudyDesign,
        encoder: PretrainedEncoder,
    ) -> None:
        """Choose the posts and part them.

        Raises:
            InputError: There are too few.
        """
        self._design = design
        self._encoder = encoder
        self._knowledge = knowledge
        everything = labelled_texts(posts, knowledge.by_post)
        self._parts = parts_of(design.inputs)
        has_all = [one.has(self._parts) for one in everything]
        self._posts = [post for post, has in zip(posts, has_all, strict=True) if has]
        self._examples = [one for one, has in zip(everything, has_all, strict=True) if has]
        self._coverage = _coverage(everything, self._parts)
        self._check()
        folds = folds_of(self._examples, design.parting, design.folds)
        self._folds = [limited(fold, design.limit) for fold in folds]
        seeds = range(design.seeds)
        self._plan = Plan(design.inputs, seeds, self._folds, design.budgets, design.training)

    def check_blind(self) -> None:
        """Prove that ids are no features (evaluation.sarcasm.blind), by training on a few posts.

        Raises:
            InputError: They are.
        """
        check_texts(self._posts, self._knowledge.by_post)
        own = [
            post
            for label in (False, True)
            for post in [p for p in self._posts if p.is_sarcastic is label][:CHECKED]
        ]
        check_blind(own, self._knowledge.by_post, self.predicted)

    def is_trained(self, keep: Path) -> bool:
        """Say whether the folder of finished trainings holds all of them."""
        return is_done(self._encoder, self._examples, self._plan, keep)

    def compared(self, keep: Path, progress: NotingReport) -> Comparison:
        """Train what is not in the folder of finished trainings, and report."""
        told = told_by(self._encoder, self._examples, self._plan, keep, progress)
        return Comparison(
            self._coverage,
            self._knowledge.rejected,
            len(self._folds) > 1,
            len(self._folds),
            min(len(fold.train) for fold in self._folds),
            report_of(self._examples, self._folds, told, self._design.how),
        )

    def predicted(self, posts: Sequence[LabelledPost], known: Mapping[str, Known]) -> Floats:
        """Return the probability of each post after an epoch of learning from them all."""
        own = labelled_texts(posts, known)
        inputs = tuple(part for part in Part if part in self._parts)
        rows = [one.chosen(inputs) for one in own]
        read = segments(self._encoder.tokenizer, rows, self._design.budgets.of(inputs))
        data = Data(read, np.array([one.is_sarcastic for one in own]))
        everything = np.arange(len(own))
        classifier = Classifier(self._encoder, data, Training(epochs=1), 0)
        with TemporaryDirectory() as folder:
            checkpoint = Path(folder) / "checkpoint"
            classifier.fit(everything, everything, checkpoint, lambda _epoch, _rows: None)
        return classifier.estimates(read)

    def _check(self) -> None:
        if not self._examples:
            lacking = [
                part
                for part in Part
                if part in self._parts and not any(self._coverage[f"with {part}"].values())
            ]
            what = ", ".join(lacking) or name_of(tuple(sorted(self._parts)))
            raise InputError(
                f"no post has {what}: give it by --intentions FILE or --store URL, or ask for "
                "other --inputs"
            )


def _coverage(
    everything: Sequence[LabelledTexts], parts: frozenset[Part]
) -> dict[str, dict[str, int]]:
    asked = {
        "posts": frozenset[Part](),
        "with description": frozenset({Part.DESCRIPTION}),
        "with intentions": frozenset({Part.INTENTIONS}),
        "with text": frozenset({Part.TEXT}),
        EVERYTHING: parts,
    }
    return {
        name: {
            split.value: sum(one.split is split and one.has(needed) for one in everything)
            for split in PublishedSplit
        }
        for name, needed in asked.items()
    }
