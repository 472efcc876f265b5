"""Opaque cursors.

A ranking's cursor holds the graph's version, a rank, and hashes of the question, of the embedding
model, and of the last result's score and id: a page is continued in the same order, or refused. A
list in the order of ids needs the question and the last id only, and goes on through writes.

Nothing is signed: whatever a client makes up is another question's, or the page of a ranking that
it may read anyway.
"""

import base64
import binascii
import re
from dataclasses import dataclass
from typing import Any, Final

from kg.ranking import Ranking, Window, mark_of
from kg.store import EmbeddingModel
from schema.errors import QueryError, StaleCursorError
from schema.text import ID_LIMIT, digest

LIST_LIMIT: Final = 100
"""Most elements of a list or a page."""

RANKED: Final = "r"
LISTED: Final = "i"
HASH_LENGTH: Final = 10
RANK_CURSOR: Final = re.compile(
    rf"{RANKED}:(?P<version>[0-9]{{1,18}}):(?P<rank>[0-9]{{1,18}}):(?P<question>[^:]*):"
    r"(?P<model>[^:]*):(?P<last>[^:]+)"
)
CURSOR_LIMIT: Final = 4 * (ID_LIMIT + 100)
"""Most characters of a cursor that is looked at: an id in UTF-8, and what is beside it."""


@dataclass(frozen=True, slots=True)
class Question:
    """What a cursor is bound to.

    Attributes:
        asked: A hash of what was asked.
        model: The embedding model that answers.
    """

    asked: str
    model: EmbeddingModel

    @property
    def model_hash(self) -> str:
        """A hash of the model's name, revision and dimensions."""
        return digest(str(self.model))[:HASH_LENGTH]


def question_of(model: EmbeddingModel, *parts: object) -> Question:
    """Return a question, given all that tells it from others."""
    return Question(digest(*(repr(part) for part in parts))[:HASH_LENGTH], model)


def checked_first(first: int, limit: int = LIST_LIMIT) -> int:
    """Return ``first`` where it can be served.

    Raises:
        QueryError: It is not in 1 to ``limit``.
    """
    if not 1 <= first <= limit:
        raise QueryError(f"first is {first}: ask for 1 to {limit}")
    return first


def rank_cursors(ranking: Ranking[Any], question: Question) -> list[str]:
    """Return the cursors of a page's hits, whatever these are."""
    bound = f"{question.asked}:{question.model_hash}"
    return [
        _packed(f"{RANKED}:{ranking.version}:{rank}:{bound}:{mark_of(hit)}")
        for rank, hit in enumerate(ranking.hits, start=ranking.offset + 1)
    ]


def window_after(first: int, after: str | None, *, question: Question) -> Window:
    """Return the page of a ranking behind a cursor.

    Raises:
        QueryError: ``first`` is out of range, or the cursor is none of this question's.
        StaleCursorError: Another embedding model ranked when the cursor was given.
    """
    checked_first(first)
    if after is None:
        return Window(first)
    parts = RANK_CURSOR.fullmatch(_unpacked(after))
    if parts is None:
        raise _malformed(after)
    _check_question(parts["question"], question)
    version, offset = int(parts["version"]), int(parts["rank"])
    if parts["model"] != question.model_hash:
        why = f"the cursor is of a ranking by another embedding model than {question.model}"
        raise StaleCursorError(version, version, why=why)
    return Window(first, offset, version, parts["last"])


def id_cursor(node_id: str, question: Question) -> str:
    """Return the cursor behind an id."""
    return _packed(f"{LISTED}:{question.asked}:{node_id}")


def id_after(after: str | None, question: Question) -> str:
    """Return the id that a page begins behind; empty for the first page.

    Raises:
        QueryError: The cursor is none of this list's.
    """
    if after is None:
        return ""
    kind, _, rest = _unpacked(after).partition(":")
    asked, _, node_id = rest.partition(":")
    if kind != LISTED or not node_id:
        raise _malformed(after)
    _check_question(asked, question)
    return node_id


def _check_question(asked: str, question: Question) -> None:
    if asked != question.asked:
        raise QueryError("the cursor is of another question: keep every argument but first")


def _packed(text: str) -> str:
    return base64.urlsafe_b64encode(text.encode()).decode()


def _unpacked(cursor: str) -> str:
    if len(cursor) > CURSOR_LIMIT:
        raise _malformed(cursor)
    try:
        return base64.b64decode(cursor, altchars=b"-_", validate=True).decode()
    except (binascii.Error, ValueError):
        raise _malformed(cursor) from None


def _malformed(cursor: str) -> QueryError:
    return QueryError(f"{cursor[:80]!r} is no cursor of this list: take one from its pageInfo")
