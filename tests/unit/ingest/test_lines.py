"""Lines of a file, whatever is wrong with them."""

import gzip
import json
from pathlib import Path

import pytest

from ingest.formats import lines as reading
from ingest.formats.format import Line, Rejected
from ingest.formats.lines import CHUNK_BYTES, LINE_LIMIT, lines
from schema.errors import FormatError


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "file"


def test_lines_are_numbered_and_empty_ones_passed_over(file: Path) -> None:
    file.write_bytes(b"\xef\xbb\xbfone\r\n\n  \ntwo")

    assert list(lines(file)) == [Line(1, "one"), Line(4, "two")]


def test_gzip_is_told_by_content(file: Path) -> None:
    file.write_bytes(gzip.compress(b"one\ntwo\n"))

    assert list(lines(file)) == [Line(1, "one"), Line(2, "two")]


def test_a_line_in_another_encoding_rejects_itself(file: Path) -> None:
    file.write_bytes("one\ncafé\nthree\n".encode("latin-1"))

    assert list(lines(file)) == [
        Line(1, "one"),
        Rejected(2, "", "no UTF-8 at byte 4 of the line"),
        Line(3, "three"),
    ]


def test_a_line_that_is_too_long_rejects_itself(file: Path) -> None:
    file.write_bytes(b"one\n" + b"x" * 3 * LINE_LIMIT + b"\nthree\n")

    assert list(lines(file)) == [
        Line(1, "one"),
        Rejected(2, "", f"the line is longer than {LINE_LIMIT} bytes"),
        Line(3, "three"),
    ]


def test_a_cut_off_gzip_gives_what_comes_before(file: Path) -> None:
    whole = gzip.compress(b"".join(b"%d\n" % number for number in range(50_000)))
    file.write_bytes(whole[:-9])

    *before, last = lines(file)

    assert before[:2] == [Line(1, "0"), Line(2, "1")]
    assert last == Rejected(len(before) + 1, "", "the compressed file is cut off or damaged here")


@pytest.mark.parametrize("cut", [-8, -4, -1])
def test_a_gzip_without_its_end_gives_every_line(file: Path, cut: int) -> None:
    whole = gzip.compress(b"".join(b"%d\n" % number for number in range(3000)))
    file.write_bytes(whole[:cut])

    *found, last = lines(file)

    assert len(found) == 3000
    assert isinstance(last, Rejected)


@pytest.mark.parametrize("behind", [b"garbage", gzip.compress(b"4\n", mtime=0)[:11]])
def test_what_follows_a_gzip_and_is_none_costs_no_line(file: Path, behind: bytes) -> None:
    file.write_bytes(gzip.compress(b"1\n2\n") + gzip.compress(b"3\n") + behind)

    *found, last = lines(file)

    assert [row.text for row in found if isinstance(row, Line)] == ["1", "2", "3"]
    assert isinstance(last, Rejected)


def test_a_padded_gzip_is_whole(file: Path) -> None:
    file.write_bytes(gzip.compress(b"1\n") + b"\x00" * 100_000)

    assert list(lines(file)) == [Line(1, "1")]


def test_a_damaged_gzip_is_rejected(file: Path) -> None:
    file.write_bytes(gzip.compress(b"one\n")[:12] + b"\xff" * 40)

    assert list(lines(file)) == [Rejected(1, "", "the compressed file is cut off or damaged here")]


def test_an_array_is_read_element_by_element(file: Path) -> None:
    rows = [{"text": "ä" * 1000, "number": number} for number in range(CHUNK_BYTES // 1000)]
    file.write_text(json.dumps(rows, ensure_ascii=False), "utf-8")

    read = [row for row in lines(file) if isinstance(row, Line)]

    assert [json.loads(line.text) for line in read] == rows
    assert [line.number for line in read] == list(range(1, len(rows) + 1))


def test_an_array_in_gzip_with_a_mark_and_line_ends_is_read(file: Path) -> None:
    file.write_bytes(gzip.compress(b'\xef\xbb\xbf\n[\r\n{"a": 1},\r\n{"a": 2}\r\n]\r\n \t'))

    assert list(lines(file)) == [Line(1, '{"a": 1}'), Line(2, '{"a": 2}')]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b'[{"a": 1}, {"a"', "the array is cut off, or no JSON, from here on"),
        (b'[{"a": 1}, {a}]', "the array is cut off, or no JSON, from here on"),
        (b'[{"a": 1}, {"a": "\xe9"}]', "no UTF-8 from here on"),
        (
            b'[{"a": 1}, ' + b"[" * 200_000,
            "nested too deeply; the rest of the array is left out",
        ),
        (
            b'[{"a": 1}, {"a": ' + b"9" * 5000 + b"}, 3]",
            "a number is too long; the rest of the array is left out",
        ),
        (b'[{"a": 1}]\n[{"a": 2}]', "something follows the end of the array"),
        (b'[{"a": 1}]' + b" " * 30 + b"x", "something follows the end of the array"),
    ],
)
def test_an_array_that_breaks_off_gives_what_comes_before(
    file: Path, content: bytes, reason: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "CHUNK_BYTES", 11)
    file.write_bytes(content)

    assert list(lines(file)) == [Line(1, '{"a": 1}'), Rejected(2, "", reason)]


def test_an_endless_element_is_rejected_at_the_limit(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "LINE_LIMIT", 100)
    monkeypatch.setattr(reading, "CHUNK_BYTES", 10)
    file.write_bytes(b'[{"a": "' + b"x" * 10_000)

    assert list(lines(file)) == [Rejected(1, "", "the array is cut off, or no JSON, from here on")]


def test_a_file_that_is_not_there_is_named(file: Path) -> None:
    with pytest.raises(FormatError, match=r"file cannot be read: No such file"):
        next(lines(file))
