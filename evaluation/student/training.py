"""Teaching a student: step by step, stopped and resumed without a difference in what comes out."""

import time
from dataclasses import asdict, dataclass, field
from itertools import islice
from math import isfinite
from pathlib import Path
from typing import Final

from evaluation.checkpoint import keep, kept
from evaluation.student.model import Student
from evaluation.student.recipe import Recipe
from evaluation.student.tokens import TokenizedLessons
from ingest.progress import NotingReport
from schema.errors import InputError

CHECKPOINT: Final = "checkpoint.pt"
SHOWN: Final = 10
"""Steps whose mean loss is told."""


@dataclass(slots=True)
class Course:
    """How far the teaching is.

    Attributes:
        id: Of what is taught to which model, and how (Recipe.id_of).
        losses: Of each step, before it.
        seconds: How long the steps took, over all runs.
    """

    id: str
    losses: list[float] = field(default_factory=list[float])
    seconds: float = 0.0

    @property
    def loss(self) -> float:
        """The mean of the last few."""
        last = self.losses[-SHOWN:]
        return sum(last) / max(1, len(last))


@dataclass(frozen=True, slots=True)
class Place:
    """Where a course is kept, and how often.

    Attributes:
        folder: The student's.
        id: The course's.
        every_s: Seconds between two checkpoints, at least; 0 after each step.
    """

    folder: Path
    id: str
    every_s: float

    @property
    def checkpoint(self) -> Path:
        """The file."""
        return self.folder / CHECKPOINT


def taught(
    student: Student,
    examples: TokenizedLessons,
    recipe: Recipe,
    place: Place,
    progress: NotingReport,
) -> Course:
    """Teach a student, from the checkpoint on where there is one; it blocks.

    Args:
        student: Fresh.
        examples: What it learns.
        recipe: How.
        place: Where checkpoints go.
        progress: Told the steps that are done.

    Raises:
        InputError: The checkpoint is of another course, or cannot be read or written; or the
            loss is no number any more.
    """
    course = _resumed(student, place)
    steps, last = recipe.steps(len(examples.rows)), time.monotonic()
    batches = recipe.batches([len(row.tokens) for row in examples.rows])
    for batch in islice(batches, len(course.losses), None):
        start = time.monotonic()
        rows = [examples.rows[number] for number in batch]
        rate = recipe.rate_at(len(course.losses), steps)
        course.losses.append(_finite(student.learn(examples.shared, rows, rate)))
        course.seconds += time.monotonic() - start
        progress(len(course.losses), steps, f"loss {course.loss:.3f}")
        if time.monotonic() - last >= place.every_s or len(course.losses) == steps:
            keep(place.checkpoint, student.state() | {"course": asdict(course)})
            last = time.monotonic()
    return course


def _finite(loss: float) -> float:
    if not isfinite(loss):
        raise InputError(
            "the loss is no number any more: teach it at a lower learning rate, in another folder"
        )
    return loss


def _resumed(student: Student, place: Place) -> Course:
    state = kept(place.checkpoint)
    if state is None:
        return Course(place.id)
    try:
        course = Course(**state.pop("course"))
    except (KeyError, TypeError) as error:
        raise InputError(f"{place.checkpoint} cannot be read: remove it to begin anew") from error
    if course.id != place.id:
        raise InputError(
            f"{place.checkpoint} is of another model, recipe or lessons: go on with these, name "
            "another folder by --out, or remove it to begin anew"
        )
    student.resume(state)
    return course
