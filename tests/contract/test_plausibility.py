"""The order of plausibility, on every backend."""

from dataclasses import replace

import pytest
from contract.small_graph import (
    AMUSED,
    ANNOYED,
    BATCH,
    CAKE_POST,
    DOG,
    DOG_POST,
    HOME,
    RUN,
    TRAIN_POST,
    VISIT,
)

from kg.fusion import Scheme
from kg.ranking import Slice, Window
from kg.search import search
from kg.store import GraphStore
from schema.errors import QueryError
from schema.graph import Batch, Filter
from schema.nodes import NodeKind
from schema.relations import Relation
from schema.search import Mode, Order

pytestmark = pytest.mark.anyio

GIVEN = (0.5, 0.2, 0.9, 0.3, None)
"""Of the pairs of BATCH: home; annoyed; amused, by the train's post and by the cake's; visit."""

BY_WORDS = Scheme(Mode.TEXT, order=Order.PLAUSIBILITY)


@pytest.fixture
async def judged(store: GraphStore) -> GraphStore:
    pairs = zip(BATCH.has_intention, GIVEN, strict=True)
    held = tuple(replace(has, plausibility=value) for has, value in pairs)
    await store.put(replace(BATCH, has_intention=held))
    await store.refresh()
    return store


async def test_the_greatest_plausibility_of_a_node_counts(judged: GraphStore) -> None:
    ids = [AMUSED.id, VISIT.id, "nothing", HOME.id, AMUSED.id]

    assert await judged.plausibilities(NodeKind.INTENTION, ids) == [0.9, None, None, 0.5, 0.9]
    posts = [DOG_POST.id, CAKE_POST.id, TRAIN_POST.id]
    assert await judged.plausibilities(NodeKind.POST, posts) == [0.5, 0.3, 0.9]


async def test_only_pairs_that_pass_count(judged: GraphStore) -> None:
    of_food, of_run = Filter(sources=("food",)), Filter(runs=(RUN.id,))
    felt = Filter(relations=(Relation.X_REACT,))
    ids = [AMUSED.id, HOME.id]

    assert await judged.plausibilities(NodeKind.INTENTION, ids, of_food) == [0.3, None]
    assert await judged.plausibilities(NodeKind.POST, [TRAIN_POST.id], felt) == [0.2]
    assert await judged.plausibilities(NodeKind.INTENTION, ids, of_run) == [0.9, 0.5]


async def test_parallel_pairs_count_where_their_run_passes(judged: GraphStore) -> None:
    other = replace(BATCH.has_intention[0], run_id="", plausibility=0.8)
    await judged.put(Batch(has_intention=(other,)))

    assert await judged.plausibilities(NodeKind.INTENTION, [HOME.id]) == [0.8]
    by_run = Filter(runs=(RUN.id,))
    assert await judged.plausibilities(NodeKind.INTENTION, [HOME.id], by_run) == [0.5]


async def test_concepts_have_no_plausibility(judged: GraphStore) -> None:
    with pytest.raises(QueryError, match="concepts have no plausibility"):
        await judged.plausibilities(NodeKind.CONCEPT, [DOG.id])


async def test_a_search_shows_the_most_plausible_first_and_pages_it(judged: GraphStore) -> None:
    text = "annoyed, amused: visit the dog"

    ranking = await search(judged, None, text, Slice(NodeKind.INTENTION), scheme=BY_WORDS)
    two = Slice(NodeKind.INTENTION, window=Window(2))
    first = await search(judged, None, text, two, scheme=BY_WORDS)

    ids = [hit.id for hit in ranking.hits]
    assert ids == [AMUSED.id, HOME.id, ANNOYED.id, VISIT.id]
    assert ([hit.id for hit in first.hits], first.more, first.total) == (ids[:2], True, 4)
