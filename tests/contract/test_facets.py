"""On random small graphs, facets count what their definition says (schema.facets.Facet)."""

import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import anyio
import pytest
from contract.conftest import Backend
from contract.filtered_graphs import BY_ID, Pair, filters, graphs, is_in, pairs
from contract.small_graph import BATCH
from hypothesis import given, settings
from hypothesis import strategies as st

from kg.connect import connect
from kg.settings import StoreSettings
from kg.store import GraphStore
from schema.errors import QueryError
from schema.facets import ASPECT_OF, COUNTED, Facet, filter_of
from schema.graph import EVERYTHING, Aspect, Batch, Filter, HasIntention
from schema.nodes import NodeKind, Post
from schema.relations import Relation

SUBJECTS = [(kind, by) for kind in COUNTED for by in Facet]
Counted = dict[tuple[NodeKind, Facet], dict[str, int]]


def values(batch: Batch, by: Facet, pair: Pair) -> Iterator[str]:
    """Yield the values that a pair has, some more than once."""
    mentioned = [m for m in batch.mentions if m.post_id == pair.post]
    about = [a.concept_id for a in batch.about if a.intention_id == pair.intention]
    judged = [j for j in batch.judgements if (j.post_id, j.intention_id) == pair[:2]]
    run = BY_ID.get(pair.has.run_id) if pair.has else None
    match by:
        case Facet.RELATION | Facet.SIDE:
            for intention in batch.intentions:
                if intention.id == pair.intention:
                    side = intention.relation.about.side
                    yield (intention.relation if by is Facet.RELATION else side).value
        case Facet.ABOUT:
            yield from about
        case Facet.SOURCE | Facet.LABEL | Facet.HASHTAG:
            for post in batch.posts:
                if post.id == pair.post:
                    labels = [f"{_escaped(n)}={value}" for n, value in post.labels.items()]
                    yield from {
                        Facet.SOURCE: [post.source],
                        Facet.LABEL: labels,
                        Facet.HASHTAG: post.hashtags,
                    }[by]
        case Facet.CONCEPT:
            yield from [*about, *(m.concept_id for m in mentioned)]
        case Facet.ANNOTATOR:
            yield from (j.annotator for j in judged if pair.has)
        case Facet.CHOICE:
            yield from (j.choice for j in judged if pair.has)
        case Facet.RUN | Facet.MODEL | Facet.PROMPT:
            said = {Facet.RUN: "id", Facet.MODEL: "model", Facet.PROMPT: "prompt_hash"}[by]
            yield from [getattr(run, said)] if run else []
        case _:
            yield from (m.concept_id for m in mentioned if m.aspect is ASPECT_OF[by])


def _escaped(name: str) -> str:
    return name.replace("%", "%25").replace("=", "%3D")


def counted(batch: Batch, where: Filter) -> Counted:
    """Count everything by everything, in plain Python."""
    passing = [pair for pair in pairs(batch) if is_in(batch, where, pair)]
    found: Counted = {}
    for by in Facet:
        seen = {(pair[:2], value) for pair in passing for value in values(batch, by, pair)}
        for place, kind in enumerate((NodeKind.POST, NodeKind.INTENTION)):
            nodes = {(ends[place], value) for ends, value in seen if ends[place]}
            found[kind, by] = dict(Counter(value for _, value in nodes))
    return found


@given(
    graphs,
    filters,
    st.lists(st.sampled_from(SUBJECTS), min_size=6, max_size=6, unique=True),
    st.booleans(),
)
@settings(max_examples=12, deadline=None)  # Neo4j plans each statement anew
def test_counts_are_what_the_definition_says(
    backend: Backend,
    batch: Batch,
    where: Filter,
    subjects: list[tuple[NodeKind, Facet]],
    has_columns: bool,
) -> None:
    async def ask(folder: Path) -> Counted:
        async with connect(StoreSettings(url=await backend.emptied(folder))) as store:
            await store.put(batch)
            if has_columns:  # what is asked of the whole graph makes them
                await store.facet(NodeKind.POST, Facet.SOURCE)
            return {(kind, by): dict(await store.facet(kind, by, where)) for kind, by in subjects}

    with tempfile.TemporaryDirectory() as folder:
        found = anyio.run(ask, Path(folder))

    expected = counted(batch, where)
    assert found == {subject: expected[subject] for subject in subjects}


@pytest.fixture
async def small(store: GraphStore) -> GraphStore:
    await store.put(BATCH)
    return store


@pytest.mark.anyio
@pytest.mark.parametrize("kind", COUNTED)
@pytest.mark.parametrize("by", Facet)
@pytest.mark.parametrize("where", [EVERYTHING, Filter(relations=(Relation.O_REACT,))])
async def test_a_value_counts_what_passes_with_its_own_filter(
    small: GraphStore, kind: NodeKind, by: Facet, where: Filter
) -> None:
    found = await small.facet(kind, by, where)

    again = {
        value: await small.count(kind, Filter(all_of=(where, filter_of(by, value))))
        for value in found
    }
    assert found == again


@pytest.mark.anyio
async def test_odd_names_of_labels_come_back(store: GraphStore) -> None:
    post = Post("s:1", "text", "s", labels={"a=b%": "c=d", "x": "1"})
    await store.put(Batch(posts=(post,)))

    found = await store.facet(NodeKind.POST, Facet.LABEL)

    assert found == {"a%3Db%25=c=d": 1, "x=1": 1}
    assert filter_of(Facet.LABEL, "a%3Db%25=c=d") == Filter(labels=(("a=b%", "c=d"),))


@pytest.mark.anyio
async def test_counts_follow_what_is_written(small: GraphStore) -> None:
    before = await small.facet(NodeKind.POST, Facet.RELATION)
    held = BATCH.has_intention[0]
    post = Post("new:1", "text", "new")

    await small.put(
        Batch(posts=(post,), has_intention=(HasIntention(post.id, held.intention_id, "raw"),))
    )

    after = await small.facet(NodeKind.POST, Facet.RELATION)
    assert sum(after.values()) == sum(before.values()) + 1


@pytest.mark.anyio
async def test_concepts_are_not_counted(store: GraphStore) -> None:
    with pytest.raises(QueryError, match="count posts or intentions"):
        await store.facet(NodeKind.CONCEPT, Facet.SOURCE)


def test_every_aspect_but_hashtags_has_a_facet() -> None:
    assert set(ASPECT_OF.values()) == set(Aspect) - {Aspect.HASHTAG}
