"""On random small graphs, a filter lets through what its definition says (schema.graph.Filter)."""

import tempfile
from pathlib import Path

import anyio
import pytest
from contract.conftest import Backend
from contract.filtered_graphs import filters, graphs, is_in, own_holds, pairs
from hypothesis import given, settings

from kg.clauses import clauses_of
from kg.connect import connect
from kg.filters import meant_filter
from kg.settings import StoreSettings
from schema.errors import QueryError
from schema.graph import Batch, Filter
from schema.nodes import NodeKind


def passing(batch: Batch, where: Filter) -> dict[NodeKind, list[str]]:
    passed = [pair for pair in pairs(batch) if is_in(batch, where, pair)]
    posts = {pair.post for pair in passed if pair.post}
    intentions = {pair.intention for pair in passed if pair.intention}
    concepts = {m.concept_id for m in batch.mentions if m.post_id in posts}
    concepts |= {a.concept_id for a in batch.about if a.intention_id in intentions}
    return {
        NodeKind.POST: sorted(posts),
        NodeKind.INTENTION: sorted(intentions),
        NodeKind.CONCEPT: sorted(concepts),
    }


@given(graphs, filters)
@settings(max_examples=25, deadline=None)  # each takes Neo4j seconds: it plans anew
def test_what_passes_is_what_the_definition_says(
    backend: Backend, batch: Batch, where: Filter
) -> None:
    async def ask(folder: Path) -> dict[NodeKind, list[str]]:
        async with connect(StoreSettings(url=await backend.emptied(folder))) as store:
            await store.put(batch)
            return {kind: list((await store.ids(kind, where=where)).ids) for kind in NodeKind}

    with tempfile.TemporaryDirectory() as folder:
        found = anyio.run(ask, Path(folder))

    assert found == passing(batch, where)


@given(graphs, filters)
@settings(deadline=None)
def test_clauses_say_the_same(batch: Batch, where: Filter) -> None:
    clauses = clauses_of(where)

    for pair in pairs(batch):
        holds = not clauses or any(
            all(own_holds(batch, part, pair) is expected for part, expected in clause)
            for clause in clauses
        )
        assert (own_holds(batch, where, pair) and holds) is is_in(batch, where, pair)


def test_a_filter_of_too_many_cases_is_refused() -> None:
    either = [Filter(any_of=(Filter(sources=(f"{n}",)), Filter(sources=("x",)))) for n in range(7)]

    with pytest.raises(QueryError, match="more than 64 cases"):
        meant_filter(Filter(all_of=tuple(either)))


def test_a_filter_that_is_too_deep_is_refused() -> None:
    deep = Filter(sources=("x",))
    for _ in range(9):
        deep = Filter(none_of=(deep,))

    with pytest.raises(QueryError, match="deep"):
        meant_filter(deep)


def test_an_empty_filter_within_one_is_refused() -> None:
    with pytest.raises(QueryError, match="asks for nothing"):
        meant_filter(Filter(none_of=(Filter(),)))
