"""What an encoder is fine-tuned on: of the posts to learn from, what people accepted."""

from collections.abc import Iterator
from dataclasses import dataclass

from evaluation.searching.material import EmbeddedPost, Material


@dataclass(frozen=True, slots=True)
class TextPair:
    """A text that asks and one that answers it, both of one post."""

    asking: str
    answer: str
    post_id: str


def text_pairs(given: Material) -> list[TextPair]:
    """Return each accepted intention twice: asked for by its post, and by the one before it."""
    return [example for post in given.learnt for example in _of(post)]


def _of(post: EmbeddedPost) -> Iterator[TextPair]:
    tails = [pair.tail for pair in post.pairs if pair.accepted]
    for before, tail in zip([*tails[-1:], *tails], tails, strict=False):
        yield TextPair(post.text, tail, post.id)
        if before != tail:
            yield TextPair(before, tail, post.id)
