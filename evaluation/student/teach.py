"""From lessons to a student in a folder: the whole way, safe to stop and to run again."""

from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from evaluation.folders import make_folder
from evaluation.student.model import Student
from evaluation.student.recipe import Recipe
from evaluation.student.report import Taught, known, write
from evaluation.student.split import PartedLessons
from evaluation.student.tokens import TokenizedLessons, tokenized
from evaluation.student.training import Course, Place, taught
from ingest.progress import NotingReport
from kg.sentence_embedder import revision_of
from schema.errors import InputError


@dataclass(frozen=True, slots=True)
class TeachingPlan:
    """What is to be taught.

    Attributes:
        base: Folder of the model.
        out: The student's folder.
        recipe: How.
        unjudged: Whether tails that nobody judged are taken; for the card.
        most_tokens: Of one lesson; longer ones are left out.
        every_s: Seconds between two checkpoints.
    """

    base: Path
    out: Path
    recipe: Recipe
    unjudged: bool
    most_tokens: int
    every_s: float

    @property
    def revision(self) -> str:
        """The first digits of the SHA-256 of the model's weights."""
        return revision_of(self.base)


def teach(plan: TeachingPlan, split: PartedLessons, progress: NotingReport) -> dict[str, Any]:
    """Teach a student, or find that it is; return its figures (Taught, as JSON). It blocks.

    Raises:
        InputError: There is nothing to learn, or the folder cannot be made or holds another.
        ModelLoadError: The model cannot be loaded.
    """
    if not split.learnt:
        raise InputError(
            "the graph has no accepted intention of a post that is not held out: load judgements "
            "by `miko load`, or take what nobody judged as well by --unjudged"
        )
    student = Student(plan.base, plan.recipe)
    make_folder(plan.out, "--out")
    rows = tokenized(split.learnt, student.tokenizer, most_tokens=plan.most_tokens)
    if not rows.rows:
        raise InputError(f"no lesson fits {plan.most_tokens} tokens: raise --max-tokens")
    place = Place(plan.out, plan.recipe.id_of(rows, plan.revision), plan.every_s)
    done = known(plan.out)
    if done is not None and done["id"] != place.id:
        raise InputError(f"{plan.out} holds another student: name another folder by --out")
    if done is None:
        course = taught(student, rows, plan.recipe, place, progress)
        found = _found(plan, split, course, rows, weights=student.weights)
        student.write(plan.out)
        write(found, plan.out)
        place.checkpoint.unlink(missing_ok=True)
    return known(plan.out) or {}


def _found(
    plan: TeachingPlan,
    split: PartedLessons,
    course: Course,
    rows: TokenizedLessons,
    *,
    weights: int,
) -> Taught:
    learnt = [split.learnt[place] for place in rows.places]
    return Taught(
        id=course.id,
        base=plan.base.resolve().name,
        base_revision=plan.revision,
        recipe=plan.recipe,
        weights=weights,
        lessons=len(learnt),
        tails=sum(len(lesson.taken) for lesson in learnt),
        unjudged=plan.unjudged,
        held_out=split.tested,
        near=len(split.near),
        too_long=len(split.learnt) - len(learnt),
        sources=dict(Counter(lesson.post.source for lesson in learnt)),
        losses=course.losses,
        seconds=round(course.seconds, 1),
    )
