"""A graph in a SQLite file, an embedder that needs no model, and a client of the API."""

from collections.abc import AsyncGenerator, Sequence
from pathlib import Path
from typing import Any, Final, Protocol

import httpx
import numpy as np
import pytest
from contract.small_graph import BATCH

from api.app import create_app
from api.settings import ApiSettings
from kg.connect import connect
from kg.settings import StoreSettings
from kg.store import EmbeddingModel, GraphStore, Vector
from schema.graph import Batch
from schema.nodes import NodeKind

DIMENSIONS: Final = 32


class LetterEmbedder:
    """Embeds a text by its letters: the same letters, the same embedding (kg.embedder)."""

    @property
    def model(self) -> EmbeddingModel:
        return EmbeddingModel("letters", "1", DIMENSIONS)

    async def embed(self, texts: Sequence[str]) -> Vector:
        counts = np.ones((len(texts), DIMENSIONS), np.float32)
        for row, text in enumerate(texts):
            for letter in text.casefold():
                counts[row, ord(letter) % DIMENSIONS] += 3
        return counts / np.linalg.norm(counts, axis=1, keepdims=True)


class Asking(Protocol):
    """Sends an operation; returns the whole response, as JSON of any type."""

    async def __call__(self, query: str, **variables: Any) -> dict[str, Any]: ...


async def fill(store: GraphStore, batch: Batch = BATCH) -> None:
    """Write a batch with an embedding for each node."""
    embedder = LetterEmbedder()
    await store.put(batch)
    await store.require_model(embedder.model)
    for kind in NodeKind:
        rows = await store.unembedded(kind, limit=1000)
        embeddings = await embedder.embed([text for _, text in rows])
        await store.put_embeddings(kind, [i for i, _ in rows], embeddings)


def client_of(store: GraphStore, settings: ApiSettings | None = None) -> httpx.AsyncClient:
    """Return a client of an API over a store."""
    app = create_app(store, LetterEmbedder(), settings or ApiSettings())
    transport = httpx.ASGITransport(app)
    return httpx.AsyncClient(transport=transport, base_url="http://localhost")


def asking(client: httpx.AsyncClient) -> Asking:
    """Return a function that sends operations by a client."""

    async def send(query: str, **variables: Any) -> dict[str, Any]:
        body = {"query": query, "variables": variables}
        return (await client.post("/graphql", json=body)).json()

    return send


@pytest.fixture
async def store(tmp_path: Path) -> AsyncGenerator[GraphStore]:
    async with connect(StoreSettings(url=f"sqlite:///{tmp_path}/graph.db")) as opened:
        await fill(opened)
        yield opened


@pytest.fixture
async def client(store: GraphStore) -> AsyncGenerator[httpx.AsyncClient]:
    async with client_of(store) as opened:
        yield opened


@pytest.fixture
def ask(client: httpx.AsyncClient) -> Asking:
    return asking(client)
