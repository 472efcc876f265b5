"""What writing promises, on every backend."""

from dataclasses import replace
from itertools import permutations
from pathlib import Path

import pytest
from contract.conftest import Opener
from contract.small_graph import (
    ANNOYED,
    BATCH,
    CAKE_POST,
    DOG,
    DOG_POST,
    HOME,
    MODEL,
    RUN,
    SHELTER,
    TRAIN,
    TRAIN_POST,
    embed_intentions,
)

from kg.connect import connect
from kg.settings import StoreSettings
from kg.store import EmbeddingModel, GraphStore
from schema.errors import EmbeddingModelError, NodeNotFoundError, TextConflictError
from schema.graph import (
    NO_RUN,
    About,
    Batch,
    Filter,
    HasIntention,
    Mentions,
    Related,
    Written,
)
from schema.nodes import Concept, ConceptKind, Image, Intention, NodeKind, Post, Run
from schema.relations import Relation

pytestmark = pytest.mark.anyio


async def test_a_batch_says_how_much_it_added(store: GraphStore) -> None:
    written = await store.put(BATCH)

    assert written.counts == {
        "Post": 3,
        "Intention": 4,
        "Concept": 5,
        "Run": 1,
        "HAS_INTENTION": 5,
        "Judgement": 1,
        "MENTIONS": 3,
        "ABOUT": 2,
        "RELATED": 2,
    }


async def test_writing_twice_equals_writing_once(store: GraphStore) -> None:
    await store.put(BATCH)
    before = (await store.version(), await store.counts())

    again = await store.put(BATCH)

    assert again == Written()
    assert (await store.version(), await store.counts()) == before


async def test_what_was_written_reads_back_unchanged(store: GraphStore) -> None:
    await store.put(BATCH)

    posts = await store.posts([p.id for p in BATCH.posts])
    intentions = await store.intentions([i.id for i in BATCH.intentions])
    concepts = await store.concepts([c.id for c in BATCH.concepts])
    runs = await store.runs([RUN.id])

    assert (posts, intentions) == (list(BATCH.posts), list(BATCH.intentions))
    assert (concepts, runs) == (list(BATCH.concepts), [RUN])


@pytest.mark.parametrize(
    "bad",
    [
        Batch(has_intention=(HasIntention(DOG_POST.id, "a" * 16, "gone"),)),
        Batch(has_intention=(HasIntention("pets:gone", HOME.id, "gone"),)),
        Batch(has_intention=(HasIntention(DOG_POST.id, HOME.id, "gone", "norun"),)),
        Batch(about=(About(HOME.id, "/c/en/gone", "lemma", 0.5),)),
        Batch(related=(Related(DOG.id, "IsA", "/c/en/gone", "conceptnet"),)),
        Batch(mentions=(Mentions("pets:gone", DOG.id, BATCH.mentions[0].aspect, "x"),)),
    ],
)
async def test_a_batch_with_a_missing_end_is_refused_whole(store: GraphStore, bad: Batch) -> None:
    await store.put(BATCH)
    before = await store.counts()

    with pytest.raises(NodeNotFoundError, match=r"gone|norun|aaaa"):
        await store.put(replace(bad, concepts=(Concept.of("/c/en/new"),)))

    assert await store.counts() == before


async def test_a_post_with_another_text_is_refused(store: GraphStore) -> None:
    await store.put(BATCH)

    with pytest.raises(TextConflictError, match=DOG_POST.id):
        await store.put(Batch(posts=(replace(DOG_POST, text="Another text"),)))

    assert await store.posts([DOG_POST.id]) == [DOG_POST]


async def test_a_post_takes_what_another_load_adds_in_either_order(store: GraphStore) -> None:
    bare = replace(DOG_POST, hashtags=("dog",), images=(), image_description="", labels={"a": "1"})

    await store.put(Batch(posts=(bare,)))
    await store.put(Batch(posts=(DOG_POST,)))
    await store.put(Batch(posts=(bare,)))

    (merged,) = await store.posts([DOG_POST.id])
    assert merged == replace(
        DOG_POST, hashtags=("adoptdontshop", "dog"), labels={**DOG_POST.labels, "a": "1"}
    )


