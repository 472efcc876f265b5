"""A load killed at fifty random moments, then run again: nothing lost, nothing doubled."""

import random
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import asdict
from pathlib import Path
from typing import Final

from benchmarks.loading import FOLDER
from benchmarks.report import section
from kg.connect import connect
from kg.settings import StoreSettings
from kg.store import Counts
from schema.nodes import NodeKind
from schema.records import IntentionRecord, Record
from schema.relations import Relation

KILLS: Final = 50
POSTS: Final = 12_000
SEED: Final = 3


async def main() -> None:
    """Measure and report."""
    folder = FOLDER / "killed"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    records = folder / "records.jsonl"
    write_records(records, POSTS)
    whole_s = timed_load(records, folder / "whole.db")
    kill_at_random(records, folder / "killed.db", kills=KILLS, within_s=whole_s)
    timed_load(records, folder / "killed.db")
    whole, killed = await state(folder / "whole.db"), await state(folder / "killed.db")
    section(
        "kill",
        "Killed loads",
        f"{POSTS:,} records of ten intentions ({whole_s:.1f} s to load): `miko load` was ended by "
        f"SIGKILL {KILLS} times, each at a random moment of its run, then run to its end.",
        f"Graph equal to that of one load: **{whole == killed}** (nodes and relationships by "
        "kind, relation and source; and what is found by words).",
    )
    if whole != killed:
        sys.exit("a killed load left another graph")


def write_records(path: Path, posts: int) -> None:
    """Write records of ten intentions each."""
    with path.open("w", encoding="utf-8") as file:
        for number in range(posts):
            intentions = tuple(
                IntentionRecord(relation=relation, text=f"{relation} of {number % 5000}")
                for relation in Relation
            )
            record = Record(
                id=f"kill:{number}", text=f"post {number} #tag{number % 50}", intentions=intentions
            )
            file.write(record.model_dump_json() + "\n")


def loading(records: Path, database: Path) -> "subprocess.Popen[bytes]":
    """Start the command that a user would run."""
    command = [sys.executable, "-m", "miko", "load", str(records), "--json"]
    return subprocess.Popen(
        [*command, "--store", f"sqlite:///{database}", "--rejects", f"{database}.rejects"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def timed_load(records: Path, database: Path) -> float:
    """Load to the end, and return the seconds that it took."""
    start = time.perf_counter()
    if loading(records, database).wait() != 0:
        raise RuntimeError("the load failed")
    return time.perf_counter() - start


def kill_at_random(records: Path, database: Path, *, kills: int, within_s: float) -> None:
    """Load and kill at random moments, so many times; begin anew where a load came to its end."""
    moments = random.Random(SEED)  # noqa: S311
    killed = 0
    while killed < kills:
        process = loading(records, database)
        try:
            process.wait(moments.uniform(0.1, within_s))
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGKILL)
            process.wait()
            killed += 1
        else:
            remove(database)


def remove(database: Path) -> None:
    """Remove a graph, its indexes and what SQLite keeps beside it."""
    for path in database.parent.glob(f"{database.name}*"):
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink()


async def state(database: Path) -> tuple[dict[str, object], list[object]]:
    """Return what a graph holds, and what its indexes find."""
    async with connect(StoreSettings(url=f"sqlite:///{database}")) as store:
        counts: Counts = await store.counts()
        found: list[object] = [
            await store.match(kind, word, 1000)
            for kind in NodeKind
            for word in ("post", "tag7", "xWant", "4999")
        ]
        return asdict(counts), found
