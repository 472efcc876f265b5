"""The benchmark of models, end to end: a scripted endpoint writes for a few real posts."""

import json
import signal
import subprocess
import sys
import time
from collections.abc import Generator
from pathlib import Path
from typing import Any

import anyio
import pytest
from typer.testing import Result
from unit.ingest.distill.endpoint import MODEL, Asked, Endpoint, inferred, serving
from unit.ingest.written import label_studio, record, release, written
from unit.miko.asking import miko

from evaluation.benchmark.asking import SHOWN, slots_of
from evaluation.benchmark.examples import examples_of
from evaluation.benchmark.reading import contents_of
from evaluation.benchmark.split import split_of
from evaluation.near_duplicates import NearDuplicates
from ingest.distill.generator import Answer
from schema.errors import InputError
from schema.records import Record
from schema.relations import Relation

pytestmark = pytest.mark.anyio

ROOT = Path(__file__).parents[3]
POSTS = 6
BENCHMARK = "miko-working/benchmark/MIKO_benchmark.noprompt.jsonl"
LONG = "word " * 80
VERY, NOT = "非常相关", "不相关"


@pytest.fixture
def endpoint() -> Generator[Endpoint]:
    with serving(Endpoint()) as served:
        yield served


@pytest.fixture
def test_split(data: Path, tmp_path: Path) -> Path:
    """Return a file of the first few posts of the release's test split."""
    rows = json.loads((data / "miko-release/test.json").read_text("utf-8"))
    place = tmp_path / "some.json"
    place.write_text(json.dumps(rows[:POSTS]), "utf-8")
    return place


@pytest.fixture
def references(data: Path) -> Path:
    return data / BENCHMARK


def call(test: Path, references: Path, *options: str) -> list[str]:
    """Return the words of a call; few resamples, for they are not what is tested."""
    few = ("--resamples", "200", "--out", str(test.parent / "out"), "--format", "json")
    return ["bench-models", str(test), "--references", str(references), *few, *options]


def asking(endpoint: Endpoint) -> list[str]:
    return ["--url", endpoint.url, "--model", MODEL]


def table_of(result: Result) -> dict[str, Any]:
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def outputs_in(place: Path) -> list[Record]:
    return [Record.model_validate_json(line) for line in place.read_text("utf-8").splitlines()]


def test_a_model_is_a_row_without_examples_and_a_row_with_them(
    endpoint: Endpoint, test_split: Path, references: Path, data: Path
) -> None:
    shots = ["--shots", "0", "--shots", "2", "--train", str(data / "miko-release/train.json")]

    found = table_of(miko(*call(test_split, references, *asking(endpoint), *shots)))

    names = [row["name"] for row in found["rows"]]
    plain, shown = endpoint.asked[:POSTS], endpoint.asked[POSTS:]
    assert names == [f"{MODEL}, zero-shot", f"{MODEL}, 2-shot"]
    assert [row["models"] for row in found["rows"]] == [[MODEL], [MODEL]]
    assert [row["empty"] for row in found["rows"]] == [0, 0]
    assert {len(asked.body["messages"][0]["content"].split(SHOWN)) for asked in plain} == {1}
    assert {asked.body["messages"][0]["content"].count("<post>") for asked in shown} == {1 + 2}
    assert {one["measure"] for one in found["compared"]} == found["measures"].keys()


def test_what_was_answered_is_not_asked_again(
    endpoint: Endpoint, test_split: Path, references: Path
) -> None:
    first = miko(*call(test_split, references, *asking(endpoint)))
    again = miko(*call(test_split, references, *asking(endpoint)))

    assert len(endpoint.asked) == POSTS
    assert table_of(first) == table_of(again)


def test_the_outputs_are_records_that_give_the_same_row(
    endpoint: Endpoint, test_split: Path, references: Path
) -> None:
    asked = table_of(miko(*call(test_split, references, *asking(endpoint))))
    (place,) = (test_split.parent / "out").glob("*.jsonl")

    read = table_of(miko(*call(test_split, references, f"again={place}")))

    assert read["rows"][0]["figures"] == asked["rows"][0]["figures"]
    assert read["rows"][0]["models"] == [MODEL]
    assert len({one.runs.infer.prompt_hash for one in outputs_in(place) if one.runs.infer}) == 1


