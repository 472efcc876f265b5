"""How likely students find what was said of posts that they learnt nothing of: numbers of a pair.

A student is taught for each fold, since it learns from the very judgements that are to be told.
Once it was asked, its numbers are kept, and it is removed.
"""

import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import orjson

from evaluation.bootstrap import Floats
from evaluation.folders import make_folder
from evaluation.plausibility.crossed import crossed_within, folds_of, parts_of_folds
from evaluation.plausibility.pairs import Pair
from evaluation.plausibility.ways import Way
from evaluation.student.lessons import Lesson, has_form, lessons, prompt_of, read_posts
from evaluation.student.model import Student
from evaluation.student.recipe import Recipe
from evaluation.student.split import PartedLessons, part_lessons
from evaluation.student.teach import TeachingPlan, teach
from evaluation.student.tokens import tokenized
from ingest.distill.answers import plain_tail
from ingest.progress import NotingReport
from ingest.whole_file import write_whole
from kg.sentence_embedder import revision_of
from kg.store import GraphStore, HeldIntention
from schema.errors import InputError
from schema.relations import Relation
from schema.text import digest

RECIPE: Final = Recipe(epochs=1.0)
"""One epoch, as of the student of docs/evaluation.md: a second is of the same few posts."""

MOST_TOKENS: Final = 2048
"""Of a lesson and of an answer that is asked, as `miko train-student` has it unless told."""

CHECKPOINT_S: Final = 60.0
NUMBERS: Final = ("mean log-likelihood of the tail's tokens, in nats", "their sum", "was asked")
"""What is told of a pair; 0s of one whose tail distilling would refuse or whose answer is too long.
"""


@dataclass(frozen=True, slots=True)
class JudgedAnswer:
    """What a run said of a post, as a student would have answered.

    Attributes:
        lesson: The answer, all of it taken: how it was judged is not looked at.
        places: The judged pair of each tail that is asked.
    """

    lesson: Lesson
    places: Mapping[Relation, int]


@dataclass(frozen=True, slots=True)
class Material:
    """What students are taught, and what they are asked.

    Attributes:
        lessons: What people accepted.
        answers: What they judged.
    """

    lessons: Sequence[Lesson]
    answers: Sequence[JudgedAnswer]


@dataclass(frozen=True, slots=True)
class FoldMaterial:
    """The material of one fold.

    Attributes:
        split: Its student learns nothing of posts that it is asked about, nor of near duplicates.
        answers: What it is asked.
    """

    split: PartedLessons
    answers: Sequence[JudgedAnswer]

    @property
    def size(self) -> int:
        """How many answers are learnt and asked."""
        return len(self.split.learnt) + len(self.answers)


async def material(store: GraphStore, judged: Sequence[Pair]) -> Material:
    """Read what students learn from a graph, and the answers that judged pairs stand in."""
    places = {
        (pair.has.post_id, pair.has.run_id, pair.has.intention_id): place
        for place, pair in enumerate(judged)
    }
    answers: list[JudgedAnswer] = []
    async for post, held, named in read_posts(store):
        prompt = prompt_of(post, named)
        answers += (
            JudgedAnswer(Lesson(post, prompt, tails, tails.keys()), asked)
            for tails, asked in _answers(held, places)
        )
    return Material(await lessons(store, unjudged=False), answers)


def _answers(
    held: Sequence[HeldIntention], places: Mapping[tuple[str, str, str], int]
) -> Iterator[tuple[dict[Relation, str], dict[Relation, int]]]:
    """Yield the tails of each answer, and the places of those that are asked.

    A run's answer has the first tail of each relation. Of another one, it is asked again with that
    tail in place of the first.
    """
    by_run: dict[str, dict[Relation, list[tuple[str, int | None]]]] = {}
    for one in held:
        relation = one.intention.relation
        tail = plain_tail(relation, one.has.raw)
        if has_form(tail):
            place = places.get((one.has.post_id, one.has.run_id, one.has.intention_id))
            said = by_run.setdefault(one.has.run_id, {}).setdefault(relation, [])
            said.append((tail, place))
    for said in by_run.values():
        first = {relation: said[relation][0][0] for relation in Relation if relation in said}
        asked = {r: place for r in first if (place := said[r][0][1]) is not None}
        if asked:
            yield first, asked
        for relation in first:
            for tail, place in said[relation][1:]:
                if place is not None:
                    yield first | {relation: tail}, {relation: place}


def parted_material(pairs: Sequence[Pair], told: Material) -> list[FoldMaterial]:
    """Return the material of each fold, the folds being those of the model that is used.

    Raises:
        InputError: There are too few pairs, or they are of too few posts.
    """
    found: list[FoldMaterial] = []
    for _, held_out in folds_of(pairs):
        ids = {pairs[int(place)].has.post_id for place in held_out}
        answers = [one for one in told.answers if one.lesson.post.id in ids]
        split = part_lessons(told.lessons, [one.lesson.post for one in answers])
        found.append(FoldMaterial(split, answers))
    return found


