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
