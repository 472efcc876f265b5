"""Whether the API is alive, whether it can answer, and how it comes up."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest
from contract.small_graph import BATCH
from unit.api.conftest import LetterEmbedder, client_of

from api.app import create_lasting_app
from api.context import Source
from api.opening import open_source, source_of
from api.settings import ApiSettings
from kg.connect import connect
from kg.settings import EmbedderSettings, StoreSettings
from kg.store import EmbeddingModel, GraphStore
from schema.errors import StoreUnreadableError

pytestmark = pytest.mark.anyio

QUERY = {"query": "{ stats { judgements } }"}


async def test_a_graph_that_can_be_asked_is_ready(client: httpx.AsyncClient) -> None:
    health, ready = await client.get("/health"), await client.get("/ready")

    assert (health.status_code, health.json()) == (200, {"status": "alive"})
    assert (ready.status_code, ready.json()) == (200, {"status": "ready"})


async def test_a_graph_without_embeddings_is_not_ready(tmp_path: Path) -> None:
    async with connect(StoreSettings(url=f"sqlite:///{tmp_path}/graph.db")) as store:
        await store.put(BATCH)
        async with client_of(store) as client:
            ready = await client.get("/ready")

    assert ready.status_code == 503
    assert "miko embed" in ready.json()["reason"]


async def test_a_graph_of_another_model_is_not_ready(store: GraphStore) -> None:
    await store.replace_model(EmbeddingModel("numbers", "2", 16))

    async with client_of(store) as client:
        ready = await client.get("/ready")

    assert ready.status_code == 503
    assert "numbers@2" in ready.json()["reason"]


async def test_an_application_opens_its_source_when_it_starts(store: GraphStore) -> None:
    settings = ApiSettings()

    @asynccontextmanager
    async def opened() -> AsyncGenerator[Source]:
        yield source_of(store, LetterEmbedder(), settings)

    app = create_lasting_app(opened, settings)
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
        early = await client.post("/graphql", json=QUERY)
        waiting = await client.get("/ready")
        async with app.router.lifespan_context(app):
            answer = await client.post("/graphql", json=QUERY)
        late = await client.post("/graphql", json=QUERY)

    assert answer.json() == {"data": {"stats": {"judgements": 1}}}
    assert waiting.json()["reason"] == "the graph is not open yet"
    assert early.json()["errors"][0]["extensions"]["code"] == "NOT_READY"
    assert (early.status_code, waiting.status_code, late.status_code) == (503, 503, 503)


async def test_a_graph_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    stores = StoreSettings(url=f"sqlite:///{tmp_path}/gone.db")

    with pytest.raises(StoreUnreadableError, match="there is no graph"):
        async with open_source(stores, EmbedderSettings(), ApiSettings()):
            raise AssertionError
