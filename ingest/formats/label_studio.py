"""Label Studio exports of MIKO's annotation: an expert's choice for each intention of a post."""

import re
from collections.abc import Iterator
from typing import Any, Final, cast

from ingest.formats.fields import Fields, has_json_keys, json_object, text_of, words_of
from ingest.formats.format import Line, Parsed, Rejected, Row, Skipped
from ingest.formats.miko_text import FOLDER, INFERRED, numbered_intentions, post_id_of, tail_of
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
FIRST: Final = re.compile(r"\n?\s*Intention ?1 ?:")


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
    data, annotations = fields.get("data"), fields.get("annotations")
    if not isinstance(data, dict):
        raise RecordError("data", "is no object")
    if not isinstance(annotations, list):
        raise RecordError("annotations", "is no list")
    finished = [a for a in cast("list[Fields]", annotations) if not a.get("was_cancelled")]
    if not finished:
        yield Skipped(line.number, "the annotation was cancelled")
        return
    post_id, post, said = _post(cast("Fields", data))
    judgements = tuple(j for a in finished for j in _judgements(a, post_id, said))
    yield Parsed(line.number, joined([post, Batch(judgements=judgements)]))


def _post(data: Fields) -> tuple[str, Batch, dict[int, Intention]]:
    """Return the post's id, its fragment, and its intentions by number."""
    whole = words_of(data, "text")
    text = FIRST.split(whole, maxsplit=1)[0].strip()
    image = FOLDER.sub("", words_of(data, "image"))
    if not text:
        raise RecordError("data.text", "holds no text before the intentions")
    post_id = post_id_of(image, numbered="miko")
    hashtags = hashtags_of(text)
    source = post_id.partition(":")[0]
    post = Post(post_id, text, source, tagged(hashtags), (Image(image),))
    said = {
        number: Said(relation, raw, tail_of(relation, raw))
        for number, raw in numbered_intentions(whole)
        if 1 <= number <= len(RELATIONS)
        for relation in [RELATIONS[number - 1]]
    }
    intentions = {number: Intention.of(s.relation, s.tail) for number, s in said.items()}
    batch = intentions_batch(post_id, said.values(), INFERRED)
    return post_id, joined([post_batch(post), hashtag_batch(post_id, hashtags), batch]), intentions


def _judgements(
    annotation: Fields, post_id: str, intentions: dict[int, Intention]
) -> Iterator[Judgement]:
    annotator = f"label-studio project {annotation.get('project', 'unknown')}"
    time = text_of(annotation, "created_at", default="")
    for result in cast("list[Fields]", annotation.get("result", ())):
        field = NUMBERED_FIELD.fullmatch(text_of(result, "from_name", default=""))
        intention = intentions.get(int(field[1])) if field else None
        if intention is not None:
            choice = _choice(result.get("value"))
            yield Judgement(post_id, intention.id, annotator, choice, time)


def _choice(value: Any) -> str:
    """Return the choice of a result, whose value JSON gives no type."""
    choices = cast("Fields", value).get("choices") if isinstance(value, dict) else None
    if not isinstance(choices, list) or len(cast("list[Any]", choices)) != 1:
        raise RecordError("annotations", "holds a result without one choice")
    choice = CHOICES.get(cast("list[Any]", choices)[0])
    if choice is None:
        raise RecordError("annotations", "holds a choice that is not known")
    return choice
