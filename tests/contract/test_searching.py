"""What searching promises, on every backend."""

import math
from dataclasses import replace

import numpy as np
import pytest
from contract.small_graph import (
    AMUSED,
    ANNOYED,
    AXES,
    BATCH,
    CAKE_POST,
    DOG_POST,
    HOME,
    MODEL,
    RUN,
    TRAIN_POST,
    VISIT,
    embed_intentions,
)

from kg.store import GraphStore, Match, Near, Vector
from schema.errors import EmbeddingModelError, NodeNotFoundError
from schema.graph import Batch, Filter
from schema.nodes import Intention, NodeKind, Post
from schema.relations import Relation

pytestmark = pytest.mark.anyio

KIND = NodeKind.INTENTION
BY_ID = sorted(i.id for i in BATCH.intentions)


@pytest.fixture
async def graph(store: GraphStore) -> GraphStore:
    await store.put(BATCH)
    await embed_intentions(store)
    return store


def unit(*values: float) -> Vector:
    vector = np.array(values, np.float32)
    return (vector / np.linalg.norm(vector)).astype(np.float32)


async def test_the_nearest_come_by_falling_cosine(graph: GraphStore) -> None:
    near = await graph.nearest(KIND, unit(3, 2, 1, 0), 4)

    assert [hit.id for hit in near] == BY_ID
    assert [hit.similarity for hit in near] == [0.801784, 0.534522, 0.267261, 0.0]


async def test_similarity_spans_minus_one_to_one(graph: GraphStore) -> None:
    near = await graph.nearest(KIND, -AXES[0], 4)

    assert near[-1] == Near(BY_ID[0], -1.0)


async def test_what_is_beside_a_text_does_not_change_its_relevance(graph: GraphStore) -> None:
    before = await graph.match(NodeKind.POST, "rex home train cake guests", 9)

    await graph.put(Batch(posts=(replace(DOG_POST, labels={"seen": "yes"}),)))

    assert (await graph.posts([DOG_POST.id]))[0] != DOG_POST
    assert await graph.match(NodeKind.POST, "rex home train cake guests", 9) == before


async def test_a_post_is_found_by_what_it_took_and_is_there_once(graph: GraphStore) -> None:
    await graph.match(NodeKind.POST, "cake", 9)

    await graph.put(Batch(posts=(replace(CAKE_POST, image_description="A walrus"),)))

    for words in ("walrus", "walrus cake guests"):
        assert [hit.id for hit in await graph.match(NodeKind.POST, words, 9)] == [CAKE_POST.id]


async def test_ties_come_by_rising_id_even_at_the_rim(graph: GraphStore) -> None:
    for k in (1, 2, 3, 4, 9):
        near = await graph.nearest(KIND, unit(1, 1, 1, 1), k)
        assert [hit.id for hit in near] == BY_ID[:k]


async def test_a_hundred_equals_are_still_in_order(store: GraphStore) -> None:
    twins = [Intention.of(Relation.OPEN, f"twin {n}") for n in range(100)]
    await store.put(Batch(intentions=tuple(twins)))
    await store.require_model(MODEL)
    await store.put_embeddings(KIND, [t.id for t in twins], np.repeat(AXES[:1], 100, axis=0))

    near = await store.nearest(KIND, AXES[0], 3)

    assert [hit.id for hit in near] == sorted(twin.id for twin in twins)[:3]


@pytest.mark.parametrize(
    ("where", "expected"),
    [
        (Filter(relations=(Relation.X_WANT,)), [HOME]),
        (Filter(sources=("rail",)), [ANNOYED, AMUSED]),
        (Filter(labels=(("sarcastic", "1"),), relations=(Relation.O_REACT,)), [AMUSED]),
        (Filter(hashtags=("nothing",)), []),
        (Filter(choices=("accepted",)), [HOME]),
        (Filter(annotators=("ann",), choices=("rejected",)), []),
        (Filter(models=("some-model",)), [HOME, ANNOYED, AMUSED]),
        (Filter(runs=(RUN.id,), plausibility=0.5), [HOME]),
        (Filter(plausibility=0.6), []),
        (Filter(prompts=("of no run",)), []),
        (Filter(kinds_of=("/c/en/gone",)), []),
        (
            Filter(none_of=(Filter(kinds_of=("/c/en/gone",)),)),
            [HOME, ANNOYED, AMUSED, VISIT],
        ),
    ],
)
async def test_a_filter_works_inside_each_search(
    graph: GraphStore, where: Filter, expected: list[Intention]
) -> None:
    near = await graph.nearest(KIND, unit(1, 1, 1, 1), 10, where)
    matches = await graph.match(KIND, "home annoyed amused visit", 10, where)

    ids = sorted(intention.id for intention in expected)
    assert [hit.id for hit in near] == ids
    assert sorted(hit.id for hit in matches) == ids


async def test_what_is_embedded_anew_is_found_at_its_new_place(graph: GraphStore) -> None:
    await graph.put_embeddings(KIND, BY_ID[:1], AXES[3:])

    near = await graph.nearest(KIND, AXES[3], 2)

    assert [hit.id for hit in near] == [BY_ID[0], BY_ID[3]]


async def test_embeddings_come_back_at_half_precision(graph: GraphStore) -> None:
    vector = unit(1, 2, 3, 4)
    await graph.put_embeddings(KIND, BY_ID[:1], vector[None])

    (stored, none) = await graph.embeddings(KIND, [BY_ID[0], "a" * 16])

    assert stored is not None
    assert stored.dtype == np.float32
    assert (stored == vector.astype(np.float16)).all()
    assert none is None


