"""What a classifier learns from: texts and a label. An example has no id, and so no date."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from evaluation.near_duplicates import words_of
from evaluation.sarcasm.knowledge import Known
from evaluation.sarcasm.parts import Inputs, Part
from evaluation.sarcasm.posts import LabelledPost, PublishedSplit

NOTHING: Final = Known()


@dataclass(frozen=True, slots=True)
class LabelledTexts:
    """A post as its features and its label.

    Attributes:
        texts: Of each part, empty where there is none. All that a classifier sees.
        is_sarcastic: The label.
        split: As published.
        group: The text's words: posts that say the same are in one fold, and drawn together.
        origin: Where the intentions come from; never a feature.
    """

    texts: Mapping[Part, str]
    is_sarcastic: bool
    split: PublishedSplit
    group: str
    origin: str

    def has(self, parts: Collection[Part]) -> bool:
        """Say whether none of these parts is empty."""
        return all(self.texts[part] for part in parts)

    def chosen(self, inputs: Inputs) -> tuple[str, ...]:
        """Return the texts of the inputs, in their order."""
        return tuple(self.texts[part] for part in inputs)


def labelled_texts(
    posts: Sequence[LabelledPost], known: Mapping[str, Known]
) -> list[LabelledTexts]:
    """Return an example for each post, in the order of the posts.

    An id is asked for what is known by it, and left behind here.
    """
    return [_example(post, known.get(post.id, NOTHING)) for post in posts]


def _example(post: LabelledPost, known: Known) -> LabelledTexts:
    texts = {
        Part.TEXT: post.text,
        Part.DESCRIPTION: known.description,
        Part.INTENTIONS: ". ".join(known.intentions),
    }
    group = words_of(post.text) or post.text
    return LabelledTexts(texts, post.is_sarcastic, post.split, group, known.origin)
