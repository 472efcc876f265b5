"""Distilling and embedding on a Ray cluster of several nodes, a worker of which is killed."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil
import pytest
from unit.ingest.distill import dying_engine
from unit.ingest.distill.endpoint import MODEL, Endpoint, serving
from unit.ingest.distill.folder import image
from unit.ingest.written import record, written

from ingest.distill.restarts import ENOUGH, RESTARTS, Restarts
from ingest.distill.stages import Stage, stages_of
from ingest.distill.steps import Step

ROOT = Path(__file__).parents[4]
NODES = 3
POSTS = 200
LONGEST_S = 300


@contextmanager
def clustered(nodes: int) -> Generator[str]:
    """Start a cluster of so many nodes of two processors on loopback; give its address."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("RAY_USAGE_STATS_ENABLED", "0")
        patch.setenv("RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER", "0")  # every address is of loopback
        patch.setenv("PYTHONPATH", str(ROOT))
        from ray.cluster_utils import Cluster

        started: Any = Cluster()
        try:
            for _ in range(nodes):
                started.add_node(
                    num_cpus=2, object_store_memory=100_000_000, node_ip_address="127.0.0.1"
                )
            yield started.address
        finally:
            started.shutdown()


@pytest.fixture(scope="module")
def cluster() -> Generator[str]:
    with clustered(NODES) as address:
        yield address


def start(folder: Path, *arguments: str, paths: Sequence[Path] = ()) -> subprocess.Popen[str]:
    path = os.pathsep.join(map(str, (*paths, ROOT)))
    return subprocess.Popen(
        [sys.executable, "-m", "miko", *arguments],
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | {"PYTHONPATH": path, "MIKO_DISTILL_RETRIES": "0"},
    )


def finished(process: subprocess.Popen[str]) -> str:
    """Return what it said; it is to end well."""
    said, errors = process.communicate(timeout=LONGEST_S)
    assert process.returncode == 0, errors
    return said


def distilling(folder: Path, endpoint: Endpoint, *options: str) -> subprocess.Popen[str]:
    asked = ["--url", endpoint.url, "--model", MODEL, "--concurrency", "8"]
    return start(folder, "distill", "posts.jsonl", *asked, *options)


def distilling_in_process(
    folder: Path, life: int, *options: str, stillborn: int = 0
) -> subprocess.Popen[str]:
    """Distill by engines that die after so many answers; each writes a line into ``births``."""
    arguments = json.dumps({"life": life, "births": str(folder / "births"), "stillborn": stillborn})
    asked = ["--engine", "vllm", "--model", "dying", "--engine-args", arguments]
    paths = (dying_engine.installed(folder / "installed"), ROOT / "tests")
    asked += ["--concurrency", "8", "--no-ocr"]
    return start(folder, "distill", "posts.jsonl", *asked, *options, paths=paths)


def births(folder: Path) -> int:
    return len((folder / "births").read_text().splitlines())


def written_posts(folder: Path) -> Path:
    folder.mkdir()
    (folder / "rex.png").write_bytes(image())
    images = [{"uri": "rex.png"}]
    rows = (
        record(id=f"pets:{number}", text=f"Meet dog {number}", images=images if number < 5 else [])
        for number in range(POSTS)
    )
    written(folder / "posts.jsonl", *rows)
    return folder


def workers(name: str) -> list[psutil.Process]:
    """Return the processes of the cluster's workers of a kind."""
    found: list[psutil.Process] = []
    for process in psutil.process_iter(["cmdline"]):
        line = " ".join(process.info["cmdline"] or [])
        if line.startswith("ray::") and name in line:
            found.append(process)
    return found


