"""Hostile files: each fault is told with its line, field and reason, and nothing of the row."""

import json
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from unit.evaluation.judgements import ITEMS, authors_task, export_of, faults, line, read

from evaluation.annotation.items import read_items
from evaluation.annotation.label_studio import tasks
from evaluation.annotation.tables import sheet
from ingest.formats.lines import LINE_LIMIT
from schema.errors import FormatError, InputError, MikoError

HEADER = "post_id,relation,intention_id,choice,annotator\n"
KEY = f"{ITEMS[0].key.post_id},xWant,{ITEMS[0].key.intention_id}"
PRIVATE = "a secret of the post"


def ours(change: Callable[[dict[str, Any]], object]) -> str:
    (task,) = export_of(tasks(ITEMS[:1]), ["very relevant"])
    change(task)
    return json.dumps([task])


@pytest.mark.parametrize(
    ("content", "field", "reason"),
    [
        (line(choice=PRIVATE), "choice", "is none of not relevant, fairly relevant, very relevant"),
        (line(choice=None), "choice", "is no string"),
        (line(post_id=PRIVATE), "post_id", "is no id of a post"),
        (line(post_id=""), "post_id", "is empty"),
        (line(post_id="pets:" + "1" * 600), "post_id", "is no id of a post"),
        (line(relation=PRIVATE), "relation", "is none of xWant, oEffect"),
        (line(intention_id=PRIVATE), "intention_id", "is no id of an intention"),
        (line(annotator=" "), "annotator", "is empty"),
        (line(annotator="\x1b[2J"), "annotator", "is no name of 1 to 200 printable"),
        (line(annotator="a" * 201), "annotator", "is no name of 1 to 200 printable"),
        (line(time=PRIVATE), "time", "is no time"),
        (line(time=5), "time", "is no string"),
        (line().replace("pets:0", "pets:\\u0000"), "post_id", "holds a NUL character"),
        (line() + "\n{", "", "no JSON at character"),
        (line() + "\n" + "[" * 100_000, "", "nested too deeply"),
        (line() + "\n" + "x" * (LINE_LIMIT + 1), "", "is longer than"),
        (HEADER + f"{KEY},{PRIVATE},alice\n", "choice", "is none of"),
        (HEADER + f"{KEY},very relevant,\n", "annotator", "is empty: name the annotator by"),
        (HEADER + f"{KEY}\n", "", "another number of cells"),
        (HEADER + f"{KEY},very relevant,alice,more\n", "", "another number of cells"),
        (HEADER + ",xWant,,very relevant,alice\n", "post_id", "is empty"),
        (HEADER + f'{KEY},"very relevant\n', "", "no CSV from here on"),
        (HEADER + f"{KEY},{'x' * 200_000},alice\n", "", "no CSV from here on"),
        (HEADER + "x" * (LINE_LIMIT + 1), "", "a line is longer than"),
        (ours(lambda t: t["data"].update(post_id=PRIVATE)), "post_id", "is no id of a post"),
        (ours(lambda t: t["data"].pop("intention_id")), "intention_id", "is missing"),
        (ours(lambda t: t.update(data=[])), "data", "is no object"),
        (ours(lambda t: t.update(annotations={})), "annotations", "is no list"),
        (ours(lambda t: t["annotations"][0].pop("completed_by")), "completed_by", "is no user"),
        (ours(lambda t: t["annotations"][0].update(result=5)), "result", "is no list"),
        (
            ours(lambda t: t["annotations"][0]["result"][0].update(value={"choices": [PRIVATE]})),
            "choice",
            "is none of",
        ),
        (
            ours(lambda t: t["annotations"][0]["result"][0].update(value={"choices": []})),
            "choices",
            "is not one choice",
        ),
        (
            ours(lambda t: t["annotations"][0]["result"][0].update(value={"choices": [[]]})),
            "choices",
            "is no text",
        ),
        (json.dumps([authors_task(PRIVATE)]), "choice", "is none of"),
        (json.dumps([authors_task(project=None)]), "project", "is no number"),
        (json.dumps([authors_task(created_at="today")]), "time", "is no time"),
        (json.dumps([authors_task() | {"data": {"text": "x"}}]), "image", "is missing"),
    ],
)
def test_a_malformed_row_is_told_with_its_field_and_none_of_its_text(
    tmp_path: Path, content: str, field: str, reason: str
) -> None:
    file = tmp_path / "judgements"
    file.write_text(content, "utf-8")

    reading = read(file)

    ((_, told_field, told_reason),) = faults(reading)
    assert (told_field, reason in told_reason) == (field, True), told_reason
    with pytest.raises(InputError, match=r"judgements: line \d+: ") as raised:
        reading.check()
    assert PRIVATE not in str(raised.value)


