"""Which posts are learnt from: none that is tested on, and none that nearly says the same."""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from evaluation.benchmark.reading import contents_of
from evaluation.near_duplicates import NearDuplicates
from evaluation.student.lessons import Lesson
from schema.errors import InputError
from schema.nodes import Post


@dataclass(frozen=True, slots=True)
class PartedLessons:
    """Lessons, parted.

    Attributes:
        learnt: Those that are learnt.
        held_out: Those of held-out posts.
        near: Those left out, as near duplicates of a held-out post (evaluation.near_duplicates).
        tested: How many posts are held out, whether the graph has them or not.
    """

    learnt: Sequence[Lesson]
    held_out: Sequence[Lesson]
    near: Sequence[Lesson]
    tested: int


def posts_in(path: Path) -> list[Post]:
    """Return the posts of a file of any format that can be loaded, as `contents_of`; it blocks.

    Raises:
        FormatError: It cannot be read.
        InputError: It holds none.
    """
    posts = contents_of(path).posts
    if not posts:
        raise InputError(f"{path} holds no post: name a file with the posts to test on")
    return list(posts.values())


def drawn(lessons: Sequence[Lesson], share: float, seed: int) -> list[Post]:
    """Draw a share of the posts that can be learnt from, one at least."""
    posts = list({lesson.post.id: lesson.post for lesson in lessons}.values())
    size = max(1, round(share * len(posts)))
    return random.Random(f"held out {seed}").sample(posts, size) if posts else []  # noqa: S311


def part_lessons(lessons: Sequence[Lesson], held_out: Sequence[Post]) -> PartedLessons:
    """Part lessons by the posts that are held out."""
    tested, ids = NearDuplicates(held_out), {post.id for post in held_out}
    outside = [lesson for lesson in lessons if lesson.post.id not in ids]
    near = {lesson.post.id for lesson in outside if tested.holds(lesson.post)}
    return PartedLessons(
        [lesson for lesson in outside if lesson.post.id not in near],
        [lesson for lesson in lessons if lesson.post.id in ids],
        [lesson for lesson in outside if lesson.post.id in near],
        len(ids),
    )
