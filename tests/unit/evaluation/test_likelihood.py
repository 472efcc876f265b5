"""How likely students find what was judged, on real posts, by a small model of random weights.

What it is worth with a whole model: docs/evaluation.md.
"""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

import anyio
import numpy as np
import pytest
import torch
import transformers
from contract.small_graph import BATCH, DOG_POST, HOME, RUN
from unit.evaluation.sarcasm_posts import small_encoder
from unit.evaluation.small_model import small_model
from unit.miko.asking import answered, miko, python

from benchmarks.language_models import smollm2
from evaluation.plausibility.estimate import judged_pairs
from evaluation.plausibility.likelihood import (
    JudgedAnswer,
    Material,
    asked,
    by_likelihoods,
    likelihoods,
    material,
    parted_material,
)
from evaluation.plausibility.pairs import Pair
from evaluation.plausibility.pairs import pairs as all_pairs
from evaluation.plausibility.ways import Way
from evaluation.student.lessons import Lesson, prompt_of
from evaluation.student.model import Student
from evaluation.student.recipe import Recipe
from ingest.distill.chat import messages_of
from kg.connect import connect
from kg.settings import StoreSettings
from schema.errors import InputError
from schema.graph import Batch, HasIntention
from schema.nodes import Intention, Post
from schema.relations import Relation

POSTS = 40
NEEDS = Intention.of(Relation.X_NEED, "find a shelter")
SEES = Intention.of(Relation.X_NEED, "see the dog first")
NAMES = Intention.of(Relation.O_WANT, "write to @ann")


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a model that drops out while it learns, as some do."""
    return small_model(smollm2(tmp_path_factory.mktemp("models")), attention_dropout=0.5)


@pytest.fixture(scope="module")
def judged(data: Path, tmp_path_factory: pytest.TempPathFactory) -> str:
    """Return the address of a graph of real posts whose intentions people judged."""
    folder = tmp_path_factory.mktemp("judged")
    released = data / "miko-working/benchmark/MIKO_benchmark.noprompt.jsonl"
    rows = released.read_text("utf-8").splitlines(keepends=True)[:POSTS]
    (folder / "some.jsonl").write_text("".join(rows), "utf-8")
    url = f"sqlite:///{folder}/graph.db"
    told = ("--store", url, "--rejects", str(folder / "rejects.jsonl"))
    assert miko("load", str(folder / "some.jsonl"), *told).exit_code in {0, 3}
    return url


@pytest.fixture(scope="module")
def pairs(judged: str) -> list[Pair]:
    async def read() -> list[Pair]:
        async with connect(StoreSettings(url=judged)) as store:
            return await judged_pairs(store)

    return anyio.run(read)


def material_of(url: str, pairs: list[Pair]) -> Material:
    async def read() -> Material:
        async with connect(StoreSettings(url=url)) as store:
            return await material(store, pairs)

    return anyio.run(read)


def quietly(_done: int, _total: int | None, _note: str = "", /) -> None:
    """Tell nobody."""


def test_no_student_learns_of_a_post_that_it_is_asked_about(judged: str, pairs: list[Pair]) -> None:
    folds = parted_material(pairs, material_of(judged, pairs))

    for fold in folds:
        learnt = {one.post.text for one in fold.split.learnt}
        assert learnt
        assert not learnt & {one.lesson.post.text for one in fold.answers}
    places = [place for fold in folds for one in fold.answers for place in one.places.values()]
    assert sorted(places) == list(range(len(pairs)))


def test_another_tail_of_a_relation_is_asked_in_the_same_answer(tmp_path: Path) -> None:
    batch = Batch(
        intentions=(NEEDS, SEES, NAMES),
        has_intention=tuple(
            HasIntention(DOG_POST.id, one.id, one.text, RUN.id) for one in (NEEDS, SEES, NAMES)
        ),
    )
    url = f"sqlite:///{tmp_path}/graph.db"

    async def read() -> tuple[list[Pair], Material]:
        async with connect(StoreSettings(url=url)) as store:
            await store.put(BATCH)
            await store.put(batch)
            every = [p async for page in all_pairs(store) for p in page]
            own = [one for one in every if one.has.post_id == DOG_POST.id]
            return own, await material(store, own)

    own, told = anyio.run(read)

    first, second = told.answers
    assert first.lesson.tails[Relation.X_WANT] == second.lesson.tails[Relation.X_WANT]
    assert {own[place].tail for place in first.places.values()} >= {HOME.text}
    assert Relation.O_WANT not in first.lesson.tails  # distilling would refuse a handle
    tails = {one.lesson.tails[Relation.X_NEED] for one in told.answers}
    assert tails == {NEEDS.text, SEES.text}
    assert list(second.places) == [Relation.X_NEED]


def an_answer(text: str) -> JudgedAnswer:
    post = Post("pets:1", text, "pets")
    tails = {relation: f'say "{relation}" of it' for relation in Relation}
    places = {relation: place for place, relation in enumerate(Relation)}
    return JudgedAnswer(Lesson(post, prompt_of(post), tails, tails.keys()), places)


def test_numbers_are_those_of_the_model_alone(base: Path) -> None:
    answers = [an_answer("Rex " * 3000), an_answer("Forty loaves"), an_answer("The train is late")]

    numbers = asked(Student(base, Recipe()), answers, lambda _done: None)

    size = len(Relation)
    assert (numbers[:size] == 0).all()  # too long
    plainly = [[likelihood(base, one.lesson, r) for r in one.places] for one in answers[1:]]
    assert numbers[size:, 0] == pytest.approx(np.ravel(plainly), abs=0.05)
    assert np.ptp(plainly) > 1
    assert (numbers[size:, 2] == 1).all()


def test_of_answers_that_are_all_too_long_nothing_is_told(base: Path) -> None:
    numbers = asked(Student(base, Recipe()), [an_answer("Rex " * 3000)], lambda _done: None)

    assert numbers.shape == (len(Relation), 3)
    assert not numbers.any()


def test_what_cannot_be_measured_is_told_before_anything_is_learnt(
    base: Path, judged: str, pairs: list[Pair], tmp_path: Path
) -> None:
    posts = sorted({pair.has.post_id for pair in pairs})[:7]
    few = [pair for pair in pairs if pair.has.post_id in posts]

    with pytest.raises(InputError, match="of 7 different posts: 10 are needed"):
        likelihoods(few, material_of(judged, few), base, tmp_path, quietly)

    assert not list(tmp_path.iterdir())


def likelihood(folder: Path, told: Lesson, relation: Relation) -> float:
    """Return the mean log-likelihood of a tail's tokens, by transformers alone."""
    library = cast("Any", transformers)
    tokenizer = library.AutoTokenizer.from_pretrained(folder)
    model = library.AutoModelForCausalLM.from_pretrained(folder).eval()
    messages = [*messages_of(told.prompt), {"role": "assistant", "content": "{}"}]
    prompt = tokenizer.apply_chat_template(messages, tokenize=False).rpartition("{}")[0]
    text = json.dumps(told.tails)
    tail = json.dumps(told.tails[relation])[1:-1]
    start = text.index(tail)
    end = start + len(tail)
    read = tokenizer(text, return_offsets_mapping=True, add_special_tokens=False)
    ids = [*tokenizer(prompt, add_special_tokens=False).input_ids, *read.input_ids]
    logits = model(torch.tensor([ids])).logits[0].detach().float().log_softmax(-1)
    own = [
        float(logits[place - 1, ids[place]])
        for place, (a, b) in enumerate(read.offset_mapping, start=len(ids) - len(read.input_ids))
        if a < end and b > start
    ]
    return sum(own) / len(own)


