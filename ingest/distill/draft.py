"""A file of records that is written beside its place, and takes it when it is whole."""

import errno
import os
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import IO, Final

import anyio
import anyio.to_thread

from schema.errors import InputError, MikoError, StoreFullError
from schema.records import Record

FLUSH_ROWS: Final = 256
ENDING: Final = ".draft"


class Draft:
    """Records on their way into a file."""

    def __init__(self, place: Path, file: IO[str]) -> None:
        self._place = place
        self._file = file
        self._waiting: list[Record] = []
        self.is_empty = True

    async def add(self, record: Record) -> None:
        """Write a record as a line.

        Raises:
            StoreFullError, InputError: The file cannot be written.
        """
        self.is_empty = False
        self._waiting.append(record)
        if len(self._waiting) >= FLUSH_ROWS:
            await anyio.to_thread.run_sync(self.write)

    def write(self) -> None:
        """Write what waits; it blocks."""
        some, self._waiting = self._waiting, []
        try:
            self._file.writelines(f"{_line_of(record)}\n" for record in some)
        except OSError as error:
            raise unwritable(self._place, error) from error


def drafted(place: Path) -> Path:
    """Return where the draft of a file is."""
    return place.with_name(place.name + ENDING)


@asynccontextmanager
async def draft(place: Path) -> AsyncGenerator[Draft]:
    """Give the draft of a file. It takes its place at the end, and is removed on any error.

    One without a record takes the place of no other: what was distilled before would be lost.

    Raises:
        StoreFullError, InputError: The file cannot be written.
    """
    path = drafted(place)
    file = await anyio.to_thread.run_sync(_opened, place, path)
    try:
        opened = Draft(place, file)
        yield opened
        await anyio.to_thread.run_sync(_finish, opened, file, path, place)
    finally:
        with suppress(OSError):  # what could not be written was told; to close writes it again
            file.close()
        path.unlink(missing_ok=True)


def unwritable(path: Path, error: OSError) -> MikoError:
    """Return what to raise where a file or folder that --out names cannot be written."""
    if error.errno == errno.ENOSPC:
        return StoreFullError(
            "the disk is full: free some space and run the same command again; what was answered "
            "before is kept"
        )
    return InputError(f"{path} cannot be written ({error.strerror}): name another by --out")


def _opened(place: Path, path: Path) -> IO[str]:
    try:
        return path.open("w", encoding="utf-8", newline="\n")
    except OSError as error:
        raise unwritable(place, error) from error


def _finish(opened: Draft, file: IO[str], path: Path, place: Path) -> None:
    if opened.is_empty and place.exists():
        return
    opened.write()
    try:
        file.flush()
        os.fsync(file.fileno())
        path.replace(place)
    except OSError as error:
        raise unwritable(place, error) from error


def _line_of(record: Record) -> str:
    return record.model_dump_json(exclude_defaults=True)
