"""What the commands of annotation can be told; light, since their help waits for it."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

DECIDED: Final = "adjudicated"
"""The annotator of decisions, unless another name is given."""


class FileFormat(StrEnum):
    """What a batch is exported for."""

    LABEL_STUDIO = "label-studio"
    CSV = "csv"


class Rule(StrEnum):
    """When judgements decide: more than half of them, or all."""

    MAJORITY = "majority"
    UNANIMOUS = "unanimous"


@dataclass(frozen=True, slots=True)
class Terms:
    """How to decide.

    Attributes:
        rule: What judgements must agree on.
        least: Fewest judgements of an item that is decided.
        expert: Annotator whose word decides where there is one, alone; empty for none.
        name: The annotator of the decisions; an earlier decision of this name is no judgement.
    """

    rule: Rule = Rule.MAJORITY
    least: int = 1
    expert: str = ""
    name: str = DECIDED
