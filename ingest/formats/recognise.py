"""Which format a file is in: a new format is a module beside this one, and a row of FORMATS."""

from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Final

from ingest.formats.atomic import AtomicFormat
from ingest.formats.cn100k import Cn100kFormat
from ingest.formats.conceptnet import ConceptNetFormat
from ingest.formats.cskg import CskgFormat
from ingest.formats.format import Format, Line, Rejected, Row
from ingest.formats.label_studio import LabelStudioFormat
from ingest.formats.lines import lines
from ingest.formats.miko_generation import MikoGenerationFormat
from ingest.formats.miko_release import MikoReleaseFormat
from ingest.formats.record import RecordFormat
from ingest.formats.subgraph import SubgraphFormat
from schema.errors import FormatError

FORMATS: Final[tuple[Format, ...]] = (
    SubgraphFormat(),
    RecordFormat(),
    MikoReleaseFormat(),
    MikoGenerationFormat(),
    LabelStudioFormat(),
    AtomicFormat(),
    ConceptNetFormat(),
    Cn100kFormat(),
    CskgFormat(),
)
LOOKED_AT: Final = 20
"""Lines that may be wrong before one tells the format."""


def rows(path: Path, written_in: Format) -> Iterator[Row]:
    """Read a file, plain or gzip, as a stream of rows.

    Raises:
        FormatError: The file cannot be opened.
    """
    for line in lines(path):
        if isinstance(line, Rejected):
            yield line
        else:
            yield from written_in.rows(line)


def named(name: str) -> Format:
    """Return the format of a name.

    Raises:
        FormatError: There is none.
    """
    for known in FORMATS:
        if known.name == name:
            return known
    raise FormatError(f"no format is called {name!r}, only {_names()}")


def recognised(path: Path) -> Format:
    """Return the format of a file, told by its first lines.

    Raises:
        FormatError: None of them tells it, or the file cannot be opened.
    """
    first = list(islice(lines(path), LOOKED_AT))
    if not first:
        raise FormatError(f"{path} is empty")
    for line in first:
        for known in FORMATS:
            if isinstance(line, Line) and known.recognises(line.text):
                return known
    if isinstance(first[0], Rejected):
        raise FormatError(f"{path} is in no format known: line {first[0].line}: {first[0].reason}")
    raise FormatError(f"{path} is in no format known: name it by --format, one of {_names()}")


def _names() -> str:
    return ", ".join(known.name for known in FORMATS)
