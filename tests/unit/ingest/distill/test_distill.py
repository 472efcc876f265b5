"""`miko distill` from posts to records, against a scripted endpoint."""

import json
from pathlib import Path

import pytest
from starlette.responses import JSONResponse, Response
from unit.ingest.distill.endpoint import MODEL, Endpoint, completion, good, inferred
from unit.ingest.distill.folder import Distill, image, posts, records, rejects
from unit.ingest.written import record
from unit.miko.asking import miko

from ingest.distill.steps import ASKED_LIMIT
from schema.relations import RELATIONS


def test_a_post_is_described_extracted_and_inferred(endpoint: Endpoint, distill: Distill) -> None:
    Path("rex.png").write_bytes(image())
    posts(record(images=[{"uri": "rex.png"}], labels={"sarcastic": "0"}))

    result = distill()

    (distilled,) = records()
    describe, extract, infer = endpoint.asked
    assert result.exit_code == 0
    assert [asked.step for asked in endpoint.asked] == ["describe", "extract", "infer"]
    assert [len(asked.images) for asked in endpoint.asked] == [1, 0, 0]
    assert describe.post == {"text": "Meet Rex"}
    assert extract.post == {"text": "Meet Rex", "image_description": distilled.image_description}
    assert infer.post["key_information"]["object"] == "dog"
    assert [intention.relation for intention in distilled.intentions] == list(RELATIONS)
    assert distilled.labels == {"sarcastic": "0"}
    assert len(distilled.images[0].sha256 or "") == 64


def test_each_part_names_its_run(distill: Distill) -> None:
    posts(record())

    distill("--temperature", "0.5", "--max-tokens", "99")

    runs = records()[0].runs
    assert runs.describe is None
    assert runs.infer
    assert runs.extract
    assert (runs.infer.model, runs.infer.engine) == (MODEL, "vllm 0.0-scripted")
    assert runs.infer.sampling == '{"max_tokens":99,"temperature":0.5}'
    assert runs.infer.prompt_hash
    assert runs.infer.prompt_hash != runs.extract.prompt_hash


def test_the_instruction_is_the_same_for_every_post(endpoint: Endpoint, distill: Distill) -> None:
    posts(record(), record(id="pets:2", text="Meet Max"))

    distill("--steps", "extract")

    first, second = (asked.body["messages"][0]["content"] for asked in endpoint.asked)
    assert first == second
    assert "data" in first


def test_the_words_in_hashtags_are_told(endpoint: Endpoint, distill: Distill) -> None:
    posts(record(text="Meet Rex #AdoptDontShop #mondaymotivation", hashtags=["dogsOfTown"]))

    distill("--steps", "extract")

    assert endpoint.asked[0].post["hashtags"] == {
        "AdoptDontShop": "Adopt Dont Shop",
        "mondaymotivation": "monday motivation",
        "dogsOfTown": "dogs Of Town",
    }


def test_what_is_distilled_can_be_loaded(distill: Distill) -> None:
    posts(*(record(id=f"pets:{number}", text=f"Meet dog {number}") for number in range(20)))
    distill()

    result = miko("load", "records.jsonl", "--json")

    assert result.exit_code == 0
    assert json.loads(result.stdout)["written"]["HAS_INTENTION"] == 200


def test_nothing_is_asked_twice(endpoint: Endpoint, distill: Distill) -> None:
    posts(*(record(id=f"pets:{number}", text=f"Meet dog {number}") for number in range(20)))
    distill()
    first = Path("records.jsonl").read_bytes()

    distill("--concurrency", "3")

    assert len(endpoint.asked) == 40
    assert Path("records.jsonl").read_bytes() == first


def test_posts_keep_their_order(endpoint: Endpoint, distill: Distill) -> None:
    rows = [record(id=f"pets:{number}", text=f"Meet dog {number}") for number in range(40)]
    endpoint.script = lambda asked: "{" if not asked.before and "7" in asked.user else good(asked)
    posts(*rows)

    distill("--concurrency", "7")

    assert [found.id for found in records()] == [f"pets:{number}" for number in range(40)]


def test_each_step_runs_alone_on_what_the_one_before_made(
    endpoint: Endpoint, distill: Distill
) -> None:
    posts(record())
    distill("--steps", "describe,extract", "--out", "extracted.jsonl")
    Path("extracted.jsonl").replace("posts.jsonl")

    result = distill("--steps", "infer")

    assert result.exit_code == 0
    assert [asked.step for asked in endpoint.asked] == ["extract", "infer"]
    assert len(records()[0].intentions) == 10
    assert records()[0].runs.extract


def test_what_hangs_on_a_step_goes_when_it_is_done_anew(distill: Distill) -> None:
    posts(record(intentions=[{"relation": "xWant", "text": "an old one"}]))

    distill("--steps", "extract")

    assert records()[0].key_information
    assert records()[0].intentions == ()


@pytest.mark.parametrize("steps", ["infer,extract", "describe,infer", "", "extract,", "all"])
def test_steps_that_do_not_follow_one_another_are_wrong_usage(distill: Distill, steps: str) -> None:
    posts(record())

    result = distill("--steps", steps)

    assert result.exit_code == 2
    assert "describe, extract, infer" in result.output


