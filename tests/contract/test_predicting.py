"""What is predicted for a post from ATOMIC's events, on every backend: a graph of four axes."""

from math import sqrt

import numpy as np
import pytest
from contract.small_graph import AXES, DOG_POST, HOME, MODEL, TRAIN_POST

from kg.prediction import Evidence, Prediction, Said, predict
from kg.store import GraphStore, Near, Vector
from schema.errors import QueryError, UnknownIdError
from schema.graph import Batch, HasIntention, Related
from schema.nodes import Concept, ConceptKind, Intention, NodeKind
from schema.relations import Relation

pytestmark = pytest.mark.anyio

ADOPT = Concept.of("/c/en/adopt_dog", ConceptKind.EVENT)
LOSE = Concept.of("/c/en/lose_dog", ConceptKind.EVENT)
VET = Concept.of("/c/en/visit_vet")
HAPPY = Concept.of("/c/en/happy")
GLAD = Intention.of(Relation.X_REACT, "glad")
WHY = Intention.of(Relation.OPEN, "it was so")
TO_VET = Related(ADOPT.id, "xWant", VET.id, "atomic", licence="CC BY 4.0")
ALSO_TO_VET = Related(LOSE.id, "xWant", VET.id, "atomic")
TO_HAPPY = Related(ADOPT.id, "xReact", HAPPY.id, "atomic")
RUNS_TO_HAPPY = Related(ADOPT.id, "xReact", HAPPY.id, "cskg:AT")
IS_A = Related(HAPPY.id, "IsA", VET.id, "conceptnet")
DECOYS = [Concept.of(f"/c/en/decoy_{n:02}") for n in range(40)]

X, Y, Z, W = AXES
NEAR_X: Vector = (0.8 * X + 0.6 * Y).astype(np.float32)
EMBEDDED: dict[NodeKind, dict[str, Vector]] = {
    NodeKind.POST: {DOG_POST.id: X},
    NodeKind.INTENTION: {HOME.id: Z, GLAD.id: W, WHY.id: Y},
    NodeKind.CONCEPT: {
        ADOPT.id: NEAR_X,
        LOSE.id: Y,
        VET.id: Y,
        HAPPY.id: (W + Z) / np.float32(sqrt(2)),
        **{one.id: X for one in DECOYS},
    },
}


@pytest.fixture
async def graph(store: GraphStore) -> GraphStore:
    await store.put(
        Batch(
            posts=(DOG_POST, TRAIN_POST),
            intentions=(HOME, GLAD, WHY),
            concepts=(ADOPT, LOSE, VET, HAPPY, *DECOYS),
            has_intention=tuple(HasIntention(DOG_POST.id, i.id, i.text) for i in (HOME, GLAD, WHY)),
            related=(TO_VET, ALSO_TO_VET, TO_HAPPY, RUNS_TO_HAPPY, IS_A),
        )
    )
    await store.require_model(MODEL)
    for kind, embedded in EMBEDDED.items():
        await store.put_embeddings(kind, list(embedded), np.array(list(embedded.values())))
    return store


async def test_what_is_lacking_and_what_is_unforeseen(graph: GraphStore) -> None:
    adopt, lose = Near(ADOPT.id, 0.799883), Near(LOSE.id, 0.0)  # of halves

    found = await predict(graph, DOG_POST.id, heads=2, similarity=0.7)

    assert found.heads == (adopt, lose)
    assert found.predicted == (
        Prediction(
            Relation.X_WANT,
            VET.id,
            (Evidence(adopt, (TO_VET,)), Evidence(lose, (ALSO_TO_VET,))),
            Near(HOME.id, 0.0),
        ),
        Prediction(
            Relation.X_REACT,
            HAPPY.id,
            (Evidence(adopt, (TO_HAPPY, RUNS_TO_HAPPY)),),
            Near(GLAD.id, 0.707107),
        ),
    )
    assert found.lacking == found.predicted[:1]
    assert found.unforeseen == (Said(HOME.id, Relation.X_WANT, Near(VET.id, 0.0)),)


async def test_the_similarity_decides_what_means_the_same(graph: GraphStore) -> None:
    strict = await predict(graph, DOG_POST.id, heads=2, similarity=0.71)
    lax = await predict(graph, DOG_POST.id, heads=2, similarity=0.0)

    assert strict.lacking == strict.predicted
    assert {one.intention_id for one in strict.unforeseen} == {HOME.id, GLAD.id}
    assert lax.lacking == ()
    assert lax.unforeseen == ()


async def test_events_are_found_behind_nearer_concepts_that_are_none(graph: GraphStore) -> None:
    found = await predict(graph, DOG_POST.id, heads=1)

    assert [head.id for head in found.heads] == [ADOPT.id]


async def test_there_may_be_fewer_events_than_were_asked_for(graph: GraphStore) -> None:
    found = await predict(graph, DOG_POST.id, heads=50)

    assert [head.id for head in found.heads] == [ADOPT.id, LOSE.id]


async def test_without_embeddings_of_the_tails_all_is_lacking(graph: GraphStore) -> None:
    sad = Concept.of("/c/en/sad")
    await graph.put(
        Batch(concepts=(sad,), related=(Related(ADOPT.id, "oReact", sad.id, "atomic"),))
    )

    found = await predict(graph, DOG_POST.id, similarity=-1)

    (lacking,) = found.lacking
    assert (lacking.relation, lacking.tail_id) == (Relation.O_REACT, sad.id)
    assert lacking.nearest is None


async def test_a_post_that_is_not_there_or_not_embedded_is_said_to_be(graph: GraphStore) -> None:
    with pytest.raises(UnknownIdError, match="pets:9"):
        await predict(graph, "pets:9")
    with pytest.raises(UnknownIdError, match=HOME.id):
        await predict(graph, HOME.id)
    with pytest.raises(QueryError, match="no embedding yet"):
        await predict(graph, TRAIN_POST.id)


@pytest.mark.parametrize(
    ("heads", "similarity", "message"),
    [(0, 0.5, "0 heads: 1 to 50"), (51, 0.5, "51 heads"), (5, 1.5, "1.5: -1 to 1")],
)
async def test_bounds_out_of_range_are_refused(
    graph: GraphStore, heads: int, similarity: float, message: str
) -> None:
    with pytest.raises(QueryError, match=message):
        await predict(graph, DOG_POST.id, heads=heads, similarity=similarity)
