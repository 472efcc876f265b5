"""What goes out to Label Studio or a sheet comes back as what was chosen there."""

import csv
import io
import json
from pathlib import Path
from xml.etree import ElementTree

import pytest
from unit.evaluation.judgements import ITEMS, authors_task, export_of, faults, item, judged, read

from evaluation.annotation.choices import CHINESE, GRADES, Choice
from evaluation.annotation.items import read_items, write_items
from evaluation.annotation.judged import ItemKey, Judged, line_of
from evaluation.annotation.label_studio import labelling_interface, tasks
from evaluation.annotation.tables import sheet
from schema.errors import InputError
from schema.nodes import Intention
from schema.relations import Relation

CHOSEN = [GRADES[number % 3] for number in range(len(ITEMS))]
EXPECTED = [
    Judged(one.key, "alice", choice, "2026-01-20T12:00:00Z")
    for one, choice in sorted(zip(ITEMS, CHOSEN, strict=True), key=lambda pair: pair[0].key)
]


def test_a_batch_is_read_as_it_was_written(tmp_path: Path) -> None:
    write_items(tmp_path / "batch.jsonl", ITEMS)

    assert read_items(tmp_path / "batch.jsonl") == ITEMS
    assert (tmp_path / "batch.jsonl").stat().st_mode & 0o777 == 0o600


def test_a_batch_takes_no_place_of_another(tmp_path: Path) -> None:
    write_items(tmp_path / "batch.jsonl", ITEMS)
    write_items(tmp_path / "batch.jsonl", ITEMS)

    with pytest.raises(InputError, match="with other content: name another file"):
        write_items(tmp_path / "batch.jsonl", ITEMS[:3])

    assert read_items(tmp_path / "batch.jsonl") == ITEMS


def test_a_file_of_judgements_is_read_as_it_was_written(tmp_path: Path) -> None:
    file = tmp_path / "judgements.jsonl"
    file.write_bytes(b"".join(map(line_of, EXPECTED)))

    assert read(file).judged == EXPECTED


@pytest.mark.parametrize("words", [GRADES, CHINESE, [g.upper() for g in GRADES]])
def test_label_studio_brings_back_what_was_chosen(tmp_path: Path, words: list[str]) -> None:
    chosen = [words[number % 3] for number in range(len(ITEMS))]
    file = tmp_path / "export.json"
    file.write_text(json.dumps(export_of(tasks(ITEMS), chosen)), "utf-8")

    reading = read(file, annotator="alice")

    assert [(j.item, j.annotator, j.choice) for j in reading.judged] == [
        (j.item, j.annotator, j.choice) for j in EXPECTED
    ]
    assert (reading.records, reading.malformed) == (len(ITEMS), [])


def test_label_studio_shows_the_post_the_sentence_and_the_image_where_it_finds_it() -> None:
    first, second = json.loads(tasks(ITEMS[:2], image_prefix="/data/local-files/?d="))

    assert first["data"]["text"] == ITEMS[0].text
    assert first["data"]["image"] == ""
    assert second["data"]["sentence"] == ITEMS[1].sentence
    assert second["data"]["image"] == "/data/local-files/?d=rex1.jpg"


@pytest.mark.parametrize(("is_chinese", "words"), [(False, GRADES), (True, CHINESE)])
def test_the_labelling_interface_asks_for_the_grades(is_chinese: bool, words: list[str]) -> None:
    view = ElementTree.fromstring(labelling_interface(ITEMS, is_chinese=is_chinese))  # noqa: S314 our own

    assert [choice.get("value") for choice in view.iter("Choice")] == list(reversed(words))
    assert [choices.get("name") for choices in view.iter("Choices")] == ["relevance"]
    assert list(view.iter("Image"))


def test_without_images_none_is_shown() -> None:
    view = ElementTree.fromstring(labelling_interface(ITEMS[:1]))  # noqa: S314 our own

    assert not list(view.iter("Image"))


@pytest.mark.parametrize(
    ("user", "name"),
    [(7, "label-studio 7"), ({"id": 7, "email": "bob@example.org"}, "bob@example.org")],
)
def test_label_studio_names_who_judged(tmp_path: Path, user: object, name: str) -> None:
    file = tmp_path / "export.json"
    file.write_text(json.dumps(export_of(tasks(ITEMS[:1]), ["very relevant"], user)), "utf-8")

    assert [j.annotator for j in read(file).judged] == [name]


