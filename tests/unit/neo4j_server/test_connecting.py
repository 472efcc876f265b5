"""What is said when a Neo4j server cannot be asked, and how a session is opened there."""

from collections.abc import AsyncGenerator
from pathlib import Path

import pytest
from contract.conftest import Neo4jBackend
from neo4j_servers import VERSIONS, StartServer, cannot_start, small
from pydantic import SecretStr

from kg.connect import connect
from kg.neo4j.server import running_server
from kg.settings import StoreSettings
from schema.errors import ServerStartError, StoreUnreadableError

pytestmark = pytest.mark.anyio

PASSWORD = SecretStr("tea and cake")


@pytest.fixture
async def guarded(tmp_path: Path) -> AsyncGenerator[str]:
    """Return the address of a server that asks for a login."""
    try:
        settings = small(VERSIONS[0]).model_copy(update={"password": PASSWORD})
        async with running_server(settings, tmp_path) as server:
            yield server.url
    except ServerStartError as error:
        cannot_start(error)


async def refusal(settings: StoreSettings, *, create: bool = True) -> str:
    with pytest.raises(StoreUnreadableError) as raised:
        async with connect(settings, create=create):
            raise AssertionError
    return str(raised.value)


async def test_a_silent_address_is_named_with_the_way_out() -> None:
    said = await refusal(StoreSettings(url="bolt://127.0.0.1:9", timeout_s=0.5))

    assert "no Neo4j server answers" in said
    assert "miko neo4j" in said
    assert "\n" not in said


async def test_a_login_in_the_address_is_not_repeated() -> None:
    said = await refusal(StoreSettings(url="bolt://neo4j:sesame@127.0.0.1:9"))

    assert "MIKO_STORE_PASSWORD" in said
    assert "sesame" not in said


async def test_a_login_is_asked_for(guarded: str) -> None:
    for password in ("", "wrong"):
        settings = StoreSettings(url=guarded, password=SecretStr(password), timeout_s=1.0)
        assert "MIKO_STORE_PASSWORD" in await refusal(settings)

    async with connect(StoreSettings(url=guarded, password=PASSWORD)) as store:
        assert await store.version() == 0


async def test_a_database_that_is_not_there_is_named(neo4j_server: StartServer) -> None:
    settings = StoreSettings(url=neo4j_server(VERSIONS[0]), database="gone", timeout_s=1.0)

    assert "MIKO_STORE_DATABASE" in await refusal(settings)


async def test_a_question_makes_no_graph(neo4j_server: StartServer, tmp_path: Path) -> None:
    url = await Neo4jBackend(neo4j_server(VERSIONS[1])).emptied(tmp_path)
    settings = StoreSettings(url=url)

    assert "there is no graph at" in await refusal(settings, create=False)
