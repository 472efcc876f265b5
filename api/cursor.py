"""Opaque cursors.

A ranking's cursor holds the graph's version, the rank and a hash of the question: a page is
continued in the same order, or refused. A list in the order of ids needs the last id only.
"""

import base64
import binascii
import re
from typing import Any, Final

from kg.ranking import Ranking, Window
from schema.errors import QueryError
from schema.text import digest

LIST_LIMIT: Final = 100
"""Most elements of a list or a page."""

RANKED: Final = "r"
LISTED: Final = "i"
RANK_CURSOR: Final = re.compile(
    rf"{RANKED}:(?P<version>[0-9]{{1,18}}):(?P<rank>[0-9]{{1,18}}):(?P<question>[^:]*)"
)


def checked_first(first: int, limit: int = LIST_LIMIT) -> int:
    """Return ``first`` where it can be served.

    Raises:
        QueryError: It is not in 1 to ``limit``.
    """
    if not 1 <= first <= limit:
        raise QueryError(f"first is {first}: ask for 1 to {limit}")
    return first


def question_hash(*parts: object) -> str:
    """Return a short hash that stands for a question: what a cursor of its answer is bound to."""
    return digest(*(repr(part) for part in parts))[:10]


def rank_cursor(version: int, rank: int, question: str) -> str:
    """Return the cursor behind a rank."""
    return _packed(f"{RANKED}:{version}:{rank}:{question}")


def rank_cursors(ranking: Ranking[Any], question: str) -> list[str]:
    """Return the cursors of a page's hits, whatever these are."""
    ranks = range(ranking.offset + 1, ranking.offset + len(ranking.hits) + 1)
    return [rank_cursor(ranking.version, rank, question) for rank in ranks]


def window_after(first: int, after: str | None, *, question: str, limit: int) -> Window:
    """Return the page of a ranking behind a cursor, cut where the ranking ends.

    Raises:
        QueryError: ``first`` is out of range, or the cursor is none of this question's.
    """
    checked_first(first)
    if after is None:
        return Window(first)
    parts = RANK_CURSOR.fullmatch(_unpacked(after))
    if parts is None:
        raise _malformed(after)
    if parts["question"] != question:
        raise QueryError("the cursor is of another question: keep every argument but first")
    version, offset = int(parts["version"]), int(parts["rank"])
    return Window(max(1, min(first, limit - offset)), offset, version)


def id_cursor(node_id: str) -> str:
    """Return the cursor behind an id."""
    return _packed(f"{LISTED}:{node_id}")


def id_after(after: str | None) -> str:
    """Return the id that a page begins behind; empty for the first page.

    Raises:
        QueryError: The cursor is none of a list's.
    """
    if after is None:
        return ""
    kind, _, node_id = _unpacked(after).partition(":")
    if kind != LISTED or not node_id:
        raise _malformed(after)
    return node_id


def _packed(text: str) -> str:
    return base64.urlsafe_b64encode(text.encode()).decode()


def _unpacked(cursor: str) -> str:
    try:
        return base64.b64decode(cursor, altchars=b"-_", validate=True).decode()
    except (binascii.Error, ValueError):
        raise _malformed(cursor) from None


def _malformed(cursor: str) -> QueryError:
    return QueryError(f"{cursor[:80]!r} is no cursor of this list: take one from its pageInfo")