def wait_until(holds: Any) -> None:
    deadline = time.monotonic() + LONGEST_S
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_a_killed_worker_changes_no_record(
    cluster: str, endpoint: Endpoint, tmp_path: Path
) -> None:
    alone, many = written_posts(tmp_path / "alone"), written_posts(tmp_path / "many")
    finished(distilling(alone, endpoint))

    with serving(Endpoint(delay_s=0.05)) as slow:
        stages = "describe=1,extract=2,infer=2"
        process = distilling(many, slow, "--ray", cluster, "--workers", stages, "--json")
        wait_until(lambda: len(slow.asked) > POSTS // 2)
        victims = workers("(Worker)")
        assert len(victims) >= 3  # one a step at least, and more where there is room
        victims[-1].kill()
        report = json.loads(finished(process))

    asked_again = sum(slow.seen.values()) - len(slow.seen)
    assert (many / "records.jsonl").read_bytes() == (alone / "records.jsonl").read_bytes()
    assert asked_again <= 2 * 8  # what was on its way in the worker that died
    assert report["distilled"] == POSTS
    assert 0 <= report["asked"] - 2 * POSTS - 1 <= 2 * 8


@pytest.mark.parametrize(("stillborn", "born"), [(0, 3), (2, 4)])
def test_a_worker_that_loses_its_engine_is_begun_anew(
    tmp_path: Path, stillborn: int, born: int
) -> None:
    alone, many = written_posts(tmp_path / "alone"), written_posts(tmp_path / "many")
    without = json.loads(finished(distilling_in_process(alone, POSTS * 10, "--json")))

    life = POSTS * 3 // 4
    options = ("--ray", "local", "--json")
    process = distilling_in_process(many, life, *options, stillborn=stillborn)
    report = json.loads(finished(process))

    assert (births(alone), births(many)) == (1, born)
    assert (many / "records.jsonl").read_bytes() == (alone / "records.jsonl").read_bytes()
    assert report["asked"] == without["asked"]


def test_an_engine_that_always_dies_ends_the_run(tmp_path: Path) -> None:
    folder = written_posts(tmp_path / "many")

    process = distilling_in_process(folder, 0, "--ray", "local")
    _, errors = process.communicate(timeout=LONGEST_S)

    assert process.returncode == 1
    assert births(folder) == 1 + RESTARTS
    assert errors.splitlines()[-1].startswith(f"miko: a worker was begun anew {RESTARTS} times")
    assert "the engine has ended (an accident)" in errors
    assert not (folder / "records.jsonl").exists()


def test_an_engine_that_worked_for_long_may_end_as_if_it_were_the_first() -> None:
    restarts = Restarts()

    allowed = [restarts.may_begin("one", 0) for _ in range(RESTARTS)]
    of_another = restarts.may_begin("two", ENOUGH - 1)
    after_long = [restarts.may_begin("one", ENOUGH), restarts.may_begin("one", 0)]
    in_the_end = [restarts.may_begin("one", 0) for _ in range(RESTARTS)]

    assert all([*allowed, of_another, *after_long])
    assert in_the_end == [True, False, False]


def test_ctrl_c_keeps_what_was_answered(cluster: str, endpoint: Endpoint, tmp_path: Path) -> None:
    alone, many = written_posts(tmp_path / "alone"), written_posts(tmp_path / "many")
    finished(distilling(alone, endpoint))

    with serving(Endpoint(delay_s=0.05)) as slow:
        process = distilling(many, slow, "--ray", cluster)
        wait_until(lambda: len(slow.asked) > POSTS // 2)
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=LONGEST_S)
        stopped = (process.returncode, (many / "records.jsonl").exists())
        finished(distilling(many, slow, "--ray", cluster))

    assert stopped == (130, False)
    assert errors.splitlines()[-1].startswith("miko: stopped; what was written is kept")
    assert sum(slow.seen.values()) - len(slow.seen) <= 2 * 8  # what was on its way
    assert (many / "records.jsonl").read_bytes() == (alone / "records.jsonl").read_bytes()


def test_a_second_run_into_the_same_file_is_refused_and_harms_nothing(
    cluster: str, tmp_path: Path
) -> None:
    folder = written_posts(tmp_path / "many")
    with serving(Endpoint(delay_s=0.05)) as slow:
        first = distilling(folder, slow, "--ray", cluster)
        wait_until(lambda: len(slow.asked) > POSTS // 4)
        slow.delay_s = 5.0  # the first is at work for as long as the second takes to be refused
        second = distilling(folder, slow, "--ray", cluster)
        _, errors = second.communicate(timeout=LONGEST_S)
        slow.delay_s = 0.0
        finished(first)

    assert second.returncode == 1
    assert "is in use by another `miko distill`" in errors.splitlines()[-1]
    assert len((folder / "records.jsonl").read_text("utf-8").splitlines()) == POSTS


def test_stages_that_would_wait_for_each_other_are_refused(tmp_path: Path) -> None:
    folder = written_posts(tmp_path / "many")
    each = ("--workers", "describe=1,extract=1,infer=1")

    with clustered(nodes=1) as small:
        process = distilling(folder, Endpoint(url="http://127.0.0.1:9/v1"), "--ray", small, *each)
        _, errors = process.communicate(timeout=LONGEST_S)

    assert process.returncode == 1
    assert "the cluster has 2 CPUs, and 3 stages need 4" in errors.splitlines()[-1]


def test_what_a_cluster_was_told_is_not_asked_again(
    cluster: str, endpoint: Endpoint, tmp_path: Path
) -> None:
    folder = written_posts(tmp_path / "many")
    finished(distilling(folder, endpoint))
    asked = len(endpoint.asked)

    report = json.loads(finished(distilling(folder, endpoint, "--ray", cluster, "--json")))

    assert len(endpoint.asked) == asked
    assert (report["asked"], report["recalled"]) == (0, asked)


def test_a_worker_asks_for_no_more_posts_at_a_time_than_it_is_told(
    cluster: str, tmp_path: Path
) -> None:
    folder = written_posts(tmp_path / "many")

    with serving(Endpoint(delay_s=0.02)) as slow:
        options = ("--ray", cluster, "--workers", "1", "--concurrency", "2", "--limit", "40")
        finished(distilling(folder, slow, *options))

    assert slow.peak == 2


def test_an_endpoint_that_is_not_there_ends_the_run(cluster: str, tmp_path: Path) -> None:
    folder = written_posts(tmp_path / "many")

    process = distilling(folder, Endpoint(url="http://127.0.0.1:9/v1"), "--ray", cluster)
    _, errors = process.communicate(timeout=LONGEST_S)

    assert process.returncode == 1
    assert errors.splitlines()[-1].startswith("miko: there is no answer at")
    assert not (folder / "records.jsonl").exists()


def test_embedding_on_a_cluster_gives_the_same(cluster: str, tmp_path: Path) -> None:
    posts = [record(id=f"pets:{number}", text=f"Meet dog {number}") for number in range(3000)]
    written(tmp_path / "posts.jsonl", *posts)
    for store in ("alone", "many"):
        finished(start(tmp_path, "load", "posts.jsonl", "--store", f"sqlite:///{store}.db"))
    finished(start(tmp_path, "embed", "--store", "sqlite:///alone.db"))

    options = ("--store", "sqlite:///many.db", "--ray", cluster, "--workers", "2")
    process = start(tmp_path, "embed", *options)
    wait_until(lambda: len(workers("_Worker")) == 2)
    workers("_Worker")[0].kill()

    assert finished(process) == "3,000 nodes embedded\n"
    said = [
        finished(start(tmp_path, "search", "a dog", "--json", "--store", f"sqlite:///{store}.db"))
        for store in ("alone", "many")
    ]
    assert said[0] == said[1]


def test_no_cluster_is_told_in_one_line(tmp_path: Path, endpoint: Endpoint) -> None:
    folder = written_posts(tmp_path / "many")

    process = distilling(folder, endpoint, "--ray", "127.0.0.1:9")
    _, errors = process.communicate(timeout=LONGEST_S)

    assert process.returncode == 1
    assert "ray start --head" in errors
    assert errors.count("\n") == 1


@pytest.mark.parametrize(
    ("text", "stages"),
    [
        ("", (Stage((Step.EXTRACT, Step.INFER)),)),
        ("4", (Stage((Step.EXTRACT, Step.INFER), 4),)),
        ("infer=6, extract=2", (Stage((Step.EXTRACT,), 2), Stage((Step.INFER,), 6))),
    ],
)
def test_workers_are_given_to_stages(text: str, stages: tuple[Stage, ...]) -> None:
    assert stages_of(text, (Step.EXTRACT, Step.INFER)) == stages


@pytest.mark.parametrize("text", ["0", "-1", "x", "extract=2", "extract=2,infer=x", "a=1,infer=1"])
def test_workers_that_are_none_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match="number"):
        stages_of(text, (Step.EXTRACT, Step.INFER))
