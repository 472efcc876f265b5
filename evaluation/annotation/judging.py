"""Judging one item after the other; each choice is on disk before the next is asked."""

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from types import TracebackType
from typing import IO, Final

from evaluation.annotation.choices import Choice
from evaluation.annotation.items import Item
from evaluation.annotation.judged import ItemKey, Judged, judged_of, line_of, now
from evaluation.annotation.reading import not_own, read_own
from schema.errors import InputError, RecordError

LINE_BYTES: Final = 1 << 16
"""Most bytes of a line that we write."""

LINE_BEGIN: Final = b'{"post_id":'
"""What a line of a file of judgements begins with."""


class Move(StrEnum):
    """What an annotator may say instead of a choice."""

    SKIP = "skip"
    BACK = "back"
    STOP = "stop"


@dataclass(frozen=True, slots=True)
class Place:
    """Where an annotator is: at which item, from 1, of how many."""

    number: int
    total: int


Ask = Callable[[Item, Place, Choice | None], Choice | Move]
"""Asks for an item; told what was chosen for it before, where something was."""


class JudgementLog:
    """One annotator's choices in a file that others' may be in, too; only ever added to."""

    def __init__(self, path: Path, annotator: str) -> None:
        self._path = path
        self._annotator = annotator
        self._file: IO[bytes] | None = None
        self.chosen: dict[ItemKey, Choice] = {}

    def __enter__(self) -> "JudgementLog":
        """Read what was chosen, and open the file to add to it.

        Raises:
            FormatError: It is of something else.
            InputError: It cannot be written, or a row is malformed.
        """
        try:
            if self._path.exists() and self._path.stat().st_size and _mend(self._path):
                self.chosen = self._read()
            self._file = os.fdopen(
                os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "wb"
            )
        except OSError as error:
            raise InputError(f"{self._path} cannot be written: {error.strerror}") from error
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

    def add(self, key: ItemKey, choice: Choice) -> None:
        """Write a choice; when this returns, it is on disk.

        Raises:
            InputError: It cannot be written.
        """
        file = self._file
        if file is None:
            raise InputError(f"{self._path} is not open")
        try:
            file.write(line_of(Judged(key, self._annotator, choice, now())))
            file.flush()
            os.fsync(file.fileno())
        except OSError as error:
            raise InputError(f"{self._path} cannot be written: {error.strerror}") from error
        self.chosen[key] = choice

    def _read(self) -> dict[ItemKey, Choice]:
        reading = read_own(self._path, progress=lambda _done, _total: None)
        return {j.item: j.choice for j in reading.judged if j.annotator == self._annotator}


def judge(items: Sequence[Item], log: JudgementLog, ask: Ask) -> int:
    """Ask for each item that has no choice yet; return how many of the batch have one.

    Going back asks for the item before, among those that were asked for now.
    """
    open_items = [
        (number, item) for number, item in enumerate(items, 1) if item.key not in log.chosen
    ]
    at = 0
    while at < len(open_items):
        number, item = open_items[at]
        said = ask(item, Place(number, len(items)), log.chosen.get(item.key))
        if said is Move.STOP:
            break
        if isinstance(said, Choice):
            log.add(item.key, said)
        at = max(0, at - 1) if said is Move.BACK else at + 1
    return sum(item.key in log.chosen for item in items)


def _mend(path: Path) -> bool:
    """Cut off the begin of a line that a power cut left at the end of a file of judgements.

    Returns:
        Whether anything is left.

    Raises:
        FormatError: Its first line is no judgement: the file is of something else.
    """
    with path.open("r+b") as file:
        first = file.readline(LINE_BYTES)
        if not (_is_judgement(first) or _is_torn(first)):
            raise not_own(path)
        end = file.seek(0, os.SEEK_END)
        file.seek(max(0, end - LINE_BYTES))
        _, _, torn = file.read().rpartition(b"\n")
        if not torn:
            return True
        if _is_judgement(torn):
            file.write(b"\n")
            return True
        return file.truncate(end - len(torn)) > 0


def _is_torn(line: bytes) -> bool:
    return line.startswith(LINE_BEGIN) and not line.rstrip().endswith(b"}")


def _is_judgement(line: bytes) -> bool:
    try:
        judged_of(line.decode(errors="replace"))
    except RecordError:
        return False
    return True
