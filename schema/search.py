"""The ways to search."""

from enum import StrEnum


class Mode(StrEnum):
    """How a search ranks."""

    SEMANTIC = "semantic"
    TEXT = "text"
    HYBRID = "hybrid"
