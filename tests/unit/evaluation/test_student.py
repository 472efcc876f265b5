"""A student from real intentions to a folder that answers.

A course is that of a small model of random weights: whether it comes out the same is seen in
seconds. SmolLM2 itself answers once. What a student is worth after a whole
course: docs/evaluation.md.
"""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import anyio
import pytest
import transformers
from unit.evaluation.small_model import small_model
from unit.ingest.written import record, written
from unit.miko.asking import miko

from benchmarks.language_models import smollm2
from evaluation.student.lessons import Lesson, prompt_of
from evaluation.student.model import Student
from evaluation.student.recipe import Recipe
from evaluation.student.report import known
from evaluation.student.tokens import LessonTokens, tokenized
from ingest.distill.connect import generating
from ingest.distill.generator import Answer
from ingest.distill.settings import DistillSettings
from schema.errors import GeneratorNotFoundError, InputError, ModelLoadError, NoAnswerError
from schema.nodes import Post
from schema.relations import Relation

ROOT = Path(__file__).parents[3]
STEPS = 18
"""So many that there are others to come, whenever it is seen that one is done."""

LONGEST_S = 300
TEXTS = (
    "Rex has waited at the shelter for a year. Come and take him for a walk!",
    "Forty loaves for the street party, and not a crumb is left.",
    "Lovely, the train is late again.",
)


