"""What reading promises, on every backend."""

from dataclasses import replace

import pytest
from contract.small_graph import (
    AMUSED,
    ANGER,
    ANNOYED,
    BATCH,
    CAKE_POST,
    DOG,
    DOG_POST,
    HOME,
    PET,
    RUN,
    SHELTER,
    TRAIN,
    TRAIN_POST,
    VISIT,
    embed_intentions,
)

from kg.store import GraphStore, Page
from schema.graph import EVERYTHING, Aspect, Batch, Filter, Judgement
from schema.nodes import Intention, NodeKind, Post, Run
from schema.relations import Relation

pytestmark = pytest.mark.anyio


@pytest.fixture
async def graph(store: GraphStore) -> GraphStore:
    await store.put(BATCH)
    return store


async def test_answers_come_in_the_order_asked_repeats_included(graph: GraphStore) -> None:
    asked = [CAKE_POST.id, "gone:1", DOG_POST.id, CAKE_POST.id]

    posts = await graph.posts(asked)
    intentions = await graph.intentions_of(asked)

    assert posts == [CAKE_POST, None, DOG_POST, CAKE_POST]
    assert [[h.intention for h in held] for held in intentions] == [
        [AMUSED, VISIT],
        [],
        [HOME],
        [AMUSED, VISIT],
    ]


async def test_a_held_intention_carries_its_relationship_and_judgements(graph: GraphStore) -> None:
    ((held,),) = await graph.intentions_of([DOG_POST.id])

    assert held.has == BATCH.has_intention[0]
    assert held.judgements == BATCH.judgements


async def test_intentions_are_chosen_by_relation(graph: GraphStore) -> None:
    (chosen,) = await graph.intentions_of([TRAIN_POST.id], [Relation.O_REACT])

    assert [held.intention for held in chosen] == [AMUSED]


async def test_mentions_come_by_aspect(graph: GraphStore) -> None:
    (mentions,) = await graph.mentions_of([TRAIN_POST.id])

    assert [(m.concept, m.mentions.aspect, m.mentions.raw) for m in mentions] == [
        (TRAIN, Aspect.OBJECT, "train"),
        (ANGER, Aspect.EMOTION, "Angry"),
    ]


async def test_links_come_by_falling_confidence(graph: GraphStore) -> None:
    (links,) = await graph.about_of([HOME.id])

    assert [link.concept for link in links] == [DOG, SHELTER]


async def test_assertions_of_a_concept_come_by_relation_tail_and_source(graph: GraphStore) -> None:
    other = replace(BATCH.related[1], source="atomic", weight=3.0)
    further = replace(BATCH.related[1], tail_id=ANGER.id)
    await graph.put(Batch(related=(other, further)))

    related = await graph.related_of([PET.id, DOG.id, "/c/en/gone", DOG.id])

    is_a, at_location = BATCH.related
    assert related == [[], [further, other, at_location, is_a], [], related[1]]


async def test_what_is_judged_of_an_intention_that_a_post_has_not_is_told(
    graph: GraphStore,
) -> None:
    late = Judgement(DOG_POST.id, HOME.id, "ann", "rejected", "2024-02-01T12:00:00Z")
    strays = [Judgement(DOG_POST.id, i.id, "bob", "rejected") for i in (VISIT, AMUSED)]
    await graph.put(Batch(judgements=(late, *strays)))

    judged = await graph.judgements_of([CAKE_POST.id, DOG_POST.id, "gone:1", DOG_POST.id])

    every = sorted([*BATCH.judgements, late, *strays], key=lambda j: (j.intention_id, j.time))
    assert judged == [[], every, [], every]


async def test_runs_come_in_pages_of_rising_id(graph: GraphStore) -> None:
    runs = [RUN, *(Run.of("infer", f"model {n}") for n in range(2))]
    await graph.put(Batch(runs=tuple(runs)))
    ids = sorted(run.id for run in runs)

    first = await graph.run_ids(limit=2)
    rest = await graph.run_ids(after=first.ids[-1], limit=2)

    assert first == Page(tuple(ids[:2]), more=True)
    assert rest == Page(tuple(ids[2:]), more=False)


async def test_posts_of_an_intention_pass_the_filter_as_pairs(graph: GraphStore) -> None:
    sarcastic = Filter(labels=(("sarcastic", "1"),))

    every = await graph.posts_of([AMUSED.id, "a" * 16], limit=10)
    passing = await graph.posts_of([AMUSED.id], limit=10, where=sarcastic)
    first = await graph.posts_of([AMUSED.id], limit=1)

    assert every == [[CAKE_POST.id, TRAIN_POST.id], []]
    assert passing == [[TRAIN_POST.id]]
    assert first == [[CAKE_POST.id]]


