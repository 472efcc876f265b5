"""How many calls of the store an operation costs, however many nodes it shows."""

import json
from collections import Counter
from typing import Any, cast

import pytest
from unit.api.conftest import asking, client_of, fill

from kg.store import GraphStore
from schema.graph import About, Aspect, Batch, HasIntention, Mentions
from schema.nodes import Concept, Intention, Post, Run
from schema.relations import Relation

pytestmark = pytest.mark.anyio

RUN = Run.of("infer", "some-model")
POSTS = [Post(f"many:{n:02}", f"Post number {n}", "many") for n in range(20)]
WISHES = [Intention.of(Relation.X_WANT, f"be number {n}") for n in range(20)]
NUMBERS = [Concept.of(f"/c/en/number_{n}") for n in range(20)]
MANY = Batch(
    posts=tuple(POSTS),
    intentions=tuple(WISHES),
    concepts=tuple(NUMBERS),
    runs=(RUN,),
    has_intention=tuple(
        HasIntention(p.id, i.id, i.text, RUN.id) for p, i in zip(POSTS, WISHES, strict=True)
    ),
    mentions=tuple(
        Mentions(p.id, c.id, Aspect.OBJECT, c.text, RUN.id)
        for p, c in zip(POSTS, NUMBERS, strict=True)
    ),
    about=tuple(About(i.id, c.id, "lemma", 0.9) for i, c in zip(WISHES, NUMBERS, strict=True)),
)

SOURCES = 'where: {sources: ["many"]}'
DETAILS = """{
  key text intentionCount conceptCount
  intentions { raw plausibility run { model } intention { sentence about { concept { text } } } }
  concepts { aspect raw run { model } concept { text } }
}"""


class CountingStore:
    """A store that counts the calls of each method."""

    def __init__(self, store: GraphStore) -> None:
        self._store = store
        self.calls = Counter[str]()

    def __getattr__(self, name: str) -> Any:
        """Return a method of the store that counts; it is of any type."""
        method = getattr(self._store, name)

        def counted(*args: Any, **named: Any) -> Any:
            self.calls[name] += 1
            return method(*args, **named)

        return counted


async def calls_of(store: GraphStore, query: str) -> dict[str, int]:
    """Return how often an operation calls each method of the store."""
    await fill(store, MANY)
    counting = CountingStore(store)
    # The wrapper has the methods of whatever it wraps.
    async with client_of(cast("GraphStore", counting)) as client:
        counting.calls.clear()
        answer = await asking(client)(query)
    assert "errors" not in answer
    return dict(counting.calls)


POST_CALLS = {"posts": 1, "intentions_of": 1, "mentions_of": 1, "about_of": 1, "runs": 1}


@pytest.mark.parametrize("first", [1, 20])
async def test_posts_with_intentions_and_concepts_cost_six_calls(
    store: GraphStore, first: int
) -> None:
    query = f"{{ posts({SOURCES}, first: {first}) {{ edges {{ node {DETAILS} }} }} }}"

    calls = await calls_of(store, query)

    assert calls == {"ids": 1, **POST_CALLS}


@pytest.mark.parametrize("first", [1, 20])
async def test_a_semantic_search_adds_the_version_the_model_and_the_nearest(
    store: GraphStore, first: int
) -> None:
    search = f'searchPosts(text: "post", mode: SEMANTIC, {SOURCES}, first: {first})'

    calls = await calls_of(store, f"{{ {search} {{ edges {{ node {DETAILS} }} }} }}")

    assert calls == {"version": 1, "model": 1, "nearest": 1, **POST_CALLS}


@pytest.mark.parametrize("first", [1, 20])
async def test_intentions_with_their_posts_add_two_calls(store: GraphStore, first: int) -> None:
    search = f'searchIntentions(text: "be", mode: SEMANTIC, {SOURCES}, first: {first})'
    node = f"{{ text posts(first: 3) {DETAILS} }}"

    calls = await calls_of(store, f"{{ {search} {{ edges {{ node {node} }} }} }}")

    found = {"version": 1, "model": 1, "nearest": 1, "intentions": 1}
    assert calls == {**found, "posts_of": 1, **POST_CALLS}


@pytest.mark.parametrize(
    "query",
    [
        '{ neighborhood(id: "many:01", hops: 3) { nodes { node { key } } '
        "relationships { start { key } end { key } } } }",
        '{ paths(from: "many:01") { paths { sentence steps { start { key } end { key } } } } }',
    ],
)
async def test_a_traversal_reads_each_kind_of_node_once(store: GraphStore, query: str) -> None:
    calls = await calls_of(store, query)

    assert calls == {"traverse": 1, "posts": 1, "intentions": 1, "concepts": 1}


async def test_the_reasons_of_all_steps_add_one_call(store: GraphStore) -> None:
    steps = "steps { reason assertions { source } start { key } end { key } }"

    calls = await calls_of(store, f'{{ paths(from: "pets:1") {{ paths {{ {steps} }} }} }}')

    nodes = {"posts": 1, "intentions": 1, "concepts": 1}
    assert calls == {"traverse": 1, **nodes, "related_of": 1}


async def test_the_same_question_in_other_words_is_one_call_for_each(store: GraphStore) -> None:
    query = '{ a: post(id: "many:01") { key } b: post(id: "many:02") { key } }'

    calls = await calls_of(store, query)

    assert calls == {"posts": 1}


async def test_nodes_of_three_kinds_are_three_calls(store: GraphStore) -> None:
    ids = [node.id for node in (*POSTS, *WISHES, *NUMBERS)]

    calls = await calls_of(store, f"{{ nodes(ids: {json.dumps(ids)}) {{ key }} }}")

    assert calls == {"posts": 1, "intentions": 1, "concepts": 1}


async def test_counts_are_counted_once_a_version(store: GraphStore) -> None:
    query = "{ relations { count } stats { judgements } again: stats { judgements } }"

    calls = await calls_of(store, query)

    assert calls == {"version": 1, "counts": 1}