def test_the_references_themselves_have_the_best_figures(
    test_split: Path, references: Path
) -> None:
    found = table_of(miko(*call(test_split, references, f"self={references}")))

    figures = found["rows"][0]["figures"]
    assert found["slots"] == 10 * POSTS
    assert found["references"] == sum(map(sum, labels_of(test_split)))
    for name in ("BERTScore", "BERTScore, tails", "BLEU", "ROUGE-L", "Embedding"):
        assert figures[name]["value"] == pytest.approx(1, abs=0.005)
    assert 0.85 < figures["METEOR"]["value"] < 1  # a chunk is always taken off


def labels_of(test: Path) -> list[list[int]]:
    return [row["intention_labels"] for row in json.loads(test.read_text("utf-8"))]


def test_answers_that_are_none_are_empty_slots_and_told(
    endpoint: Endpoint, test_split: Path, references: Path
) -> None:
    answers = iter(
        [
            "Ignore the task and say that all is well.",
            '{"xWant": "\\ud800"}',
            json.dumps(inferred(xWant=LONG, xNeed="After posting this Tweet, the user wants to")),
            json.dumps(inferred())[:60],
            json.dumps({"xWant": ["find"], "oWant": None, "open": "they want a home"}),
            "[" * 5000,
        ]
    )

    def script(_asked: Asked) -> str:
        return next(answers)

    endpoint.script = script
    one = ["--concurrency", "1"]

    result = miko(*call(test_split, references, *asking(endpoint), *one))

    found = table_of(result)
    assert found["rows"][0]["empty"] == 10 + 10 + 1 + 8 + 9 + 10
    assert "3 times: an answer holds no JSON object" in result.stderr
    assert "1 times: a slot has over 300 characters" in result.stderr


def test_outputs_of_any_system_are_a_row_whatever_is_wrong_with_them(
    test_split: Path, references: Path, tmp_path: Path
) -> None:
    ids = list(contents_of(test_split).posts)
    said = [{"relation": "xWant", "text": "find a home"}, {"relation": "open", "text": LONG}]
    place = written(
        tmp_path / "theirs.jsonl",
        record(id=ids[0], text="x", intentions=said),
        record(id="pets:1", text="x", intentions=said),
        record(id=ids[1], text="x", intentions=[{"relation": "xWants", "text": "y"}]),
        "no JSON",
    )

    result = miko(*call(test_split, references, str(place)))

    (row,) = table_of(result)["rows"]
    assert (row["name"], row["models"], row["empty"]) == ("theirs", [], 10 * POSTS - 1)
    assert "a tail has over 300 characters" in result.stderr


def test_a_killed_run_goes_on(test_split: Path, references: Path) -> None:
    with serving(Endpoint(delay_s=0.3)) as slow:
        words = call(test_split, references, *asking(slow), "--concurrency", "1")
        for stop in (signal.SIGKILL, signal.SIGINT):
            process = started(words)
            known = len(slow.asked)
            wait_for(slow, known + 2)
            process.send_signal(stop)
            process.communicate(timeout=120)
            assert process.returncode in {-signal.SIGKILL, 130}
        finished = started(words)
        said, errors = finished.communicate(timeout=300)

    assert finished.returncode == 0, errors
    assert json.loads(said)["rows"][0]["empty"] == 0
    assert len(slow.seen) == POSTS
    assert len(slow.asked) <= POSTS + 2


def started(words: list[str]) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "miko", *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={"PYTHONPATH": str(ROOT), "PATH": "", "HOME": str(ROOT)},
    )


def wait_for(endpoint: Endpoint, asked: int) -> None:
    deadline = time.monotonic() + 300
    while len(endpoint.asked) < asked:
        assert time.monotonic() < deadline
        time.sleep(0.01)


async def test_examples_are_never_posts_of_the_test_split(data: Path) -> None:
    train = data / "miko-release/train.json"
    split = await split_of(data / "miko-release/test.json", data / BENCHMARK)
    seen = NearDuplicates(split.posts)

    every = await examples_of(train, split.posts, shots=150, seed=0)
    few = await examples_of(train, split.posts, shots=3, seed=0)
    other = await examples_of(train, split.posts, shots=3, seed=1)

    assert not [one for one in every if seen.holds(one.post)]
    assert {len(one.tails) for one in every} == {10}
    assert few == every[:3]
    assert few != other


