"""Drawing what is to be judged from any store, and putting judgements into it."""

from collections import Counter

import pytest
from contract.small_graph import BATCH, CAKE_POST, DOG_POST, HOME, TRAIN_POST, VISIT

from evaluation.annotation.choices import Choice
from evaluation.annotation.into_graph import Loaded, load_judgements
from evaluation.annotation.items import Item
from evaluation.annotation.judged import ItemKey, Judged
from evaluation.annotation.sample import Draw, items_of, sample
from kg.store import GraphStore
from schema.errors import InputError
from schema.graph import Batch, Filter, HasIntention
from schema.nodes import Intention, NodeKind, Post
from schema.relations import RELATIONS, Relation

pytestmark = pytest.mark.anyio

POSTS = tuple(Post(f"many:{n:03}", f"post {n}", "many") for n in range(40))
SHARED = Intention.of(Relation.X_REACT, "happy")
OWN = tuple(Intention.of(Relation.X_WANT, f"be seen {n}") for n in range(len(POSTS)))
MANY = Batch(
    posts=POSTS,
    intentions=(SHARED, *OWN),
    has_intention=(
        *(HasIntention(post.id, SHARED.id, "happy") for post in POSTS[:30]),
        *(
            HasIntention(post.id, intention.id, intention.text)
            for post, intention in zip(POSTS, OWN, strict=True)
        ),
    ),
)
HOME_KEY = ItemKey(DOG_POST.id, HOME.relation, HOME.id)
VISIT_KEY = ItemKey(CAKE_POST.id, VISIT.relation, VISIT.id)


def silent(done: int, total: int | None) -> None:
    """Show no progress."""


async def drawn(
    store: GraphStore, most: int, seed: int = 0, where: Filter | None = None
) -> list[Item]:
    return await sample(store, Draw(most, seed, where or Filter()), silent)


async def test_a_sample_has_as_many_of_each_relation_and_no_pair_twice(store: GraphStore) -> None:
    await store.put(MANY)

    items = await drawn(store, 10)

    assert Counter(one.key.relation for one in items) == {Relation.X_WANT: 10, Relation.X_REACT: 10}
    assert len({one.key for one in items}) == 20


async def test_the_relations_of_a_sample_are_mixed(store: GraphStore) -> None:
    await store.put(MANY)

    items = await drawn(store, 30)

    assert len({one.key.relation for one in items[:10]}) == 2


async def test_a_sample_depends_on_the_seed_and_the_pairs_alone(store: GraphStore) -> None:
    await store.put(MANY)
    first = await drawn(store, 10)
    other = await drawn(store, 10, seed=1)
    await store.put(BATCH)

    again = await drawn(store, 10, where=Filter(sources=("many",)))

    assert first == again
    assert first != other
    assert first[0].key == ItemKey("many:028", Relation.X_REACT, SHARED.id)  # on each store


async def test_each_pair_is_as_likely_also_where_posts_share_an_intention(
    store: GraphStore,
) -> None:
    await store.put(MANY)
    counts: Counter[str] = Counter()
    for seed in range(30):
        items = await drawn(store, 10, seed, Filter(relations=(Relation.X_REACT,)))
        counts.update(one.key.post_id for one in items)

    # Of 300 draws from 30 posts, each is drawn 10 times but for chance (sd 2.6).
    assert len(counts) == 30
    assert max(counts.values()) < 21


async def test_less_is_drawn_where_there_is_less(store: GraphStore) -> None:
    await store.put(BATCH)

    assert len(await drawn(store, 100)) == len(BATCH.has_intention)
    assert await drawn(store, 100, where=Filter(sources=("nowhere",))) == []


async def test_only_pairs_that_pass_are_drawn(store: GraphStore) -> None:
    await store.put(BATCH)

    judged = await drawn(store, 100, where=Filter(annotators=("ann",)))
    late = await drawn(store, 100, where=Filter(labels=(("sarcastic", "1"),)))

    assert [one.key for one in judged] == [HOME_KEY]
    assert {one.key.post_id for one in late} == {TRAIN_POST.id}


