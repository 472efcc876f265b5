"""A server that is stopped and started under a load and under questions; two loads at once."""

import logging
import time
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import anyio
import pytest
from contract.conftest import Neo4jBackend
from neo4j_servers import VERSIONS, StartServer, cannot_start, small
from unit.api.conftest import client_of
from unit.ingest.written import record, written

from api.settings import ApiSettings
from ingest import load as loading
from ingest.load import LoadReport, load
from kg.connect import connect
from kg.neo4j.server import Server, running_server
from kg.settings import StoreSettings
from kg.store import GraphStore
from schema.errors import ServerStartError

pytestmark = pytest.mark.anyio

QUERY = {"query": "{ posts { totalCount } }"}


def rows_of(path: Path, first: int, last: int) -> Path:
    rows = (
        record(
            id=f"pets:{number}",
            text=f"Meet dog {number}",
            intentions=[{"relation": "xWant", "text": f"walk dog {number} to the shelter"}],
            key_information={"object": f"leash {number % 100}, dog, shelter"},
        )
        for number in range(first, last)
    )
    return written(path, *rows)


@pytest.fixture(autouse=True)
def small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loading, "BATCH_ROWS", 50)


class Restarted:
    """A server that can be stopped and started on its folder and port."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._running = AsyncExitStack()

    async def start(self, port: int = 0) -> Server:
        server = running_server(small(VERSIONS[0]), self._folder, port=port)
        return await self._running.enter_async_context(server)

    async def stop(self) -> None:
        await self._running.aclose()


@pytest.fixture
async def restarted(tmp_path: Path) -> AsyncGenerator[Restarted]:
    server = Restarted(tmp_path / "server")
    yield server
    await server.stop()


async def counted(store: GraphStore) -> dict[str, int]:
    counts = await store.counts()
    return {**counts.nodes, **counts.relationships}


def expected(posts: int) -> dict[str, int]:
    return {
        "Post": posts,
        "Intention": posts,
        "Concept": 102,
        "Run": 0,
        "HAS_INTENTION": posts,
        "MENTIONS": 3 * posts,
        "ABOUT": 2 * posts,
        "RELATED": 0,
    }


async def test_a_restart_loses_and_doubles_nothing_and_the_api_recovers(
    restarted: Restarted, tmp_path: Path
) -> None:
    file = rows_of(tmp_path / "posts.jsonl", 0, 600)
    try:
        server = await restarted.start()
    except ServerStartError as error:
        cannot_start(error)
    port = int(server.url.rpartition(":")[2])
    routed = StoreSettings(url=server.url.replace("bolt:", "neo4j:"))
    begun = anyio.Event()

    def progress(_done: int, _total: int | None) -> None:
        begun.set()

    async with AsyncExitStack() as opened:
        store = await opened.enter_async_context(connect(StoreSettings(url=server.url)))
        asked = await opened.enter_async_context(connect(routed, create=False, within_s=10))
        client = await opened.enter_async_context(client_of(asked, ApiSettings(timeout_s=10)))
        answers: dict[str, Any] = {}

        async with anyio.create_task_group() as tasks:
            tasks.start_soon(lambda: load(store, [file], rejects=tmp_path / "r", progress=progress))
            await begun.wait()
            answers["before"] = (await client.post("/graphql", json=QUERY)).json()
            await restarted.stop()
            started = time.monotonic()
            answers["down"] = (await client.post("/graphql", json=QUERY)).json()
            answers["down_s"] = time.monotonic() - started
            answers["ready"] = (await client.get("/ready")).json()
            await restarted.start(port)

        answers["after"] = (await client.post("/graphql", json=QUERY)).json()
        held = await counted(store)

    assert 0 < answers["before"]["data"]["posts"]["totalCount"] < 600
    assert answers["down"]["errors"][0]["extensions"]["code"] == "STORE_UNREACHABLE"
    assert answers["down_s"] < 10
    assert answers["ready"]["reason"] == "the graph's server does not answer"
    assert answers["after"] == {"data": {"posts": {"totalCount": 600}}}
    assert held == expected(600)


async def test_two_loads_at_once_give_the_union_and_wait_for_one_another(
    neo4j_server: StartServer, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    url = await Neo4jBackend(neo4j_server(VERSIONS[0])).emptied(tmp_path)
    files = [rows_of(tmp_path / f"{n}.jsonl", 200 * n, 200 * n + 400) for n in range(2)]
    caplog.set_level(logging.DEBUG, "kg.neo4j.retries")

    async def load_one(file: Path) -> LoadReport:
        async with connect(StoreSettings(url=url)) as store:
            rejects = file.with_suffix(".rejects")
            return await load(store, [file], rejects=rejects, progress=lambda _d, _t: None)

    async with anyio.create_task_group() as tasks:
        for file in files:
            tasks.start_soon(load_one, file)

    async with connect(StoreSettings(url=url)) as store:
        assert await counted(store) == expected(600)
    assert len([r for r in caplog.records if r.name == "kg.neo4j.retries"]) < 10