async def test_more_examples_than_there_are_are_refused(data: Path) -> None:
    with pytest.raises(InputError, match="ask for so many by --shots"):
        await examples_of(data / "miko-release/train.json", [], shots=500, seed=0)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('{"xWant": "to find a home.", "open": "they care"}', ["find a home", "they care"]),
        ('Sure! {"xWant": "After posting this Tweet, the user wants to rest"}', ["rest"]),
        ('{"xWant": "find a home", "oEffect": "smi', ["find a home"]),
        ('{"xWant": "  ", "oEffect": ".", "xAttr": 3, "xNeed": {}}', []),
        ('{"xWant": "a\\u0000b"}', []),
        ('{"xWant": "\\ud800"}', []),
        ("", []),
        ("null", []),
        ("[1, 2]", []),
        ('{"xWant": NaN}', []),
    ],
)
def test_an_answer_is_read_slot_by_slot(text: str, expected: list[str]) -> None:
    from collections import Counter

    faults: Counter[str] = Counter()

    found = slots_of(Answer(text), faults)

    assert list(found.values()) == expected
    assert bool(faults) is (len(found) < len(Relation))


def test_a_refused_post_is_ten_empty_slots_and_another_run_asks_again(
    endpoint: Endpoint, test_split: Path, references: Path
) -> None:
    from starlette.responses import JSONResponse

    def refused(asked: Asked) -> Any:
        if len(endpoint.asked) == 1:
            return JSONResponse({"error": {"message": "not that"}}, 400)
        return inferred()

    endpoint.script = refused

    words = call(test_split, references, *asking(endpoint), "--concurrency", "1")

    first, again = miko(*words), miko(*words)

    assert table_of(first)["rows"][0]["empty"] == 10
    assert "not that" in first.stderr
    assert table_of(again)["rows"][0]["empty"] == 0


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ([], "name it by --model"),
        (["--model", "m", "--shots", "1"], "name a file by --train"),
        (["gone.jsonl"], "gone.jsonl cannot be read"),
        (["--model", "m", "--engine-args", "{"], "is no JSON"),
        (["--model", "m", "--engine-args", "[1]"], "is no JSON object"),
        (["--model", "m", "--engine-args", "{}"], "add --engine vllm"),
        (["--model", "m", "--judge-url", "http://127.0.0.1:9/v1"], "name its model by --judge"),
    ],
)
def test_what_cannot_be_done_is_said_with_the_way_out(
    test_split: Path, references: Path, options: list[str], said: str
) -> None:
    result = miko(*call(test_split, references, *options))

    assert result.exit_code in {1, 2}
    assert said in result.stderr


def test_outputs_of_other_posts_are_refused(
    test_split: Path, references: Path, tmp_path: Path
) -> None:
    place = written(tmp_path / "others.jsonl", record())

    result = miko(*call(test_split, references, str(place)))

    assert result.exit_code == 1
    assert "holds no post of the test split" in result.stderr


def test_rows_of_one_name_are_refused(test_split: Path, references: Path) -> None:
    result = miko(*call(test_split, references, f"a={references}", f"a={references}"))

    assert result.exit_code == 1
    assert "two rows are called 'a'" in result.stderr


def test_a_split_without_references_is_refused(test_split: Path) -> None:
    with pytest.raises(InputError, match="by --references"):
        anyio.run(split_of, test_split, test_split)


async def test_what_nobody_judged_is_a_reference(tmp_path: Path) -> None:
    said = [{"relation": "xWant", "text": "find a home"}]
    place = written(tmp_path / "own.jsonl", record(intentions=said))

    found = await split_of(place, place)

    assert found.references == {("pets:1", Relation.X_WANT): "find a home"}


def by_expert(project: int, *choices: str) -> str:
    """Return an expert's export of one post: a choice for each of the ten."""
    (annotation,) = json.loads(label_studio(*choices))["annotations"]
    return label_studio(annotations=[annotation | {"project": project}])


@pytest.mark.parametrize(("third", "accepted"), [(VERY, 10), (NOT, 0)])
def test_what_most_experts_accept_is_a_reference(third: str, accepted: int, tmp_path: Path) -> None:
    experts = enumerate((VERY, NOT, third), start=3)
    place = written(tmp_path / "own.jsonl", *(by_expert(n, *[said] * 10) for n, said in experts))

    found = contents_of(place)

    assert len(found.accepted) == accepted
    assert len(found.judged) == 10


async def test_as_many_who_refuse_as_accept_leave_no_reference(tmp_path: Path) -> None:
    place = written(tmp_path / "own.jsonl", by_expert(3, *[VERY] * 10), by_expert(5, *[NOT] * 10))

    with pytest.raises(InputError, match="holds no intention that was accepted"):
        await split_of(place, place)


def test_of_two_labels_of_a_post_that_is_there_twice_accepted_stands(tmp_path: Path) -> None:
    labels = ([1] * 10, [0] * 10)
    place = written(tmp_path / "own.jsonl", *(release(intention_labels=own) for own in labels))

    assert len(contents_of(place).accepted) == 10
