"""What a file format is: rows in, fragments of the graph out."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

from schema.graph import Batch


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a file, or an element of a JSON array.

    Attributes:
        number: From 1.
        text: Without its end.
    """

    number: int
    text: str


@dataclass(frozen=True, slots=True)
class Parsed:
    """A row that was read: the nodes and relationships that it says."""

    line: int
    batch: Batch


@dataclass(frozen=True, slots=True)
class Rejected:
    """A row, or a field of it, that is malformed; the reason holds none of its text.

    A row may be parsed and have a field rejected: the rest of it is loaded.
    """

    line: int
    field: str
    reason: str


@dataclass(frozen=True, slots=True)
class Skipped:
    """A row that is well formed and has no place in the graph."""

    line: int
    reason: str


Row = Parsed | Rejected | Skipped


class Format(Protocol):
    """One file format."""

    @property
    def name(self) -> str:
        """How the command line calls it."""
        ...

    def recognises(self, line: str) -> bool:
        """Say whether a file begins with such a line, or array element."""
        ...

    def rows(self, line: Line) -> Iterator[Row]:
        """Read one line; what is wrong with it is a row as well, never an exception."""
        ...