def test_a_wrong_answer_is_asked_again_with_what_was_wrong(
    endpoint: Endpoint, distill: Distill
) -> None:
    endpoint.script = lambda asked: good(asked) if asked.before else {"concept": "Rex"}
    posts(record())

    result = distill("--steps", "extract")

    assert result.exit_code == 0
    assert "answer 1 was refused: action: Field required" in endpoint.asked[1].user
    assert endpoint.asked[1].user.startswith(endpoint.asked[0].user)


@pytest.mark.parametrize(
    ("reply", "reason"),
    [
        ("no JSON", "the answer is no JSON"),
        ("", "the answer is empty"),
        (json.dumps(inferred()), "Field required"),
        ("word " * 10_000, "limit is 20000"),
        ('{"concept": "\x00"}', "holds a NUL"),
        ('{"concept": "\\u0000"}', "holds a NUL"),
    ],
    ids=["no JSON", "nothing", "of another prompt", "endless", "NUL", "escaped NUL"],
)
def test_a_post_without_a_right_answer_is_set_aside(
    endpoint: Endpoint, distill: Distill, reply: str, reason: str
) -> None:
    endpoint.script = lambda asked: reply if "Rex" in asked.user else good(asked)
    posts(record(), record(id="pets:2", text="Meet Max"))

    result = distill()

    (noted,) = rejects()
    assert result.exit_code == 3
    assert [found.id for found in records()] == ["pets:2"]
    assert (noted["line"], noted["field"].partition(".")[0]) == (1, "extract")
    assert reason in noted["reason"]
    assert sum("Rex" in asked.user for asked in endpoint.asked) == ASKED_LIMIT


def test_a_post_that_was_set_aside_is_not_asked_again(endpoint: Endpoint, distill: Distill) -> None:
    endpoint.script = lambda _: "no JSON"
    posts(record())

    codes = [distill().exit_code, distill().exit_code]

    assert codes == [3, 3]
    assert len(endpoint.asked) == ASKED_LIMIT


def test_a_post_that_failed_in_passing_trouble_is_asked_again(
    endpoint: Endpoint, distill: Distill
) -> None:
    bad = Response(status_code=500)
    endpoint.script = lambda asked: bad if "Rex" in asked.user else good(asked)
    posts(record(), record(id="pets:2", text="Meet Max"))
    first = distill(MIKO_DISTILL_RETRIES="0")

    endpoint.script = good
    second = distill()

    assert (first.exit_code, second.exit_code) == (3, 0)
    assert [found.id for found in records()] == ["pets:1", "pets:2"]


def test_an_id_has_one_text(endpoint: Endpoint, distill: Distill) -> None:
    posts(record(), record(id="pets:2", text="Meet Max"), record(text="Meet Rex!"), record())

    result = distill()

    (noted,) = rejects()
    assert result.exit_code == 3
    assert (noted["line"], noted["field"]) == (3, "id")
    assert noted["reason"] == "is that of line 1, which has another text"
    assert [found.text for found in records()] == ["Meet Rex", "Meet Max", "Meet Rex"]
    assert len(endpoint.asked) == 4
    assert miko("load", "records.jsonl").exit_code == 0


def test_the_commonest_reason_is_said_last(endpoint: Endpoint, distill: Distill) -> None:
    endpoint.script = lambda asked: "" if "Rex" in asked.user else "no JSON"
    posts(record(), record(id="pets:2", text="Meet Max"), record(id="pets:3", text="Meet Ada"))

    result = distill()

    assert result.stderr.splitlines()[-1].endswith(
        "mostly (2): extract: no right answer in 3, at last: the answer is no JSON: it holds no "
        "object"
    )
    assert "Next:" not in result.stdout


def test_a_run_that_is_ended_says_where_it_noted_what_was_set_aside(
    endpoint: Endpoint, distill: Distill
) -> None:
    endpoint.script = lambda _: Response(status_code=403)
    posts("{", record())

    result = distill()

    assert result.exit_code == 1
    assert result.stderr.splitlines()[0] == "1 posts were set aside: see rejects.jsonl"
    assert result.stderr.splitlines()[-1].startswith("miko: ")


def test_another_model_is_asked_anew(endpoint: Endpoint, distill: Distill) -> None:
    posts(record())
    distill()

    distill("--temperature", "0")

    assert len(endpoint.asked) == 4


def test_another_description_redoes_what_hangs_on_it(endpoint: Endpoint, distill: Distill) -> None:
    posts(record(image_description="A dog."), record(id="pets:2", text="Meet Max"))
    distill()
    posts(record(image_description="A cat."), record(id="pets:2", text="Meet Max"))

    distill()

    assert [asked.step for asked in endpoint.asked[4:]] == ["extract", "infer"]


def test_a_post_with_nothing_but_an_image_needs_its_description(distill: Distill) -> None:
    posts(record(text="", images=[{"uri": "rex.png"}]), record(id="pets:2"))

    distill("--steps", "extract")
    reason = rejects()[0]["reason"]
    distill("--steps", "infer")

    assert "run the step describe first" in reason
    assert "run the step extract first" in rejects()[1]["reason"]