async def test_what_was_drawn_before_can_be_left_out(store: GraphStore) -> None:
    await store.put(MANY)
    before = frozenset(one.key for one in await drawn(store, 25))

    more = await sample(store, Draw(25, without=before), silent)

    assert Counter(one.key.relation for one in more) == {Relation.X_WANT: 15, Relation.X_REACT: 5}
    assert not before & {one.key for one in more}


async def test_an_item_is_in_the_words_of_the_post_and_of_its_run(store: GraphStore) -> None:
    await store.put(BATCH)

    (item,) = await items_of(store, [HOME_KEY])

    assert item.sentence == RELATIONS[HOME.relation].sentence("Find a home for the dog")
    assert (item.text, item.image) == (DOG_POST.text, "rex.jpg")
    assert item.image_description == "A brown dog in a shelter"


async def test_a_raw_sentence_keeps_one_frame(store: GraphStore) -> None:
    frame = RELATIONS[HOME.relation].frame
    whole = HasIntention(CAKE_POST.id, HOME.id, f"{frame} find a home for the dog.")
    await store.put(BATCH)
    await store.put(Batch(has_intention=(whole,)))

    (item,) = await items_of(store, [ItemKey(CAKE_POST.id, HOME.relation, HOME.id)])

    assert item.sentence == f"{frame} find a home for the dog."


async def test_items_that_the_graph_has_not_are_left_out(store: GraphStore) -> None:
    await store.put(BATCH)
    gone = ItemKey("pets:gone", HOME.relation, HOME.id)
    not_its = ItemKey(CAKE_POST.id, HOME.relation, HOME.id)

    items = await items_of(store, [gone, HOME_KEY, not_its])

    assert [one.key for one in items] == [HOME_KEY]


async def test_decisions_are_found_by_the_filters(store: GraphStore) -> None:
    await store.put(BATCH)
    decisions = [
        Judged(HOME_KEY, "adjudicated", Choice.ACCEPTED, "2026-01-20T12:00:00Z"),
        Judged(VISIT_KEY, "adjudicated", Choice.REJECTED),
    ]

    loaded = await load_judgements(store, decisions, silent)

    accepted = Filter(annotators=("adjudicated",), choices=("accepted",))
    assert loaded == Loaded(2, 0, 0)
    assert (await store.ids(NodeKind.INTENTION, where=accepted)).ids == (HOME.id,)
    assert (await store.ids(NodeKind.POST, where=accepted)).ids == (DOG_POST.id,)


async def test_loading_twice_is_loading_once(store: GraphStore) -> None:
    await store.put(BATCH)
    decisions = [Judged(HOME_KEY, "adjudicated", Choice.ACCEPTED, "2026-01-20T12:00:00Z")]
    await load_judgements(store, decisions, silent)
    version = await store.version()

    again = await load_judgements(store, decisions, silent)

    assert again == Loaded(0, 1, 0)
    assert await store.version() == version


async def test_what_the_graph_has_not_is_counted_and_not_written(store: GraphStore) -> None:
    await store.put(BATCH)
    strays = [
        Judged(ItemKey("pets:gone", HOME.relation, HOME.id), "alice", Choice.VERY_RELEVANT),
        Judged(ItemKey(CAKE_POST.id, HOME.relation, HOME.id), "alice", Choice.VERY_RELEVANT),
        Judged(ItemKey(DOG_POST.id, HOME.relation, ""), "alice", Choice.VERY_RELEVANT),
    ]

    assert await load_judgements(store, strays, silent) == Loaded(0, 0, 3)


async def test_nothing_is_written_where_an_annotator_chose_otherwise(store: GraphStore) -> None:
    await store.put(BATCH)
    judgements = [
        Judged(VISIT_KEY, "ann", Choice.ACCEPTED),
        Judged(HOME_KEY, "ann", Choice.REJECTED, "2026-01-20T12:00:00Z"),
    ]

    with pytest.raises(InputError, match="'ann' chose 'accepted' in the graph, and here 'reject"):
        await load_judgements(store, judgements, silent)

    assert await store.judgements_of([CAKE_POST.id]) == [[]]
