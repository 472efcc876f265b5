"""Explanations, examples and likely intentions, on the small graph."""

from typing import Any

import pytest
from contract.small_graph import AMUSED, CAKE_POST, DOG_POST, HOME, TRAIN_POST, VISIT
from unit.api.conftest import Asking

from api.ids import global_id
from schema.nodes import NodeKind

pytestmark = pytest.mark.anyio

EXPLANATION = "explanation { rank redundancy words placings { ranker rank part } }"
POSTS_LIKE = """query ($like: [Example!]!, $unlike: [Example!]) {
  found: postsByExample(like: $like, unlike: $unlike) { edges { node { key } } }
}"""


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


@pytest.mark.parametrize("dog", [{"id": DOG_POST.id}, {"id": global_id(NodeKind.POST, "pets:1")}])
async def test_an_example_by_either_id_is_left_out(ask: Asking, dog: dict[str, str]) -> None:
    answer = await ask(POSTS_LIKE, like=[dog, {"text": "cake"}], unlike=[{"id": TRAIN_POST.id}])

    assert [e["node"]["key"] for e in answer["data"]["found"]["edges"]] == [CAKE_POST.id]


async def test_concepts_are_found_by_the_example_of_another_kind(ask: Asking) -> None:
    answer = await ask(
        "query($id: ID!) { conceptsByExample(like: [{id: $id}], first: 1) "
        "{ edges { node { kind } similarity } plan { nodes } } }",
        id=HOME.id,
    )

    assert answer["data"]["conceptsByExample"]["plan"] == {"nodes": 5}
    assert len(answer["data"]["conceptsByExample"]["edges"]) == 1


@pytest.mark.parametrize(
    "like",
    [
        "[]",
        "[{}]",
        '[{id: "pets:1", text: "dog"}]',
        "[{id: null}]",
        '[{text: ""}]',
        "[" + '{text: "dog"}' * 21 + "]",
    ],
)
async def test_examples_that_cannot_be_are_refused(ask: Asking, like: str) -> None:
    answer = await ask(f"{{ postsByExample(like: {like}) {{ edges {{ cursor }} }} }}")

    assert answer["errors"][0]["extensions"]["code"] == "BAD_QUERY"


@pytest.mark.parametrize("like", [[{}], [{"id": "pets:1", "text": "dog"}], [{"id": None}]])
async def test_a_variable_is_one_of_the_two_as_well(ask: Asking, like: list[Any]) -> None:
    answer = await ask(POSTS_LIKE, like=like)

    assert answer["errors"][0]["extensions"]["code"] == "BAD_QUERY"


@pytest.mark.parametrize(
    "field",
    [
        'searchPosts(text: "dog", meaningWeight: 1.5)',
        'searchPosts(text: "dog", diversity: -0.1)',
        'postsByExample(like: [{text: "dog"}], unlikeWeight: 2)',
        'postsByExample(like: [{text: "dog"}], diversity: 2)',
    ],
)
async def test_a_weight_out_of_bounds_is_refused(ask: Asking, field: str) -> None:
    answer = await ask(f"{{ found: {field} {{ edges {{ cursor }} }} }}")

    assert answer["errors"][0]["extensions"]["code"] == "BAD_QUERY"


async def test_a_new_text_is_explained_by_its_nearest_posts(ask: Asking) -> None:
    answer = await ask(
        """{ likelyIntentions(
          text: "Lovely, the free cakes are late again", where: {sources: ["rail", "food"]}
        ) {
          posts { node { key } similarity words }
          relations {
            relation
            intentionCount
            intentions { vote intention { key } posts { node { key } } }
          }
        } }"""
    )

    likely = answer["data"]["likelyIntentions"]
    similarity = {post["node"]["key"]: post["similarity"] for post in likely["posts"]}
    (amused, visit) = (one["intentions"] for one in likely["relations"][-2:])
    assert {post["node"]["key"]: post["words"] for post in likely["posts"]} == {
        CAKE_POST.id: ["the", "free", "cakes"],
        TRAIN_POST.id: ["Lovely", "the", "late", "again"],
    }
    assert list(similarity.values()) == sorted(similarity.values(), reverse=True)
    assert [one["relation"] for one in likely["relations"]] == ["xReact", "oReact", "oWant"]
    assert amused[0]["intention"]["key"] == AMUSED.id
    assert amused[0]["vote"] == pytest.approx(sum(similarity.values()))
    assert [post["node"]["key"] for post in amused[0]["posts"]] == list(similarity)
    assert visit == [
        {
            "vote": similarity[CAKE_POST.id],
            "intention": {"key": VISIT.id},
            "posts": [{"node": {"key": CAKE_POST.id}}],
        }
    ]


@pytest.mark.parametrize(
    "arguments", ['text: ""', 'text: "dog", nearest: 0', 'text: "dog", nearest: 101']
)
async def test_a_text_or_a_number_that_cannot_be_is_refused(ask: Asking, arguments: str) -> None:
    answer = await ask(f"{{ likelyIntentions({arguments}) {{ posts {{ similarity }} }} }}")

    assert answer["errors"][0]["extensions"]["code"] == "BAD_QUERY"


async def test_a_filter_says_who_has_a_vote_and_for_what(ask: Asking) -> None:
    answer = await ask(
        '{ likelyIntentions(text: "dog", where: {plausibility: 0.5}) '
        "{ posts { node { key } } relations { intentions { intention { key } } } } }"
    )

    assert answer["data"]["likelyIntentions"] == {
        "posts": [{"node": {"key": DOG_POST.id}}],
        "relations": [{"intentions": [{"intention": {"key": HOME.id}}]}],
    }