def test_a_limit_takes_the_first_posts(endpoint: Endpoint, distill: Distill) -> None:
    posts(*(record(id=f"pets:{number}", text=f"Meet dog {number}") for number in range(20)))

    distill("--limit", "3")

    assert [found.id for found in records()] == ["pets:0", "pets:1", "pets:2"]
    assert len(endpoint.asked) == 6


def test_posts_that_are_named_as_the_draft_are_kept(distill: Distill) -> None:
    posts(record())
    Path("posts.jsonl").rename("records.jsonl.draft")

    result = miko("distill", "records.jsonl.draft", "--model", MODEL)

    assert result.exit_code == 1
    assert "is written and removed by this command" in result.stderr
    assert Path("records.jsonl.draft").stat().st_size > 0


def test_a_run_that_sets_all_aside_keeps_the_records_of_the_one_before(
    endpoint: Endpoint, distill: Distill
) -> None:
    posts(record())
    distill()
    endpoint.script = lambda _: "no"
    posts(record(id="pets:2", text="Meet Max"))

    result = distill()

    assert [found.id for found in records()] == ["pets:1"]
    assert "records.jsonl is as it was before" in result.stderr


def test_a_file_without_posts_is_told(distill: Distill) -> None:
    posts()

    result = distill()

    assert (result.exit_code, result.stderr) == (0, "posts.jsonl holds no posts\n")


def test_what_was_done_is_told(distill: Distill) -> None:
    posts(record(), "{")

    result = distill()

    assert result.stdout.startswith(
        "records.jsonl: 1 posts distilled, 1 set aside\n2 prompts asked"
    )
    assert "Next: `miko load records.jsonl`" in result.stdout
    assert result.stderr.startswith("Why posts were set aside: see rejects.jsonl; mostly (1): ")
    assert json.loads(distill("--json").stdout) == {
        "distilled": 1,
        "set_aside": 1,
        "asked": 0,
        "recalled": 2,
        "prompt_tokens": 200,
        "output_tokens": 80,
    }


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--url", "http://127.0.0.1:9/v1"), "start the endpoint"),
        (("--model", "other"), "no model 'other'"),
        (("--model", ""), "MIKO_DISTILL_MODEL"),
        (("--out", "posts.jsonl"), "three files"),
        (("--out", "."), "is a folder"),
        (("--out", "gone/records.jsonl"), "cannot be opened"),
        (("--rejects", "posts.jsonl"), "three files"),
    ],
)
def test_what_cannot_be_is_told_in_one_line(
    distill: Distill, arguments: tuple[str, ...], message: str
) -> None:
    posts(record())
    before = Path("posts.jsonl").read_bytes()

    result = distill(*arguments, MIKO_DISTILL_RETRIES="0")

    assert result.exit_code == 1
    assert result.stderr.startswith("miko: ")
    assert message in result.stderr
    assert result.stderr.count("\n") == 1
    assert Path("posts.jsonl").read_bytes() == before


@pytest.mark.parametrize(
    "arguments",
    [
        ("--engine-args", "{"),
        ("--engine-args", "[1]"),
        ("--engine", "other"),
        ("--url", "nowhere"),
        ("--images", "gone"),
        ("--workers", "2"),
        ("--workers", "many", "--ray", "local"),
        ("--workers", "infer=2", "--ray", "local"),
        ("--dry-run", "--ray", "local"),
        ("--sample", "5"),
        ("--price-in", "1"),
    ],
    ids=" ".join,
)
def test_a_wrong_option_is_wrong_usage(distill: Distill, arguments: tuple[str, ...]) -> None:
    posts(record())

    result = distill(*arguments)

    assert result.exit_code == 2
    assert arguments[0] in result.output
    assert not Path("records.jsonl").exists()


def test_a_wrong_variable_is_named(distill: Distill) -> None:
    posts(record())

    result = distill(MIKO_DISTILL_ENGINE_ARGS="{")

    assert result.exit_code == 1
    assert result.stderr == "miko: MIKO_DISTILL_ENGINE_ARGS: is no JSON\n"


def test_an_error_leaves_the_records_that_were_there(endpoint: Endpoint, distill: Distill) -> None:
    posts(record())
    distill()
    before = Path("records.jsonl").read_bytes()

    posts(record(text="Meet Max"))
    distill("--model", "other")

    assert Path("records.jsonl").read_bytes() == before
    assert not Path("records.jsonl.draft").exists()


def test_a_disk_that_is_full_at_the_end_is_told(distill: Distill) -> None:
    Path("records.jsonl.draft").symlink_to("/dev/full")
    posts(record())

    result = distill()

    assert result.exit_code == 1
    assert result.stderr.splitlines()[-1].startswith("miko: the disk is full")


def test_an_answer_out_of_tokens_is_asked_again(endpoint: Endpoint, distill: Distill) -> None:
    cut = JSONResponse(completion('{"concept": "ado', "length"))
    endpoint.script = lambda asked: good(asked) if asked.before else cut
    posts(record())

    assert distill().exit_code == 0
    assert "cut off" in endpoint.asked[1].user
