"""MIKO's release (train.json, test.json) and benchmark: ten intentions, ten human labels."""

from collections.abc import Iterator
from typing import Any, Final, cast

from ingest.formats.fields import (
    Fields,
    has_json_keys,
    json_object,
    object_of,
    text_of,
    words_of,
)
from ingest.formats.format import Line, Parsed, Rejected, Row
from ingest.formats.miko_text import INFERRED, file_name_of, post_id_of, said
from ingest.formats.posts import (
    Said,
    hashtag_batch,
    hashtags_of,
    intentions_batch,
    joined,
    post_batch,
    tagged,
)
from schema.errors import RecordError
from schema.graph import Batch, Judgement
from schema.nodes import Image, Post
from schema.relations import Relation

ANNOTATOR: Final = "miko-release"
CHOICES: Final = ("rejected", "accepted")
RELATIONS: Final = tuple(Relation)


class MikoReleaseFormat:
    """``{"text": …, "image": …, "intentions": {"Intention 1": …}, "intention_labels": [1, …]}``.

    A label whose intention is not there, as all of test.json's, is kept as the post's.
    """

    name = "miko-release"

    def recognises(self, line: str) -> bool:
        return has_json_keys(line, "text", "intention_labels")

    def rows(self, line: Line) -> Iterator[Row]:
        try:
            yield Parsed(line.number, _batch(json_object(line.text)))
        except RecordError as error:
            yield Rejected(line.number, error.field, error.reason)


def _batch(fields: Fields) -> Batch:
    image = words_of(fields, "image_name" if "image_name" in fields else "image")
    text = words_of(fields, "text")
    labels = _labels(fields)
    tails = list(_tails(fields, labels))
    hashtags = hashtags_of(text)
    post_id = post_id_of(image, numbered="miko")
    unsaid = labels.keys() - {tail.relation for tail in tails}
    post = Post(
        post_id,
        text,
        post_id.partition(":")[0],
        tagged(hashtags),
        (Image(file_name_of(image)),),
        labels={f"judged_{r}": str(labels[r]) for r in sorted(unsaid)},
    )
    intentions = intentions_batch(post_id, tails, INFERRED if tails else None)
    judgements = tuple(
        Judgement(post_id, has.intention_id, ANNOTATOR, CHOICES[labels[tail.relation]])
        for has, tail in zip(intentions.has_intention, tails, strict=True)
    )
    parts = [post_batch(post), hashtag_batch(post_id, hashtags), intentions]
    return joined([*parts, Batch(judgements=judgements)])


def _labels(fields: Fields) -> dict[Relation, int]:
    value = fields.get("intention_labels")
    if not isinstance(value, list) or len(cast("list[Any]", value)) != len(RELATIONS):
        raise RecordError("intention_labels", f"is no list of {len(RELATIONS)}")
    labels = cast("list[Any]", value)
    if any(type(label) is not int or label not in (0, 1) for label in labels):
        raise RecordError("intention_labels", "holds other than 0 and 1")
    return dict(zip(RELATIONS, labels, strict=True))


def _tails(fields: Fields, labels: dict[Relation, int]) -> Iterator[Said]:
    sentences = object_of({"intentions": {}, **fields}, "intentions")
    for number, relation in enumerate(RELATIONS, start=1):
        name = f"Intention {number}"
        if name in sentences:
            raw = text_of(sentences, name)
            tail = said(relation, raw, float(labels[relation]))
            if tail:
                yield tail
