"""What `miko distill --dry-run` estimates, against a scripted endpoint."""

import json
import time
from pathlib import Path

import pytest
from starlette.responses import JSONResponse, Response
from unit.ingest.distill.endpoint import Asked, Endpoint, completion, good
from unit.ingest.distill.folder import Distill, posts
from unit.ingest.written import record


def test_a_dry_run_estimates_from_a_sample(endpoint: Endpoint, distill: Distill) -> None:
    posts(*(record(id=f"pets:{number}", text=f"Meet dog {number}") for number in range(100)))

    found = json.loads(
        distill("--dry-run", "--price-in", "1", "--price-out", "10", "--json").stdout
    )

    assert len(endpoint.asked) == 2 * found["sampled"] == 40
    assert (found["posts"], found["set_aside"]) == (100, 0)
    assert (found["prompt_tokens"], found["output_tokens"]) == (20_000, 8000)
    assert found["cost"] == pytest.approx(0.1)
    assert found["seconds"] > 0
    assert not Path("records.jsonl").exists()


def test_a_dry_run_of_several_samples_estimates_the_time_that_it_takes(
    endpoint: Endpoint, distill: Distill
) -> None:
    endpoint.delay_s = 0.1
    posts(*(record(id=f"pets:{number}", text=f"Meet dog {number}") for number in range(8)))

    start = time.monotonic()
    found = json.loads(distill("--dry-run", "--samples", "5", "--sample", "8", "--json").stdout)

    assert found["sampled"] == found["posts"] == 8
    assert 0.2 <= found["seconds"] <= time.monotonic() - start


def test_a_sample_that_fails_is_told_with_its_reason(endpoint: Endpoint, distill: Distill) -> None:
    endpoint.script = lambda _: "no"
    posts(record(), record(id="pets:2", text="Meet Max"))

    result = distill("--dry-run")

    assert result.exit_code == 3
    assert "by a sample of 2 (2 set aside)" in result.stdout
    assert "mostly: extract: no right answer in 3" in result.stderr


def test_an_estimate_without_counted_tokens_says_so(endpoint: Endpoint, distill: Distill) -> None:
    def uncounted(asked: Asked) -> Response:
        return JSONResponse(completion(json.dumps(good(asked))) | {"usage": None})

    endpoint.script = uncounted
    posts(record())

    told = distill("--dry-run", "--price-in", "1").stdout
    found = json.loads(distill("--dry-run", "--price-in", "1", "--json").stdout)

    assert "an unknown number of tokens of prompts, an unknown number of tokens of answers" in told
    assert "What that costs is unknown" in told
    assert "at these prices" not in told
    assert (found["prompt_tokens"], found["output_tokens"], found["cost"]) == (None, None, None)


def test_a_dry_run_is_told_in_words_and_is_not_asked_again(
    endpoint: Endpoint, distill: Distill
) -> None:
    posts(record(), record(id="pets:2", text="Meet Max"))
    told = distill("--dry-run", "--price-in", "1").stdout

    distill()

    assert told.startswith("2 posts, by a sample of 2 (0 set aside): about 400 tokens of prompts")
    assert len(endpoint.asked) == 4


@pytest.mark.parametrize(
    ("row", "why"), [(record(), "the journal had all answers"), ("{", "none of it can be asked")]
)
def test_a_dry_run_that_asks_nothing_says_why_it_knows_no_time(
    distill: Distill, row: str, why: str
) -> None:
    posts(row)
    distill()

    told = distill("--dry-run").stdout
    found = json.loads(distill("--dry-run", "--json").stdout)

    assert why in told
    assert "--sample" in told
    assert (found["seconds"], found["asked"]) == (None, 0)
    assert found["recalled"] == (2 if row != "{" else 0)
