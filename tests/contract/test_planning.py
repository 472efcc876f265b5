"""What setting up and planning promise, on every backend."""

import pytest
from contract.small_graph import AXES, BATCH, embed_intentions

from kg.store import GraphStore
from schema.graph import Filter
from schema.nodes import NodeKind
from schema.relations import Relation

pytestmark = pytest.mark.anyio

KIND = NodeKind.INTENTION


@pytest.fixture
async def graph(store: GraphStore) -> GraphStore:
    await store.put(BATCH)
    await embed_intentions(store)
    return store


async def test_setting_up_again_changes_nothing(graph: GraphStore) -> None:
    first = await graph.set_up()

    second = await graph.set_up()

    assert (second.made, second.migrated) == ((), ())
    assert sorted(second.there) == sorted((*first.made, *first.migrated, *first.there))
    assert [hit.similarity for hit in await graph.nearest(KIND, AXES[0], 1)] == [1.0]


async def test_a_plan_says_how_many_nodes_pass(graph: GraphStore) -> None:
    every = await graph.plan(KIND, 3)
    one = await graph.plan(KIND, 3, Filter(relations=(Relation.X_WANT,)))
    none = await graph.plan(KIND, 3, Filter(hashtags=("nothing",)))

    assert (every.nodes, every.estimated, every.share) == (4, 4, 1.0)
    assert (one.nodes, one.estimated, one.share) == (4, 1, 0.25)
    assert (none.nodes, none.estimated, none.share) == (4, 0, 0.0)


async def test_a_plan_of_an_empty_graph_finds_nothing(store: GraphStore) -> None:
    plan = await store.plan(NodeKind.POST, 10, Filter(sources=("pets",)))

    assert (plan.nodes, plan.estimated, plan.share) == (0, 0, 0.0)
