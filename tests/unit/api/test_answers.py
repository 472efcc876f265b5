"""What each field of the query answers, on the small graph."""

from typing import Any

import pytest
from contract.small_graph import ANNOYED, CAKE_POST, DOG, DOG_POST, HOME, PET, TRAIN_POST
from unit.api.conftest import Asking, fill

from api.ids import global_id
from kg.store import GraphStore
from schema.graph import Batch, Related
from schema.nodes import Concept, NodeKind

pytestmark = pytest.mark.anyio

DOG_ID = global_id(NodeKind.CONCEPT, DOG.id)


def keys(connection: dict[str, Any]) -> list[str]:
    """Return the keys of a connection's nodes."""
    return [edge["node"]["key"] for edge in connection["edges"]]


@pytest.mark.parametrize(
    ("key", "kind"),
    [(DOG_POST.id, "Post"), (HOME.id, "Intention"), (DOG.id, "Concept")],
)
async def test_a_node_is_found_by_its_key_and_by_its_global_id(
    ask: Asking, key: str, kind: str
) -> None:
    query = "query($id: ID!) { node(id: $id) { __typename id key } }"

    by_key = await ask(query, id=key)
    by_id = await ask(query, id=by_key["data"]["node"]["id"])

    assert by_key["data"]["node"] == {"__typename": kind, "id": global_id(NodeKind(kind), key)} | {
        "key": key
    }
    assert by_id == by_key


@pytest.mark.parametrize("given", ["", "nonsense", "pets:404", "/c/en/gone", "UG9zdDpub3doZXJl"])
async def test_an_id_of_nothing_is_null_without_an_error(ask: Asking, given: str) -> None:
    fields = "node(id: $id) { id } post(id: $id) { id } intention(id: $id) { id }"

    answer = await ask(f"query($id: ID!) {{ {fields} concept(id: $id) {{ id }} }}", id=given)

    assert answer == {"data": {"node": None, "post": None, "intention": None, "concept": None}}


async def test_nodes_come_in_the_order_of_their_ids(ask: Asking) -> None:
    ids = [DOG_POST.id, "nonsense", DOG_ID, HOME.id, "pets:404", DOG.id]

    answer = await ask("query($ids: [ID!]!) { nodes(ids: $ids) { key } }", ids=ids)

    found = [node and node["key"] for node in answer["data"]["nodes"]]
    assert found == [DOG_POST.id, None, DOG.id, HOME.id, None, DOG.id]


async def test_an_id_of_another_kind_is_null(ask: Asking) -> None:
    answer = await ask("query($id: ID!) { post(id: $id) { id } }", id=DOG_ID)

    assert answer == {"data": {"post": None}}


async def test_a_post_shows_what_it_holds_and_what_was_distilled(ask: Asking) -> None:
    answer = await ask(
        """{ post(id: "pets:1") {
          text source hashtags images { uri sha256 } imageDescription labels { name value }
          intentionCount conceptCount
          intentions { raw plausibility judgements { annotator choice time } run { model step }
                       intention { relation text sentence } }
          concepts { aspect raw run { revision } concept { key text kind } }
        } }"""
    )

    assert answer["data"]["post"] == {
        "text": DOG_POST.text,
        "source": "pets",
        "hashtags": ["adoptdontshop"],
        "images": [{"uri": "rex.jpg", "sha256": None}],
        "imageDescription": "A brown dog in a shelter",
        "labels": [{"name": "sarcastic", "value": "0"}, {"name": "split", "value": "train"}],
        "intentionCount": 1,
        "conceptCount": 1,
        "intentions": [
            {
                "raw": "Find a home for the dog.",
                "plausibility": 0.5,
                "judgements": [
                    {"annotator": "ann", "choice": "accepted", "time": "2024-01-20T12:00:00Z"}
                ],
                "run": {"model": "some-model", "step": "infer"},
                "intention": {
                    "relation": "xWant",
                    "text": "find a home for the dog",
                    "sentence": "After posting this Tweet, the user wants to find a home for the "
                    "dog.",
                },
            }
        ],
        "concepts": [
            {
                "aspect": "OBJECT",
                "raw": "Dog",
                "run": {"revision": "7"},
                "concept": {"key": "/c/en/dog", "text": "dog", "kind": "THING"},
            }
        ],
    }


