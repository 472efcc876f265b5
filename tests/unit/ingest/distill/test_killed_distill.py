"""A run that is killed, then given again: nothing lost, nothing asked twice."""

import random
import signal
import subprocess
import sys
import time
from pathlib import Path

from unit.ingest.distill.endpoint import MODEL, Endpoint, serving
from unit.ingest.written import record, written

ROOT = Path(__file__).parents[4]
POSTS = 400
CONCURRENCY = 4
KILLS = 50


def start(endpoint: Endpoint, folder: Path) -> subprocess.Popen[str]:
    options = ["--url", endpoint.url, "--model", MODEL, "--concurrency", str(CONCURRENCY)]
    return subprocess.Popen(
        [sys.executable, "-m", "miko", "distill", "posts.jsonl", *options],
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={"PYTHONPATH": str(ROOT), "PATH": "", "HOME": str(folder)},
    )


def written_posts(folder: Path) -> Path:
    folder.mkdir()
    rows = (record(id=f"pets:{number}", text=f"Meet dog {number}") for number in range(POSTS))
    written(folder / "posts.jsonl", *rows)
    return folder


def wait_for(endpoint: Endpoint, asked: int) -> None:
    deadline = time.monotonic() + 60
    while len(endpoint.asked) < asked:
        assert time.monotonic() < deadline
        time.sleep(0.002)


def test_a_killed_run_is_finished_by_the_next(endpoint: Endpoint, tmp_path: Path) -> None:
    undisturbed, disturbed = written_posts(tmp_path / "one"), written_posts(tmp_path / "two")
    start(endpoint, undisturbed).communicate(timeout=60)
    chosen = random.Random(5)  # noqa: S311
    in_flight = 0

    with serving(Endpoint(delay_s=0.02)) as slow:
        for _ in range(KILLS):
            process = start(slow, disturbed)
            wait_for(slow, len(slow.asked) + chosen.randrange(1, 20))
            time.sleep(chosen.uniform(0, 0.03))
            process.kill()
            process.communicate()
            in_flight += CONCURRENCY
            time.sleep(0.05)
        finished = start(slow, disturbed)
        _, errors = finished.communicate(timeout=60)

    assert (finished.returncode, errors) == (0, "")
    assert sum(slow.seen.values()) - len(slow.seen) <= in_flight
    assert len(slow.seen) == 2 * POSTS
    assert (disturbed / "records.jsonl").read_bytes() == (
        undisturbed / "records.jsonl"
    ).read_bytes()


def test_ctrl_c_says_how_to_go_on(tmp_path: Path) -> None:
    folder = written_posts(tmp_path / "one")
    with serving(Endpoint(delay_s=0.5)) as slow:
        process = start(slow, folder)
        wait_for(slow, 10)
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=30)

    assert process.returncode == 130
    assert "the same command goes on from there" in errors
    assert not (folder / "records.jsonl").exists()
    assert not (folder / "records.jsonl.draft").exists()