@pytest.fixture(scope="module")
def smollm(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return smollm2(tmp_path_factory.mktemp("models"))


@pytest.fixture(scope="module")
def base(smollm: Path) -> Path:
    return small_model(smollm)


@pytest.fixture(scope="module")
def graph(data: Path, tmp_path_factory: pytest.TempPathFactory) -> str:
    """Return the address of a graph of a few real posts."""
    folder = tmp_path_factory.mktemp("graph")
    rows = json.loads((data / "miko-release/train.json").read_text("utf-8"))[:10]
    (folder / "some.json").write_text(json.dumps(rows), "utf-8")
    url = f"sqlite:///{folder}/graph.db"
    assert miko("load", str(folder / "some.json"), "--store", url).exit_code == 0
    return url


@pytest.fixture(scope="module")
def whole(base: Path, graph: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a student that was taught without a stop."""
    folder = tmp_path_factory.mktemp("whole") / "student"
    assert miko(*words(base, graph, folder)).exit_code == 0
    return folder


def words(base: Path, graph: str, folder: Path) -> list[str]:
    """Return the words of a call: each step is of one lesson, and ends in a checkpoint."""
    course = ["--batch", "1", "--epochs", "2", "--checkpoint-s", "0", "--hold-out-share", "0.1"]
    return ["train-student", str(base), "--store", graph, "--out", str(folder), *course]


def started(base: Path, graph: str, folder: Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "miko", *words(base, graph, folder)],
        stderr=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
    )


def stop_in_mid_course(process: subprocess.Popen[str], folder: Path, how: signal.Signals) -> None:
    """Stop the command once it has written a checkpoint, with others still to come."""
    known, deadline = kept(folder), time.monotonic() + LONGEST_S
    while kept(folder) == known:
        assert time.monotonic() < deadline
        assert process.poll() is None, process.communicate()[1]
        time.sleep(0.02)
    process.send_signal(how)
    process.communicate(timeout=LONGEST_S)


def kept(folder: Path) -> int | None:
    """Return when the checkpoint was written, None where there is none."""
    place = folder / "checkpoint.pt"
    return place.stat().st_mtime_ns if place.exists() else None


def figures(folder: Path) -> dict[str, Any]:
    return json.loads((folder / "student.json").read_text("utf-8"))


def test_a_course_that_was_killed_and_stopped_comes_out_the_same(
    base: Path, graph: str, whole: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "student"
    stop_in_mid_course(started(base, graph, folder), folder, signal.SIGKILL)
    interrupted = started(base, graph, folder)
    stop_in_mid_course(interrupted, folder, signal.SIGINT)

    assert interrupted.returncode == 130
    assert not (folder / "student.json").exists()
    assert miko(*words(base, graph, folder)).exit_code == 0
    assert len(figures(whole)["losses"]) == STEPS
    assert figures(folder)["losses"] == figures(whole)["losses"]
    for name in ("model.safetensors", "adapter/adapter_model.safetensors"):
        assert (folder / name).read_bytes() == (whole / name).read_bytes()
    assert not (folder / "checkpoint.pt").exists()


def test_the_folder_tells_what_it_was_taught(whole: Path) -> None:
    told = figures(whole)
    card = (whole / "README.md").read_text("utf-8")

    assert told["lessons"] == 9
    assert told["held_out"] == 1
    assert told["id"] in card
    assert told["base_revision"] in card
    assert "$" not in card
    assert (whole / "loss.png").read_bytes().startswith(b"\x89PNG")
    assert (whole / "adapter" / "adapter_model.safetensors").exists()


def test_a_finished_student_is_not_taught_again(base: Path, graph: str, whole: Path) -> None:
    before = (whole / "model.safetensors").stat().st_mtime_ns

    assert miko(*words(base, graph, whole)).exit_code == 0

    assert (whole / "model.safetensors").stat().st_mtime_ns == before


def test_a_folder_of_another_student_is_left_as_it_is(base: Path, graph: str, whole: Path) -> None:
    ended = miko(*words(base, graph, whole), "--seed", "1")

    assert ended.exit_code == 1
    assert "holds another student: name another folder by --out" in ended.stderr


@pytest.mark.parametrize("told", ["", "{", "[]", '{"losses": []}'])
def test_figures_of_no_student_are_told_with_the_way_out(told: str, tmp_path: Path) -> None:
    (tmp_path / "student.json").write_text(told, "utf-8")

    with pytest.raises(InputError, match="remove it, or name another --out"):
        known(tmp_path)


def test_what_is_too_long_is_left_out_with_its_lesson(base: Path) -> None:
    tokenizer, long = Student(base, Recipe()).tokenizer, lesson("Rex " * 2000)

    found = tokenized([long, lesson(TEXTS[0])], tokenizer, most_tokens=1000)

    assert (len(found.rows), found.places) == (1, [1])


def test_a_model_that_is_none_is_told_in_one_line(graph: str, tmp_path: Path) -> None:
    ended = miko(
        "train-student", str(tmp_path / "gone"), "--store", graph, "--out", str(tmp_path / "out")
    )

    assert ended.exit_code == 1
    assert "cannot be loaded" in ended.stderr


def test_weights_that_are_cut_off_are_told_in_one_line(
    base: Path, graph: str, tmp_path: Path
) -> None:
    broken = tmp_path / "broken"
    shutil.copytree(base, broken)
    weights = broken / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:10_000])

    ended = miko("train-student", str(broken), "--store", graph, "--out", str(tmp_path / "out"))

    assert ended.exit_code == 1
    assert "cannot be loaded" in ended.stderr
    assert ended.stderr.count("\n") == 1


def lesson(text: str) -> Lesson:
    post = Post("pets:1", text, "pets")
    tails = {relation: f"say {relation} of it" for relation in Relation}
    return Lesson(post, prompt_of(post), tails, frozenset(Relation) - {Relation.OPEN})


def test_what_is_shared_changes_no_loss(base: Path) -> None:
    student = Student(base, Recipe())
    found = tokenized([lesson(text) for text in TEXTS], student.tokenizer, most_tokens=2048)
    size = len(found.shared)
    whole_rows = [
        LessonTokens(
            (*found.shared, *row.tokens),
            (*[False] * size, *row.counted),
            (*[None] * size, *row.tails),
        )
        for row in found.rows
    ]

    shared = student.loss(found.shared, found.rows)
    apart = student.loss((), whole_rows)
    without = student.loss((), found.rows)

    assert size > 400
    assert float(shared.item()) == pytest.approx(float(apart.item()), rel=2e-4)
    assert float(without.item()) != pytest.approx(float(apart.item()), rel=1e-3)


def test_losses_are_those_that_are_learnt_by(base: Path) -> None:
    student = Student(base, Recipe())
    found = tokenized([lesson(text) for text in TEXTS], student.tokenizer, most_tokens=2048)

    losses = student.losses(found.shared, found.rows)

    together = float(student.loss(found.shared, found.rows).item())
    assert [len(own) for own in losses] == [sum(row.counted) for row in found.rows]
    assert sum(map(sum, losses)) / sum(map(len, losses)) == pytest.approx(together, rel=1e-5)


def test_only_tails_that_were_taken_count(base: Path) -> None:
    tokenizer = Student(base, Recipe()).tokenizer

    (row,) = tokenized([lesson(TEXTS[0])], tokenizer, most_tokens=2048).rows

    counted = tokenizer.decode([t for t, c in zip(row.tokens, row.counted, strict=True) if c])
    assert counted.startswith('{"xWant": "say xWant of it", "oEffect"')
    assert counted.endswith('"}<|im_end|>')
    assert "say xNeed of it" in counted
    assert "say open" not in counted


@pytest.mark.anyio
async def test_a_model_answers_as_any_generator(smollm: Path) -> None:
    settings = DistillSettings.model_validate(
        {"engine": "transformers", "model": str(smollm), "temperature": 0, "max_tokens": 400}
    )
    answers: list[Answer] = []

    async with generating(settings) as generator:

        async def ask(text: str) -> None:
            answers.append(await generator.answer(prompt_of(Post("pets:1", text, "pets"))))

        async with anyio.create_task_group() as group:
            for text in TEXTS[:2]:
                group.start_soon(ask, text)

    assert generator.use == settings.use
    assert {answer.engine.partition(" ")[0] for answer in answers} == {"transformers"}
    assert all(answer.prompt_tokens > 400 for answer in answers)
    whole_answers = [json.loads(answer.text) for answer in answers if not answer.is_cut]
    assert whole_answers
    assert all(list(answer) == [*Relation] for answer in whole_answers)


@pytest.mark.anyio
async def test_an_image_is_refused_by_a_model_of_texts(base: Path) -> None:
    settings = DistillSettings.model_validate({"engine": "transformers", "model": str(base)})
    prompt = prompt_of(Post("pets:1", "Rex", "pets"))
    async with generating(settings) as generator:
        with pytest.raises(NoAnswerError, match="see no images"):
            await generator.answer(replace(prompt, images=("data:image/jpeg;base64,",)))


@pytest.mark.anyio
async def test_an_answer_that_takes_too_long_is_none(base: Path) -> None:
    settings = DistillSettings.model_validate(
        {"engine": "transformers", "model": str(base), "timeout_s": 0.01}
    )
    async with generating(settings) as generator:
        with pytest.raises(NoAnswerError, match="no answer within"):
            await generator.answer(prompt_of(Post("pets:1", "Rex", "pets")))


@pytest.mark.anyio
async def test_a_template_that_refuses_a_prompt_is_told(base: Path, tmp_path: Path) -> None:
    place = shutil.copytree(base, tmp_path / "base")
    library = cast("Any", transformers)
    tokenizer = library.AutoTokenizer.from_pretrained(place)
    tokenizer.chat_template = "{{ raise_exception('System role not supported') }}"
    tokenizer.save_pretrained(place)
    settings = DistillSettings.model_validate({"engine": "transformers", "model": str(place)})

    async with generating(settings) as generator:
        with pytest.raises(NoAnswerError, match="System role not supported"):
            await generator.answer(prompt_of(Post("pets:1", "Rex", "pets")))


@pytest.mark.anyio
async def test_a_generator_of_nothing_is_told(tmp_path: Path) -> None:
    settings = DistillSettings.model_validate(
        {"engine": "transformers", "model": str(tmp_path / "gone")}
    )

    with pytest.raises(GeneratorNotFoundError, match="cannot load"):
        async with generating(settings):
            pass


def test_a_student_distills(whole: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    key = {"concept": "adoption", "keywords": ["dog", "home", "shelter"]}
    rows = [record(id=f"pets:{n}", text=t, key_information=key) for n, t in enumerate(TEXTS)]
    written(tmp_path / "posts.jsonl", *rows)

    ended = miko(
        *("distill", "posts.jsonl", "--steps", "infer", "--engine", "transformers", "--json"),
        *("--model", str(whole), "--max-tokens", "40"),
    )

    report = json.loads(ended.stdout)
    assert report["distilled"] + report["set_aside"] == len(TEXTS)
    assert report["output_tokens"] > 0


def test_a_folder_without_a_model_teaches_nothing(tmp_path: Path) -> None:
    with pytest.raises(ModelLoadError, match="name a folder of a causal language model"):
        Student(tmp_path, Recipe())
