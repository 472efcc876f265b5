"""How a command asks: opens the graph, loads the model where it is needed, waits for the answer."""

from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, TypeVar

from rich.console import Console
from rich.status import Status

from schema.errors import EmbeddingModelError, QueryError

if TYPE_CHECKING:
    from kg.embedder import Embedder
    from kg.store import GraphStore

T = TypeVar("T")


def answer(question: Callable[[], Awaitable[T]]) -> T:
    """Run an async function to its end."""
    import anyio

    return anyio.run(question)


@asynccontextmanager
async def graph(url: str) -> "AsyncGenerator[GraphStore]":
    """Open the graph at an address, which must be there."""
    from kg.connect import connect
    from kg.settings import StoreSettings

    async with connect(StoreSettings(url=url), create=False) as store:
        yield store


@asynccontextmanager
async def model(store: "GraphStore", *, needed: bool = True) -> "AsyncGenerator[Embedder | None]":
    """Load the embedding model, which must be the one that embedded the graph.

    Raises:
        QueryError: None did yet; told before the model is loaded.
        EmbeddingModelError: Another one did.
    """
    if not needed:
        yield None
        return
    from kg.sentence_embedder import sentence_embedder
    from kg.settings import EmbedderSettings

    stored = await store.model()
    if stored is None:
        raise QueryError(
            "the graph has no embeddings yet: run `miko embed`, or search words by --mode text"
        )
    with waiting("Loading the embedding model"):
        async with sentence_embedder(EmbedderSettings()) as embedder:
            if stored != embedder.model:
                raise EmbeddingModelError(str(stored), str(embedder.model))
            yield embedder


def waiting(what: str) -> Status:
    """Show that something takes its time, on standard error."""
    return Status(what, console=Console(stderr=True))
