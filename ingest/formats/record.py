"""The project's own format: schema.records.Record as JSON Lines."""

import re
from collections.abc import Iterator
from typing import Final

from pydantic import ValidationError

from ingest.formats.fields import has_json_keys
from ingest.formats.format import Line, Parsed, Rejected, Row
from ingest.formats.posts import (
    Said,
    hashtag_batch,
    hashtags_of,
    intentions_batch,
    joined,
    key_information_batch,
    pictured_batch,
    post_batch,
    tagged,
)
from schema.faults import reason_of
from schema.graph import Batch
from schema.nodes import Image, Post, Run
from schema.records import ID_PATTERN, IntentionRecord, Record, RunRecord
from schema.text import normalize

FIELD_NAME: Final = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,39}")
"""What a key may look like to be named: any other may be a part of the row's text."""

EMPTY: Final = "Value should have at least 1 item after validation, not 0"
TOO_LONG: Final = re.compile(r"Value should have at most (\d+) items after validation, not (\d+)")
LABELS: Final = "labels"
UNNAMED: Final = "…"
FAULTS_TOLD: Final = 20
"""Most fields of one row that are noted."""


class RecordFormat:
    """``{"id": "source:1", "text": …, "intentions": [{"relation": "xWant", "text": …}], …}``."""

    name = "record"

    def recognises(self, line: str) -> bool:
        return has_json_keys(line, "id", "text")

    def rows(self, line: Line) -> Iterator[Row]:
        record = record_of(line)
        if isinstance(record, Record):
            yield Parsed(line.number, _batch(record))
        else:
            yield from record


def record_of(line: Line) -> Record | tuple[Rejected, ...]:
    """Return the record of a line, or what is wrong with it."""
    try:
        record = Record.model_validate_json(line.text)
    except ValidationError as error:
        return tuple(rejections(line.number, error))
    if not record.text.strip() and not record.images:
        return (Rejected(line.number, "text", "is empty, and there is no image"),)
    for place, intention in enumerate(record.intentions):
        if not normalize(intention.text):
            return (Rejected(line.number, f"intentions.{place}.text", "holds no words"),)
    return record


def rejections(number: int, error: ValidationError) -> Iterator[Rejected]:
    """Name the fields that are wrong, the first of many; of a value the reason says nothing."""
    faults = error.errors(include_url=False, include_input=False, include_context=False)
    for fault in faults[:FAULTS_TOLD]:
        yield Rejected(number, _field(fault["loc"]), _said(reason_of(fault)))


def _said(reason: str) -> str:
    """Say of a text what pydantic says of its items."""
    if reason == EMPTY:
        return "is empty"
    if ID_PATTERN in reason:
        return "is not the source's name, a colon and the source's own id, as 'pets:1'"
    return TOO_LONG.sub(r"has \2 characters, the limit is \1", reason)


def _field(place: tuple[int | str, ...]) -> str:
    """Name the place of a fault, without a label's name: that one is the row's own."""
    parts = place[:1] if place[:1] == (LABELS,) else place
    return ".".join(_name(part) for part in parts)


def _name(part: int | str) -> str:
    is_name = isinstance(part, int) or FIELD_NAME.fullmatch(part)
    return str(part) if is_name else UNNAMED


def _batch(record: Record) -> Batch:
    named = (tag.strip("#＃ ") for tag in record.hashtags)
    hashtags = (*hashtags_of(record.text), *(tag for tag in named if tag))
    post = Post(
        record.id,
        record.text,
        record.id.partition(":")[0],
        tagged(hashtags),
        tuple(sorted((Image(i.uri, i.sha256) for i in record.images), key=lambda i: i.uri)),
        record.image_description,
        dict(sorted(record.labels.items())),
    )
    runs = record.runs
    described = _run("describe", runs.describe)
    said = [Said(i.relation, i.text, i.text, _plausibility(i)) for i in record.intentions]
    parts = [
        post_batch(post),
        Batch(runs=(described,) if described else ()),
        hashtag_batch(post.id, hashtags),
        pictured_batch(post.id, record.image_attributes),
        intentions_batch(post.id, said, _run("infer", runs.infer)),
    ]
    if record.key_information:
        extracted = _run("extract", runs.extract)
        parts.append(key_information_batch(post.id, record.key_information, extracted))
    return joined(parts)


def _plausibility(intention: IntentionRecord) -> float | None:
    """Return how plausible it was judged; else the agreement among samples stands for it."""
    return intention.agreement if intention.plausibility is None else intention.plausibility


def _run(step: str, record: RunRecord | None) -> Run | None:
    return None if record is None else Run.of(step, **record.model_dump())
