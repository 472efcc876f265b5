"""The command `sarcasm`, on a small part of the real posts."""

import json
import re
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import anyio
import pytest
from unit.evaluation.sarcasm_posts import KNOWN, POSTS, small_encoder
from unit.miko.asking import ROOT, miko

from evaluation.sarcasm.knowledge import known_by_graph
from ingest.formats.miko_text import post_id_of
from kg.connect import connect
from kg.settings import StoreSettings

GENERATED = "miko-working/generation/Multimodal_dataset"
SMALL = ("--epochs", "1", "--tokens", "32", "32", "64", "--resamples", "100", "--seeds", "1")
LONGEST_S = 240  # of a busy machine


@pytest.fixture(scope="module")
def encoder(tmp_path_factory: pytest.TempPathFactory) -> str:
    return str(small_encoder(tmp_path_factory.mktemp("encoder")))


@pytest.fixture
def mmsd(data: Path, folder: Path) -> Path:
    """Return a folder of real posts as they are published, 120 of which have intentions."""
    (told,) = (data / GENERATED).glob("*_lost_*.jsonl")
    (more,) = (data / GENERATED).glob("*_data_train_*.jsonl")
    lines = [*told.read_text().splitlines()[:60], *more.read_text().splitlines()[:60]]
    (folder / "known.jsonl").write_text("\n".join(lines))
    ids = {post_id_of(json.loads(line)["image_id"], numbered="mmsd") for line in lines}
    (folder / "mmsd").mkdir()
    for name in ("train", "valid", "test"):
        rows = json.loads((data / "mmsd" / f"{name}.json").read_text())
        own = [
            row
            for place, row in enumerate(rows)
            if place % (len(rows) // 40) == 0
            or post_id_of(str(row["image_id"]), numbered="mmsd") in ids
        ]
        (folder / "mmsd" / f"{name}.json").write_text(json.dumps(own))
    return folder / "mmsd"


def invented(folder: Path) -> Path:
    """Write the invented posts as they would be published."""
    for split in ("train", "valid", "test"):
        rows = [
            {"image_id": post.id[5:], "text": post.text, "label": int(post.is_sarcastic)}
            for post in POSTS
            if post.split == split
        ]
        (folder / f"{split}.json").write_text(json.dumps(rows))
    return folder


def records(path: Path) -> Path:
    """Write what is known of the invented posts as records."""
    rows = [
        {
            "id": post.id,
            "text": post.text,
            "image_description": KNOWN[post.id].description,
            "intentions": [{"relation": "xWant", "text": t} for t in KNOWN[post.id].intentions],
        }
        for post in POSTS
    ]
    path.write_text("\n".join(map(json.dumps, rows)))
    return path


def test_real_posts_are_compared_on_what_they_have(mmsd: Path, encoder: str) -> None:
    call = ("sarcasm", str(mmsd), "--intentions", "known.jsonl", "--encoder", encoder)

    found: Any = json.loads(miko(*call, *SMALL, "--folds", "2", "--json").stdout)

    coverage, report = found["coverage"], found["report"]
    assert found["is_crossed"]
    assert report["posts"] == sum(coverage["all that is asked for"].values()) == 120
    assert [row["inputs"] for row in report["rows"]] == [
        "text",
        "description",
        "intentions",
        "text+description",
        "text+intentions",
        "description+intentions",
        "text+description+intentions",
    ]
    assert [one["before"] for one in report["uplifts"]] == [
        "text",
        "description",
        "text+description",
    ]
    for row in report["rows"]:
        accuracy = row["figures"]["accuracy"]
        assert 0 <= accuracy["low"] <= accuracy["value"] <= accuracy["high"] <= 1


def test_the_packaged_encoder_reads_the_published_split(mmsd: Path) -> None:
    call = ("sarcasm", str(mmsd), "--parting", "published", "--limit", "32")

    found: Any = json.loads(miko(*call, *SMALL, "--json").stdout)

    assert (found["trained"], found["report"]["posts"]) == (32, 41)


def test_the_tables_are_written_as_markdown(folder: Path, encoder: str) -> None:
    call = ("sarcasm", str(invented(folder)), "--encoder", encoder, "--out", "table.md")

    result = miko(*call, *SMALL, "--intentions", str(records(folder / "records.jsonl")))

    table = (folder / "table.md").read_text()
    assert result.stdout == "80 posts measured: table.md\n"
    assert "Measured on 80 posts (5 folds), 40 of them sarcastic (50.0%)" in table
    assert "the same predictions" in table
    assert re.search(r"^\| text\+intentions \| \d\.\d{3} \[", table, re.MULTILINE)
    assert re.search(r"^\| text \| [+-]\d\.\d{3} .* \| [\d.e-]+ \|$", table, re.MULTILINE)


@pytest.mark.parametrize(
    ("out", "said"),
    [
        ("letter.md", "letter.md is there: name another"),
        ("none/a.md", "none/a.md cannot be written"),
    ],
)
def test_a_file_that_cannot_be_written_is_refused_before_anything_is_trained(
    out: str, said: str, folder: Path, encoder: str
) -> None:
    (folder / "letter.md").write_text("mine")
    call = ("sarcasm", str(invented(folder)), "--encoder", encoder, "--out", out)

    result = miko(*call, *SMALL)

    assert result.exit_code == 1
    assert said in result.stderr
    assert not (folder / "sarcasm").exists()
    assert (folder / "letter.md").read_text() == "mine"


def test_what_is_finished_may_be_written_again(folder: Path, encoder: str) -> None:
    call = ("sarcasm", str(invented(folder)), "--encoder", encoder, "--out", "table.md")

    first, again = miko(*call, *SMALL), miko(*call, *SMALL)

    assert first.stdout == again.stdout == "80 posts measured: table.md\n"


def test_the_graph_knows_what_was_loaded_from_the_records(folder: Path) -> None:
    miko("load", str(records(folder / "records.jsonl")), "--store", "sqlite:///own.db")

    async def ask() -> Any:
        async with connect(StoreSettings(url="sqlite:///own.db"), create=False) as store:
            return await known_by_graph(store, [p.id for p in POSTS], lambda _done, _total: None)

    found = anyio.run(ask).by_post
    assert found.keys() == KNOWN.keys()
    for post_id, one in found.items():
        assert one.description == KNOWN[post_id].description
        assert set(one.intentions) == set(KNOWN[post_id].intentions)


def test_a_stopped_command_goes_on_from_there(folder: Path, encoder: str) -> None:
    call = ("sarcasm", str(invented(folder)), "--encoder", encoder, "--parting", "crossed")
    course = ("--folds", "2", "--seeds", "4", "--epochs", "10", "--patience", "10")
    many = (*course, "--resamples", "100", "--json")
    started = subprocess.Popen(
        [sys.executable, "-m", "miko", *call, *many],
        stderr=subprocess.PIPE,
        env={"PYTHONPATH": str(ROOT), "PATH": "", "HOME": str(folder)},
    )
    deadline = time.monotonic() + LONGEST_S
    while len(list((folder / "sarcasm").glob("*.json"))) < 2 and started.poll() is None:
        assert time.monotonic() < deadline
        time.sleep(0.05)
    started.send_signal(signal.SIGINT)
    _, said = started.communicate(timeout=LONGEST_S)
    kept = {path: path.stat().st_mtime_ns for path in (folder / "sarcasm").glob("*.json")}

    found: Any = json.loads(miko(*call, *many).stdout)

    assert started.returncode == 130
    assert b"the same command goes on from there" in said
    assert found["report"]["rows"][0]["seeds"] == 4
    assert 2 <= len(kept) < 8
    assert {path: path.stat().st_mtime_ns for path in kept} == kept
    assert len(list((folder / "sarcasm").iterdir())) == 8


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--inputs", "date"), "'date' is no input"),
        (("--inputs", "text+intentions"), "no post has intentions"),
        (("--parting", "random"), "is not one of 'auto', 'published', 'crossed'"),
        (("--intentions", "none.jsonl"), "none.jsonl is not there"),
        (("--encoder", "nowhere"), "the encoder 'nowhere' cannot be loaded"),
        (("--intentions", "train.json", "--store", "sqlite:///a.db"), "not by both"),
    ],
)
def test_what_cannot_be_is_refused_with_the_way_out(
    options: tuple[str, ...], said: str, folder: Path
) -> None:
    result = miko("sarcasm", str(invented(folder)), *options)

    assert result.exit_code in {1, 2}
    assert said in re.sub(r"[│\s]+", " ", result.stderr)