async def test_a_relationship_without_a_run_has_none(ask: Asking) -> None:
    answer = await ask('{ post(id: "food:3") { intentions(relations: [oWant]) { run { step } } } }')

    assert answer == {"data": {"post": {"intentions": [{"run": None}]}}}


async def test_an_intention_shows_its_posts_and_topics(ask: Asking) -> None:
    answer = await ask(
        "query($id: ID!) { intention(id: $id) { posts { key } "
        "about { method confidence concept { key } } } }",
        id=HOME.id,
    )

    assert answer["data"]["intention"] == {
        "posts": [{"key": "pets:1"}],
        "about": [
            {"method": "lemma", "confidence": 0.9, "concept": {"key": "/c/en/dog"}},
            {"method": "lemma", "confidence": 0.7, "concept": {"key": "/c/en/shelter"}},
        ],
    }


@pytest.mark.parametrize(
    ("where", "expected"),
    [
        ({}, [CAKE_POST.id, DOG_POST.id, TRAIN_POST.id]),
        ({"relations": ["xWant"]}, [DOG_POST.id]),
        ({"sources": ["rail", "food"]}, [CAKE_POST.id, TRAIN_POST.id]),
        ({"labels": [{"name": "sarcastic", "value": "1"}]}, [TRAIN_POST.id]),
        ({"hashtags": ["#AdoptDontShop"]}, [DOG_POST.id]),
        ({"concepts": ["Dog"]}, [DOG_POST.id]),
        ({"concepts": ["/c/en/dog", "shelter"]}, [DOG_POST.id]),
        ({"emotions": ["Anger"]}, [TRAIN_POST.id]),
        ({"emotions": ["joy"]}, []),
    ],
)
async def test_posts_are_listed_under_each_condition(
    ask: Asking, where: dict[str, Any], expected: list[str]
) -> None:
    answer = await ask(
        "query($w: Where) { posts(where: $w) { totalCount edges { node { key } } } }", w=where
    )

    assert keys(answer["data"]["posts"]) == expected
    assert answer["data"]["posts"]["totalCount"] == len(expected)


@pytest.mark.parametrize("mode", ["SEMANTIC", "TEXT", "HYBRID"])
@pytest.mark.parametrize(
    ("field", "text", "best"),
    [
        ("searchIntentions", "find a home for the dog", HOME.id),
        ("searchPosts", "Meet Rex, he needs a home", DOG_POST.id),
        ("searchConcepts", "dog", DOG.id),
    ],
)
async def test_each_search_finds_in_each_mode(
    ask: Asking, mode: str, field: str, text: str, best: str
) -> None:
    answer = await ask(
        f"query($t: String!, $m: Mode!) {{ {field}(text: $t, mode: $m) "
        "{ edges { node { key } similarity relevance score } } }",
        t=text,
        m=mode,
    )

    first = answer["data"][field]["edges"][0]
    assert first["node"]["key"] == best
    assert (first["similarity"] is None) is (mode == "TEXT")
    assert (first["relevance"] is None) is (mode == "SEMANTIC")
    assert (first["score"] is None) is (mode != "HYBRID")


async def test_a_search_keeps_to_its_filter(ask: Asking) -> None:
    answer = await ask(
        '{ searchIntentions(text: "home", mode: SEMANTIC, where: {relations: [xReact]}) '
        "{ edges { node { key } } } }"
    )

    assert keys(answer["data"]["searchIntentions"]) == [ANNOYED.id]


async def test_similar_nodes_leave_out_the_node_itself(ask: Asking) -> None:
    answer = await ask(
        'query($id: ID!) { similarPosts(id: "pets:1") { edges { node { key } similarity } } '
        "similarIntentions(id: $id) { edges { node { key } } } }",
        id=HOME.id,
    )

    similarities = [e["similarity"] for e in answer["data"]["similarPosts"]["edges"]]
    assert sorted(keys(answer["data"]["similarPosts"])) == [CAKE_POST.id, TRAIN_POST.id]
    assert similarities == sorted(similarities, reverse=True)
    assert len(keys(answer["data"]["similarIntentions"])) == 3


async def test_posts_by_intention_come_with_their_evidence(ask: Asking) -> None:
    answer = await ask(
        """{ postsByIntention(relation: oReact, about: "amused", where: {sources: ["rail"]}) {
          edges { node { key } evidence { relation text } similarity }
        } }"""
    )

    (edge,) = answer["data"]["postsByIntention"]["edges"]
    assert edge["node"] == {"key": TRAIN_POST.id}
    assert edge["evidence"] == {"relation": "oReact", "text": "amused"}
    assert edge["similarity"] == pytest.approx(1.0, abs=1e-3)


