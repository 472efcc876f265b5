"""One judgement: what was judged, by whom, as what; and its line in a file of judgements."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final, NamedTuple

import orjson

from evaluation.annotation.choices import Choice, choice_of
from ingest.formats.fields import Fields, json_object, text_of, words_of
from schema.errors import RecordError
from schema.nodes import INTENTION_ID
from schema.records import ID_PATTERN
from schema.relations import Relation
from schema.text import ID_LIMIT

POST_ID: Final = re.compile(ID_PATTERN)
NAME_LIMIT: Final = 200
"""Most characters of an annotator's name."""


class ItemKey(NamedTuple):
    """What is judged: an intention as a post's.

    The intention's id is empty where only its relation is known: the authors' experts judged
    some that their files do not hold.
    """

    post_id: str
    relation: Relation
    intention_id: str


@dataclass(frozen=True, slots=True)
class Judged:
    """What one annotator chose for an item; ``time`` is ISO 8601 or empty."""

    item: ItemKey
    annotator: str
    choice: Choice
    time: str = ""

    @property
    def moment(self) -> datetime:
        """When it was chosen; long ago, where that is not known."""
        return moment_of(self.time)


def now() -> str:
    """Return the time as judgements hold it."""
    return datetime.now(UTC).isoformat().replace("+00:00", "Z")


def moment_of(time: str) -> datetime:
    """Return a time that can be compared; one without a zone is UTC.

    Raises:
        RecordError: It is no time.
    """
    if not time:
        return datetime.min.replace(tzinfo=UTC)
    try:
        moment = datetime.fromisoformat(time)
    except ValueError as error:
        raise RecordError("time", "is no time as in 2024-01-20T12:00:00Z") from error
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def line_of(judged: Judged) -> bytes:
    """Return the line of a file of judgements, with its end."""
    return orjson.dumps(
        {
            "post_id": judged.item.post_id,
            "relation": judged.item.relation.value,
            "intention_id": judged.item.intention_id,
            "annotator": judged.annotator,
            "choice": judged.choice.value,
            "time": judged.time,
        },
        option=orjson.OPT_APPEND_NEWLINE,
    )


def judged_of(text: str) -> Judged:
    """Return the judgement of a line.

    Raises:
        RecordError: The line holds none.
    """
    fields = json_object(text)
    return Judged(
        key_of(fields),
        named(words_of(fields, "annotator")),
        choice_of(text_of(fields, "choice")),
        checked_time(text_of(fields, "time", default="")),
    )


def key_of(fields: Fields) -> ItemKey:
    """Return which item some fields name.

    Raises:
        RecordError: One of them is missing, or can name nothing.
    """
    post_id = words_of(fields, "post_id")
    if len(post_id) > ID_LIMIT or not POST_ID.fullmatch(post_id):
        raise RecordError("post_id", "is no id of a post, as mmsd:8231")
    intention_id = text_of(fields, "intention_id")
    if intention_id and not INTENTION_ID.fullmatch(intention_id):
        raise RecordError("intention_id", "is no id of an intention, 16 letters and digits")
    return ItemKey(post_id, relation_of(text_of(fields, "relation")), intention_id)


def relation_of(name: str) -> Relation:
    """Return the relation of a name.

    Raises:
        RecordError: There is none.
    """
    try:
        return Relation(name)
    except ValueError as error:
        raise RecordError("relation", f"is none of {', '.join(Relation)}") from error


def named(annotator: str) -> str:
    """Return an annotator's name.

    Raises:
        RecordError: It can be none.
    """
    name = annotator.strip()
    if not name or len(name) > NAME_LIMIT or not name.isprintable():
        raise RecordError("annotator", f"is no name of 1 to {NAME_LIMIT} printable characters")
    return name


def checked_time(time: str) -> str:
    """Return a time as it was given.

    Raises:
        RecordError: It is none.
    """
    moment_of(time)
    return time