def test_the_authors_tasks_are_read_by_number_and_project(tmp_path: Path) -> None:
    file = tmp_path / "export.json"
    file.write_text(
        json.dumps([authors_task("比较相关"), authors_task(was_cancelled=True)]), "utf-8"
    )

    reading = read(file)

    key = ItemKey("miko:12", Relation.O_EFFECT, Intention.of(Relation.O_EFFECT, "smile").id)
    time = "2024-01-20T12:04:58.362571Z"
    assert reading.judged == [Judged(key, "label-studio project 3", Choice.FAIRLY_RELEVANT, time)]
    assert (reading.records, reading.cancelled, reading.post_ids) == (2, 1, {"miko:12"})


def test_tasks_that_nobody_saw_are_not_judged_yet(tmp_path: Path) -> None:
    file = tmp_path / "export.json"
    file.write_text(json.dumps([authors_task() | {"annotations": []}]), "utf-8")

    reading = read(file)

    assert (reading.unjudged, reading.cancelled, reading.judged) == (1, 0, [])


def test_a_choice_for_an_intention_that_the_task_does_not_hold_counts(tmp_path: Path) -> None:
    result = [{"from_name": "reasonableness10", "value": {"choices": ["不相关"]}}]
    file = tmp_path / "export.json"
    file.write_text(json.dumps([authors_task(result=result)]), "utf-8")

    assert [j.item for j in read(file).judged] == [ItemKey("miko:12", Relation.OPEN, "")]


def test_a_sheet_brings_back_what_was_chosen(tmp_path: Path) -> None:
    rows = list(csv.DictReader(io.StringIO(sheet(ITEMS, "alice").decode("utf-8-sig"))))
    filled = [
        row | {"choice": choice, "time": "2026-01-20T12:00:00Z"}
        for row, choice in zip(rows, CHOSEN, strict=True)
    ]
    file = tmp_path / "sheet.csv"
    with file.open("w", encoding="utf-8", newline="") as out:
        writer = csv.DictWriter(out, list(rows[0]), quoting=csv.QUOTE_ALL)
        writer.writeheader()
        writer.writerows(filled)

    reading = read(file)

    assert reading.judged == EXPECTED
    assert reading.malformed == []


def test_no_cell_of_a_sheet_begins_a_formula() -> None:
    rows = csv.reader(io.StringIO(sheet(ITEMS).decode("utf-8-sig")))

    assert not [cell for row in rows for cell in row if cell.startswith(("=", "+", "-", "@"))]


def test_rows_of_a_sheet_without_a_choice_are_not_judged_yet(tmp_path: Path) -> None:
    file = tmp_path / "sheet.csv"
    file.write_bytes(sheet(ITEMS, "alice"))

    reading = read(file)

    assert (reading.records, reading.unjudged, reading.judged) == (len(ITEMS), len(ITEMS), [])


def test_of_an_annotators_choices_the_later_stands_in_whichever_order(tmp_path: Path) -> None:
    early = judged(choice=Choice.NOT_RELEVANT, time="2026-01-20T12:00:00Z")
    late = judged(choice=Choice.VERY_RELEVANT, time="2026-01-20T14:00:00+01:00")
    one, two = tmp_path / "one.jsonl", tmp_path / "two.jsonl"
    one.write_bytes(line_of(early))
    two.write_bytes(line_of(late))

    assert read(one, two).judged == read(two, one).judged == [late]
    assert faults(read(one, two)) == []


def test_the_same_judgement_twice_is_one(tmp_path: Path) -> None:
    file = tmp_path / "judgements.jsonl"
    file.write_bytes(line_of(judged()) * 2 + line_of(judged(annotator="bob")))

    reading = read(file, file)

    assert len(reading.judged) == 2
    assert (reading.replaced, reading.malformed) == (0, [])


def test_two_choices_of_one_time_are_a_fault(tmp_path: Path) -> None:
    file = tmp_path / "judgements.jsonl"
    file.write_bytes(line_of(judged()) + line_of(judged(choice=Choice.NOT_RELEVANT)))

    assert [fault[:2] for fault in faults(read(file))] == [(2, "choice")]
    assert read(file).judged == [judged()]


def test_an_item_in_words_says_its_relation() -> None:
    assert item(4).sentence == "After posting this Tweet, the user feels find home 4."