def likelihoods(
    pairs: Sequence[Pair], told: Material, base: Path, keep: Path, progress: NotingReport
) -> Floats:
    """Return the NUMBERS of each pair, (n, NUMBERS), by the student of the other folds.

    It blocks. What is finished is not done again.

    Args:
        pairs: Those that were judged.
        told: Material of these pairs.
        base: Folder of the model that is taught.
        keep: Folder of numbers that are finished, and of a student that is not.
        progress: Told how many answers were learnt and asked.

    Raises:
        InputError: There are too few pairs, or they are of too few posts; the folder cannot be made
            or written; the model has no chat template; or what it tells is no number.
        ModelLoadError: The model cannot be loaded.
    """
    parts_of_folds(pairs)  # what cannot be measured is told before anything is learnt
    make_folder(keep, "--keep")
    found = np.zeros((len(pairs), len(NUMBERS)))
    folds = parted_material(pairs, told)
    total, done = sum(fold.size for fold in folds), 0
    for number, fold in enumerate(folds, start=1):

        def tell(own: int, done: int = done, number: int = number) -> None:
            progress(done + own, total, f"fold {number} of {len(folds)}")

        tell(0)
        rows = iter(_kept(fold, base, keep, tell))
        for answer in fold.answers:
            for place in answer.places.values():
                found[place] = next(rows)
        done += fold.size
        progress(done, total)
    return found


def by_likelihoods(pairs: Sequence[Pair], used: Floats, numbers: Floats) -> dict[Way, Floats]:
    """Estimate by NUMBERS, (n, NUMBERS), alone and beside the estimates that are used, (n,).

    Raises:
        InputError: There are too few pairs, or they are of too few posts.
    """
    odds = np.log(used / (1 - used))
    return {
        Way.LIKELIHOOD: crossed_within(pairs, numbers),
        Way.WITH_LIKELIHOOD: crossed_within(pairs, np.column_stack([odds, numbers])),
    }


def _kept(fold: FoldMaterial, base: Path, keep: Path, tell: Callable[[int], None]) -> Floats:
    """Return the NUMBERS of what is asked, in its order, (asked, NUMBERS), done once."""
    name = _name(fold, base)
    path, folder = keep / f"likelihoods-{name}.json", keep / f"student-{name}"
    if not path.exists():
        plan = TeachingPlan(
            base, folder, RECIPE, unjudged=False, most_tokens=MOST_TOKENS, every_s=CHECKPOINT_S
        )
        learnt = len(fold.split.learnt)
        if not learnt:
            raise InputError(
                "nothing that people accepted in the other folds is a tail as distilling takes it: "
                "leave out --student"
            )

        def step(done: int, _total: int | None, _note: str = "", /) -> None:
            tell(min(done * RECIPE.batch, learnt))

        teach(plan, fold.split, step)
        numbers = asked(Student(folder, RECIPE), fold.answers, lambda done: tell(learnt + done))
        if not np.isfinite(numbers).all():
            raise InputError(f"the student in {folder} tells what is no number: remove it")
        write_whole(path, orjson.dumps(numbers.tolist()))
    shutil.rmtree(folder, ignore_errors=True)
    return np.array(orjson.loads(path.read_bytes())).reshape(-1, len(NUMBERS))


def _name(fold: FoldMaterial, base: Path) -> str:
    """Return what stands for all that a student is given."""
    every = [*fold.split.learnt, *(one.lesson for one in fold.answers)]
    told = [
        f"{one.post.id} {one.prompt} {[*one.tails.items()]} {sorted(one.taken)}" for one in every
    ]
    places = [str(list(one.places)) for one in fold.answers]
    model = f"{base.resolve()} {revision_of(base)}"
    return digest(model, str(RECIPE), str(MOST_TOKENS), *told, *places)


def asked(student: Student, answers: Sequence[JudgedAnswer], tell: Callable[[int], None]) -> Floats:
    """Ask a student; return the NUMBERS of each place, in the order of answers, (asked, NUMBERS).

    It blocks.
    """
    rows = tokenized([one.lesson for one in answers], student.tokenizer, most_tokens=MOST_TOKENS)
    found: list[list[tuple[float, float, float]]] = [
        [(0.0, 0.0, 0.0)] * len(a.places) for a in answers
    ]
    order = sorted(range(len(rows.rows)), key=lambda one: len(rows.rows[one].tokens))
    for start in range(0, len(order), RECIPE.batch):
        some = order[start : start + RECIPE.batch]
        losses = student.losses(rows.shared, [rows.rows[one] for one in some])
        for one, own in zip(some, losses, strict=True):
            row, place = rows.rows[one], rows.places[one]
            counted = [tail for tail, counts in zip(row.tails, row.counted, strict=True) if counts]
            found[place] = [_numbers(relation, counted, own) for relation in answers[place].places]
        tell(start + len(some))
    return np.array([row for own in found for row in own]).reshape(-1, len(NUMBERS))


def _numbers(
    relation: Relation, tails: Sequence[Relation | None], losses: Sequence[float]
) -> tuple[float, float, float]:
    own = [-loss for tail, loss in zip(tails, losses, strict=True) if tail is relation]
    return sum(own) / len(own), sum(own), 1.0
