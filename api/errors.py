"""Errors as a client sees them: a message, and a code in ``extensions``."""

import logging
import traceback
from typing import Any, Final

from graphql import GraphQLError

from schema.errors import (
    DeletedPostError,
    EmbeddingModelError,
    InputError,
    MikoError,
    StaleCursorError,
    StoreBusyError,
    StoreError,
    StoreUnreachableError,
    TimeLimitError,
    UnknownIdError,
)

LOG: Final = logging.getLogger(__name__)

BAD_QUERY: Final = "BAD_QUERY"
BAD_REQUEST: Final = "BAD_REQUEST"
INTERNAL: Final = "INTERNAL"
TIME_LIMIT: Final = "TIME_LIMIT"
TOO_LARGE: Final = "TOO_LARGE"
TOO_DEEP: Final = "TOO_DEEP"
TOO_COSTLY: Final = "TOO_COSTLY"
NOT_READY: Final = "NOT_READY"
UNKNOWN_HOST: Final = "UNKNOWN_HOST"
WRITES_OFF: Final = "WRITES_OFF"
FORBIDDEN: Final = "FORBIDDEN"

CODES: Final[tuple[tuple[type[MikoError], str, str | None], ...]] = (
    (UnknownIdError, "UNKNOWN_ID", None),
    (StaleCursorError, "STALE_CURSOR", None),
    (InputError, BAD_QUERY, None),
    (DeletedPostError, "DELETED", None),
    (EmbeddingModelError, "EMBEDDING_MODEL", None),
    (TimeLimitError, TIME_LIMIT, None),
    (StoreBusyError, "STORE_BUSY", "the graph is being written to: ask again in a moment"),
    (
        StoreUnreachableError,
        "STORE_UNREACHABLE",
        "the graph's server does not answer: ask again in a moment",
    ),
    (StoreError, "STORE_FAILED", "the graph cannot answer: the server's log says why"),
)
"""By the first class that fits: the code, and a message where the error's own names a file."""

INTERNAL_MESSAGE: Final = "the server failed: its log says where"


def refusal(message: str, code: str) -> GraphQLError:
    """Return an error that a request is refused with."""
    return GraphQLError(message, extensions={"code": code})


def shown(error: GraphQLError) -> dict[str, Any]:
    """Return an error as the response holds it; what is nobody's business is left out and logged.

    GraphQL's values are of any type.
    """
    message, code = _public(error)
    formatted: dict[str, Any] = {"message": message, "extensions": {"code": code}}
    if error.locations:
        formatted["locations"] = [{"line": s.line, "column": s.column} for s in error.locations]
    if error.path:
        formatted["path"] = error.path
    return formatted


def _public(error: GraphQLError) -> tuple[str, str]:
    cause = error.original_error
    if cause is None or isinstance(cause, GraphQLError):
        return error.message, str((error.extensions or {}).get("code", BAD_QUERY))
    return told(cause)


def told(cause: Exception) -> tuple[str, str]:
    """Return the message and the code of an error; what is nobody's business is logged instead."""
    for kind, code, message in CODES:
        if isinstance(cause, kind):
            if message is not None:
                LOG.error("%s: %s", code, cause)
            return message or str(cause), code
    LOG.error("%s at %s", type(cause).__name__, _where(cause))
    return INTERNAL_MESSAGE, INTERNAL


def _where(error: BaseException) -> str:
    """Say where an error arose, without its message: that may hold what somebody wrote."""
    frames = traceback.extract_tb(error.__traceback__)
    return " < ".join(f"{f.filename}:{f.lineno} {f.name}" for f in reversed(frames))
