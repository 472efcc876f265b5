"""The contract suite runs over every backend: a new one is a parameter here, and no new test."""

from collections.abc import AsyncGenerator
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Protocol

import neo4j
import pytest
from neo4j_servers import VERSIONS, StartServer

from kg.connect import connect
from kg.settings import StoreSettings
from kg.store import GraphStore

SQLITE = "sqlite"


class Opener(Protocol):
    """Opens the same graph each time it is called."""

    def __call__(self) -> AbstractAsyncContextManager[GraphStore]: ...


class Backend(Protocol):
    """Where graphs of one backend are."""

    async def emptied(self, folder: Path) -> str:
        """Return the address of an empty graph; of a backend that has one graph, it is emptied."""
        ...


class SqliteBackend:
    """Files in folders of their own."""

    async def emptied(self, folder: Path) -> str:
        return f"sqlite:///{folder}/graph.db"


class Neo4jBackend:
    """A server's one database."""

    def __init__(self, url: str) -> None:
        self._url = url

    async def emptied(self, folder: Path) -> str:  # noqa: ARG002 its graph is in no folder
        async with (
            neo4j.AsyncGraphDatabase.driver(self._url) as driver,  # pyright: ignore[reportUnknownMemberType]
            driver.session() as session,  # pyright: ignore[reportUnknownMemberType]
        ):  # a part at a time: the whole in one transaction is more than a small server holds
            await session.run("MATCH (n) CALL (n) { DETACH DELETE n } IN TRANSACTIONS OF 1000 ROWS")
        return self._url


@pytest.fixture(scope="session", params=[SQLITE, *VERSIONS])
def backend(request: pytest.FixtureRequest, neo4j_server: StartServer) -> Backend:
    if request.param == SQLITE:
        return SqliteBackend()
    return Neo4jBackend(neo4j_server(request.param))


@pytest.fixture
async def reopen(backend: Backend, tmp_path: Path) -> Opener:
    settings = StoreSettings(url=await backend.emptied(tmp_path), timeout_s=1.0)
    return lambda: connect(settings)


@pytest.fixture
async def store(reopen: Opener) -> AsyncGenerator[GraphStore]:
    async with reopen() as opened:
        yield opened
