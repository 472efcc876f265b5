"""What a derived index knows of itself: whose it is, and which version of the graph it has seen."""

import os
from collections.abc import Callable
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


@dataclass(frozen=True, slots=True)
class Owner:
    """The graph that an index is derived from.

    Attributes:
        graph: Its identifier.
        version: Asks for its version as it is now, whatever a transaction at hand sees.
    """

    graph: str
    version: Callable[[], int]


def fitting(path: Path, owner: Owner, layout: int) -> Sidecar | None:
    """Return the note of an index that can be believed, else None.

    An index that has seen more than there is stands beside an older copy of the graph, or one
    whose last commits a power cut took. Its note is removed at once: the version will rise past
    what the index claims to have seen. The version is asked for after the note is read, as
    another process may be writing both.
    """
    note = read(path)
    if note is None or note.graph != owner.graph or note.layout != layout:
        return None
    if note.seen > owner.version():
        path.unlink(missing_ok=True)
        return None
    return note


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


def put_in_place(file: Path, write: Callable[[Path], None]) -> int:
    """Write an index's file aside, put it in its place in one move, and return its size in bytes.

    Its content is on the disk by then.
    """
    draft = file.with_suffix(".draft")
    write(draft)
    with draft.open("rb") as written:
        os.fsync(written.fileno())
    draft.replace(file)
    return file.stat().st_size
