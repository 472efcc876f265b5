"""Telling a format by a file's content."""

from pathlib import Path

import pytest
from unit.ingest.written import (
    CSKG_HEADER,
    conceptnet,
    generation,
    label_studio,
    record,
    release,
    written,
)

from ingest.formats.recognise import FORMATS, named, recognised
from schema.errors import FormatError

DOCUMENT = Path(__file__).parents[3] / "docs" / "formats.md"
EXAMPLES = {
    "subgraph": '{"format": "miko-subgraph/1", "sha256": ""}',
    "record": record(),
    "miko-release": release(),
    "miko-generation": generation(),
    "label-studio": label_studio(),
    "atomic": "PersonX adopts a dog\txNeed\tto visit the shelter",
    "conceptnet": conceptnet('{"weight": 1.0}'),
    "cn100k": "UsedFor\tleash\twalk the dog",
    "cskg": CSKG_HEADER,
}


@pytest.mark.parametrize("name", EXAMPLES)
def test_a_format_is_recognised_by_content(name: str, tmp_path: Path) -> None:
    assert recognised(written(tmp_path / "file", EXAMPLES[name])) is named(name)


def test_every_format_has_an_example() -> None:
    assert [known.name for known in FORMATS] == list(EXAMPLES)


@pytest.mark.parametrize("name", EXAMPLES)
def test_every_format_is_documented(name: str) -> None:
    assert f"\n## {name}\n" in DOCUMENT.read_text("utf-8")


def test_bad_lines_at_the_start_do_not_hide_the_format(tmp_path: Path) -> None:
    file = written(tmp_path / "file", "{", "\x00", EXAMPLES["record"])

    assert recognised(file).name == "record"


@pytest.mark.parametrize("content", ["a,b,c", "{}"])
def test_a_file_of_no_format_is_told_the_way_out(content: str, tmp_path: Path) -> None:
    file = written(tmp_path / "file.csv", content)

    with pytest.raises(FormatError, match=r"file\.csv is in no format known.*--format.*cskg"):
        recognised(file)


@pytest.mark.parametrize("content", ["", "\n", "[]"])
def test_an_empty_file_is_said_to_be_empty(content: str, tmp_path: Path) -> None:
    file = written(tmp_path / "file.csv", content)

    with pytest.raises(FormatError, match=r"file\.csv is empty"):
        recognised(file)


def test_a_file_in_another_encoding_is_said_to_be_so(tmp_path: Path) -> None:
    file = tmp_path / "file.jsonl"
    file.write_bytes(EXAMPLES["record"].encode("utf-16"))

    with pytest.raises(FormatError, match="line 1: no UTF-8"):
        recognised(file)


def test_an_unknown_name_is_answered_by_the_known_ones() -> None:
    with pytest.raises(
        FormatError, match=r"'atomics', only subgraph, record, miko-release.*atomic"
    ):
        named("atomics")
