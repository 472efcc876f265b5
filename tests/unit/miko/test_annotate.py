"""The commands `annotate …`, from a batch to judgements that filters find."""

import csv
import json
import os
import pty
import re
import subprocess
import sys
import termios
import time
from collections import Counter
from collections.abc import Generator
from pathlib import Path
from select import select
from typing import Any

import anyio
import pytest
from contract.small_graph import HOME
from unit.evaluation.judgements import authors_task, export_of, line, read
from unit.miko.asking import ROOT, answered, miko

from evaluation.annotation.items import read_items
from ingest.command import REJECTED
from kg.connect import connect
from kg.settings import StoreSettings
from schema.graph import Filter
from schema.nodes import NodeKind

NAMES = ["alice", "bob"]


def accepted_in(url: str, annotator: str) -> tuple[str, ...]:
    """Return the intentions that a filter finds which an annotator accepted."""

    async def ask() -> tuple[str, ...]:
        async with connect(StoreSettings(url=url)) as store:
            where = Filter(annotators=(annotator,), choices=("accepted",))
            return (await store.ids(NodeKind.INTENTION, where=where)).ids

    return anyio.run(ask)


@pytest.fixture
def batch(graph: str, folder: Path) -> Path:
    """Return a batch of all five intentions of the small graph."""
    miko("annotate", "sample", "--store", graph)
    return folder / "batch.jsonl"


def judged(name: str, keys: str) -> Any:
    """Judge the batch at a keyboard of these keys."""
    from typer.testing import CliRunner

    from miko.cli import app

    arguments = ["annotate", "judge", "batch.jsonl", "--annotator", name, "--json"]
    return json.loads(CliRunner().invoke(app, arguments, input=keys).stdout)


def test_sample_says_how_many_of_each_relation_and_what_is_next(graph: str) -> None:
    told = miko("annotate", "sample", "--per-relation", "1", "--store", graph).stdout

    assert re.search(r"xWant +│ 1", told)
    assert "4 items: batch.jsonl" in told
    assert "Next: `miko annotate judge batch.jsonl --annotator NAME`" in told


def test_sample_takes_the_filters(graph: str) -> None:
    found = answered("annotate", "sample", "--relation", "oReact", "--store", graph)

    assert found == {"items": 2, "relations": {"oReact": 2}, "out": "batch.jsonl"}


def test_sample_of_nothing_is_an_error(graph: str, folder: Path) -> None:
    result = miko("annotate", "sample", "--source", "nowhere", "--store", graph)

    assert (result.exit_code, result.stderr) == (
        1,
        "miko: no intention passes: there is nothing to judge\n",
    )
    assert not list(folder.iterdir())


def test_a_sample_leaves_out_an_earlier_batch(graph: str, batch: Path) -> None:
    result = miko("annotate", "sample", "--without", str(batch), "--store", graph)

    assert "no intention passes" in result.stderr


def test_the_terminal_is_judged_at_and_left_and_gone_on_with(batch: Path) -> None:
    first = judged("alice", "1x2q")
    second = judged("alice", "3b\n1ss")

    assert (first["judged"], second["judged"]) == (2, 3)
    assert len(Path("judgements.jsonl").read_text("utf-8").splitlines()) == 4