async def test_posts_by_intention_without_a_meaning_come_by_key(ask: Asking) -> None:
    answer = await ask(
        "{ postsByIntention(relation: oReact) { edges { node { key } similarity } } }"
    )

    assert keys(answer["data"]["postsByIntention"]) == [CAKE_POST.id, TRAIN_POST.id]
    assert answer["data"]["postsByIntention"]["edges"][0]["similarity"] is None


async def test_relations_come_in_mikos_order_with_their_counts(ask: Asking) -> None:
    answer = await ask("{ relations { relation side count gloss frame } }")

    relations = answer["data"]["relations"]
    assert [r["relation"] for r in relations] == (
        "xWant oEffect xAttr xIntent xReact oReact oWant xEffect xNeed open".split()
    )
    assert [r["count"] for r in relations] == [1, 0, 0, 0, 1, 1, 1, 0, 0, 0]
    assert relations[0] == {
        "relation": "xWant",
        "side": "AUTHOR",
        "count": 1,
        "gloss": "what the author wants once it is posted",
        "frame": "After posting this Tweet, the user wants to",
    }


async def test_a_neighborhood_shows_nodes_and_relationships(ask: Asking) -> None:
    answer = await ask(
        """{ neighborhood(id: "/c/en/dog", types: [RELATED], relations: ["IsA"]) {
          cut nodeCount relationshipCount nodes { hops key node { __typename } }
          relationships {
            type relation forward confidence startKey endKey start { key } end { key }
          }
        } }"""
    )

    assert answer["data"]["neighborhood"] == {
        "cut": [],
        "nodeCount": 2,
        "relationshipCount": 1,
        "nodes": [
            {"hops": 0, "key": DOG.id, "node": {"__typename": "Concept"}},
            {"hops": 1, "key": PET.id, "node": {"__typename": "Concept"}},
        ],
        "relationships": [
            {
                "type": "RELATED",
                "relation": "IsA",
                "forward": True,
                "confidence": 0.75,
                "startKey": DOG.id,
                "endKey": PET.id,
                "start": {"key": DOG.id},
                "end": {"key": PET.id},
            }
        ],
    }


async def test_a_relationship_between_nodes_at_hand_is_shown_once(ask: Asking) -> None:
    answer = await ask('{ neighborhood(id: "pets:1", hops: 6) { relationshipCount } }')

    assert answer["data"]["neighborhood"]["relationshipCount"] == 6


async def test_a_cut_traversal_says_why(ask: Asking) -> None:
    answer = await ask('{ neighborhood(id: "/c/en/dog", fanOut: 1) { cut } }')

    assert answer == {"data": {"neighborhood": {"cut": ["FAN_OUT"]}}}


async def test_a_path_has_its_steps_a_confidence_and_a_sentence(ask: Asking) -> None:
    answer = await ask(
        """{ paths(from: "pets:1", to: "/c/en/pet", hops: 2) {
          cut paths { confidence sentence steps { type endKey } }
        } }"""
    )

    assert answer["data"]["paths"] == {
        "cut": [],
        "paths": [
            {
                "confidence": pytest.approx(0.6),
                "sentence": "the post “Meet Rex, he needs a home” shows “dog”; “dog” is a kind of "
                "“pet”.",
                "steps": [
                    {"type": "MENTIONS", "endKey": DOG.id},
                    {"type": "RELATED", "endKey": PET.id},
                ],
            }
        ],
    }


async def test_each_step_of_a_path_has_its_reason(ask: Asking) -> None:
    answer = await ask(
        """{ paths(from: "pets:1", to: "/c/en/shelter", hops: 2) {
          paths { steps { reason assertions { source licence weight } } }
        } }"""
    )

    by_mention, by_intention = [
        [(step["reason"], step["assertions"]) for step in path["steps"]]
        for path in answer["data"]["paths"]["paths"]
    ]
    assert by_mention == [
        (
            "the post “Meet Rex, he needs a home” shows “dog” (the object of its key information)",
            [],
        ),
        (
            "“dog” is found at “shelter” (AtLocation; ConceptNet, weight 1)",
            [{"source": "conceptnet", "licence": "", "weight": 1}],
        ),
    ]
    assert by_intention == [
        (
            "the post “Meet Rex, he needs a home” says that its author wants to “find a home for "
            "the dog” (xWant: what the author wants once it is posted)",
            [],
        ),
        ("“find a home for the dog” speaks of “shelter” (linked by lemma, 0.7)", []),
    ]


