"""The reject file: where a malformed row is, and what is wrong with it; never its text."""

import os
from pathlib import Path
from types import TracebackType
from typing import IO, Final, cast

import orjson

from ingest.formats.format import Rejected
from schema.errors import InputError

NOTE: Final = ("file", "line", "field", "reason")
NOTE_LIMIT: Final = 1 << 16
"""Most bytes of a note."""


class Rejects:
    """A JSON Lines file of ``{"file", "line", "field", "reason"}``; made at the first row."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file: IO[bytes] | None = None

    def __enter__(self) -> "Rejects":
        """Remove what an earlier load left, so that the file speaks of this one.

        Raises:
            InputError: It cannot be removed, or is no reject file.
        """
        try:
            _check_ours(self._path)
            self._path.unlink(missing_ok=True)
        except OSError as error:
            raise _unwritable(self._path, error) from error
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close the file."""
        if self._file is not None:
            self._file.close()

    def add(self, path: Path, row: Rejected) -> None:
        """Note a row.

        Raises:
            InputError: The file cannot be written.
        """
        name = str(path).encode(errors="replace").decode()  # a name may be no UTF-8
        note = {"file": name, "line": row.line, "field": row.field, "reason": row.reason}
        try:
            self._file = self._file or _opened(self._path)
            self._file.write(orjson.dumps(note, option=orjson.OPT_APPEND_NEWLINE))
            self._file.flush()
        except OSError as error:
            raise _unwritable(self._path, error) from error


def _check_ours(path: Path) -> None:
    """Refuse to remove a file of the user's own, a graph for example."""
    if not path.exists():
        return
    with path.open("rb") as file:
        first = file.readline(NOTE_LIMIT)
    if first and not _is_note(first):
        raise InputError(f"{path} is there, and is no reject file: name another by --rejects")


def _is_note(line: bytes) -> bool:
    try:
        note = orjson.loads(line)
    except orjson.JSONDecodeError:
        return False
    return isinstance(note, dict) and tuple(cast("dict[str, object]", note)) == NOTE


def _opened(path: Path) -> IO[bytes]:
    """Open a file for its owner alone: names of files may tell something too."""
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb")


def _unwritable(path: Path, error: OSError) -> InputError:
    return InputError(f"the reject file {path} cannot be written ({error.strerror}): see --rejects")
