"""Which intentions a post passes a filter with is what the filter's definition says."""

import tempfile
from pathlib import Path

import anyio
from contract.conftest import Backend
from contract.filtered_graphs import filters, graphs, is_in, pairs
from hypothesis import given, settings

from kg.connect import connect
from kg.pairs import intentions_that_pass
from kg.settings import StoreSettings
from schema.graph import Batch, Filter
from schema.nodes import NodeKind


@given(graphs, filters)
@settings(max_examples=20, deadline=None)  # each takes Neo4j seconds: it plans anew
def test_the_intentions_of_a_post_that_pass(backend: Backend, batch: Batch, where: Filter) -> None:
    async def ask(folder: Path) -> dict[str, set[str]]:
        async with connect(StoreSettings(url=await backend.emptied(folder))) as store:
            await store.put(batch)
            ids = (await store.ids(NodeKind.POST, where=where)).ids
            found = await intentions_that_pass(store, ids, where)
            return {post_id: {one.id for one in some} for post_id, some in found.items() if some}

    with tempfile.TemporaryDirectory() as folder:
        found = anyio.run(ask, Path(folder))

    expected: dict[str, set[str]] = {}
    for pair in pairs(batch):
        if pair.has and is_in(batch, where, pair):
            expected.setdefault(pair.has.post_id, set()).add(pair.has.intention_id)
    assert found == expected
