"""Label Studio exports of MIKO's annotation: an expert's choice for each intention of a post."""

import re
from collections.abc import Iterator
from typing import Final

from ingest.formats.fields import (
    Fields,
    has_json_keys,
    json_object,
    object_of,
    objects_of,
    text_of,
    words_of,
)
from ingest.formats.format import Line, Parsed, Rejected, Row, Skipped
from ingest.formats.miko_text import (
    INFERRED,
    file_name_of,
    numbered_intentions,
    post_id_of,
    said,
)
from ingest.formats.posts import (
    hashtag_batch,
    hashtags_of,
    intentions_batch,
    joined,
    post_batch,
    tagged,
)
from schema.errors import RecordError
from schema.graph import Batch, Judgement
from schema.nodes import Image, Intention, Post
from schema.relations import Relation

RELATIONS: Final = tuple(Relation)
CHOICES: Final = {
    "非常相关": "very relevant",
    "一般相关": "fairly relevant",
    "比较相关": "fairly relevant",
    "不相关": "not relevant",
}
NUMBERED_FIELD: Final = re.compile(r"reasonableness(\d{1,2})")
FIRST: Final = re.compile(r"Intention ?1 ?:")


class LabelStudioFormat:
    """``{"annotations": [{"result": […], "project": 3, …}], "data": {"text": …, "image": …}}``.

    The text holds the post and its numbered intentions. The exports name no annotator; each
    expert had a project, which stands for them.
    """

    name = "label-studio"

    def recognises(self, line: str) -> bool:
        return has_json_keys(line, "annotations", "data")

    def rows(self, line: Line) -> Iterator[Row]:
        try:
            yield from _rows(line)
        except RecordError as error:
            yield Rejected(line.number, error.field, error.reason)


def _rows(line: Line) -> Iterator[Row]:
    fields = json_object(line.text)
    finished = [a for a in objects_of(fields, "annotations") if not a.get("was_cancelled")]
    if not finished:
        yield Skipped(line.number, "the annotation was cancelled")
        return
    post_id, post, intentions = _post(object_of(fields, "data"))
    judgements = tuple(j for a in finished for j in _judgements(a, post_id, intentions))
    yield Parsed(line.number, joined([post, Batch(judgements=judgements)]))


def _post(data: Fields) -> tuple[str, Batch, dict[int, Intention]]:
    """Return the post's id, its fragment, and its intentions by number."""
    whole = words_of(data, "text")
    text = FIRST.split(whole, maxsplit=1)[0].strip()
    image = file_name_of(words_of(data, "image"))
    if not text:
        raise RecordError("data.text", "holds no text before the intentions")
    post_id = post_id_of(image, numbered="miko")
    hashtags = hashtags_of(text)
    source = post_id.partition(":")[0]
    post = Post(post_id, text, source, tagged(hashtags), (Image(image),))
    tails = {
        number: tail
        for number, raw in numbered_intentions(whole)
        if 1 <= number <= len(RELATIONS) and (tail := said(RELATIONS[number - 1], raw))
    }
    intentions = {number: Intention.of(tail.relation, tail.tail) for number, tail in tails.items()}
    batch = intentions_batch(post_id, tails.values(), INFERRED)
    return post_id, joined([post_batch(post), hashtag_batch(post_id, hashtags), batch]), intentions


def _judgements(
    annotation: Fields, post_id: str, intentions: dict[int, Intention]
) -> Iterator[Judgement]:
    project = annotation.get("project")
    if type(project) is not int:
        raise RecordError("project", "is no number")
    time = text_of(annotation, "created_at", default="")
    for result in objects_of(annotation, "result"):
        field = NUMBERED_FIELD.fullmatch(text_of(result, "from_name", default=""))
        intention = intentions.get(int(field[1])) if field else None
        if intention is not None:
            choice = _choice(object_of(result, "value"))
            annotator = f"label-studio project {project}"
            yield Judgement(post_id, intention.id, annotator, choice, time)


def _choice(value: Fields) -> str:
    """Return the one choice of a result."""
    for name, choice in CHOICES.items():
        if value.get("choices") == [name]:
            return choice
    raise RecordError("choices", "is not one of the three that are known")