async def test_an_image_keeps_the_hash_that_one_load_knew(store: GraphStore) -> None:
    hashed = replace(TRAIN_POST, images=(Image("a.png", "f" * 64),))

    await store.put(Batch(posts=(hashed,)))
    await store.put(Batch(posts=(replace(TRAIN_POST, images=(Image("a.png"),)),)))

    assert await store.posts([TRAIN_POST.id]) == [hashed]


async def test_a_concept_keeps_its_latest_kind(store: GraphStore) -> None:
    for kind in (ConceptKind.EVENT, ConceptKind.EMOTION, ConceptKind.THING):
        await store.put(Batch(concepts=(Concept.of("/c/en/joy", kind),)))

    (joy,) = await store.concepts(["/c/en/joy"])
    assert joy is not None
    assert joy.kind is ConceptKind.EMOTION


async def test_plausibility_and_weight_grow_and_the_lesser_raw_text_stays(
    store: GraphStore,
) -> None:
    await store.put(BATCH)
    has = BATCH.has_intention[0]

    await store.put(Batch(has_intention=(replace(has, raw="A home", plausibility=0.8),)))
    await store.put(Batch(has_intention=(replace(has, raw="Zero", plausibility=0.1),)))

    ((held,),) = await store.intentions_of([DOG_POST.id])
    assert held.has == replace(has, raw="A home", plausibility=0.8)


ESTIMATOR = Run.of("estimate", "plausibility", revision="1")
ESTIMATED = replace(BATCH.has_intention[0], plausibility=0.25, estimator_id=ESTIMATOR.id)


async def test_an_estimate_replaces_a_plausibility_and_names_its_run(store: GraphStore) -> None:
    await store.put(replace(BATCH, runs=(RUN, ESTIMATOR)))

    first = await store.replace_plausibility([ESTIMATED])
    again = await store.replace_plausibility([ESTIMATED])
    await store.put(BATCH)

    ((held,),) = await store.intentions_of([DOG_POST.id])
    assert (first.counts, again) == ({"HAS_INTENTION": 1}, Written())
    assert held.has == ESTIMATED
    assert await store.posts_of([HOME.id], limit=1, where=Filter(plausibility=0.3)) == [[]]


async def test_a_later_estimate_may_be_lower_and_may_be_taken_back(store: GraphStore) -> None:
    await store.put(replace(BATCH, runs=(RUN, ESTIMATOR)))
    lower, none = replace(ESTIMATED, plausibility=0.1), BATCH.has_intention[0]

    for given in (ESTIMATED, lower, none):
        await store.replace_plausibility([given])
        ((held,),) = await store.intentions_of([DOG_POST.id])
        assert held.has == given


async def test_an_estimate_of_a_pair_that_is_not_there_is_passed_over(store: GraphStore) -> None:
    await store.put(replace(BATCH, runs=(RUN, ESTIMATOR)))

    written = await store.replace_plausibility([replace(ESTIMATED, post_id=TRAIN_POST.id)])

    assert written == Written()


async def test_an_estimate_by_a_run_that_is_not_there_is_refused(store: GraphStore) -> None:
    await store.put(BATCH)

    with pytest.raises(NodeNotFoundError, match=ESTIMATOR.id):
        await store.replace_plausibility([ESTIMATED])


async def test_estimates_that_are_put_commute(store: GraphStore) -> None:
    later = Run.of("estimate", "plausibility", revision="2")
    await store.put(replace(BATCH, runs=(RUN, ESTIMATOR, later)))
    greatest = max(ESTIMATOR.id, later.id)
    parts = (
        replace(ESTIMATED, plausibility=0.9, estimator_id=NO_RUN),
        replace(ESTIMATED, plausibility=0.2, estimator_id=greatest),
        ESTIMATED,
        replace(ESTIMATED, estimator_id=later.id),
    )

    for order in permutations(parts):
        await store.replace_plausibility([BATCH.has_intention[0]])
        for part in order:
            await store.put(Batch(has_intention=(part,)))
        ((held,),) = await store.intentions_of([DOG_POST.id])
        assert held.has == replace(ESTIMATED, estimator_id=greatest)


