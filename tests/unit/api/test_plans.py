"""How a search was planned, for whoever asks."""

from typing import cast

import pytest
from unit.api.conftest import Asking, asking, client_of
from unit.api.test_store_calls import CountingStore

from kg.store import GraphStore

pytestmark = pytest.mark.anyio

PLAN = "plan { strategy nodes estimatedPassing estimatedShare asked }"
FOUR = {"nodes": 4, "asked": 0}
NO_PLAN = '{ searchIntentions(text: "dog") { edges { node { text } } } }'


@pytest.mark.parametrize(
    ("field", "expected"),
    [
        (
            'searchIntentions(text: "dog", mode: SEMANTIC)',
            {"strategy": "SCAN", "estimatedPassing": 4, "estimatedShare": 1.0, **FOUR},
        ),
        (
            'searchIntentions(text: "dog", where: {relations: [xWant]})',
            {"strategy": "SELECTED", "estimatedPassing": 1, "estimatedShare": 0.25, **FOUR},
        ),
        (
            'postsByIntention(relation: xWant, about: "dog")',
            {"strategy": "SELECTED", "estimatedPassing": 1, "estimatedShare": 0.25, **FOUR},
        ),
        (
            'similarPosts(id: "pets:1", where: {sources: ["rail"]})',
            {"strategy": "SELECTED", "estimatedPassing": 1, "estimatedShare": 1 / 3}
            | {"nodes": 3, "asked": 0},
        ),
        ('searchIntentions(text: "dog", mode: TEXT)', None),
        ("postsByIntention(relation: xWant)", None),
    ],
)
async def test_a_ranking_says_how_it_was_planned(
    ask: Asking, field: str, expected: dict[str, object] | None
) -> None:
    answer = await ask(f"{{ found: {field} {{ {PLAN} }} }}")

    assert answer == {"data": {"found": {"plan": expected}}}


async def test_a_plan_that_nobody_asks_for_is_not_made(store: GraphStore) -> None:
    counting = CountingStore(store)
    # The wrapper has the methods of whatever it wraps.
    async with client_of(cast("GraphStore", counting)) as client:
        await asking(client)(NO_PLAN)

    assert counting.calls["nearest"] == 1
    assert counting.calls["plan"] == 0
