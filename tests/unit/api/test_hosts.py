"""A request is answered where it is addressed to this machine, and not to a page's own name."""

import httpx
import pytest
from unit.api.conftest import client_of

from api.settings import ApiSettings
from kg.store import GraphStore

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize("host", ["localhost:8000", "127.0.0.1", "[::1]:8000", "10.0.0.7:80"])
async def test_addresses_and_localhost_are_known(client: httpx.AsyncClient, host: str) -> None:
    answer = await client.get("/health", headers={"host": host})

    assert answer.status_code == 200


@pytest.mark.parametrize(
    "host", ["evil.example", "localhost.evil.example", "[evil]:80", "[::1", ""]
)
async def test_another_name_is_refused(client: httpx.AsyncClient, host: str) -> None:
    answer = await client.get("/health", headers={"host": host})

    assert answer.status_code == 421
    assert "MIKO_API_ALLOWED_HOSTS" in answer.json()["errors"][0]["message"]


async def test_a_name_that_is_allowed_is_known(store: GraphStore) -> None:
    async with client_of(store, ApiSettings(allowed_hosts=["Miko.example"])) as client:
        answer = await client.get("/health", headers={"host": "miko.example:443"})

    assert answer.status_code == 200
