"""Each kind of bad record goes to the reject file by its field, and the good rest is loaded."""

import json
import re
from pathlib import Path

import pytest
from unit.ingest.written import record

from ingest.load import load
from kg.store import GraphStore
from schema.errors import InputError
from schema.text import TEXT_LIMIT

pytestmark = pytest.mark.anyio

GOOD, ALSO_GOOD = record().encode(), record(id="pets:3", text="Meet Kit").encode()
WISH = {"relation": "xWant", "text": "find a home"}


def bad(**fields: object) -> bytes:
    return record(id="pets:2", **fields).encode()


BAD = {
    "bad JSON": (b'{"id": "pets:2", "text": "Meet', ""),
    "no object": (b"[1, 2]", ""),
    "wrong type": (bad(text=["Meet Tom"]), "text"),
    "missing field": (b'{"id": "pets:2"}', "text"),
    "unknown field": (bad(mood="joy"), "mood"),
    "unknown relation": (bad(intentions=[WISH | {"relation": "xLoves"}]), "intentions.0.relation"),
    "empty text": (bad(text=""), "text"),
    "empty intention": (bad(intentions=[WISH, WISH | {"text": "\t"}]), "intentions.1.text"),
    "an intention of dots": (bad(intentions=[WISH | {"text": " . "}]), "intentions.0.text"),
    "oversized text": (bad(text="x" * (TEXT_LIMIT + 1)), "text"),
    "NUL": (bad(text="Meet\x00Tom"), "text"),
    "NUL in an intention": (bad(intentions=[WISH | {"text": "a\x00"}]), "intentions.0.text"),
    "lone surrogate": (b'{"id": "pets:2", "text": "\\ud800"}', ""),
    "wrong encoding": ('{"id": "pets:2", "text": "café"}'.encode("latin-1"), ""),
    "not a number": (bad(intentions=[WISH | {"plausibility": "nan"}]), "intentions.0.plausibility"),
    "an id without a source": (bad().replace(b"pets:2", b"2"), "id"),
    "an id that is taken": (record(text="Meet Tom").encode(), "id"),
}


@pytest.mark.parametrize(("line", "field"), BAD.values(), ids=BAD)
async def test_a_bad_record_is_noted_and_the_rest_is_loaded(
    store: GraphStore, tmp_path: Path, line: bytes, field: str
) -> None:
    file, rejects = tmp_path / "posts.jsonl", tmp_path / "rejects.jsonl"
    file.write_bytes(b"\n".join([GOOD, line, ALSO_GOOD]))

    report = await load(store, [file], rejects=rejects, progress=lambda _done, _total: None)

    note = json.loads(rejects.read_text("utf-8"))
    loaded = await store.posts(["pets:1", "pets:2", "pets:3"])
    assert (report.files[0].loaded, report.rejected) == (2, 1)
    assert (note["file"], note["line"], note["field"]) == (str(file), 2, field)
    assert [post and post.text for post in loaded] == ["Meet Rex", None, "Meet Kit"]


@pytest.mark.parametrize("line", [line for line, _ in BAD.values()], ids=BAD)
async def test_the_reject_file_holds_no_text_of_the_record(
    store: GraphStore, tmp_path: Path, line: bytes
) -> None:
    file, rejects = tmp_path / "posts.jsonl", tmp_path / "rejects.jsonl"
    file.write_bytes(b"\n".join([GOOD, line, ALSO_GOOD]))

    await load(store, [file], rejects=rejects, progress=lambda _done, _total: None)

    reason = json.loads(rejects.read_text("utf-8"))["reason"]
    assert reason
    assert not re.search("Meet|Tom|caf|xLoves|joy|xxx", reason)


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (bad(intentions=[WISH | {"text": ""}]), "is empty"),
        (bad(labels={"split": "x" * 600}), "has 600 characters, the limit is 200"),
    ],
)
async def test_a_text_is_said_to_be_empty_or_long(
    store: GraphStore, tmp_path: Path, line: bytes, reason: str
) -> None:
    file, rejects = tmp_path / "posts.jsonl", tmp_path / "rejects.jsonl"
    file.write_bytes(b"\n".join([GOOD, line]))

    await load(store, [file], rejects=rejects, progress=lambda _done, _total: None)

    assert json.loads(rejects.read_text("utf-8"))["reason"] == reason


@pytest.mark.parametrize("content", [b"SQLite format 3\x00", b"my notes\n", b"[1]", b"1\n", GOOD])
async def test_a_file_that_is_no_reject_file_is_left_alone(
    store: GraphStore, tmp_path: Path, content: bytes
) -> None:
    file, mine = tmp_path / "posts.jsonl", tmp_path / "mine"
    file.write_bytes(GOOD)
    mine.write_bytes(content)

    with pytest.raises(InputError, match="no reject file: name another by --rejects"):
        await load(store, [file], rejects=mine, progress=lambda _done, _total: None)

    assert mine.read_bytes() == content


async def test_an_earlier_loads_reject_file_is_replaced(store: GraphStore, tmp_path: Path) -> None:
    file, rejects = tmp_path / "posts.jsonl", tmp_path / "rejects.jsonl"
    file.write_bytes(b"{\n" + GOOD)
    await load(store, [file], rejects=rejects, progress=lambda _done, _total: None)
    file.write_bytes(GOOD)

    await load(store, [file], rejects=rejects, progress=lambda _done, _total: None)

    assert not rejects.exists()
