"""What deleting a post promises, on every backend."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from pathlib import Path

import anyio
import numpy as np
import pytest
from contract.conftest import Backend, Opener
from contract.random_graphs import CONCEPTS, INTENTIONS, POSTS
from contract.small_graph import (
    AMUSED,
    ANGER,
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
    VISIT,
)
from exports import exported
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ingest.formats.format import Line, Parsed
from ingest.formats.subgraph import SubgraphFormat
from ingest.link import link
from ingest.load import LoadOptions, LoadReport, load
from ingest.orphans import orphans
from kg.connect import connect
from kg.deletion import Stayed
from kg.hops import Hops
from kg.manifest import Exported
from kg.settings import StoreSettings
from kg.store import GraphStore
from kg.subgraph import Wanted, subgraph
from schema.errors import DeletedPostError, UnknownIdError
from schema.facets import Facet
from schema.graph import About, Aspect, Batch, Filter, HasIntention, Judgement, Mentions, Related
from schema.nodes import Concept, Intention, NodeKind, Post, Run

pytestmark = pytest.mark.anyio

NO_POSTS = ["", "pets", "/c/en/dog", HOME.id, "pets:1\x00", "pets:\ud800", "pets:none", "a:" * 9000]


async def embed_everything(store: GraphStore) -> None:
    """Embed each node by an axis or a diagonal of its own."""
    await store.require_model(MODEL)
    for kind in NodeKind:
        ids = [node_id for node_id, _ in await store.unembedded(kind, limit=100)]
        vectors = np.ones((len(ids), 4), np.float32) + np.arange(4 * len(ids)).reshape(-1, 4)
        lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
        await store.put_embeddings(kind, ids, (vectors / lengths).astype(np.float32))


async def content(store: GraphStore, folder: Path) -> dict[str, bytes]:
    """Return all that an export holds but what the graph remembers of itself."""
    files = await exported(store, folder)
    return {name: held for name, held in files.items() if not name.casefold().startswith("graph")}


async def test_what_nothing_else_holds_goes_with_a_post(store: GraphStore) -> None:
    await store.put(BATCH)
    await embed_everything(store)
    before = await store.version()

    deletion = await store.delete_post(TRAIN_POST.id)

    assert deletion.removed == Batch(
        posts=(TRAIN_POST,),
        intentions=(ANNOYED,),
        concepts=(ANGER, TRAIN),
        has_intention=(BATCH.has_intention[1], BATCH.has_intention[2]),
        mentions=(BATCH.mentions[1], BATCH.mentions[2]),
    )
    assert deletion.stayed == (Stayed(AMUSED.id, posts=1),)
    assert deletion.embeddings == 4
    assert deletion.version_before == before
    assert deletion.version == await store.version() > before
    counts = await store.counts()
    assert counts.nodes == {"Post": 2, "Intention": 3, "Concept": 3, "Run": 1}
    assert counts.embedded == {"Post": 2, "Intention": 3, "Concept": 3}
    assert counts.posts_by_source == {"pets": 1, "food": 1}


async def test_a_post_with_all_that_it_had_alone_goes(store: GraphStore) -> None:
    await store.put(BATCH)

    deletion = await store.delete_post(DOG_POST.id)

    assert deletion.removed.about == BATCH.about
    assert deletion.removed.judgements == BATCH.judgements
    assert deletion.stayed == (Stayed(DOG.id, 0, 0, 2), Stayed(SHELTER.id, 0, 0, 1))
    assert await store.intentions([HOME.id]) == [None]
    assert (await store.counts()).judgements == 0


async def test_an_intention_that_another_post_judges_stays(store: GraphStore) -> None:
    await store.put(BATCH)
    await store.put(Batch(judgements=(Judgement(CAKE_POST.id, ANNOYED.id, "ann", "rejected"),)))

    deletion = await store.delete_post(TRAIN_POST.id)

    assert Stayed(ANNOYED.id, posts=1) in deletion.stayed
    assert await store.intentions([ANNOYED.id]) == [ANNOYED]


async def test_a_concept_that_another_intention_is_about_stays(store: GraphStore) -> None:
    await store.put(BATCH)
    await store.put(Batch(about=(About(AMUSED.id, TRAIN.id, "lemma", 0.7),)))

    deletion = await store.delete_post(TRAIN_POST.id)

    assert Stayed(TRAIN.id, posts=0, intentions=1) in deletion.stayed


async def test_a_run_that_only_the_post_names_goes(store: GraphStore) -> None:
    own = Run.of("extract", "own")
    mention = replace(BATCH.mentions[1], run_id=own.id)
    await store.put(replace(BATCH, runs=(RUN, own), mentions=(mention,)))

    deletion = await store.delete_post(TRAIN_POST.id)

    assert deletion.removed.runs == (own,)
    assert await store.runs([own.id, RUN.id]) == [None, RUN]


async def test_a_run_that_estimates_for_another_post_stays(store: GraphStore) -> None:
    judge = Run.of("estimate", "judge")
    pairs = (
        replace(BATCH.has_intention[n], plausibility=0.5, estimator_id=judge.id) for n in (1, 3)
    )
    await store.put(replace(BATCH, runs=(RUN, judge), has_intention=tuple(pairs)))

    assert (await store.delete_post(TRAIN_POST.id)).removed.runs == ()
    assert judge in (await store.delete_post(CAKE_POST.id)).removed.runs


async def test_no_question_finds_a_deleted_post(store: GraphStore) -> None:
    await store.put(BATCH)
    await embed_everything(store)
    await store.refresh()
    (vector,) = await store.embeddings(NodeKind.POST, [TRAIN_POST.id])
    assert vector is not None
    sarcastic = Filter(labels=(("sarcastic", "1"),))
    before = [hit.id for hit in await store.nearest(NodeKind.POST, vector, 10)]
    assert TRAIN_POST.id in before
    assert await store.count(NodeKind.POST, sarcastic) == 1
    assert await store.facet(NodeKind.POST, Facet.LABEL, sarcastic) == {"sarcastic=1": 1}

    await store.delete_post(TRAIN_POST.id)

    assert await store.posts([TRAIN_POST.id]) == [None]
    assert await store.embeddings(NodeKind.POST, [TRAIN_POST.id]) == [None]
    assert await store.intentions_of([TRAIN_POST.id]) == [[]]
    assert await store.posts_of([AMUSED.id, ANNOYED.id], limit=10) == [[CAKE_POST.id], []]
    assert (await store.ids(NodeKind.POST)).ids == (CAKE_POST.id, DOG_POST.id)
    assert [hit.id for hit in await store.nearest(NodeKind.POST, vector, 10)] == [
        node_id for node_id in before if node_id != TRAIN_POST.id
    ]
    assert await store.match(NodeKind.POST, "train late", 10) == []
    assert await store.match(NodeKind.INTENTION, "annoyed", 10) == []
    assert await store.match(NodeKind.CONCEPT, "anger train", 10) == []
    assert await store.count(NodeKind.POST, sarcastic) == 0
    assert await store.facet(NodeKind.POST, Facet.LABEL, sarcastic) == {}
    assert await store.facet(NodeKind.POST, Facet.SOURCE) == {"pets": 1, "food": 1}
    assert TRAIN_POST.id not in (await store.traverse(AMUSED.id, Hops(3))).hops
    with pytest.raises(UnknownIdError):
        await store.traverse(TRAIN_POST.id, Hops(1))


async def test_a_store_that_was_open_meanwhile_finds_it_no_more(reopen: Opener) -> None:
    async with reopen() as one, reopen() as other:
        await one.put(BATCH)
        await other.refresh()
        assert len(await other.match(NodeKind.POST, "train", 10)) == 1

        await one.delete_post(TRAIN_POST.id)

        assert await other.match(NodeKind.POST, "train", 10) == []
        assert await other.count(NodeKind.POST) == 2


async def test_a_post_is_deleted_once(store: GraphStore) -> None:
    await store.put(BATCH)
    deletion = await store.delete_post(TRAIN_POST.id)

    with pytest.raises(DeletedPostError, match=deletion.time):
        await store.delete_post(TRAIN_POST.id)

    assert await store.version() == deletion.version
    assert await store.deleted([DOG_POST.id, TRAIN_POST.id, TRAIN_POST.id]) == [
        None,
        deletion.time,
        deletion.time,
    ]


@pytest.mark.parametrize("post_id", NO_POSTS, ids=lambda post_id: ascii(post_id)[:20])
async def test_what_is_no_post_cannot_be_deleted(store: GraphStore, post_id: str) -> None:
    await store.put(BATCH)
    version = await store.version()

    with pytest.raises(UnknownIdError):
        await store.delete_post(post_id)

    assert await store.version() == version


async def test_a_deleted_post_is_not_written_again_until_it_is_allowed(store: GraphStore) -> None:
    await store.put(BATCH)
    await store.delete_post(TRAIN_POST.id)
    version = await store.version()

    with pytest.raises(DeletedPostError, match="--allow-deleted"):
        await store.put(BATCH)

    assert await store.version() == version
    assert await store.allow_deleted([TRAIN_POST.id, DOG_POST.id]) == 1
    assert await store.deleted([TRAIN_POST.id]) == [None]
    await store.put(BATCH)
    assert await store.posts([TRAIN_POST.id]) == [TRAIN_POST]


async def loaded(
    store: GraphStore, found: Exported, folder: Path, *, allow_deleted: bool = False
) -> LoadReport:
    file = folder / "subgraph.jsonl"
    file.write_bytes(found.lines)
    return await load(
        store,
        [file],
        rejects=folder / "rejects",
        options=LoadOptions(allow_deleted=allow_deleted),
        progress=lambda _, __: None,
    )


async def test_a_file_of_before_brings_nothing_of_a_deleted_post_back(
    store: GraphStore, tmp_path: Path
) -> None:
    await store.put(BATCH)
    await link(store)
    found = await subgraph(store, Wanted((DOG_POST.id, TRAIN_POST.id, AMUSED.id, VISIT.id)))
    for post in (DOG_POST, TRAIN_POST):
        await store.delete_post(post.id)
    before = await content(store, tmp_path / "before")

    report = (await loaded(store, found, tmp_path)).files[0]

    assert await content(store, tmp_path / "after") == before
    assert report.rejected == 2
    assert sum(report.skipped.values()) == 4  # HOME, ANNOYED, TRAIN, ANGER
    await loaded(store, found, tmp_path, allow_deleted=True)
    again = await subgraph(store, Wanted((DOG_POST.id, TRAIN_POST.id, AMUSED.id, VISIT.id)))
    assert again.content == found.content


async def test_what_a_file_has_for_posts_that_stay_is_loaded(
    store: GraphStore, tmp_path: Path
) -> None:
    await store.put(BATCH)
    found = await subgraph(store, Wanted((TRAIN_POST.id, CAKE_POST.id)))
    for post in (TRAIN_POST, CAKE_POST):
        await store.delete_post(post.id)
    await store.allow_deleted([CAKE_POST.id])

    await loaded(store, found, tmp_path)

    (held,) = await store.intentions_of([CAKE_POST.id])
    assert {one.intention for one in held} == {AMUSED, VISIT}
    assert await store.intentions([ANNOYED.id]) == [None]


async def test_what_the_graph_has_is_loaded_for_whomever_the_file_has_it(
    store: GraphStore, tmp_path: Path
) -> None:
    await store.put(BATCH)
    found = await subgraph(store, Wanted((TRAIN_POST.id,)))
    await store.delete_post(TRAIN_POST.id)

    report = (await loaded(store, found, tmp_path)).files[0]

    assert (report.rejected, report.loaded) == (1, 2)  # AMUSED and the run, which CAKE_POST has
    assert sum(report.skipped.values()) == 3  # ANNOYED, TRAIN, ANGER


async def test_what_is_loaded_after_a_deletion_is_found(store: GraphStore) -> None:
    await store.put(BATCH)
    await store.refresh()
    await store.delete_post(CAKE_POST.id)  # the last: its place may be given to another
    bread = Post("food:4", "Warm bread for nobody", "food")

    await store.put(Batch(posts=(bread,)))

    assert [hit.id for hit in await store.match(NodeKind.POST, "bread cake", 10)] == [bread.id]
    assert await store.posts_of([AMUSED.id], limit=10) == [[TRAIN_POST.id]]


async def test_purging_changes_no_answer(store: GraphStore, tmp_path: Path) -> None:
    await store.put(BATCH)
    await embed_everything(store)
    await store.refresh()
    await store.delete_post(TRAIN_POST.id)
    before = await content(store, tmp_path / "before"), await store.version()

    await store.purge()

    assert (await content(store, tmp_path / "after"), await store.version()) == before
    assert [hit.id for hit in await store.match(NodeKind.POST, "home late", 10)] == [DOG_POST.id]


IDS = [post.id for post in POSTS]
ABOUT_OF = {
    i.id: About(i.id, c.id, "lemma", 0.7) for i, c in zip(INTENTIONS, CONCEPTS, strict=False)
}
"""What each intention is about, whichever posts have it."""

intentions_of = st.frozensets(st.sampled_from(INTENTIONS))
mentions_of = st.frozensets(st.sampled_from(CONCEPTS))
said = st.lists(st.tuples(intentions_of, mentions_of), min_size=len(POSTS), max_size=len(POSTS))
commonsense = st.sets(st.sampled_from([concept.id for concept in CONCEPTS]), max_size=2).map(
    lambda ends: [Related(min(ends), "IsA", max(ends), "cn")] if len(ends) > 1 else []
)


Said = tuple[frozenset[Intention], frozenset[Concept]]


def graph_of(posts: dict[str, Said], related: list[Related]) -> Batch:
    """Return the graph of some posts: no node is in it that none of them needs."""
    intentions = {i for own, _ in posts.values() for i in own}
    about = [ABOUT_OF[i.id] for i in sorted(intentions, key=lambda i: i.id)]
    needed = {r.concept_id for r in about}
    needed |= {end for r in related for end in (r.head_id, r.tail_id)}
    needed |= {c.id for _, own in posts.values() for c in own}
    runs = {post_id: Run.of("infer", post_id) for post_id in posts}
    return Batch(
        posts=tuple(post for post in POSTS if post.id in posts),
        intentions=tuple(intentions),
        concepts=tuple(c for c in CONCEPTS if c.id in needed),
        runs=tuple(run for post_id, run in runs.items() if posts[post_id][0]),
        has_intention=tuple(
            HasIntention(post_id, i.id, f"{post_id} {i.text}", runs[post_id].id)
            for post_id, (own, _) in posts.items()
            for i in own
        ),
        judgements=tuple(
            Judgement(post_id, i.id, "ann", "accepted")
            for post_id, (own, _) in posts.items()
            for i in own
        ),
        mentions=tuple(
            Mentions(post_id, c.id, Aspect.KEYWORD, "raw")
            for post_id, (_, own) in posts.items()
            for c in own
        ),
        about=tuple(about),
        related=tuple(related),
    )


@settings(
    max_examples=10,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(said=said, gone=st.frozensets(st.sampled_from(IDS)), related=commonsense)
def test_deleting_after_a_load_equals_never_loading(
    backend: Backend,
    tmp_path_factory: pytest.TempPathFactory,
    said: list[Said],
    gone: frozenset[str],
    related: list[Related],
) -> None:
    async def check() -> None:
        folder = tmp_path_factory.mktemp("deleting")
        every = dict(zip(IDS, said, strict=True))
        rest = {post_id: own for post_id, own in every.items() if post_id not in gone}
        async with connect(StoreSettings(url=f"sqlite:///{folder}/never.db")) as never:
            await never.put(graph_of(rest, related))
            expected = await content(never, folder / "one")
        async with connect(StoreSettings(url=await backend.emptied(folder))) as store:
            await store.put(graph_of(every, related))

            for post_id in gone:
                await store.delete_post(post_id)

            assert await content(store, folder / "two") == expected

    anyio.run(check)


@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    said=said,
    asked=st.frozensets(st.sampled_from(IDS), min_size=1),
    gone=st.frozensets(st.sampled_from(IDS)),
    related=commonsense,
)
def test_a_load_leaves_out_of_a_file_what_the_deletions_took(
    backend: Backend,
    tmp_path_factory: pytest.TempPathFactory,
    said: list[Said],
    asked: frozenset[str],
    gone: frozenset[str],
    related: list[Related],
) -> None:
    async def check() -> None:
        folder = tmp_path_factory.mktemp("leaving")
        async with connect(StoreSettings(url=await backend.emptied(folder))) as store:
            await store.put(graph_of(dict(zip(IDS, said, strict=True)), related))
            found = await subgraph(store, Wanted(tuple(asked)))
            taken = [(await store.delete_post(post_id)).removed for post_id in gone]

            in_file = {i async for some in rows_of(found) for batch in some for i in ids_of(batch)}
            assert await orphans(store, lambda: rows_of(found)) == in_file & {
                node_id for batch in taken for node_id in ids_of(batch)
            }

    anyio.run(check)


def ids_of(batch: Batch) -> set[str]:
    return {node.id for node in (*batch.intentions, *batch.concepts, *batch.runs)}


async def rows_of(found: Exported) -> AsyncIterator[Sequence[Batch]]:
    """Yield what each line of a file says."""
    for text in found.content.decode().splitlines():
        yield [r.batch for r in SubgraphFormat().rows(Line(1, text)) if isinstance(r, Parsed)]
