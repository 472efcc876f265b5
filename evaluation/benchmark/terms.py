"""What the command can be told; light, since its help waits for it."""

from enum import StrEnum


class Form(StrEnum):
    """How the table is written."""

    MARKDOWN = "markdown"
    LATEX = "latex"
    JSON = "json"