async def test_the_same_embeddings_change_nothing(graph: GraphStore) -> None:
    before = await graph.version()

    changed = await graph.put_embeddings(KIND, BY_ID, AXES)

    assert (changed, await graph.version()) == (0, before)


async def test_bad_embeddings_are_refused(graph: GraphStore) -> None:
    with pytest.raises(EmbeddingModelError, match="shape"):
        await graph.put_embeddings(KIND, BY_ID[:1], np.ones((1, 5), np.float32))
    with pytest.raises(EmbeddingModelError, match="NaN"):
        await graph.put_embeddings(KIND, BY_ID[:1], np.full((1, 4), np.nan, np.float32))
    with pytest.raises(NodeNotFoundError, match="gone"):
        await graph.put_embeddings(KIND, ["gone"], AXES[:1])


async def test_words_are_matched_by_their_stem_and_any_of_them(graph: GraphStore) -> None:
    matches = await graph.match(KIND, "Visiting BAKERIES, or homes?", 5)

    assert {hit.id for hit in matches} == {VISIT.id, HOME.id}
    assert matches[0].id == VISIT.id


async def test_a_post_is_found_by_its_image(graph: GraphStore) -> None:
    matches = await graph.match(NodeKind.POST, "brown shelter", 5)

    assert [hit.id for hit in matches] == [DOG_POST.id]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("why late? (again) :/ AND [", [TRAIN_POST.id]),
        ('text:late -late +late late~ late^9 "late', [TRAIN_POST.id]),
        ("#x/z! NOT cake", [CAKE_POST.id]),
        (":/ [] (( !! \\ * ?", []),
        ("late " * 2000, [TRAIN_POST.id]),
        ("late ᴀɴᴅ", [TRAIN_POST.id]),
        ("ɴᴏᴛ late", [TRAIN_POST.id]),
        ("⑴ late", [TRAIN_POST.id]),
        ("\u0130stanbul 日本語 \U0001f600", []),
    ],
)
async def test_a_query_is_text_and_nothing_else(
    graph: GraphStore, text: str, found: list[str]
) -> None:
    matches = await graph.match(NodeKind.POST, text, 5)

    assert [hit.id for hit in matches] == found


async def test_equal_matches_come_by_rising_id_even_at_the_rim(store: GraphStore) -> None:
    twins = [Intention.of(Relation.OPEN, f"echo {n:04}") for n in range(300)]
    await store.put(Batch(intentions=tuple(twins)))
    ids = sorted(twin.id for twin in twins)

    few = await store.match(KIND, "echo", 5)
    all_of_them = await store.match(KIND, "echo", 1000)

    assert [hit.id for hit in few] == ids[:5]
    assert [hit.id for hit in all_of_them] == ids


async def test_fewer_matches_are_the_first_of_more(store: GraphStore) -> None:
    # The same words as often, in other proportions: the same relevance but for its last bits.
    often = [[4, 1, 3, 2], [1, 2, 4, 3], [3, 4, 2, 1], [2, 3, 1, 4], [1, 4, 2, 3], [4, 3, 1, 2]]
    words = ("ash", "birch", "cedar", "elm")
    posts = [
        Post(f"trees:{n}", " ".join(f"{w} " * k for w, k in zip(words, some, strict=True)), "trees")
        for n, some in enumerate(often)
    ]
    await store.put(Batch(posts=tuple(posts)))

    answers = [await store.match(NodeKind.POST, "ash birch cedar elm", k) for k in range(1, 7)]

    assert answers == [answers[-1][:k] for k in range(1, 7)]


async def test_relevance_is_bm25_of_the_texts_that_have_words(store: GraphStore) -> None:
    texts = ["late train", "late late cake for lunch", "cake", ':/ "', "\U0001f600", "x" * 70]
    posts = [Post(f"words:{n}", text, "words") for n, text in enumerate(texts)]
    await store.put(Batch(posts=tuple(posts)))

    matches = await store.match(NodeKind.POST, "late", 5)

    # Robertson and Zaragoza 2009, section 3; k1 = 1.2, b = 0.75: three texts of 2, 5 and 1 words.
    idf = math.log(1 + (3 - 2 + 0.5) / (2 + 0.5))
    short, long = (
        idf * often * 2.2 / (often + 1.2 * (0.25 + 0.75 * words / (8 / 3)))
        for often, words in ((1, 2), (2, 5))
    )
    assert {hit.id: hit.relevance for hit in matches} == pytest.approx(
        {"words:0": short, "words:1": long}, abs=1e-4
    )


async def test_what_is_written_is_found_at_once(graph: GraphStore) -> None:
    late = Intention.of(Relation.OPEN, "they were bored")
    assert await graph.match(KIND, "bored", 5) == []

    await graph.put(Batch(intentions=(late,)))

    assert [type(hit) for hit in await graph.match(KIND, "bored", 5)] == [Match]


async def test_nothing_is_lost_when_the_indexes_are_built_anew(graph: GraphStore) -> None:
    query = unit(4, 3, 2, 1)
    before = (await graph.nearest(KIND, query, 4), await graph.match(KIND, "amused", 4))

    await graph.refresh()
    await graph.reindex()

    after = (await graph.nearest(KIND, query, 4), await graph.match(KIND, "amused", 4))
    assert after == before
