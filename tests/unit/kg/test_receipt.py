"""Receipts: each check fails where the store still finds the post, or does not answer."""

from collections.abc import AsyncGenerator, Awaitable, Callable
from pathlib import Path
from typing import Any, Final

import numpy as np
import pytest
from contract.small_graph import AMUSED, BATCH, MODEL, TRAIN_POST

from kg.connect import connect
from kg.receipt import delete_post
from kg.settings import StoreSettings
from kg.store import GraphStore, HeldIntention, Match, MentionedConcept, Near, Page
from schema.errors import StoreBusyError
from schema.facets import Facet
from schema.graph import Filter, Judgement
from schema.nodes import Concept, NodeKind

pytestmark = pytest.mark.anyio

AXIS: Final = np.array([1, 0, 0, 0], np.float32)
HELD: Final = HeldIntention(AMUSED, BATCH.has_intention[1])
MENTIONED: Final = MentionedConcept(Concept.of("/c/en/train"), BATCH.mentions[1])

STILL_THERE: Final = [
    ("posts", [TRAIN_POST], "no node and no embedding has the id"),
    ("embeddings", [AXIS], "no node and no embedding has the id"),
    ("intentions_of", [[HELD]], "no relationship begins at it"),
    ("mentions_of", [[MENTIONED]], "no relationship begins at it"),
    (
        "judgements_of",
        [[Judgement(TRAIN_POST.id, AMUSED.id, "ann", "accepted")]],
        "no relationship begins at it",
    ),
    ("posts_of", [[TRAIN_POST.id]], "no shared intention leads to it"),
    ("ids", Page((TRAIN_POST.id,), more=False), "no listing holds it"),
    ("match", [Match(TRAIN_POST.id, 1.0)], "no search by its own words finds it"),
    ("nearest", [Near(TRAIN_POST.id, 1.0)], "no search by its own embedding finds it"),
    ("facet", {TRAIN_POST.source: 1}, "facets count what is there"),
    ("count", 1, "facets count what is there"),
]
"""A question, an answer that a store gives by mistake, and the check that it fails."""


@pytest.fixture
async def store(tmp_path: Path) -> AsyncGenerator[GraphStore]:
    """Give a small graph, one post of it embedded."""
    async with connect(StoreSettings(url=f"sqlite:///{tmp_path}/graph.db")) as opened:
        await opened.put(BATCH)
        await opened.require_model(MODEL)
        await opened.put_embeddings(NodeKind.POST, [TRAIN_POST.id], AXIS.reshape(1, 4))
        yield opened


def always(answer: object) -> Callable[..., Awaitable[Any]]:
    """Return a method that gives an answer of any type, whatever is asked."""

    async def answered(*_: Any, **__: Any) -> Any:
        return answer

    return answered


async def failing(*_: Any, **__: Any) -> Any:
    raise StoreBusyError("the graph is being written to")


async def failed_checks(store: GraphStore) -> list[str]:
    receipt = await delete_post(store, TRAIN_POST.id)
    return [check.name for check in receipt.checks if not check.passed]


async def test_nothing_finds_a_deleted_post(store: GraphStore) -> None:
    assert await failed_checks(store) == []


@pytest.mark.parametrize(("question", "answer", "check"), STILL_THERE)
async def test_a_check_fails_where_the_post_is_found(
    store: GraphStore, monkeypatch: pytest.MonkeyPatch, question: str, answer: object, check: str
) -> None:
    monkeypatch.setattr(store, question, always(answer))

    assert await failed_checks(store) == [check]


@pytest.mark.parametrize(
    ("question", "check"),
    [(question, check) for question, _, check in STILL_THERE if question != "embeddings"],
)
async def test_a_check_fails_where_the_store_does_not_answer(
    store: GraphStore, monkeypatch: pytest.MonkeyPatch, question: str, check: str
) -> None:
    monkeypatch.setattr(store, question, failing)

    assert await failed_checks(store) == [check]


async def test_a_listing_is_looked_at_right_before_the_post(
    store: GraphStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def still_listed(*_: Any, after: str, **__: Any) -> Page:
        return Page(tuple(i for i in ("rail:1~", "rail:1é", TRAIN_POST.id) if i > after)[:1])

    monkeypatch.setattr(store, "ids", still_listed)

    assert await failed_checks(store) == ["no listing holds it"]


async def test_no_facet_of_the_whole_graph_is_counted(
    store: GraphStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[Filter] = []

    async def facet(_: NodeKind, __: Facet, where: Filter) -> dict[str, int]:
        asked.append(where)
        return {}

    monkeypatch.setattr(store, "facet", facet)

    assert await failed_checks(store) == []
    assert asked == [Filter(sources=(TRAIN_POST.source,))]
