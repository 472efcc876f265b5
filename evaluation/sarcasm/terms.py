"""What the command can be told; light, since its help waits for it."""

from enum import StrEnum


class Parting(StrEnum):
    """How examples are parted."""

    AUTO = "auto"
    PUBLISHED = "published"
    CROSSED = "crossed"
