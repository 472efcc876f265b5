"""On random small graphs, paths are what trying everything finds, in the same order."""

import tempfile
from dataclasses import replace
from pathlib import Path

import anyio
from contract.brute_force import best_paths, differing, paths_to
from contract.conftest import Backend
from contract.random_graphs import graphs, node_ids
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from kg.connect import connect
from kg.hops import Ends, Hops
from kg.settings import StoreSettings
from kg.traversal import Paths, paths
from schema.graph import EVERYTHING, Batch, Filter, RelationshipType
from schema.nodes import NodeKind
from schema.relations import Relation

OPEN = Filter(relations=(Relation.OPEN,))
ABOUT_ZERO = Filter(concepts=("/c/en/concept_0",))
COMMONSENSE = frozenset({RelationshipType.ABOUT, RelationshipType.RELATED})

bounds = st.builds(
    Hops,
    most=st.integers(1, 6),
    types=st.sampled_from([frozenset[RelationshipType](), COMMONSENSE]),
    relations=st.sampled_from([frozenset[str](), frozenset({"IsA"})]),
    fan_out=st.sampled_from([1, 2, 100]),
    timeout_s=st.just(60.0),
    where=st.sampled_from([EVERYTHING, OPEN, ABOUT_ZERO]),
)

ends = st.builds(
    Ends, st.sampled_from([None, *NodeKind]), st.sampled_from([None, *RelationshipType])
)


def reaching(hops: Hops, frontier: int, ends: Ends) -> Hops:
    return replace(hops, frontier=frontier, ends=ends)


reaches = st.builds(reaching, bounds, st.sampled_from([1, 2, 3, 100]), ends).filter(
    lambda hops: not hops.types or hops.ends.last_type in {None, *hops.types}
)
narrow = st.builds(
    Hops,
    most=st.integers(1, 2),
    frontier=st.just(1),
    timeout_s=st.just(60.0),
    ends=st.builds(Ends, st.sampled_from(NodeKind))
    | st.builds(Ends, st.none(), st.sampled_from(RelationshipType)),
)
"""Where what is wanted is seldom what is surest."""


def found(
    backend: Backend,
    batch: Batch,
    start_id: str,
    end_id: str | None,
    hops: Hops,
    *,
    overlap: float = 1.0,
) -> Paths:
    async def ask(folder: Path) -> Paths:
        async with connect(StoreSettings(url=await backend.emptied(folder))) as store:
            await store.put(batch)
            return await paths(store, start_id, end_id, hops, limit=100, overlap=overlap)

    with tempfile.TemporaryDirectory() as folder:
        return anyio.run(ask, Path(folder))


@given(graphs, node_ids, node_ids, bounds)
@settings(max_examples=60, deadline=None)
def test_paths_between_two_nodes(
    backend: Backend, batch: Batch, start_id: str, end_id: str, hops: Hops
) -> None:
    assume(start_id != end_id)

    answer = found(backend, batch, start_id, end_id, hops)

    assert answer.paths == tuple(paths_to(batch, start_id, end_id, hops)[:100])


@given(graphs, node_ids, node_ids, bounds, st.sampled_from([0.0, 0.25, 0.34, 0.5, 0.67, 0.99]))
@settings(max_examples=60, deadline=None)
def test_paths_that_differ(
    backend: Backend, batch: Batch, start_id: str, end_id: str, hops: Hops, overlap: float
) -> None:
    assume(start_id != end_id)

    answer = found(backend, batch, start_id, end_id, hops, overlap=overlap)

    every = paths_to(batch, start_id, end_id, hops)
    assert answer.paths == tuple(differing(every, overlap)[:100])


@given(graphs, node_ids, reaches)
@settings(max_examples=60, deadline=None)
def test_the_best_path_to_each_node(
    backend: Backend, batch: Batch, start_id: str, hops: Hops
) -> None:
    answer = found(backend, batch, start_id, None, hops)

    assert answer.paths == tuple(best_paths(batch, start_id, hops))


@given(graphs, node_ids, narrow)
@settings(max_examples=100, deadline=None)
def test_the_last_frontier_holds_what_is_wanted(
    backend: Backend, batch: Batch, start_id: str, hops: Hops
) -> None:
    answer = found(backend, batch, start_id, None, hops)

    assert answer.paths == tuple(best_paths(batch, start_id, hops))
