"""The ASGI application: /graphql, /health and /ready."""

from collections.abc import AsyncGenerator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from api.context import Source
from api.endpoint import Endpoint
from api.graphql_schema import build_graphql_schema
from api.hosts import KnownHosts
from api.opening import open_source, source_of, why_not_ready
from api.settings import ApiSettings
from kg.embedder import Embedder
from kg.settings import EmbedderSettings, StoreSettings
from kg.store import GraphStore


def create_app(store: GraphStore, embedder: Embedder, settings: ApiSettings) -> Starlette:
    """Return an application that answers from a store that is open, and stays so."""
    source = source_of(store, embedder, settings)
    endpoint = Endpoint(build_graphql_schema(settings), source)
    return Starlette(routes=_routes(endpoint), middleware=_middleware(settings))


def create_lasting_app(
    opened: Callable[[], AbstractAsyncContextManager[Source]], settings: ApiSettings
) -> Starlette:
    """Return an application that opens its source when it starts, and closes it at its end."""
    endpoint = Endpoint(build_graphql_schema(settings))

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncGenerator[None]:
        async with opened() as source:
            endpoint.source = source
            yield
            endpoint.source = None

    return Starlette(routes=_routes(endpoint), middleware=_middleware(settings), lifespan=lifespan)


def from_environment() -> Starlette:
    """Return the application of the MIKO_* variables: ``uvicorn --factory``'s entry point."""
    stores, embedders, settings = StoreSettings(), EmbedderSettings(), ApiSettings()
    return create_lasting_app(lambda: open_source(stores, embedders, settings), settings)


def _middleware(settings: ApiSettings) -> list[Middleware]:
    return [Middleware(KnownHosts, allowed=settings.allowed_hosts)]


def _routes(endpoint: Endpoint) -> list[Route]:
    async def health(_: Request) -> Response:
        return JSONResponse({"status": "alive"})

    async def ready(_: Request) -> Response:
        reason = await why_not_ready(endpoint.source)
        if reason is not None:
            return JSONResponse({"status": "not ready", "reason": reason}, 503)
        return JSONResponse({"status": "ready"})

    return [
        Route("/graphql", endpoint.answer, methods=["GET", "POST"]),
        Route("/health", health),
        Route("/ready", ready),
    ]