def test_the_rest_of_a_file_is_read(tmp_path: Path) -> None:
    file = tmp_path / "judgements.jsonl"
    file.write_text("\n".join([line(), line(choice="?"), line(annotator="bob")]), "utf-8")

    reading = read(file)

    assert [j.annotator for j in reading.judged] == ["alice", "bob"]
    assert [fault[0] for fault in faults(reading)] == [2]


@pytest.mark.parametrize(
    "content",
    [
        '[{"text": "a", "intention_labels": []}]',
        '[{"id": 1, "relevance": "very relevant", "annotator": 1}]',
        '{"post_id": "pets:1"}',
        "post_id,choice\n",
        "\x00\x01\x02",
        "[]",
        "x" * (LINE_LIMIT + 1),
        "[" * 100_000,
    ],
)
def test_another_file_is_refused_and_what_is_wanted_is_said(tmp_path: Path, content: str) -> None:
    file = tmp_path / "other"
    file.write_text(content, "utf-8")

    with pytest.raises(FormatError, match=r"is no file of judgements: give a Label|is empty"):
        read(file)


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(FormatError, match="cannot be read"):
        read(tmp_path / "gone")


def test_a_sheet_that_is_no_utf_8_is_told(tmp_path: Path) -> None:
    file = tmp_path / "sheet.csv"
    file.write_bytes(sheet(ITEMS[:1], "alice") + b"\xff\xfe\n")

    assert faults(read(file))[0][2] == "no UTF-8 from here on"


def test_too_many_judgements_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("evaluation.annotation.reading.JUDGEMENTS_LIMIT", 1)
    file = tmp_path / "judgements.jsonl"
    file.write_text(line() + "\n" + line(annotator="bob"), "utf-8")

    with pytest.raises(InputError, match="give fewer files at a time"):
        read(file)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "holds no item"),
        ('{"post_id": "pets:1"}', "line 1: intention_id: is missing"),
        ("nothing", "line 1: no JSON at character 1"),
        ("x" * (LINE_LIMIT + 1), "line 1: the line is longer than"),
    ],
)
def test_a_batch_that_is_none_is_refused(tmp_path: Path, content: str, message: str) -> None:
    (tmp_path / "batch.jsonl").write_text(content, "utf-8")

    with pytest.raises(InputError, match=message):
        read_items(tmp_path / "batch.jsonl")


def test_a_batch_that_holds_an_item_twice_is_refused(tmp_path: Path) -> None:
    (task,) = json.loads(tasks(ITEMS[:1]))
    (tmp_path / "batch.jsonl").write_text((json.dumps(task["data"]) + "\n") * 2, "utf-8")

    with pytest.raises(InputError, match="line 2: intention_id: is of an item that is there"):
        read_items(tmp_path / "batch.jsonl")


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=8),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner),
        max_leaves=8,
    )
)
def test_nothing_but_the_projects_errors_comes_of_any_value(
    tmp_path_factory: pytest.TempPathFactory, value: object
) -> None:
    file = tmp_path_factory.mktemp("any") / "file"
    ours = export_of(tasks(ITEMS[:1]), ["very relevant"])[0]
    shapes = [{"annotations": value, "data": value}, ours | {"annotations": [value]}, value]
    for shape in shapes:
        file.write_text(json.dumps([shape]), "utf-8")

        with suppress(MikoError):
            read(file)