@pytest.mark.parametrize(
    ("where", "posts", "intentions", "concepts"),
    [
        (EVERYTHING, [CAKE_POST, DOG_POST, TRAIN_POST], [HOME, ANNOYED, AMUSED, VISIT], 5),
        (Filter(relations=(Relation.O_REACT,)), [CAKE_POST, TRAIN_POST], [AMUSED], 2),
        (Filter(sources=("pets", "food")), [CAKE_POST, DOG_POST], [HOME, AMUSED, VISIT], 2),
        (Filter(labels=(("sarcastic", "0"), ("split", "train"))), [DOG_POST], [HOME], 2),
        (Filter(labels=(("sarcastic", "1"), ("split", "train"))), [], [], 0),
        (Filter(hashtags=("adoptdontshop",)), [DOG_POST], [HOME], 2),
        (Filter(concepts=(SHELTER.id,)), [DOG_POST], [HOME], 2),
        (Filter(concepts=(TRAIN.id,)), [TRAIN_POST], [ANNOYED, AMUSED], 2),
        (Filter(emotions=(ANGER.id,)), [TRAIN_POST], [ANNOYED, AMUSED], 2),
        (Filter(emotions=(TRAIN.id,)), [], [], 0),
        (Filter(relations=(Relation.O_REACT,), sources=("rail",)), [TRAIN_POST], [AMUSED], 2),
        (Filter(relations=(Relation.X_WANT,), sources=("rail",)), [], [], 0),
    ],
)
async def test_a_filter_selects_pairs_of_post_and_intention(
    graph: GraphStore,
    where: Filter,
    posts: list[Post],
    intentions: list[Intention],
    concepts: int,
) -> None:
    found_posts = await graph.ids(NodeKind.POST, where=where)
    found_intentions = await graph.ids(NodeKind.INTENTION, where=where)

    assert found_posts.ids == tuple(sorted(post.id for post in posts))
    assert found_intentions.ids == tuple(sorted(intention.id for intention in intentions))
    assert await graph.count(NodeKind.CONCEPT, where) == concepts


async def test_a_post_without_intentions_passes_what_asks_for_none(store: GraphStore) -> None:
    await store.put(Batch(posts=(CAKE_POST,)))

    by_source = await store.ids(NodeKind.POST, where=Filter(sources=("food",)))
    by_relation = await store.ids(NodeKind.POST, where=Filter(relations=(Relation.OPEN,)))

    assert (by_source.ids, by_relation.ids) == ((CAKE_POST.id,), ())


async def test_ids_come_in_pages_of_rising_id(graph: GraphStore) -> None:
    first = await graph.ids(NodeKind.POST, limit=2)
    rest = await graph.ids(NodeKind.POST, after=first.ids[-1], limit=2)

    assert first == Page((CAKE_POST.id, DOG_POST.id), more=True)
    assert rest == Page((TRAIN_POST.id,), more=False)


async def test_what_changed_since_a_version_is_told(graph: GraphStore) -> None:
    seen = await graph.version()
    late = Intention.of(Relation.OPEN, "they were bored")

    await graph.put(Batch(intentions=(late, HOME)))

    assert await graph.changed(NodeKind.INTENTION, since=seen) == [(late.id, late.text)]
    assert len(await graph.changed(NodeKind.INTENTION, since=0, limit=3)) == 3


async def test_a_post_without_text_is_embedded_by_its_image(store: GraphStore) -> None:
    silent = replace(DOG_POST, text="")

    await store.put(Batch(posts=(silent,)))

    assert await store.unembedded(NodeKind.POST, limit=5) == [(silent.id, silent.image_description)]


async def test_everything_is_counted(graph: GraphStore) -> None:
    await embed_intentions(graph)

    counts = await graph.counts()

    assert counts.posts_by_source == {"food": 1, "pets": 1, "rail": 1}
    assert counts.has_intention_by_relation == {"xWant": 1, "xReact": 1, "oReact": 2, "oWant": 1}
    assert counts.intentions_by_relation == {"xWant": 1, "xReact": 1, "oReact": 1, "oWant": 1}
    assert counts.mentions_by_aspect == {"emotion": 1, "object": 2}
    assert counts.related_by_relation == {"AtLocation": 1, "IsA": 1}
    assert counts.embedded == {"Post": 0, "Intention": 4, "Concept": 0}
    assert counts.judgements == 1
