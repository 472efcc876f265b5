"""What a classifier is given of a post: parts of it, alone and together."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from itertools import combinations
from typing import Final

from schema.errors import InputError


class Part(StrEnum):
    """A part of what is known of a post; in the order in which it is read."""

    TEXT = "text"
    DESCRIPTION = "description"
    INTENTIONS = "intentions"


Inputs = tuple[Part, ...]
"""Parts in the order of Part, each once, one at least."""

EVERY: Final[tuple[Inputs, ...]] = tuple(
    chosen for size in range(1, len(Part) + 1) for chosen in combinations(Part, size)
)


@dataclass(frozen=True, slots=True)
class Budgets:
    """Most tokens of each part."""

    text: int = 64
    description: int = 96
    intentions: int = 192

    def of(self, inputs: Inputs) -> tuple[int, ...]:
        """Return the most tokens of each part of the inputs, in their order."""
        each = {
            Part.TEXT: self.text,
            Part.DESCRIPTION: self.description,
            Part.INTENTIONS: self.intentions,
        }
        return tuple(each[part] for part in inputs)


def inputs_of(name: str) -> Inputs:
    """Return the parts of a name such as ``text+intentions``.

    Raises:
        InputError: It names something else.
    """
    asked = name.split("+")
    if not set(asked) <= set(Part):
        raise InputError(
            f"{name!r} is no input: give parts out of {', '.join(Part)}, joined by + as in "
            "text+intentions"
        )
    return tuple(part for part in Part if part in asked)


def name_of(inputs: Inputs) -> str:
    """Return the name of parts, ``text+intentions``."""
    return "+".join(inputs)


def parts_of(asked: Iterable[Inputs]) -> frozenset[Part]:
    """Return every part that is asked for."""
    return frozenset(part for inputs in asked for part in inputs)
