"""What an encoder is fine-tuned on: of the posts to learn from, what people accepted."""

from collections.abc import Iterator
from dataclasses import dataclass

from evaluation.searching.material import Held, Material


@dataclass(frozen=True, slots=True)
class Example:
    """A text that asks and one that answers it, both of one post."""

    asking: str
    answer: str
    post_id: str


def examples(given: Material) -> list[Example]:
    """Return each accepted intention twice: asked for by its post, and by the one before it."""
    return [example for post in given.learnt for example in _of(post)]


def _of(post: Held) -> Iterator[Example]:
    tails = [pair.tail for pair in post.pairs if pair.accepted]
    for before, tail in zip([*tails[-1:], *tails], tails, strict=False):
        yield Example(post.text, tail, post.id)
        if before != tail:
            yield Example(before, tail, post.id)
