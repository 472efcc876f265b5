"""Lift and comparison on a small graph: what they refuse, and what lies at their edges."""

import pytest
from contract.small_graph import BATCH

from kg.facets import Cut, Subject, compare, facet, lift
from kg.store import GraphStore
from schema.errors import QueryError, StoreBusyError
from schema.facets import Facet
from schema.graph import EVERYTHING, Batch, Filter
from schema.nodes import NodeKind, Post
from schema.relations import Relation

pytestmark = pytest.mark.anyio

SOURCES = Subject(NodeKind.POST, Facet.SOURCE)
ALL = Cut(least=1)
NOWHERE = Filter(hashtags=("nowhere",))


@pytest.fixture
async def small(store: GraphStore) -> GraphStore:
    await store.put(BATCH)
    return store


@pytest.mark.parametrize(
    "subject",
    [
        Subject(NodeKind.POST, Facet.ABOUT),
        Subject(NodeKind.POST, Facet.CONCEPT),
        Subject(NodeKind.INTENTION, Facet.EMOTION),
        Subject(NodeKind.INTENTION, Facet.RUN),
    ],
)
async def test_values_of_pairs_have_no_lift(small: GraphStore, subject: Subject) -> None:
    with pytest.raises(QueryError, match=f"{subject.by.name} is not of {subject.kind.name} alone"):
        await lift(small, subject, Filter(relations=(Relation.X_WANT,)))


async def test_a_background_without_nodes_has_no_lifts(small: GraphStore) -> None:
    found = await lift(small, SOURCES, EVERYTHING, background=NOWHERE)

    assert (found.group, found.background, found.compared, found.lifts) == (0, 0, 0, ())


async def test_a_group_without_nodes_has_no_lifts(small: GraphStore) -> None:
    found = await lift(small, SOURCES, NOWHERE, cut=ALL)

    posts = await small.count(NodeKind.POST)
    assert (found.group, found.background, found.compared, found.lifts) == (0, posts, 0, ())


async def test_posts_in_both_groups_are_counted_as_such(small: GraphStore) -> None:
    """A post with intentions of both relations is in both, though no pair is."""
    posts = await small.count(NodeKind.POST)
    a, b = Filter(relations=(Relation.X_REACT,)), Filter(relations=(Relation.O_REACT,))
    in_a, in_b = await small.count(NodeKind.POST, a), await small.count(NodeKind.POST, b)

    found = await compare(small, SOURCES, (a, b), cut=ALL)
    against_all = await compare(small, SOURCES, (a, EVERYTHING), cut=ALL)

    assert (found.total_a, found.total_b) == (in_a, in_b)
    assert found.total_both == 1  # rail:2
    assert (against_all.total_both, against_all.total_b) == (in_a, posts)


async def test_nothing_is_compared_with_an_empty_group(small: GraphStore) -> None:
    posts = await small.count(NodeKind.POST)

    found = await compare(small, SOURCES, (EVERYTHING, NOWHERE), cut=ALL)

    assert (found.total_a, found.total_b, found.total_both) == (posts, 0, 0)
    assert (found.compared, found.contrasts) == (0, ())


@pytest.mark.parametrize("least", [0, -1, 10**7])
def test_what_is_compared_must_be_had_by_one_node_at_least(least: int) -> None:
    with pytest.raises(QueryError, match="least is"):
        Cut(least)


async def test_counts_of_two_versions_are_not_put_together(
    small: GraphStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Someone writes between all questions."""
    count, written = small.count, iter(range(100))

    async def count_and_write(kind: NodeKind, where: Filter = EVERYTHING) -> int:
        await small.put(Batch(posts=(Post(f"late:{next(written)}", "text", "late"),)))
        return await count(kind, where)

    monkeypatch.setattr(small, "count", count_and_write)

    with pytest.raises(StoreBusyError, match="being written to"):
        await facet(small, SOURCES)
