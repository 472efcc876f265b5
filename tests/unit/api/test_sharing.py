"""Likeness, divergence and contradiction over the API, on the small graph."""

import pytest
from contract.small_graph import AMUSED, ANNOYED, CAKE_POST, DOG_POST, HOME, TRAIN_POST
from unit.api.conftest import Asking, fill

from kg.store import GraphStore
from schema.graph import About, Aspect, Batch, HasIntention, Mentions
from schema.nodes import Concept, ConceptKind, Intention, Post
from schema.relations import Relation

pytestmark = pytest.mark.anyio

JOY = Concept.of("/c/en/joy", ConceptKind.EMOTION)
CAT = Concept.of("/c/en/cat")
CAT_POST = Post("pets:4", "Meet Mia, she needs a home", "pets")
CAT_HOME = Intention.of(Relation.X_WANT, "find a home for the cat")
MORE = Batch(
    posts=(CAT_POST,),
    intentions=(CAT_HOME,),
    concepts=(JOY, CAT),
    has_intention=(HasIntention(CAT_POST.id, CAT_HOME.id, CAT_HOME.text),),
    mentions=(
        Mentions(CAT_POST.id, JOY.id, Aspect.EMOTION, "joy"),
        Mentions(CAT_POST.id, CAT.id, Aspect.OBJECT, "cat"),
    ),
    about=(About(CAT_HOME.id, CAT.id, "lemma", 0.9),),
)


async def code_of(ask: Asking, field: str) -> tuple[str, str]:
    """Return the code and the message of a field's error."""
    (error,) = (await ask(f"{{ {field} {{ edges {{ cursor }} }} }}"))["errors"]
    return error["extensions"]["code"], error["message"]


async def test_two_relations_of_a_post_are_both_shown(ask: Asking) -> None:
    answer = await ask(
        """{ postsByDivergence { edges {
          node { key } evidence { key } against { key } similarity divergence
        } pageInfo { hasNextPage } } }"""
    )

    (edge,) = answer["data"]["postsByDivergence"]["edges"]
    assert edge["node"]["key"] == TRAIN_POST.id
    assert (edge["evidence"]["key"], edge["against"]["key"]) == (ANNOYED.id, AMUSED.id)
    assert edge["similarity"] + edge["divergence"] == pytest.approx(1)


async def test_a_post_with_a_similar_want_about_another_topic(
    store: GraphStore, ask: Asking
) -> None:
    await fill(store, MORE)

    answer = await ask(
        """query ($id: ID!) {
          posts: postsSharing(id: $id, relation: xWant, part: MOTIVE, differ: TOPIC) {
            edges { node { key } evidence { key } asked { key } likeness { whole motive topic } }
          }
        }""",
        id=DOG_POST.id,
    )

    (edge,) = answer["data"]["posts"]["edges"]
    assert edge["node"]["key"] == CAT_POST.id
    assert (edge["evidence"]["key"], edge["asked"]["key"]) == (CAT_HOME.id, HOME.id)
    assert edge["likeness"]["whole"] > 0.9


async def test_an_intention_is_not_like_itself(store: GraphStore, ask: Asking) -> None:
    await fill(store, MORE)

    answer = await ask(
        f'{{ page: intentionsSharing(id: "{HOME.id}", part: WHOLE, first: 1) '
        "{ edges { node { key } likeness { whole } } pageInfo { hasNextPage } } }"
    )

    (edge,) = answer["data"]["page"]["edges"]
    assert edge["node"]["key"] == CAT_HOME.id
    assert answer["data"]["page"]["pageInfo"]["hasNextPage"]


async def test_lovely_and_annoyed_contradict_each_other(ask: Asking) -> None:
    answer = await ask(
        "{ postsByContradiction { edges { node { key } evidence { key } said meant difference } } }"
    )

    (edge,) = answer["data"]["postsByContradiction"]["edges"]
    assert (edge["node"]["key"], edge["evidence"]["key"]) == (TRAIN_POST.id, ANNOYED.id)
    assert edge["said"] > 0 > edge["meant"]
    assert edge["difference"] == pytest.approx(edge["said"] - edge["meant"])


@pytest.mark.parametrize(
    ("relations", "expected"),
    [
        ("relations: [oReact]", [CAKE_POST.id, TRAIN_POST.id]),
        ("relations: [xWant, xReact]", [DOG_POST.id, TRAIN_POST.id]),
        ("side: AUTHOR", [DOG_POST.id, TRAIN_POST.id]),
        ("side: AUTHOR, relations: [oWant, xReact]", [TRAIN_POST.id]),
        ("", [CAKE_POST.id, DOG_POST.id, TRAIN_POST.id]),
    ],
)
async def test_posts_by_intentions_of_several_relations(
    ask: Asking, relations: str, expected: list[str]
) -> None:
    answer = await ask(
        f"{{ postsByIntention(first: 9, {relations}) {{ edges {{ node {{ key }} }} }} }}"
    )

    found = [edge["node"]["key"] for edge in answer["data"]["postsByIntention"]["edges"]]
    assert found == expected


@pytest.mark.parametrize(
    ("field", "message"),
    [
        ("postsByIntention(relation: xWant, relations: [oWant])", "leave the argument relation"),
        ("postsByIntention(relation: xWant, side: AUTHOR)", "leave the argument relation"),
        ("postsByIntention(relations: [])", "name one"),
        ("postsByIntention(relations: [oWant], side: AUTHOR)", "side of the author"),
        ("postsByDivergence(relation: xReact, against: xReact)", "name two"),
        ("postsByDivergence(where: {relations: [oWant]})", "out of where"),
        ("postsByContradiction(where: {side: AUTHOR})", "out of where"),
        ("postsByContradiction(relations: [])", "name one"),
        ('postsSharing(id: "pets:1", where: {side: AUTHOR})', "out of where"),
        ('postsSharing(id: "pets:1", relation: oReact)', "no intention of oReact"),
        ('postsSharing(id: "pets:1", relation: xWant, differ: EMOTION)', "no emotion"),
    ],
)
async def test_what_cannot_be_asked_is_said_with_the_way_out(
    ask: Asking, field: str, message: str
) -> None:
    code, said = await code_of(ask, field)

    assert code == "BAD_QUERY"
    assert message in said


@pytest.mark.parametrize(
    "field",
    [
        'postsSharing(id: "pets:9")',
        f'postsSharing(id: "{HOME.id}")',
        'intentionsSharing(id: "pets:1")',
        'intentionsSharing(id: "aaaaaaaaaaaaaaaa")',
    ],
)
async def test_what_starts_from_nothing_says_so(ask: Asking, field: str) -> None:
    assert (await code_of(ask, field))[0] == "UNKNOWN_ID"
