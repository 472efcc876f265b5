"""The test split: posts, and the tails of each that people accepted."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import anyio.to_thread

from evaluation.benchmark.reading import FileContents, Slot, contents_of
from schema.errors import InputError
from schema.nodes import Post
from schema.relations import Relation


@dataclass(frozen=True, slots=True)
class ReferenceSplit:
    """What is written for, and what it is compared with.

    Attributes:
        posts: In the order of the file, each once.
        references: The accepted tail of each slot that has one.
    """

    posts: Sequence[Post]
    references: Mapping[Slot, str]


async def split_of(test: Path, references: Path) -> ReferenceSplit:
    """Read a split.

    A tail is a reference where the split's own label of its slot is 1, as those of MIKO's
    test.json; where the split has no label, where people accepted it
    (evaluation.annotation.accepted), or nobody judged it.

    Args:
        test: The posts, in any format of `miko load`.
        references: A file with their tails; it may be the same, and may hold other posts.

    Raises:
        FormatError: A file cannot be read.
        InputError: There is no post, or no reference for one.
    """
    asked = await anyio.to_thread.run_sync(contents_of, test)
    known = await anyio.to_thread.run_sync(contents_of, references)
    slots = [(post_id, relation) for post_id in asked.posts for relation in Relation]
    found = {slot: tail for slot in slots if (tail := _reference(slot, asked, known))}
    if not found:
        raise InputError(
            f"{references} holds no intention that was accepted of a post in {test}: name the "
            "file that does by --references"
        )
    return ReferenceSplit(tuple(asked.posts.values()), found)


def _reference(slot: Slot, asked: FileContents, known: FileContents) -> str | None:
    post_id, relation = slot
    label = asked.posts[post_id].labels.get(f"judged_{relation}")
    if label is not None:
        return known.tails.get(slot) if label == "1" else None
    return known.accepted.get(slot) if slot in known.judged else known.tails.get(slot)
