"""Several samples of the intentions of a post: what agrees is one, with its share."""

import json
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from starlette.responses import Response
from unit.ingest.distill.endpoint import Asked, Endpoint, Reply, good, inferred
from unit.ingest.distill.folder import Distill, posts, records, rejects
from unit.ingest.written import record
from unit.miko.asking import miko

from ingest.distill.agreement import agreed
from kg.store import EmbeddingModel, Vector
from schema.records import IntentionRecord
from schema.relations import RELATIONS, Relation

pytestmark = pytest.mark.anyio

MEANINGS = {
    "find a home": (1.0, 0.0),
    "find him a home": (0.96, 0.28),
    "get a home": (0.9, 0.4359),
    "eat": (0.0, 1.0),
    "settle": (0.766, 0.6428),
    "settle down": (0.866, 0.5),
}


class Meanings:
    """An embedder of the few tails above."""

    model = EmbeddingModel("meanings", "", 2)

    async def embed(self, texts: Sequence[str]) -> Vector:
        return np.array([MEANINGS[text] for text in texts], np.float32).reshape(-1, 2)


def wants(*tails: str) -> list[IntentionRecord]:
    return [IntentionRecord(relation=Relation.X_WANT, text=tail) for tail in tails]


async def test_tails_that_are_alike_are_one_with_their_share() -> None:
    samples = [wants("find a home"), wants("find him a home"), wants("eat"), wants("get a home")]

    merged = await agreed(samples, 4, Meanings())

    assert [(m.text, m.agreement) for m in merged] == [("find him a home", 0.75), ("eat", 0.25)]


async def test_a_tail_joins_those_that_it_is_most_like() -> None:
    samples = [wants("find a home"), wants("settle"), wants("settle down")]

    merged = await agreed(samples, 3, Meanings())

    assert [m.agreement for m in merged] == [pytest.approx(2 / 3), pytest.approx(1 / 3)]
    assert merged[1].text == "find a home"


async def test_a_sample_counts_once_and_one_that_failed_counts_as_asked() -> None:
    samples = [wants("find a home", "find him a home"), wants("eat")]

    merged = await agreed(samples, 4, Meanings())

    assert [(m.text, m.agreement) for m in merged] == [("eat", 0.25), ("find a home", 0.25)]


async def test_tails_of_other_relations_are_apart() -> None:
    other = IntentionRecord(relation=Relation.O_WANT, text="find a home")

    merged = await agreed([[*wants("find a home"), other]], 1, Meanings())

    assert [m.relation for m in merged] == [Relation.X_WANT, Relation.O_WANT]


def varied(asked: Asked) -> Reply:
    """Answer every third question for intentions otherwise."""
    if asked.step != "infer":
        return good(asked)
    return inferred("a dog") | ({"xWant": "sell an old bicycle"} if asked.before == 2 else {})


def test_intentions_are_sampled_and_the_share_is_loaded(
    endpoint: Endpoint, distill: Distill
) -> None:
    endpoint.script = varied
    posts(record())

    result = distill("--samples", "3", "--concurrency", "1")

    (distilled,) = records()
    shares = [(i.text, i.agreement) for i in distilled.intentions if i.relation == Relation.X_WANT]
    assert result.exit_code == 0
    assert Counter(asked.step for asked in endpoint.asked) == {"extract": 1, "infer": 3}
    assert shares == [
        ("find home 0 a dog", pytest.approx(2 / 3)),
        ("sell an old bicycle", pytest.approx(1 / 3)),
    ]
    assert len(distilled.intentions) == len(RELATIONS) + 1
    assert distilled.runs.infer
    assert json.loads(distilled.runs.infer.sampling)["samples"] == 3
    assert miko("load", "records.jsonl").exit_code == 0


def test_more_samples_ask_for_what_is_missing(endpoint: Endpoint, distill: Distill) -> None:
    posts(record())
    distill("--samples", "2")

    distill("--samples", "3")
    distill()

    assert Counter(asked.step for asked in endpoint.asked) == {"extract": 1, "infer": 3}


def test_a_post_is_set_aside_when_no_sample_comes_to_anything(
    endpoint: Endpoint, distill: Distill
) -> None:
    endpoint.script = lambda asked: good(asked) if asked.step == "extract" else "no JSON"
    posts(record())

    result = distill("--samples", "2")

    assert result.exit_code == 3
    assert "is no JSON" in rejects()[0]["reason"]
    assert Path("records.jsonl").read_text() == ""


def test_a_sample_that_may_come_later_is_waited_for(endpoint: Endpoint, distill: Distill) -> None:
    late = Response(status_code=500)
    endpoint.script = lambda asked: (
        late if (asked.step, asked.before) == ("infer", 1) else good(asked)
    )
    posts(record())
    first = distill("--samples", "2", "--concurrency", "1", MIKO_DISTILL_RETRIES="0")

    endpoint.script = good
    second = distill("--samples", "2")

    assert (first.exit_code, second.exit_code) == (3, 0)
    assert {i.agreement for i in records()[0].intentions} == {1.0}


def test_samples_without_chance_are_refused(distill: Distill) -> None:
    posts(record())

    result = distill("--samples", "2", "--temperature", "0")

    assert result.exit_code == 1
    assert "--temperature" in result.stderr