def test_two_stages_end_in_the_graph(
    graph: str, batch: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    copy = f"sqlite:///{tmp_path_factory.mktemp('copy')}/graph.db"
    miko("copy", graph, copy)
    judged("alice", "11333")
    judged("bob", "13333")
    disputed = answered("annotate", "adjudicate", "judgements.jsonl", "--out", "first.jsonl")
    second = answered(
        "annotate",
        "sample",
        "--disputed",
        "judgements.jsonl",
        "--out",
        "two.jsonl",
        "--store",
        copy,
    )
    (item,) = read_items(Path("two.jsonl"))
    Path("carol.jsonl").write_text(
        line(**item.key._asdict() | {"annotator": "carol", "choice": "very relevant"}), "utf-8"
    )

    decided = answered(
        "annotate", "adjudicate", "judgements.jsonl", "carol.jsonl", "--expert", "carol"
    )
    loaded = answered("annotate", "load", "judgements.jsonl", "adjudicated.jsonl", "--store", copy)

    assert (disputed["accepted"], disputed["rejected"], disputed["disputed"]) == (1, 3, 1)
    assert second["items"] == 1
    assert (decided["accepted"], decided["rejected"], decided["disputed"]) == (2, 3, 0)
    assert loaded == {"written": 15, "there": 0, "missing": 0}
    assert item.key.intention_id in accepted_in(copy, "adjudicated")


def test_label_studio_and_a_sheet_say_the_same(batch: Path) -> None:
    files = answered("annotate", "export", "batch.jsonl")["files"]
    miko("annotate", "export", "batch.jsonl", "--format", "csv", "--annotator", "alice")
    choices = ["very relevant", "fairly relevant", "not relevant", "very relevant", "不相关"]
    exported = export_of(Path("tasks.json").read_bytes(), choices)
    Path("export.json").write_text(json.dumps(exported), "utf-8")
    with Path("sheet.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    with Path("filled.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(row | {"choice": c} for row, c in zip(rows, choices, strict=True))

    miko("annotate", "import", "export.json", "--annotator", "alice", "--out", "one.jsonl")
    miko("annotate", "import", "filled.csv", "--out", "two.jsonl")

    assert files == ["tasks.json", "tasks.xml"]
    assert told("one.jsonl") == told("two.jsonl")
    assert len(told("one.jsonl")) == 5


def told(path: str) -> list[dict[str, str]]:
    """Return a file's judgements without their times."""
    lines = [json.loads(text) for text in Path(path).read_text("utf-8").splitlines()]
    return [{name: value for name, value in one.items() if name != "time"} for one in lines]


def test_importing_again_changes_nothing_and_what_is_there_stays(folder: Path) -> None:
    Path("alice.jsonl").write_text(line(), "utf-8")
    Path("bob.jsonl").write_text(line(annotator="bob"), "utf-8")
    miko("annotate", "import", "alice.jsonl")
    miko("annotate", "import", "bob.jsonl")
    once = Path("judgements.jsonl").read_bytes()

    miko("annotate", "import", "bob.jsonl", "alice.jsonl")

    assert Path("judgements.jsonl").read_bytes() == once
    assert once.count(b"\n") == 2


def test_import_notes_malformed_rows_and_takes_the_rest(folder: Path) -> None:
    Path("file.jsonl").write_text(line() + "\n" + line(choice="maybe"), "utf-8")

    result = miko("annotate", "import", "file.jsonl")

    assert result.exit_code == REJECTED
    assert json.loads(Path("rejects.jsonl").read_text("utf-8"))["line"] == 2
    assert len(told("judgements.jsonl")) == 1


SHEET = "\n".join(",".join(row) for row in zip(*json.loads(line()).items(), strict=True))


@pytest.mark.parametrize("content", ["mine", SHEET, json.dumps([authors_task()])])
def test_import_never_takes_the_place_of_another_file(folder: Path, content: str) -> None:
    Path("mine.jsonl").write_text(content, "utf-8")
    Path("file.jsonl").write_text(line(), "utf-8")

    result = miko("annotate", "import", "file.jsonl", "--out", "mine.jsonl")

    assert (result.exit_code, "mine.jsonl is no file of judgements" in result.stderr) == (1, True)
    assert Path("mine.jsonl").read_text("utf-8") == content


@pytest.mark.parametrize("command", ["agreement", "adjudicate", "load"])
def test_a_malformed_row_is_an_error_with_file_line_field_and_reason(
    command: str, graph: str, folder: Path
) -> None:
    Path("file.jsonl").write_text(line() + "\n" + line(choice="maybe"), "utf-8")

    result = miko("annotate", command, "file.jsonl", MIKO_STORE_URL=graph)

    assert result.exit_code == 1
    assert result.stderr.startswith("miko: file.jsonl: line 2: choice: is none of not relevant")


def test_agreement_is_printed_for_a_person(folder: Path) -> None:
    Path("file.jsonl").write_text(
        line() + "\n" + line(annotator="bob", choice="not relevant"), "utf-8"
    )

    shown = miko("annotate", "agreement", "file.jsonl").stdout

    assert "2 judgements: 50.0% very relevant, 50.0% not relevant" in shown
    assert re.search(r"alice, bob +│ all +│ 1 +│ 0.0% +│ 0.00", shown)


def test_a_post_gives_the_terminal_no_orders(folder: Path) -> None:
    item = {"post_id": "pets:1", "relation": "xWant", "intention_id": HOME.id}
    words = {"text": "\x1b[2Jred [bold]", "sentence": "\x07ring"}
    Path("batch.jsonl").write_text(json.dumps(item | words), "utf-8")

    shown = miko("annotate", "judge", "batch.jsonl", "--annotator", "alice").stderr

    assert "�[2Jred [bold]" in shown
    assert not set("\x1b\x07") & set(shown)


@pytest.fixture
def terminal(batch: Path, folder: Path) -> Generator[tuple[int, subprocess.Popen[bytes]]]:
    """Judge the batch at a terminal of its own; give our end of it."""
    ours, theirs = pty.openpty()
    arguments = ["-m", "miko", "annotate", "judge", str(batch), "--annotator", "alice"]
    process = subprocess.Popen(
        [sys.executable, *arguments],
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        cwd=folder,
        env={"PYTHONPATH": str(ROOT), "PATH": "", "HOME": str(folder), "TERM": "dumb"},
    )
    os.close(theirs)
    try:
        yield ours, process
    finally:
        process.kill()
        process.wait()
        os.close(ours)


def test_ctrl_c_at_a_real_terminal_loses_nothing(
    terminal: tuple[int, subprocess.Popen[bytes]],
) -> None:
    ours, process = terminal
    press(ours, b"1", "1 of 5")
    press(ours, b"\x03", "2 of 5")
    shown_until(ours, "the same command goes on from there")

    assert process.wait(timeout=60) == 130
    assert len(told("judgements.jsonl")) == 1
    assert judged("alice", "2222")["judged"] == 5


def press(terminal: int, key: bytes, shown: str) -> None:
    """Press a key once some words are shown and the terminal waits for one."""
    shown_until(terminal, shown)
    while termios.tcgetattr(terminal)[3] & termios.ICANON:
        time.sleep(0.02)
    os.write(terminal, key)


def shown_until(terminal: int, wanted: str) -> None:
    """Read what a terminal shows, until some words are there."""
    shown = ""
    while wanted not in shown:
        assert select([terminal], [], [], 60)[0], shown
        shown += os.read(terminal, 4096).decode(errors="replace")


def test_the_authors_annotation_is_what_was_measured(data: Path) -> None:
    files = sorted(map(str, (data / "miko-working" / "annotation").glob("*.json.gz")))

    found = answered("annotate", "agreement", *files)

    (pair, *_) = found["pairs"]
    assert (found["records"], found["posts"], found["cancelled"]) == (528, 500, 2)
    assert found["choices"] == {
        "very relevant": 4117,
        "fairly relevant": 697,
        "not relevant": 441,
    }
    assert found["groups"][0]["accepted"]["value"] == pytest.approx(0.783, abs=0.0005)
    assert (pair["relation"], pair["items"], found["posts_judged_twice"]) == ("all", 270, 27)
    assert pair["accepted_cohen"]["value"] == pytest.approx(0.00, abs=0.005)
    assert pair["cohen"]["value"] == pytest.approx(-0.0099, abs=0.0001)
    assert len(found["groups"]) == 11


def test_what_one_expert_decides_is_what_the_authors_released(data: Path, folder: Path) -> None:
    store = f"sqlite:///{folder}/graph.db"
    files = sorted(map(str, (data / "miko-working" / "annotation").glob("*.json.gz")))
    miko("load", str(data / "miko-release" / "train.json"), "--store", store)

    decided = answered("annotate", "adjudicate", *files)
    loaded = answered("annotate", "load", "adjudicated.jsonl", "--store", store)
    same, other = compared(store, without=judged_by_two(files))

    assert (decided["disputed"], decided["without_intention"]) == (104, 10)
    assert loaded["written"] + loaded["missing"] == decided["accepted"] + decided["rejected"]
    assert other == 0
    assert same > 3000


def judged_by_two(files: list[str]) -> set[str]:
    """Return the posts that two annotators judged: the release holds them twice."""
    pairs = {(one.item.post_id, one.annotator) for one in read(*map(Path, files)).judged}
    counts = Counter(post_id for post_id, _ in pairs)
    return {post_id for post_id, count in counts.items() if count > 1}


def compared(url: str, *, without: set[str]) -> tuple[int, int]:
    """Return how many decisions are as the authors released them, and how many are not."""

    async def ask() -> tuple[int, int]:
        async with connect(StoreSettings(url=url)) as store:
            where = Filter(annotators=("adjudicated",))
            ids = (await store.ids(NodeKind.POST, where=where, limit=1000)).ids
            lists = await store.judgements_of([i for i in ids if i not in without])
        chosen: dict[tuple[str, str], dict[str, str]] = {}
        for one in (one for some in lists for one in some):
            chosen.setdefault((one.post_id, one.intention_id), {})[one.annotator] = one.choice
        both = [some for some in chosen.values() if len(some) == 2]
        same = sum(len(set(some.values())) == 1 for some in both)
        return same, len(both) - same

    return anyio.run(ask)
