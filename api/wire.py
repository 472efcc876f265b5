"""What comes over HTTP, made a request or refused."""

import re
from dataclasses import dataclass
from typing import Any, Final, cast

import orjson
from graphql import GraphQLError
from starlette.requests import Request

from api.errors import BAD_REQUEST, TOO_LARGE, refusal

JSON: Final = "application/json"
SHA256: Final = re.compile("[0-9a-fA-F]{64}")
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
    """A GraphQL request; its variables are of any type until the schema has checked them.

    Attributes:
        query: The document; empty where its hash stands for it.
        variables: By name.
        operation_name: Which operation of the document; None where it has one.
        sha256: The hash of the document, in hex, where the client sent it (api.persisted).
    """

    query: str
    variables: dict[str, Any]
    operation_name: str | None
    sha256: str | None = None


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
    for name in ("variables", "extensions"):
        if name in asked:
            asked[name] = _parsed(asked[name].encode(), name)
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
    sha256 = _sha256(fields.get("extensions"))
    if query is None and sha256 is not None:
        query = ""
    elif not isinstance(query, str) or not query.strip():
        raise HttpError(400, "query is missing: it holds the operation as text")
    if variables is not None and not isinstance(variables, dict):
        raise HttpError(400, "variables must be a JSON object")
    if not isinstance(name, str | None):
        raise HttpError(400, "operationName must be text")
    return Asked(query, cast("dict[str, Any]", variables or {}), name or None, sha256)


def _sha256(extensions: Any) -> str | None:
    """Return the hash of a persisted query, None where the request speaks of none."""
    if not isinstance(extensions, dict):
        return None
    named = cast("dict[str, Any]", extensions).get("persistedQuery")
    if named is None:
        return None
    found = cast("dict[str, Any]", named) if isinstance(named, dict) else {}
    sha256 = found.get("sha256Hash")
    if found.get("version") != 1 or not isinstance(sha256, str) or not SHA256.fullmatch(sha256):
        raise HttpError(400, "persistedQuery takes version 1 and a sha256Hash of 64 hex digits")
    return sha256.lower()
