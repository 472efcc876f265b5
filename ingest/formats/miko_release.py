"""MIKO's release (train.json, test.json) and benchmark: ten intentions, ten human labels."""

from collections.abc import Iterator
from typing import Any, Final, cast

from ingest.formats.fields import Fields, has_json_keys, json_object, text_of, words_of
from ingest.formats.format import Line, Parsed, Rejected, Row
from ingest.formats.miko_text import INFERRED, post_id_of, tail_of
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

    test.json has labels and no intentions: they are kept as labels of the post.
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
    said = list(_said(fields, labels))
    hashtags = hashtags_of(text)
    post_id = post_id_of(image, numbered="miko")
    judged = {} if said else {f"judged_{r}": str(n) for r, n in labels.items()}
    post = Post(
        post_id,
        text,
        post_id.partition(":")[0],
        tagged(hashtags),
        (Image(image),),
        labels=judged,
    )
    intentions = intentions_batch(post_id, said, INFERRED if said else None)
    judgements = tuple(
        Judgement(post_id, has.intention_id, ANNOTATOR, CHOICES[labels[s.relation]])
        for has, s in zip(intentions.has_intention, said, strict=True)
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


def _said(fields: Fields, labels: dict[Relation, int]) -> Iterator[Said]:
    intentions = fields.get("intentions", {})
    if not isinstance(intentions, dict):
        raise RecordError("intentions", "is no map of names to sentences")
    sentences = cast("Fields", intentions)
    for number, relation in enumerate(RELATIONS, start=1):
        name = f"Intention {number}"
        if name in sentences:
            raw = text_of(sentences, name)
            tail = tail_of(relation, raw)
            if tail.strip(" ."):
                yield Said(relation, raw, tail, float(labels[relation]))
