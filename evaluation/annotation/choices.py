"""What an annotator can choose, in whichever words a file says it."""

from collections.abc import Collection
from enum import StrEnum
from typing import Final

from ingest.formats.label_studio import CHOICES
from schema.errors import RecordError


class Choice(StrEnum):
    """How an intention fits its post; the last two say whether it is taken.

    The authors' labels are 1 where their experts chose "very relevant", and else 0.
    """

    NOT_RELEVANT = "not relevant"
    FAIRLY_RELEVANT = "fairly relevant"
    VERY_RELEVANT = "very relevant"
    REJECTED = "rejected"
    ACCEPTED = "accepted"

    @property
    def accepts(self) -> bool:
        """Whether it takes the intention."""
        return self in (Choice.VERY_RELEVANT, Choice.ACCEPTED)


GRADES: Final = (Choice.NOT_RELEVANT, Choice.FAIRLY_RELEVANT, Choice.VERY_RELEVANT)
"""What is chosen among, from the least."""

CHINESE: Final = ("不相关", "一般相关", "非常相关")
"""The grades in the words of the authors' files."""

WORDS: Final = {choice.value: choice for choice in Choice} | {
    word: Choice(choice) for word, choice in CHOICES.items()
}


def choice_of(word: str) -> Choice:
    """Return what a word chooses, in English in any case or in the authors' Chinese.

    Raises:
        RecordError: It is none of the words.
    """
    choice = WORDS.get(" ".join(word.casefold().split()))
    if choice is None:
        raise RecordError("choice", f"is none of {', '.join(WORDS)}")
    return choice


def choice_in(word: object) -> Choice | None:
    """Return what a word chooses; None where it is none of the words, or no text."""
    try:
        return choice_of(word) if isinstance(word, str) else None
    except RecordError:
        return None


def are_graded(choices: Collection[Choice]) -> bool:
    """Say whether all of them are grades, so that there is an order among them."""
    return all(choice in GRADES for choice in choices)
