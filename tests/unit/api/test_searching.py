"""Explanations, on the small graph."""

from typing import Any

import pytest
from contract.small_graph import AMUSED, DOG_POST, HOME
from unit.api.conftest import Asking

pytestmark = pytest.mark.anyio

EXPLANATION = "explanation { rank redundancy words placings { ranker rank part } }"


async def edges(ask: Asking, field: str) -> list[dict[str, Any]]:
    answer = await ask(f"{{ found: {field} {{ edges {{ node {{ key }} {EXPLANATION} }} }} }}")
    return answer["data"]["found"]["edges"]


async def test_a_hybrid_hit_says_which_ranker_and_words_found_it(ask: Asking) -> None:
    found = await edges(ask, 'searchPosts(text: "Homes in a SHELTER", meaningWeight: 0.25)')

    (dog,) = [edge for edge in found if edge["node"]["key"] == DOG_POST.id]
    meaning, words = dog["explanation"]["placings"]
    assert dog["explanation"]["words"] == ["Homes", "in", "a", "SHELTER"]
    assert (meaning["ranker"], words["ranker"]) == ("MEANING", "WORDS")
    assert meaning["part"] == pytest.approx(0.5 / (60 + meaning["rank"]))
    assert words["part"] == pytest.approx(1.5 / (60 + words["rank"]))
    assert dog["explanation"]["redundancy"] is None


async def test_a_hit_by_meaning_alone_has_one_place_and_no_part(ask: Asking) -> None:
    found = await edges(ask, 'similarPosts(id: "pets:1")')

    assert [edge["explanation"] for edge in found] == [
        {
            "rank": rank,
            "redundancy": None,
            "words": [],
            "placings": [{"ranker": "MEANING", "rank": rank, "part": None}],
        }
        for rank in (1, 2)
    ]


async def test_diversity_says_what_a_hit_repeats(ask: Asking) -> None:
    found = await edges(ask, 'searchPosts(text: "home", mode: SEMANTIC, diversity: 0.9)')

    seen = [edge["explanation"]["redundancy"] for edge in found]
    assert seen[0] is None
    assert all(0 < redundancy <= 1 for redundancy in seen[1:])
    assert sorted(edge["explanation"]["rank"] for edge in found) == [1, 2, 3]


async def test_one_intention_of_each_post_stays(ask: Asking) -> None:
    # The train has two of these, and shares one of them with the cake.
    found = await edges(ask, 'searchIntentions(text: "amused", mode: SEMANTIC, onePerPost: true)')

    assert {edge["node"]["key"] for edge in found} == {AMUSED.id, HOME.id}


@pytest.mark.parametrize(
    "field",
    [
        'searchPosts(text: "dog", meaningWeight: 1.5)',
        'searchPosts(text: "dog", diversity: -0.1)',
    ],
)
async def test_a_weight_out_of_bounds_is_refused(ask: Asking, field: str) -> None:
    answer = await ask(f"{{ found: {field} {{ edges {{ cursor }} }} }}")

    assert answer["errors"][0]["extensions"]["code"] == "BAD_QUERY"
