"""Examples that a model is shown: posts of a training file, with ten tails that people accepted."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import anyio.to_thread
import numpy as np

from evaluation.benchmark.reading import FileContents, contents_of
from evaluation.near_duplicates import NearDuplicates
from schema.errors import InputError
from schema.nodes import Post
from schema.relations import Relation


@dataclass(frozen=True, slots=True)
class ShownExample:
    """A post and its ten tails, in MIKO's order."""

    post: Post
    tails: Mapping[Relation, str]


async def examples_of(
    train: Path, test: Iterable[Post], *, shots: int, seed: int
) -> Sequence[ShownExample]:
    """Draw examples: the same seed draws the same, and the first few of a larger draw are these.

    None is a near duplicate of a test post. Every tail of it was accepted, or nobody judged it.

    Raises:
        FormatError: The file cannot be read.
        InputError: It holds fewer such posts.
    """
    held = await anyio.to_thread.run_sync(contents_of, train)
    whole = [example for post in held.posts.values() if (example := _example(post, held))]
    order: list[int] = np.random.default_rng(seed).permutation(len(whole)).tolist()
    seen = NearDuplicates(test)
    other = (whole[place] for place in order if not seen.holds(whole[place].post))
    drawn = list(islice(other, shots))
    if len(drawn) < shots:
        raise InputError(
            f"{train} holds {len(drawn)} posts with ten accepted intentions that are not in the "
            f"test split: ask for so many by --shots, or name a larger file by --train"
        )
    return drawn


def _example(post: Post, held: FileContents) -> ShownExample | None:
    slots = [(post.id, relation) for relation in Relation]
    known = [held.accepted if slot in held.judged else held.tails for slot in slots]
    tails = {s[1]: of[s] for s, of in zip(slots, known, strict=True) if s in of}
    return ShownExample(post, tails) if len(tails) == len(Relation) else None
