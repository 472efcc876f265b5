"""What comes over HTTP, made a request or refused."""

from dataclasses import dataclass
from typing import Any, Final, cast

import orjson
from graphql import GraphQLError
from starlette.requests import Request

from api.errors import BAD_REQUEST, TOO_LARGE, refusal

JSON: Final = "application/json"
GRAPHQL_JSON: Final = "application/graphql-response+json"


class HttpError(Exception):
    """A request that is not even a GraphQL request."""

    def __init__(self, status: int, message: str, code: str = BAD_REQUEST) -> None:
        super().__init__(message)
        self.status = status
        self.code = code

    @property
    def refusal(self) -> GraphQLError:
        """The error as GraphQL has it."""
        return refusal(str(self), self.code)


@dataclass(frozen=True, slots=True)
class Asked:
    """A GraphQL request; its variables are of any type until the schema has checked them."""

    query: str
    variables: dict[str, Any]
    operation_name: str | None


async def read(request: Request, limit_bytes: int) -> Asked:
    """Return what a request asks.

    Raises:
        HttpError: It is no GraphQL request, or too large.
    """
    if request.method != "POST":
        return _asked(_of_address(request))
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != JSON:
        raise HttpError(415, f"a POST must have the content type {JSON}")
    return _asked(_parsed(await _body(request, limit_bytes), "the body"))


async def _body(request: Request, limit_bytes: int) -> bytes:
    too_large = HttpError(413, f"the body has more than {limit_bytes} bytes", TOO_LARGE)
    length = request.headers.get("content-length", "0")
    if length.isdigit() and int(length) > limit_bytes:
        raise too_large
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > limit_bytes:
            raise too_large
    return bytes(body)


def _of_address(request: Request) -> dict[str, Any]:
    asked: dict[str, Any] = dict(request.query_params)
    if "variables" in asked:
        asked["variables"] = _parsed(asked["variables"].encode(), "variables")
    return asked


def _parsed(body: bytes, name: str) -> Any:
    """Return JSON of any type."""
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise HttpError(400, f"{name} is not JSON: {error}") from None


def _asked(given: Any) -> Asked:
    if isinstance(given, list):
        raise HttpError(400, "a batch is not answered: send one operation a request")
    if not isinstance(given, dict):
        raise HttpError(400, "the body must be a JSON object with query, variables, operationName")
    fields = cast("dict[str, Any]", given)  # names are text in every JSON object
    query, variables, name = (fields.get(f) for f in ("query", "variables", "operationName"))
    if not isinstance(query, str) or not query.strip():
        raise HttpError(400, "query is missing: it holds the operation as text")
    if variables is not None and not isinstance(variables, dict):
        raise HttpError(400, "variables must be a JSON object")
    if not isinstance(name, str | None):
        raise HttpError(400, "operationName must be text")
    return Asked(query, cast("dict[str, Any]", variables or {}), name or None)
