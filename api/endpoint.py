"""POST and GET /graphql: one operation, answered within its time."""

import asyncio
from collections.abc import Sequence
from typing import Any, Final

import orjson
from graphql import GraphQLError
from starlette.requests import Request
from starlette.responses import Response
from strawberry.schema.exceptions import CannotGetOperationTypeError, InvalidOperationTypeError
from strawberry.types import ExecutionResult
from strawberry.types.graphql import OperationType

from api.context import Context, Source
from api.errors import NOT_READY, TIME_LIMIT, shown
from api.graphql_schema import GraphqlSchema
from api.persisted import PersistedQueries
from api.wire import GRAPHQL_JSON, JSON, Asked, HttpError, read

READING: Final = frozenset({OperationType.QUERY})
"""What an address may ask: a page of another site can send it, without anybody's leave."""


class Endpoint:
    """Answers GraphQL requests; ``source`` is None until there is a graph to answer from."""

    def __init__(self, graphql_schema: GraphqlSchema, source: Source | None = None) -> None:
        self.graphql_schema = graphql_schema
        self.source = source
        self._persisted = PersistedQueries()

    async def answer(self, request: Request) -> Response:
        """Answer one request; whatever is wrong with it comes back as GraphQL errors."""
        media = GRAPHQL_JSON if GRAPHQL_JSON in request.headers.get("accept", "") else JSON
        try:
            result = await self._answer(request)
        except HttpError as error:
            return _response(None, [error.refusal], error.status, media)
        status = 400 if result.data is None and media == GRAPHQL_JSON else 200
        return _response(result.data, result.errors or (), status, media)

    async def _answer(self, request: Request) -> ExecutionResult:
        if self.source is None:
            raise HttpError(503, "the graph is not open yet: ask again in a moment", NOT_READY)
        settings = self.source.settings
        try:
            # asyncio's, not anyio's: a call that waits in a thread ends for us at once.
            async with asyncio.timeout(settings.timeout_s):
                asked = await read(request, settings.body_limit_bytes)
                context = self.source.context(request.headers.get("authorization", ""))
                return await self._run(asked, context, request.method)
        except TimeoutError:
            message = f"no answer within {settings.timeout_s:g} s: ask for less at a time"
            raise HttpError(503, message, TIME_LIMIT) from None

    async def _run(self, asked: Asked, context: Context, method: str) -> ExecutionResult:
        try:
            return await self.graphql_schema.execute(
                self._persisted.text_of(asked),
                asked.variables,
                context_value=context,
                operation_name=asked.operation_name,
                allowed_operation_types=OperationType if method == "POST" else READING,
            )
        except CannotGetOperationTypeError:
            raise HttpError(400, f"there is no operation {asked.operation_name!r}") from None
        except InvalidOperationTypeError:
            raise HttpError(405, "a GET may only hold a query: send it by POST") from None


def _response(
    data: dict[str, Any] | None, errors: Sequence[GraphQLError], status: int, media: str
) -> Response:
    return Response(orjson.dumps(answer_of(data, errors)), status, media_type=media)


def answer_of(data: dict[str, Any] | None, errors: Sequence[GraphQLError]) -> dict[str, Any]:
    """Return a response's body: what is answered, and what went wrong, as clients see it."""
    body: dict[str, Any] = {"errors": [shown(error) for error in errors]} if errors else {}
    if data is not None or not errors:
        body["data"] = data
    return body
