"""What becomes of writers that meet at one server."""

from collections.abc import AsyncGenerator, Awaitable, Callable
from pathlib import Path
from typing import Any

import anyio
import pytest
from contract.conftest import Neo4jBackend
from contract.small_graph import AXES, BATCH, DOG_POST, HOME, embed_intentions
from neo4j_servers import VERSIONS, StartServer

from kg.connect import connect
from kg.neo4j import meta
from kg.neo4j.database import Address, Database, Transaction, Work, open_database
from kg.settings import StoreSettings
from kg.store import EmbeddingModel, GraphStore
from schema.errors import StoreBusyError, StoreUnreadableError
from schema.nodes import NodeKind

pytestmark = pytest.mark.anyio

OTHER_MODEL = EmbeddingModel("other", "1", 4)


@pytest.fixture
async def url(neo4j_server: StartServer, tmp_path: Path) -> str:
    return await Neo4jBackend(neo4j_server(VERSIONS[0])).emptied(tmp_path)


@pytest.fixture
async def store(url: str) -> AsyncGenerator[GraphStore]:
    """Return the small graph, its intentions embedded."""
    async with connect(StoreSettings(url=url)) as opened:
        await opened.put(BATCH)
        await embed_intentions(opened)
        yield opened


Then = Callable[[int], Awaitable[None]]


@pytest.fixture
def after_each_write(monkeypatch: pytest.MonkeyPatch) -> Callable[[Then], None]:
    """Return what has something done after each transaction, told how many there were."""

    def has_done(then: Then) -> None:
        write, count = Database.write, iter(range(1, 1000))

        async def and_then(self: Database, work: Work[Any]) -> Any:
            done = await write(self, work)
            await then(next(count))
            return done

        monkeypatch.setattr(Database, "write", and_then)

    return has_done


async def test_what_is_embedded_while_the_model_is_replaced_does_not_stay(
    url: str, store: GraphStore, after_each_write: Callable[[Then], None]
) -> None:
    async with connect(StoreSettings(url=url)) as other:

        async def embed_a_post(writes: int) -> None:
            if writes == 1:
                await other.put_embeddings(NodeKind.POST, [DOG_POST.id], AXES[:1])

        after_each_write(embed_a_post)
        await store.replace_model(OTHER_MODEL)

    assert await store.model() == OTHER_MODEL
    assert await store.embeddings(NodeKind.POST, [DOG_POST.id]) == [None]
    assert sum((await store.counts()).embedded.values()) == 0


async def test_a_replacing_that_was_stopped_has_raised_the_version(
    store: GraphStore, after_each_write: Callable[[Then], None]
) -> None:
    before = await store.version()

    async def stop(writes: int) -> None:
        if writes == 2:
            raise KeyboardInterrupt

    after_each_write(stop)
    with pytest.raises(KeyboardInterrupt):
        await store.replace_model(OTHER_MODEL)

    assert await store.embeddings(NodeKind.INTENTION, [HOME.id]) == [None]
    assert await store.version() > before


async def test_who_waits_for_another_writer_for_too_long_is_told(
    url: str, store: GraphStore
) -> None:
    begun, told = anyio.Event(), anyio.Event()

    async def hold(transaction: Transaction) -> None:
        await meta.lock(transaction)
        begun.set()
        await told.wait()

    async with (
        open_database(Address(url)) as holding,
        connect(StoreSettings(url=url, timeout_s=1.0)) as waiting,
        anyio.create_task_group() as tasks,
    ):
        tasks.start_soon(holding.write, hold)
        await begun.wait()
        for write in (lambda: waiting.put(BATCH), lambda: waiting.set_mark("link", 1)):
            with anyio.fail_after(3), pytest.raises(StoreBusyError, match="MIKO_STORE_TIMEOUT_S"):
                await write()
        told.set()

    async with connect(StoreSettings(url=url, timeout_s=1.0)) as after:
        await after.set_mark("link", 1)


async def test_a_graph_that_was_emptied_meanwhile_is_told(
    url: str, store: GraphStore, tmp_path: Path
) -> None:
    await Neo4jBackend(url).emptied(tmp_path)

    with pytest.raises(StoreUnreadableError, match="miko load"):
        await store.version()
    with pytest.raises(StoreUnreadableError, match="miko load"):
        await store.put(BATCH)