async def test_a_reason_is_told_from_the_head_whichever_way_it_was_followed(ask: Asking) -> None:
    answer = await ask(
        """{ neighborhood(id: "/c/en/pet") {
          relationships { startKey reason assertions { licence } }
        } }"""
    )

    assert answer["data"]["neighborhood"]["relationships"] == [
        {
            "startKey": PET.id,
            "reason": "“dog” is a kind of “pet” (IsA; ConceptNet, weight 2, cc:by/4.0)",
            "assertions": [{"licence": "cc:by/4.0"}],
        }
    ]


async def test_paths_that_differ_have_no_inner_node_in_common(ask: Asking) -> None:
    answer = await ask(
        """{ paths(from: "pets:1", to: "/c/en/shelter", hops: 2, overlap: 0) {
          paths { steps { endKey } }
        } }"""
    )

    inner = [path["steps"][0]["endKey"] for path in answer["data"]["paths"]["paths"]]
    assert inner == [DOG.id, HOME.id]


async def test_paths_end_by_a_type_of_relationship(ask: Asking) -> None:
    answer = await ask(
        '{ paths(from: "pets:1", lastType: RELATED, hops: 3) { paths { steps { endKey } } } }'
    )

    (path,) = answer["data"]["paths"]["paths"]
    assert path["steps"][-1]["endKey"] == PET.id


async def test_without_commonsense_nothing_is_predicted(ask: Asking) -> None:
    answer = await ask(
        """{ commonsensePrediction(of: {id: "pets:1"}) {
          predictedCount lackingCount unforeseenCount events { similarity } predicted { similarity }
          unforeseen { intention { key } nearest { similarity } }
        } }"""
    )

    assert answer["data"]["commonsensePrediction"] == {
        "predictedCount": 0,
        "lackingCount": 0,
        "unforeseenCount": 1,
        "events": [],
        "predicted": [],
        "unforeseen": [{"intention": {"key": HOME.id}, "nearest": None}],
    }


async def test_a_prediction_has_its_evidence(store: GraphStore, ask: Asking) -> None:
    adopt, vet = Concept.of("/c/en/adopt_dog"), Concept.of("/c/en/visit_vet")
    related = Related(adopt.id, "xWant", vet.id, "atomic", licence="CC BY 4.0")
    await fill(store, Batch(concepts=(adopt, vet), related=(related,)))

    answer = await ask(
        """{ commonsensePrediction(of: {text: "We adopted a dog"}, heads: 1) {
          lacking {
            sentence eventCount isThere tail { text } nearest { similarity }
            evidence { event { text } reason assertions { source licence } }
          }
        } }"""
    )

    assert answer["data"]["commonsensePrediction"]["lacking"] == [
        {
            "sentence": "After posting this Tweet, the user wants to visit vet.",
            "eventCount": 1,
            "isThere": False,
            "tail": {"text": "visit vet"},
            "nearest": None,
            "evidence": [
                {
                    "event": {"text": "adopt dog"},
                    "reason": "“adopt dog” makes one want to “visit vet” "
                    "(xWant; ATOMIC, weight 1, CC BY 4.0)",
                    "assertions": [{"source": "atomic", "licence": "CC BY 4.0"}],
                }
            ],
        }
    ]


async def test_paths_lead_to_a_kind_of_node(ask: Asking) -> None:
    answer = await ask(
        '{ paths(from: "food:3", toKind: POST, hops: 2) { paths { steps { endKey } } } }'
    )

    (path,) = answer["data"]["paths"]["paths"]
    assert path["steps"][-1]["endKey"] == TRAIN_POST.id


async def test_stats_count_the_graph(ask: Asking) -> None:
    answer = await ask(
        """{ stats {
          judgements nodes { name count } relatedByRelation { name count } model { name dimensions }
        } }"""
    )

    assert answer["data"]["stats"] == {
        "judgements": 1,
        "nodes": [
            {"name": "Concept", "count": 5},
            {"name": "Intention", "count": 4},
            {"name": "Post", "count": 3},
            {"name": "Run", "count": 1},
        ],
        "relatedByRelation": [{"name": "AtLocation", "count": 1}, {"name": "IsA", "count": 1}],
        "model": {"name": "letters", "dimensions": 32},
    }
