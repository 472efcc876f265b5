"""MIKO's generation files, at whatever stage they stopped."""

from collections.abc import Iterator
from typing import Final

from ingest.formats.fields import Fields, has_json_keys, json_object, text_of, words_of
from ingest.formats.format import Line, Parsed, Rejected, Row
from ingest.formats.miko_text import (
    DESCRIBED,
    EXTRACTED,
    INFERRED,
    alternatives,
    file_name_of,
    key_information_of,
    numbered_intentions,
    post_id_of,
    said,
)
from ingest.formats.posts import (
    Said,
    hashtag_batch,
    hashtags_of,
    intentions_batch,
    joined,
    key_information_batch,
    post_batch,
    tagged,
)
from schema.errors import RecordError
from schema.graph import Batch
from schema.nodes import Image, Post
from schema.relations import Relation

RELATIONS: Final = tuple(Relation)
MOST_OPEN: Final = 5
"""Rows with so many numbered intentions and no more, all of them open ones."""


class MikoGenerationFormat:
    """``{"image_id": …, "text": …, "image_descrption": …, "keyinfo": …, "intention": …}``.

    The misspelling is the authors'. A stage that is not there is no fault.
    """

    name = "miko-generation"

    def recognises(self, line: str) -> bool:
        return has_json_keys(line, "image_id", "text", "image_descrption")

    def rows(self, line: Line) -> Iterator[Row]:
        try:
            fields = json_object(line.text)
            parts, faults = _parts(fields)
        except RecordError as error:
            yield Rejected(line.number, error.field, error.reason)
            return
        yield Parsed(line.number, joined(parts))
        for fault in faults:
            yield Rejected(line.number, fault.field, fault.reason)


def _parts(fields: Fields) -> tuple[list[Batch], list[RecordError]]:
    """Return the batches of the stages that can be read, and what is wrong with the others."""
    image = words_of(fields, "image_id")
    text = words_of(fields, "text")
    description = text_of(fields, "image_descrption", default="").strip()
    post_id = post_id_of(image, numbered="twitter2015")
    hashtags = hashtags_of(text)
    source = post_id.partition(":")[0]
    post = Post(post_id, text, source, tagged(hashtags), (Image(file_name_of(image)),), description)
    parts = [post_batch(post), hashtag_batch(post_id, hashtags)]
    if description:
        parts.append(Batch(runs=(DESCRIBED,)))
    faults: list[RecordError] = []
    for stage, read in (("keyinfo", _key_information), ("intention", _intentions)):
        if stage in fields:
            try:
                parts.append(read(post_id, fields))
            except RecordError as error:
                faults.append(error)
    return parts, faults


def _key_information(post_id: str, fields: Fields) -> Batch:
    key = key_information_of(words_of(fields, "keyinfo"))
    if key is None:
        raise RecordError("keyinfo", "holds no line such as 'Concept: …'")
    return key_information_batch(post_id, key, EXTRACTED)


def _intentions(post_id: str, fields: Fields) -> Batch:
    tails = list(_tails(fields))
    if not tails:
        raise RecordError("intention", "holds no line such as 'Intention1: …'")
    return intentions_batch(post_id, tails, INFERRED)


def _tails(fields: Fields) -> Iterator[Said]:
    text = text_of(fields, "intention")
    if "relation" in fields:
        relation = _relation(text_of(fields, "relation"))
        rows = [(relation, sentence) for sentence in alternatives(text)]
    else:
        numbered = list(numbered_intentions(text))
        is_open = max((number for number, _ in numbered), default=0) <= MOST_OPEN
        rows = [
            (Relation.OPEN if is_open else RELATIONS[number - 1], sentence)
            for number, sentence in numbered
            if 1 <= number <= len(RELATIONS)
        ]
    for relation, sentence in rows:
        tail = said(relation, sentence)
        if tail:
            yield tail


def _relation(name: str) -> Relation:
    try:
        return Relation(name)
    except ValueError as error:
        raise RecordError("relation", "is none of MIKO's ten relations") from error
