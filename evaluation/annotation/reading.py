"""Files of judgements, of any format, as one reading: each annotator's last word on each item."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

from evaluation.annotation.items import malformed
from evaluation.annotation.judged import ItemKey, Judged, judged_of, named
from evaluation.annotation.label_studio import record_of
from evaluation.annotation.rows import Record
from evaluation.annotation.tables import is_sheet, sheet_rows
from ingest.formats.fields import has_json_keys
from ingest.formats.format import Line, Rejected
from ingest.formats.lines import lines
from ingest.progress import Report
from schema.errors import FormatError, InputError, RecordError

JUDGEMENTS_LIMIT: Final = 1_000_000
"""Most judgements that are read: they are held in memory."""

TOLD: Final = 5
"""Malformed rows that an error tells of."""

EXPECTED: Final = (
    "is no file of judgements: give a Label Studio export (JSON, not JSON-MIN), a CSV that "
    "`miko annotate export` made, or what `miko annotate judge` or `import` wrote"
)


@dataclass(frozen=True, slots=True)
class Malformed:
    """A row that could not be read, and where it is."""

    path: Path
    row: Rejected


@dataclass(slots=True)
class Reading:
    """What some files say.

    Attributes:
        records: Rows or tasks that were read.
        cancelled: Those that an annotator gave back.
        unjudged: Those for which nothing was chosen.
        post_ids: Of all records, cancelled ones among them.
        replaced: Judgements that a later one of the same annotator took the place of.
        malformed: Rows that could not be read.
    """

    records: int = 0
    cancelled: int = 0
    unjudged: int = 0
    post_ids: set[str] = field(default_factory=set[str])
    replaced: int = 0
    malformed: list[Malformed] = field(default_factory=list[Malformed])
    _last: dict[tuple[ItemKey, str], Judged] = field(
        default_factory=dict[tuple[ItemKey, str], Judged]
    )

    @property
    def judged(self) -> list[Judged]:
        """Each annotator's last judgement of each item, in the order of the items."""
        return [self._last[key] for key in sorted(self._last)]

    @property
    def counts(self) -> dict[str, int]:
        """How many rows were read, and what became of them."""
        return {
            "records": self.records,
            "judgements": len(self._last),
            "unjudged": self.unjudged,
            "cancelled": self.cancelled,
            "replaced": self.replaced,
            "rejected": len(self.malformed),
        }

    def add(self, path: Path, record: Record) -> None:
        """Take what a record says.

        Of an annotator's judgements of one item the later stands. Of two that are of one time,
        or of none, with different choices, the second is malformed.
        """
        self.records += 1
        self.cancelled += record.is_cancelled
        self.unjudged += not record.judged and not record.is_cancelled
        self.post_ids.add(record.post_id)
        for judged in record.judged:
            self._judge(path, record.line, judged)

    def continued(self) -> "Reading":
        """Return a reading that goes on from these judgements, and has read nothing yet."""
        self.check()
        return Reading(_last=dict(self._last))

    def check(self) -> None:
        """Refuse files of which a row could not be read.

        Raises:
            InputError: It tells the first of them.
        """
        if not self.malformed:
            return
        first, *rest = self.malformed
        row = first.row
        error = malformed(first.path, row.line, row.field, row.reason)
        more = f"; and {len(rest):,} more" if rest else ""
        raise InputError(f"{error}{more}: correct it, or import by `miko annotate import`")

    def _judge(self, path: Path, line: int, judged: Judged) -> None:
        key = judged.item, judged.annotator
        before = self._last.get(key)
        if before and before.moment == judged.moment and before.choice != judged.choice:
            reason = "is another than the same annotator's of the same time for the same intention"
            self.malformed.append(Malformed(path, Rejected(line, "choice", reason)))
            return
        if before is None or judged.moment >= before.moment:
            self._last[key] = judged
        self.replaced += before is not None and before.choice != judged.choice
        if len(self._last) > JUDGEMENTS_LIMIT:
            raise InputError(f"over {JUDGEMENTS_LIMIT:,} judgements: give fewer files at a time")


ReadLine = Callable[[Line, str], Record]


def read_judgements(
    paths: Sequence[Path],
    *,
    annotator: str = "",
    kept: Reading | None = None,
    progress: Report,
) -> Reading:
    """Read files of judgements, of any of the three formats, mixed.

    Args:
        paths: The files.
        annotator: Who judged, whatever the files say; empty to take that.
        kept: A reading whose judgements stay, where no later one takes their place.
        progress: Told as records are read.

    Raises:
        FormatError: A file cannot be opened, or is of no such format.
        InputError: There are too many judgements.
    """
    reading = Reading() if kept is None else kept.continued()
    for path in paths:
        for row in _rows(path, annotator):
            if isinstance(row, Rejected):
                reading.malformed.append(Malformed(path, row))
            else:
                reading.add(path, row)
                progress(reading.records, None)
    return reading


def read_own(path: Path, *, progress: Report) -> Reading:
    """Read what ``judge`` or ``import`` wrote, and is to be written to: of no other format.

    Raises:
        FormatError: It is something else: a sheet, an export, somebody's notes.
        InputError: A row is malformed, or there are too many.
    """
    first = next(lines(path), None)
    if not (isinstance(first, Line) and _is_own(first.text)):
        raise not_own(path)
    reading = read_judgements([path], progress=progress)
    reading.check()
    return reading


def not_own(path: Path) -> FormatError:
    """Return the error that says that a file is not one to write judgements to."""
    return FormatError(
        f"{path} is no file of judgements that `miko annotate judge` or `import` wrote: name "
        "another by --out"
    )


def _rows(path: Path, annotator: str) -> Iterator[Record | Rejected]:
    first = next(lines(path), None)
    if isinstance(first, Line):
        if has_json_keys(first.text, "annotations", "data"):
            return _each(path, annotator, record_of)
        if _is_own(first.text):
            return _each(path, annotator, _judgement)
        if is_sheet(first.text):
            return sheet_rows(path, annotator)
    raise FormatError(f"{path} is empty" if first is None else f"{path} {EXPECTED}")


def _is_own(text: str) -> bool:
    return has_json_keys(text, "post_id", "choice")


def _each(path: Path, annotator: str, read: ReadLine) -> Iterator[Record | Rejected]:
    for line in lines(path):
        if isinstance(line, Rejected):
            yield line
            continue
        try:
            yield read(line, annotator)
        except RecordError as error:
            yield Rejected(line.number, error.field, error.reason)


def _judgement(line: Line, annotator: str) -> Record:
    judged = judged_of(line.text)
    if annotator:
        judged = replace(judged, annotator=named(annotator))
    return Record(line.number, judged.item.post_id, (judged,))
