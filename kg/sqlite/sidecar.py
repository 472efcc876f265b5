"""What a derived index knows of itself: whose it is, and which version of the graph it has seen."""

import os
from dataclasses import asdict, dataclass
from pathlib import Path

import orjson


@dataclass(frozen=True, slots=True)
class Sidecar:
    """The note that stands beside an index, written only when the index is whole.

    Attributes:
        graph: The graph's own identifier: an index of another graph is no use.
        seen: The version of the graph up to which the index is complete.
        layout: Version of the index's own layout.
        size_bytes: Of the index's file, where it is one file: a torn one is shorter.
    """

    graph: str
    seen: int
    layout: int
    size_bytes: int = 0


def read(path: Path) -> Sidecar | None:
    """Return the note, or None where there is none or it cannot be read."""
    try:
        return Sidecar(**orjson.loads(path.read_bytes()))
    except (OSError, ValueError, TypeError):
        return None


def write(path: Path, note: Sidecar) -> None:
    """Write the note in one move: another process sees the old one or the new."""
    draft = path.with_suffix(".draft")
    draft.write_bytes(orjson.dumps(asdict(note)))
    draft.replace(path)


def sync(path: Path) -> None:
    """Wait until a file's content is on the disk."""
    with path.open("rb") as file:
        os.fsync(file.fileno())