async def test_batches_commute(store: GraphStore) -> None:
    parts = (
        Batch(posts=BATCH.posts, concepts=BATCH.concepts, mentions=BATCH.mentions, runs=(RUN,)),
        replace(BATCH, mentions=(), related=()),
        Batch(concepts=BATCH.concepts, related=BATCH.related),
    )

    for order in permutations(parts):
        for part in order:
            await store.put(part)

    assert await store.posts([p.id for p in BATCH.posts]) == list(BATCH.posts)
    assert (await store.counts()).relationships == {
        "HAS_INTENTION": 5,
        "MENTIONS": 3,
        "ABOUT": 2,
        "RELATED": 2,
    }


async def test_links_are_replaced_and_the_same_links_change_nothing(store: GraphStore) -> None:
    await store.put(BATCH)
    links = [About(HOME.id, SHELTER.id, "lemma", 0.7), About(HOME.id, TRAIN.id, "lemma", 0.5)]

    first = await store.replace_about([HOME.id, ANNOYED.id], links)
    again = await store.replace_about([HOME.id, ANNOYED.id], links)

    assert (first.total, again.total) == (2, 0)
    (linked, none) = await store.about_of([HOME.id, ANNOYED.id])
    assert [link.about for link in linked] == links
    assert none == []


async def test_embeddings_of_another_model_are_refused(store: GraphStore) -> None:
    await store.put(BATCH)
    await embed_intentions(store)
    other = EmbeddingModel("other", "2", 8)

    with pytest.raises(EmbeddingModelError, match=r"axes@1 .* other@2 .*miko embed --replace"):
        await store.require_model(other)

    assert await store.model() == MODEL


async def test_another_model_replaces_all_embeddings(store: GraphStore) -> None:
    await store.put(BATCH)
    await embed_intentions(store)
    other = EmbeddingModel("other", "2", 8)

    await store.replace_model(other)

    assert await store.model() == other
    assert await store.embeddings(NodeKind.INTENTION, [HOME.id]) == [None]
    assert len(await store.unembedded(NodeKind.INTENTION, limit=10)) == 4


async def test_what_has_no_embedding_has_a_text_to_embed(store: GraphStore) -> None:
    blanks = (" \t\n\x0b\x0c\r", "\n", "", "\xa0", " a ", "a\n\nb", "\u2003")
    posts = [Post(f"s:{n}", text, "s", (), (), "seen") for n, text in enumerate(blanks)]
    silent = Intention("0" * 16, Relation.OPEN, " ")
    concept = Concept("/c/en/_", " ")
    await store.put(Batch(tuple(posts), (silent,), (concept,)))

    found = dict(await store.unembedded(NodeKind.POST, limit=10))

    assert [found[post.id] for post in posts] == ["seen"] * 3 + ["\xa0", " a ", "a\n\nb", "\u2003"]
    assert await store.unembedded(NodeKind.INTENTION, limit=10) == [(silent.id, " ")]
    assert await store.unembedded(NodeKind.CONCEPT, limit=10) == [(concept.id, " ")]


async def test_a_mark_is_remembered(store: GraphStore) -> None:
    assert await store.mark("link") == 0

    await store.set_mark("link", 7)

    assert await store.mark("link") == 7


async def test_a_graph_keeps_its_identity_and_another_has_another(
    store: GraphStore, reopen: Opener, tmp_path: Path
) -> None:
    async with (
        reopen() as again,
        connect(StoreSettings(url=f"sqlite:///{tmp_path}/another.db")) as another,
    ):
        identities = [await one.identity() for one in (store, again, another)]

    assert identities[0] == identities[1] != ""
    assert identities[2] not in {"", identities[0]}


async def test_an_empty_graph_answers_every_question(store: GraphStore) -> None:
    assert await store.version() == 0
    assert (await store.counts()).nodes == {"Post": 0, "Intention": 0, "Concept": 0, "Run": 0}
    assert await store.match(NodeKind.POST, "anything", 3) == []
    assert await store.posts([CAKE_POST.id]) == [None]
    assert await store.model() is None
