"""Lines of a file as a stream: gzip or plain, lines or a JSON array, whatever is wrong with it."""

import codecs
import io
import json
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from ingest.formats.format import Line, Rejected
from ingest.formats.gunzip import unpacked
from schema.errors import FormatError

GZIP: Final = b"\x1f\x8b"
BOM: Final = "\ufeff"
LINE_LIMIT: Final = 1 << 20
"""Most bytes of a line: a record of text, not a file without line ends."""

CHUNK_BYTES: Final = 1 << 18
DAMAGED: Final = (EOFError, zlib.error)
"""What a gzip file raises in mid-stream."""


def lines(path: Path) -> Iterator[Line | Rejected]:
    """Yield the lines of a file, or the elements of the one JSON array that it holds.

    Empty lines are passed over. A line that is too long, or not UTF-8, is rejected and the rest
    goes on; a file that is cut off or damaged gives what comes before, then one rejection.

    Raises:
        FormatError: The file cannot be opened.
    """
    try:
        plain = path.open("rb")
    except OSError as error:
        raise FormatError(f"{path} cannot be read: {error.strerror}") from error
    with plain:
        is_gzip = plain.peek(2)[:2] == GZIP
        file = unpacked(plain) if is_gzip else plain
        number = 0
        try:
            is_array = file.peek(16).removeprefix(codecs.BOM_UTF8).lstrip()[:1] == b"["
            for row in _elements(file) if is_array else _lines(file):
                number = row.number if isinstance(row, Line) else row.line
                yield row
        except DAMAGED:
            yield Rejected(number + 1, "", "the compressed file is cut off or damaged here")


def _lines(file: io.BufferedReader) -> Iterator[Line | Rejected]:
    number = 0
    while raw := file.readline(LINE_LIMIT + 1):
        number += 1
        if len(raw) > LINE_LIMIT and not raw.endswith(b"\n"):
            yield Rejected(number, "", f"the line is longer than {LINE_LIMIT} bytes")
            while raw and not raw.endswith(b"\n"):
                raw = file.readline(LINE_LIMIT)
            continue
        row = _decoded(number, raw)
        if isinstance(row, Rejected) or row.text.strip():
            yield row


def _decoded(number: int, raw: bytes) -> Line | Rejected:
    try:
        text = raw.decode()
    except UnicodeDecodeError as error:
        return Rejected(number, "", f"no UTF-8 at byte {error.start + 1} of the line")
    return Line(number, text.rstrip("\r\n").removeprefix(BOM if number == 1 else ""))


def _elements(file: io.BufferedReader) -> Iterator[Line | Rejected]:
    """Decode one element after the other from a window over the array."""
    decoder, find = codecs.getincrementaldecoder("utf-8")(), json.JSONDecoder().raw_decode
    window, number, is_end = "", 0, False
    while True:
        window = window.lstrip(f" \t\r\n,{BOM}" if number else f" \t\r\n[{BOM}")
        if window.startswith("]"):
            if window[1:].strip() or _holds_more(file):
                yield Rejected(number + 1, "", "something follows the end of the array")
            return
        try:
            _, end = find(window)
            number += 1
            yield Line(number, window[:end])
            window = window[end:]
        except RecursionError:
            yield Rejected(number + 1, "", "nested too deeply; the rest of the array is left out")
            return
        except json.JSONDecodeError:
            if is_end or len(window) > LINE_LIMIT:
                yield Rejected(number + 1, "", "the array is cut off, or no JSON, from here on")
                return
            chunk = file.read(CHUNK_BYTES)
            is_end = not chunk
            try:
                window += decoder.decode(chunk, final=is_end)
            except UnicodeDecodeError:
                yield Rejected(number + 1, "", "no UTF-8 from here on")
                return
        except ValueError:  # Python refuses to read an integer of more than 4,300 digits
            reason = "a number is too long; the rest of the array is left out"
            yield Rejected(number + 1, "", reason)
            return


def _holds_more(file: io.BufferedReader) -> bool:
    return any(chunk.strip() for chunk in iter(lambda: file.read(CHUNK_BYTES), b""))
