"""Real Neo4j servers that tests share: one of each version for the whole session."""

import os
from collections.abc import Callable, Generator
from contextlib import ExitStack
from typing import Final, NoReturn

import pytest
from anyio.from_thread import start_blocking_portal
from pydantic import SecretStr

from kg.neo4j.server import running_server
from kg.settings import Neo4jSettings
from schema.errors import ServerStartError

VERSIONS: Final = ("2026.08.1", "5.26.30")
HOW_TO: Final = (
    "install Java 21 and Maven, or set NEO4J_HOME to an installed Neo4j, or set "
    "MIKO_TEST_NEO4J_URL to the address of a running one without a login, whose data will be lost"
)

StartServer = Callable[[str], str]


def small(version: str, password: str = "") -> Neo4jSettings:
    """Return the settings of a server that leaves memory for others."""
    return Neo4jSettings(
        version=version, heap="512m", pagecache="128m", password=SecretStr(password)
    )


def cannot_start(reason: object, how_to: str = HOW_TO) -> NoReturn:
    """End a test that needs a server, or a tool, that is not here: on CI, that is a failure."""
    if os.environ.get("CI"):
        pytest.fail(f"{reason}")
    pytest.skip(f"{reason}; to run this test, {how_to}")


@pytest.fixture(scope="session")
def neo4j_server(tmp_path_factory: pytest.TempPathFactory) -> Generator[StartServer]:
    """Return what starts a version's server, or gives the address of the one it started."""
    started: dict[str, str | ServerStartError] = {}
    is_second = os.environ.get("PYTEST_XDIST_WORKER", "gw0") != "gw0"  # it would empty the other's

    def url_of(version: str) -> str:
        if (url := os.environ.get("MIKO_TEST_NEO4J_URL")) and not is_second:
            return url
        if version not in started:
            folder = tmp_path_factory.mktemp(f"neo4j-{version}")
            server = running_server(small(version), folder)
            try:
                running = portal.wrap_async_context_manager(server)
                started[version] = stack.enter_context(running).url
            except ServerStartError as error:
                started[version] = error
        found = started[version]
        return found if isinstance(found, str) else cannot_start(found)

    with start_blocking_portal() as portal, ExitStack() as stack:
        yield url_of
