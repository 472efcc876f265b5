"""CSV: a batch as a sheet with an empty column for the choice, and what came back."""

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import IO, Final

from evaluation.annotation.choices import choice_of
from evaluation.annotation.items import Item, fields_of
from evaluation.annotation.judged import Judged, checked_time, key_of, named
from evaluation.annotation.rows import Record
from ingest.formats.fields import text_of
from ingest.formats.format import Rejected
from ingest.formats.lines import LINE_LIMIT
from schema.errors import FormatError, RecordError

COLUMNS: Final[tuple[str, ...]] = (
    "post_id",
    "relation",
    "intention_id",
    "text",
    "image",
    "image_description",
    "sentence",
    "choice",
    "annotator",
    "time",
)
NEEDED: Final = ("post_id", "relation", "intention_id", "choice")
FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")
"""What a spreadsheet takes for the begin of a formula, as posts that begin with a name do."""

SHIELD: Final = "'"


def sheet(items: Sequence[Item], annotator: str = "") -> bytes:
    """Return a batch as a sheet; UTF-8 with a mark, by which Excel knows it."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(COLUMNS)
    writer.writerows(_row(item, annotator) for item in items)
    return text.getvalue().encode("utf-8-sig")


def is_sheet(first_line: str) -> bool:
    """Say whether a file that begins with this line is a sheet of judgements."""
    return {name.strip('"') for name in first_line.strip().split(",")} >= set(NEEDED)


def sheet_rows(path: Path, annotator: str) -> Iterator[Record | Rejected]:
    """Yield the rows of a sheet; what cannot be read ends in a rejection.

    Args:
        path: The sheet; columns in any order, others are passed over.
        annotator: Who judged, whatever the sheet says; empty to take that.

    Raises:
        FormatError: It cannot be opened.
    """
    try:
        file = path.open(encoding="utf-8-sig", newline="")
    except OSError as error:
        raise FormatError(f"{path} cannot be read: {error.strerror}") from error
    with file:
        reader = csv.DictReader(_bounded(file), strict=True)
        while True:
            try:
                row = next(reader, None)
            except UnicodeDecodeError:
                yield Rejected(reader.line_num + 1, "", "no UTF-8 from here on")
                return
            except (csv.Error, RecordError) as error:
                yield Rejected(reader.line_num + 1, "", f"no CSV from here on: {error}")
                return
            if row is None:
                return
            yield _read(reader.line_num, row, annotator)


def _bounded(file: IO[str]) -> Iterator[str]:
    """Yield lines, none of which may be so long that it could fill the memory."""
    while line := file.readline(LINE_LIMIT + 1):
        if len(line) > LINE_LIMIT:
            raise RecordError("", f"a line is longer than {LINE_LIMIT} characters")
        yield line


def _read(
    line: int, row: Mapping[str | None, str | list[str] | None], annotator: str
) -> Record | Rejected:
    if None in row or None in row.values():
        return Rejected(line, "", "has another number of cells than the first line")
    cells = {str(name): _plain(str(cell)) for name, cell in row.items()}
    try:
        key = key_of(cells)
        if not cells["choice"].strip():
            return Record(line, key.post_id, ())
        who = annotator or text_of(cells, "annotator", default="")
        if not who.strip():
            return Rejected(line, "annotator", "is empty: name the annotator by --annotator")
        time = checked_time(text_of(cells, "time", default=""))
        judged = Judged(key, named(who), choice_of(cells["choice"]), time)
    except RecordError as error:
        return Rejected(line, error.field, error.reason)
    return Record(line, key.post_id, (judged,))


def _row(item: Item, annotator: str) -> list[str]:
    cells = fields_of(item) | {"annotator": annotator}
    return [_shielded(cells.get(name, "")) for name in COLUMNS]


def _shielded(cell: str) -> str:
    """Return a cell that no spreadsheet takes for a formula."""
    return SHIELD + cell if cell.startswith((*FORMULA, SHIELD)) else cell


def _plain(cell: str) -> str:
    return cell.removeprefix(SHIELD)
