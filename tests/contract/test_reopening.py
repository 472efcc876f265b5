"""What is kept when a graph is closed and opened again, on every backend."""

import pytest
from contract.conftest import Opener
from contract.small_graph import AXES, BATCH, MODEL, embed_intentions

from schema.nodes import NodeKind

pytestmark = pytest.mark.anyio


async def test_everything_is_there_when_the_graph_is_opened_again(reopen: Opener) -> None:
    async with reopen() as store:
        await store.put(BATCH)
        await embed_intentions(store)
        await store.refresh()
        before = (await store.version(), await store.counts())
        near = await store.nearest(NodeKind.INTENTION, AXES[1], 3)

    async with reopen() as store:
        assert (await store.version(), await store.counts()) == before
        assert await store.model() == MODEL
        assert await store.nearest(NodeKind.INTENTION, AXES[1], 3) == near
        assert len(await store.match(NodeKind.INTENTION, "amused", 3)) == 1


async def test_two_openers_see_what_the_other_writes(reopen: Opener) -> None:
    async with reopen() as one, reopen() as two:
        assert await two.match(NodeKind.INTENTION, "amused", 3) == []

        await one.put(BATCH)
        await embed_intentions(one)

        assert len(await two.match(NodeKind.INTENTION, "amused", 3)) == 1
        assert len(await two.nearest(NodeKind.INTENTION, AXES[1], 3)) == 3
        assert await two.version() == await one.version()
