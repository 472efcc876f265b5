"""One operation answered without a server, by the same schema and limits as the server's."""

from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack
from typing import Any

import anyio
from strawberry.schema.exceptions import CannotGetOperationTypeError, InvalidOperationTypeError

from api.endpoint import READING, answer_of
from api.graphql_schema import build_graphql_schema
from api.opening import source_of
from api.settings import ApiSettings
from kg.connect import connect
from kg.embedder import Embedder
from kg.settings import EmbedderSettings, StoreSettings
from kg.store import EmbeddingModel, GraphStore, Vector
from schema.errors import EmbeddingModelError, QueryError

UNEMBEDDED = EmbeddingModel("none", "", 0)


class LateEmbedder:
    """The graph's model, loaded when a text is first embedded: most operations need none."""

    def __init__(self, model: EmbeddingModel, settings: EmbedderSettings) -> None:
        self.model = model
        self._settings = settings
        self._loaded: Embedder | None = None
        self._loading = anyio.Lock()  # fields are answered at the same time
        self._open = AsyncExitStack()

    async def embed(self, texts: Sequence[str]) -> Vector:
        """Return one unit embedding a text, (n, dimensions) float32.

        Raises:
            QueryError: Nothing embedded the graph yet.
            EmbeddingModelError: Another model did than the settings name.
        """
        if self.model == UNEMBEDDED:
            raise QueryError("the graph has no embeddings yet: run `miko embed`")
        async with self._loading:
            if self._loaded is None:
                self._loaded = await self._load()
        return await self._loaded.embed(texts)

    async def _load(self) -> Embedder:
        from kg.sentence_embedder import sentence_embedder

        loaded = await self._open.enter_async_context(sentence_embedder(self._settings))
        if loaded.model != self.model:
            raise EmbeddingModelError(str(self.model), str(loaded.model))
        return loaded

    async def aclose(self) -> None:
        """Close the model, where it was loaded."""
        await self._open.aclose()


async def answered_once(
    text: str, variables: Mapping[str, Any], operation: str | None, stores: StoreSettings
) -> dict[str, Any]:
    """Return what one operation of a document is answered, as the body of a response holds it.

    Args:
        text: The document.
        variables: By name, as JSON gives them.
        operation: Which of its operations; None where it has one.
        stores: Where the graph is.

    Raises:
        QueryError: There is no such operation, or it is no query.
        StoreUnreadableError: There is no graph at the address.
    """
    async with connect(stores, create=False) as store:
        embedder = LateEmbedder(await store.model() or UNEMBEDDED, EmbedderSettings())
        try:
            return await _executed(text, variables, operation, store=store, embedder=embedder)
        finally:
            await embedder.aclose()


async def _executed(
    text: str,
    variables: Mapping[str, Any],
    operation: str | None,
    *,
    store: GraphStore,
    embedder: Embedder,
) -> dict[str, Any]:
    settings = ApiSettings()
    try:
        result = await build_graphql_schema(settings).execute(
            text,
            dict(variables),
            context_value=source_of(store, embedder, settings).context(),
            operation_name=operation,
            allowed_operation_types=READING,
        )
    except CannotGetOperationTypeError:
        raise QueryError(f"there is no operation {operation!r} in the document") from None
    except InvalidOperationTypeError:
        raise QueryError(
            "the operation is no query: the graph is only read here; `miko delete` deletes posts"
        ) from None
    return answer_of(result.data, result.errors or ())
