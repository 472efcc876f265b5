"""The posts that are to be distilled: records, as far as they go, one a line."""

import hashlib
import re
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any, Final, cast

import orjson

from ingest.distill.images import bytes_of_data_url
from ingest.distill.seen import Seen
from ingest.formats.format import Line, Rejected
from ingest.formats.lines import lines
from ingest.formats.posts import hashtags_of, segmented
from ingest.formats.record import record_of
from schema.errors import RecordError
from schema.records import Record

DATA: Final = re.compile("data:", re.IGNORECASE)
HASHTAGS_CUT: Final = 30
"""Most hashtags of a post that are cut into words: long ones take 40 ms each."""


@dataclass(frozen=True, slots=True)
class PostLine:
    """A post of the file.

    Attributes:
        number: Its line, from 1.
        record: What is known of it.
        inline: Images that stood in the line itself, by the URI that the record now names.
        hashtags: The words in each of its hashtags, those in the text included.
    """

    number: int
    record: Record
    inline: Mapping[str, bytes] = field(default_factory=dict[str, bytes])
    hashtags: Mapping[str, str] = field(default_factory=dict[str, str])


Row = PostLine | tuple[Rejected, ...]
"""A post, or what is wrong with its line."""


def rows(path: Path, every: int = 1) -> Iterator[Row]:
    """Yield the posts of a file, in their order; an id has one text, that of its first line.

    Args:
        path: The file.
        every: Only each so many-th line is looked at, from the first on.

    Raises:
        FormatError: The file cannot be opened.
    """
    with closing(Seen()) as seen:
        for line in islice(lines(path), 0, None, every):
            yield (line,) if isinstance(line, Rejected) else _row(line, seen)


def words_of_hashtags(record: Record) -> dict[str, str]:
    """Return the words in each hashtag of a record, those in its text included."""
    tags = dict.fromkeys((*hashtags_of(record.text), *record.hashtags))
    return {tag: segmented(tag) for tag in list(tags)[:HASHTAGS_CUT]}


def _row(line: Line, seen: Seen) -> Row:
    inline: dict[str, bytes] = {}
    if DATA.search(line.text):
        try:
            line = _without_data_urls(line, inline)
        except RecordError as error:
            return (Rejected(line.number, error.field, error.reason),)
    record = record_of(line)
    if not isinstance(record, Record):
        return record
    first = seen.with_other_text(record, line.number)
    if first is not None:
        return (Rejected(line.number, "id", f"is that of line {first}, which has another text"),)
    return PostLine(line.number, record, inline, words_of_hashtags(record))


def _without_data_urls(line: Line, inline: dict[str, bytes]) -> Line:
    """Name images by their hash in place of their bytes, which would not fit a graph."""
    try:
        row: Any = orjson.loads(line.text)
    except orjson.JSONDecodeError:
        return line
    for place, image in enumerate(_items(_fields(row).get("images"))):
        uri = _fields(image).get("uri")
        if not isinstance(uri, str) or not DATA.match(uri):
            continue
        try:
            content = bytes_of_data_url(uri)
        except RecordError as error:
            raise RecordError(f"images.{place}", error.reason) from error
        name = f"sha256:{hashlib.sha256(content).hexdigest()}"
        _fields(image)["uri"], inline[name] = name, content
    return Line(line.number, orjson.dumps(row).decode()) if inline else line


# The row is Any until the record is read of it, which says what is wrong with the rest.
def _fields(value: Any) -> dict[str, Any]:
    return cast("dict[str, Any]", value) if isinstance(value, dict) else {}


def _items(value: Any) -> list[Any]:
    return cast("list[Any]", value) if isinstance(value, list) else []
