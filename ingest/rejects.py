"""The reject file: where a malformed row is, and what is wrong with it; never its text."""

from pathlib import Path
from types import TracebackType
from typing import IO

import orjson

from ingest.formats.format import Rejected


class Rejects:
    """A JSON Lines file of ``{"file", "line", "field", "reason"}``; made at the first row."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file: IO[bytes] | None = None

    def __enter__(self) -> "Rejects":
        """Remove what an earlier load left, so that the file speaks of this one."""
        self._path.unlink(missing_ok=True)
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
        """Note a row."""
        if self._file is None:
            self._file = self._path.open("wb")
        note = {"file": str(path), "line": row.line, "field": row.field, "reason": row.reason}
        self._file.write(orjson.dumps(note, option=orjson.OPT_APPEND_NEWLINE))
        self._file.flush()
