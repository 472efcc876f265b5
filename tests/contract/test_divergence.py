"""What a store promises of posts whose intentions of two relations are least alike."""

import numpy as np
import pytest
from contract.small_graph import MODEL

from kg.store import DivergentPair, GraphStore, Vector
from schema.graph import Batch, Filter, HasIntention
from schema.nodes import Intention, NodeKind, Post, Run
from schema.relations import Relation

pytestmark = pytest.mark.anyio

FEELINGS = (Relation.X_REACT, Relation.O_REACT)
POSTS = [Post(f"s:{n}", f"post {n}", "s", labels={"odd": str(n % 2)}) for n in range(6)]
GLAD, SAD = (Intention.of(Relation.X_REACT, text) for text in ("glad", "sad"))
MOVED, BORED, NEW = (Intention.of(Relation.O_REACT, text) for text in ("moved", "bored", "new"))
WISH = Intention.of(Relation.X_WANT, "wish")
RUN = Run.of("infer", "some-model")
EMBEDDED: dict[Intention, Vector] = {
    GLAD: np.array([1, 0, 0, 0], np.float32),
    MOVED: np.array([0.8, 0.6, 0, 0], np.float32),
    BORED: np.array([0, 1, 0, 0], np.float32),
    SAD: np.array([-0.6, 0.8, 0, 0], np.float32),
    WISH: np.array([0, 0, 1, 0], np.float32),
}
HELD = [
    (POSTS[0], (GLAD, MOVED)),
    (POSTS[1], (GLAD, BORED)),
    (POSTS[2], (GLAD, BORED, MOVED)),  # the nearer of both counts
    (POSTS[3], (SAD, GLAD, BORED)),
    (POSTS[4], (GLAD, NEW, WISH)),  # NEW has no embedding
    (POSTS[5], (SAD, WISH)),
]
BATCH = Batch(
    posts=tuple(POSTS),
    intentions=(GLAD, SAD, MOVED, BORED, NEW, WISH),
    runs=(RUN,),
    has_intention=(
        *(HasIntention(post.id, i.id, i.text) for post, some in HELD for i in some),
        HasIntention(POSTS[1].id, GLAD.id, "Glad", RUN.id),  # said by two: counts once
    ),
)
ALL = [
    DivergentPair("s:1", GLAD.id, BORED.id, 0.0),
    DivergentPair("s:0", GLAD.id, MOVED.id, 0.799883),
    DivergentPair("s:2", GLAD.id, MOVED.id, 0.799883),
    DivergentPair("s:3", SAD.id, BORED.id, 0.799883),
]


@pytest.fixture
async def graph(store: GraphStore) -> GraphStore:
    await store.put(BATCH)
    await store.require_model(MODEL)
    embeddings = np.array(list(EMBEDDED.values()), np.float32)
    await store.put_embeddings(NodeKind.INTENTION, [i.id for i in EMBEDDED], embeddings)
    return store


@pytest.mark.parametrize("k", [1, 2, 3, 4, 9])
async def test_posts_come_from_the_least_alike_on(graph: GraphStore, k: int) -> None:
    assert await graph.divergent(FEELINGS, k) == ALL[:k]


async def test_turned_around_the_pairs_are_the_same(graph: GraphStore) -> None:
    found = await graph.divergent((FEELINGS[1], FEELINGS[0]), 9)

    assert [DivergentPair(p.post_id, p.second_id, p.first_id, p.similarity) for p in found] == ALL


async def test_a_post_that_lacks_a_relation_is_left_out(graph: GraphStore) -> None:
    found = await graph.divergent((Relation.X_REACT, Relation.X_WANT), 9)

    assert [pair.post_id for pair in found] == ["s:4", "s:5"]


async def test_both_intentions_are_of_pairs_that_pass(graph: GraphStore) -> None:
    odd = await graph.divergent(FEELINGS, 9, Filter(labels=(("odd", "1"),)))
    by_run = await graph.divergent(FEELINGS, 9, Filter(runs=(RUN.id,)))
    either = Filter(any_of=(Filter(runs=(RUN.id,)), Filter(relations=(Relation.O_REACT,))))

    assert [pair.post_id for pair in odd] == ["s:1", "s:3"]
    assert by_run == []
    assert await graph.divergent(FEELINGS, 9, either) == ALL[:1]


async def test_a_hundred_that_tie_come_by_rising_id(graph: GraphStore) -> None:
    posts = tuple(Post(f"t:{n:03}", "tie", "t") for n in reversed(range(100)))
    held = tuple(HasIntention(p.id, i.id, i.text) for p in posts for i in (GLAD, BORED))
    await graph.put(Batch(posts=posts, has_intention=held))

    found = await graph.divergent(FEELINGS, 3, Filter(sources=("t",)))

    assert [pair.post_id for pair in found] == ["t:000", "t:001", "t:002"]
