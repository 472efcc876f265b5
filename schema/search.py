"""The ways to search."""

from enum import StrEnum


class Mode(StrEnum):
    """How a search ranks."""

    SEMANTIC = "semantic"
    TEXT = "text"
    HYBRID = "hybrid"


class Ranker(StrEnum):
    """What ranks; a hybrid search fuses both."""

    MEANING = "meaning"
    WORDS = "words"


class Order(StrEnum):
    """In which order results are shown: as they fit what was asked, or the most plausible first."""

    FIT = "fit"
    PLAUSIBILITY = "plausibility"
