"""What an encoder is fine-tuned on: of the posts to learn from, what people accepted."""

from collections.abc import Iterator
from dataclasses import dataclass

from evaluation.plausibility.pairs import Pair
from evaluation.searching.material import EmbeddedPost, Material


@dataclass(frozen=True, slots=True)
class TextPair:
    """A text that asks and one that answers it, both of one post."""

    asking: str
    answer: str
    post_id: str


def text_pairs(given: Material) -> list[TextPair]:
    """Return each accepted intention twice: asked for by its post, and by the one before it."""
    return [
        TextPair(post.text if before is None else before.tail, pair.tail, post.id)
        for post in given.learnt
        for before, pair in asked(post)
    ]


def asked(post: EmbeddedPost) -> Iterator[tuple[Pair | None, Pair]]:
    """Yield each accepted pair twice, behind what asks: None, its post; the pair before it."""
    accepted = [pair for pair in post.pairs if pair.accepted]
    for before, pair in zip([*accepted[-1:], *accepted], accepted, strict=False):
        yield None, pair
        if before.tail != pair.tail:
            yield before, pair
