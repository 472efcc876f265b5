"""Opening what requests are answered from: the store, and the model that embedded it."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from api.context import Source
from api.loaders import CountsByVersion
from api.settings import ApiSettings
from kg.connect import connect
from kg.embedder import Embedder
from kg.settings import EmbedderSettings, StoreSettings
from kg.store import GraphStore
from schema.errors import EmbeddingModelError, MikoError, StoreUnreachableError


def source_of(store: GraphStore, embedder: Embedder, settings: ApiSettings) -> Source:
    """Return what requests are answered from, given what is open."""
    return Source(store, embedder, settings, CountsByVersion(store))


@asynccontextmanager
async def open_source(
    stores: StoreSettings, embedders: EmbedderSettings, settings: ApiSettings
) -> AsyncGenerator[Source]:
    """Open the graph, load the model, and close both at the end.

    Raises:
        StoreUnreadableError: There is no graph at the address.
        EmbeddingModelError: Another model embedded it.
    """
    from kg.sentence_embedder import sentence_embedder

    async with (
        connect(stores, create=False, within_s=settings.timeout_s) as store,
        sentence_embedder(embedders) as embedder,
    ):
        stored = await store.model()
        if stored is not None and stored != embedder.model:
            raise EmbeddingModelError(str(stored), str(embedder.model))
        yield source_of(store, embedder, settings)


async def why_not_ready(source: Source | None) -> str | None:
    """Say why a search would fail, or None where it would not; file names are left out."""
    if source is None:
        return "the graph is not open yet"
    try:
        model = await source.store.model()
    except StoreUnreachableError:
        return "the graph's server does not answer"
    except MikoError:
        return "the graph cannot be read"
    if model is None:
        return "the graph has no embeddings yet: run `miko embed`"
    if model != source.embedder.model:
        return str(EmbeddingModelError(str(model), str(source.embedder.model)))
    return None
