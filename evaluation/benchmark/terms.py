"""What the command can be told; light, since its help waits for it."""

from enum import StrEnum


class TableFormat(StrEnum):
    """How the table is written."""

    MARKDOWN = "markdown"
    LATEX = "latex"
    JSON = "json"
