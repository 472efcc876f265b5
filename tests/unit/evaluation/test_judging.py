"""Judging item after item: each choice is on disk, and nothing is asked twice."""

import json
from collections.abc import Sequence
from pathlib import Path

import pytest
from unit.evaluation.judgements import ITEMS, authors_task, line, read

from evaluation.annotation.choices import Choice
from evaluation.annotation.items import Item
from evaluation.annotation.judging import JudgementLog, Move, Place, judge
from evaluation.annotation.tables import sheet
from schema.errors import InputError

VERY, NOT = Choice.VERY_RELEVANT, Choice.NOT_RELEVANT


class Annotator:
    """Says what it was told to, and remembers what it was asked."""

    def __init__(self, *said: Choice | Move) -> None:
        self._said = list(said)
        self.asked: list[str] = []
        self.places: list[Place] = []
        self.told: list[Choice | None] = []

    def __call__(self, item: Item, place: Place, before: Choice | None) -> Choice | Move:
        self.asked.append(item.key.post_id)
        self.places.append(place)
        self.told.append(before)
        return self._said.pop(0) if self._said else Move.STOP


def judged_by(name: str, path: Path, items: Sequence[Item], *said: Choice | Move) -> Annotator:
    annotator = Annotator(*said)
    with JudgementLog(path, name) as log:
        judge(items, log, annotator)
    return annotator


def test_each_choice_is_on_disk_before_the_next_is_asked(tmp_path: Path) -> None:
    file = tmp_path / "judgements.jsonl"
    on_disk: list[int] = []

    def ask(item: Item, place: Place, before: Choice | None) -> Choice | Move:
        on_disk.append(file.read_bytes().count(b"\n"))
        return VERY

    with JudgementLog(file, "alice") as log:
        done = judge(ITEMS, log, ask)

    assert (on_disk, done) == (list(range(len(ITEMS))), len(ITEMS))
    assert file.stat().st_mode & 0o777 == 0o600


def test_the_same_call_goes_on_where_it_was(tmp_path: Path) -> None:
    file = tmp_path / "judgements.jsonl"
    judged_by("alice", file, ITEMS, VERY, Move.SKIP, NOT)

    again = judged_by("alice", file, ITEMS, VERY)

    assert again.asked == ["pets:1", "pets:3"]
    assert again.places[0] == Place(2, len(ITEMS))
    assert len(read(file).judged) == 3


def test_ctrl_c_loses_nothing(tmp_path: Path) -> None:
    file = tmp_path / "judgements.jsonl"

    def ask(item: Item, place: Place, before: Choice | None) -> Choice | Move:
        if place.number == 4:
            raise KeyboardInterrupt
        return VERY

    with pytest.raises(KeyboardInterrupt), JudgementLog(file, "alice") as log:
        judge(ITEMS, log, ask)

    assert len(read(file).judged) == 3


def test_going_back_asks_again_and_the_later_choice_stands(tmp_path: Path) -> None:
    file = tmp_path / "judgements.jsonl"

    annotator = judged_by("alice", file, ITEMS, Move.BACK, VERY, VERY, Move.BACK, NOT, VERY)

    assert annotator.asked == [f"pets:{n}" for n in (0, 0, 1, 2, 1, 2, 3)]
    assert annotator.told == [None, None, None, None, VERY, None, None]
    assert {j.item.post_id: j.choice for j in read(file).judged} == {
        "pets:0": VERY,
        "pets:1": NOT,
        "pets:2": VERY,
    }


def test_several_annotators_may_share_a_file(tmp_path: Path) -> None:
    file = tmp_path / "judgements.jsonl"
    judged_by("alice", file, ITEMS[:2], VERY, VERY)

    other = judged_by("bob", file, ITEMS[:2], NOT, NOT)

    assert other.asked == ["pets:0", "pets:1"]
    assert len(read(file).judged) == 4


@pytest.mark.parametrize("torn", ['{"post_id": "pe', line()[:-1], "\x00\x00"])
def test_a_line_that_a_power_cut_left_torn_is_judged_again(tmp_path: Path, torn: str) -> None:
    file = tmp_path / "judgements.jsonl"
    judged_by("alice", file, ITEMS[:2], VERY)
    whole = file.read_bytes()
    file.write_bytes(whole + torn.encode())

    again = judged_by("alice", file, ITEMS[:2], VERY)

    assert again.asked == ["pets:1"]
    assert file.read_bytes().startswith(whole)
    assert len(read(file).judged) == 2


def test_the_first_line_may_be_torn_too(tmp_path: Path) -> None:
    file = tmp_path / "judgements.jsonl"
    file.write_text('{"post_id": "pe', "utf-8")

    judged_by("alice", file, ITEMS[:2], VERY)

    assert len(read(file).judged) == 1


def test_a_whole_line_without_its_end_is_kept(tmp_path: Path) -> None:
    file = tmp_path / "judgements.jsonl"
    file.write_text(line(), "utf-8")

    judged_by("alice", file, ITEMS[:2], VERY)

    assert len(read(file).judged) == 2


@pytest.mark.parametrize(
    "content",
    [
        b"mine",
        b"mine\n",
        b'{"id": "pets:1"}\n{"id',
        b"\x1f\x8b\x08",
        sheet(ITEMS[:2], "alice"),
        json.dumps([authors_task()]).encode() + b"\n",
        b'{"post_id": "pets:1", "text": "an item of a batch"}',
    ],
)
def test_a_file_of_something_else_is_left_alone(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "records.jsonl"
    file.write_bytes(content)

    with pytest.raises(InputError, match="no file of judgements"):
        judged_by("alice", file, ITEMS, VERY)

    assert file.read_bytes() == content


def test_a_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot be"):
        judged_by("alice", tmp_path, ITEMS, VERY)