def test_likelihoods_that_tell_the_label_are_found_out(pairs: list[Pair]) -> None:
    taken = np.array([bool(pair.accepted) for pair in pairs], float)
    blind = np.full(len(pairs), 0.5)

    found = by_likelihoods(pairs, blind, np.column_stack([taken, taken, np.ones(len(pairs))]))

    for way in (Way.LIKELIHOOD, Way.WITH_LIKELIHOOD):
        assert found[way][taken == 1].min() > 0.5 > found[way][taken == 0].max()


def test_a_student_of_no_numbers_is_told(
    base: Path, judged: str, pairs: list[Pair], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def lost(_self: Student, _shared: Any, rows: list[Any]) -> list[list[float]]:
        return [[float("nan")] * sum(row.counted) for row in rows]

    monkeypatch.setattr(Student, "losses", lost)

    with pytest.raises(InputError, match="tells what is no number: remove it"):
        likelihoods(pairs, material_of(judged, pairs), base, tmp_path, quietly)


def test_what_was_stopped_goes_on_and_comes_out_the_same(
    base: Path, judged: str, pairs: list[Pair], tmp_path: Path
) -> None:
    told = material_of(judged, pairs)
    whole = likelihoods(pairs, told, base, tmp_path / "whole", quietly)
    halves = tmp_path / "halves"

    def stop_at(most: int) -> Callable[..., None]:
        def tell(done: int, _total: int | None, _note: str = "", /) -> None:
            if done > most:
                raise KeyboardInterrupt

        return tell

    for most in (20, 90):
        with pytest.raises(KeyboardInterrupt):
            likelihoods(pairs, told, base, halves, stop_at(most))
    again = likelihoods(pairs, told, base, halves, quietly)

    assert (again == whole).all()
    assert len(list(halves.iterdir())) == 5  # numbers alone


def test_likelihoods_are_compared_once_and_nothing_is_written(
    base: Path, judged: str, tmp_path: Path
) -> None:
    before = answered("stats", "--store", judged)
    encoder = small_encoder(tmp_path / "encoder")
    words = ["plausibility", "--compare", "--store", judged, "--resamples", "100", "--json"]
    words += ["--keep", str(tmp_path / "keep"), "--encoder", str(encoder), "--student", str(base)]

    told = json.loads(miko(*words).stdout)
    kept = {path: path.stat().st_mtime_ns for path in (tmp_path / "keep").iterdir()}
    again = python("-m", "miko", *words)  # where strings hash otherwise

    assert {Way.LIKELIHOOD, Way.WITH_LIKELIHOOD} <= {one["way"] for one in told}
    assert json.loads(again.stdout) == told, again.stderr
    assert len(kept) == 10
    assert {path: path.stat().st_mtime_ns for path in (tmp_path / "keep").iterdir()} == kept
    assert answered("stats", "--store", judged) == before


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--student", "."], "it is measured only: say --compare as well"),
        (["--compare", "--student", "gone"], "--student: is no folder"),
    ],
)
def test_a_student_that_cannot_be_measured_is_wrong_usage(words: list[str], said: str) -> None:
    ended = miko("plausibility", *words)

    assert ended.exit_code == 2
    assert said in ended.stderr
