"""Label Studio exports of MIKO's annotation: an expert's choice for each intention of a post."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
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
            yield _row(line)
        except RecordError as error:
            yield Rejected(line.number, error.field, error.reason)


@dataclass(frozen=True, slots=True)
class Task:
    """What an expert was shown: a post and its intentions, by number from 1 to 10."""

    post_id: str
    text: str
    image: str
    tails: Mapping[int, Said]


@dataclass(frozen=True, slots=True)
class Answer:
    """What an expert chose for the intention of a number, as Label Studio holds the choice."""

    number: int
    value: Fields
    annotator: str
    time: str


def task_of(fields: Fields) -> Task:
    """Return what a task of the authors' projects shows.

    Raises:
        RecordError: It shows no post, or another thing.
    """
    data = object_of(fields, "data")
    if "post_id" in data:
        raise RecordError("data.post_id", "is of a batch: see `miko annotate import`")
    whole = words_of(data, "text")
    text = FIRST.split(whole, maxsplit=1)[0].strip()
    image = file_name_of(words_of(data, "image"))
    if not text:
        raise RecordError("data.text", "holds no text before the intentions")
    tails = {
        number: tail
        for number, raw in numbered_intentions(whole)
        if 1 <= number <= len(RELATIONS) and (tail := said(RELATIONS[number - 1], raw))
    }
    return Task(post_id_of(image, numbered="miko"), text, image, tails)


def finished_of(fields: Fields) -> list[Fields]:
    """Return a task's annotations, without those that were cancelled.

    Raises:
        RecordError: They are no list of objects.
    """
    return [a for a in objects_of(fields, "annotations") if not a.get("was_cancelled")]


def answers_of(annotation: Fields) -> Iterator[Answer]:
    """Yield what an annotation says of numbered intentions; their project names the annotator.

    Raises:
        RecordError: A field that must be there is not, or is something else.
    """
    project = annotation.get("project")
    if type(project) is not int:
        raise RecordError("project", "is no number")
    time = text_of(annotation, "created_at", default="")
    for result in objects_of(annotation, "result"):
        field = NUMBERED_FIELD.fullmatch(text_of(result, "from_name", default=""))
        if field and 1 <= int(field[1]) <= len(RELATIONS):
            value = object_of(result, "value")
            yield Answer(int(field[1]), value, f"label-studio project {project}", time)


def _row(line: Line) -> Row:
    fields = json_object(line.text)
    finished = finished_of(fields)
    if not finished:
        return Skipped(line.number, "the annotation was cancelled")
    task = task_of(fields)
    answers = [answer for annotation in finished for answer in answers_of(annotation)]
    judgements = tuple(
        Judgement(task.post_id, _intention(tail).id, a.annotator, _choice(a.value), a.time)
        for a in answers
        if (tail := task.tails.get(a.number))
    )
    return Parsed(line.number, joined([_batch(task), Batch(judgements=judgements)]))


def _batch(task: Task) -> Batch:
    hashtags = hashtags_of(task.text)
    source = task.post_id.partition(":")[0]
    post = Post(task.post_id, task.text, source, tagged(hashtags), (Image(task.image),))
    return joined(
        [
            post_batch(post),
            hashtag_batch(task.post_id, hashtags),
            intentions_batch(task.post_id, task.tails.values(), INFERRED),
        ]
    )


def _intention(tail: Said) -> Intention:
    return Intention.of(tail.relation, tail.tail)


def _choice(value: Fields) -> str:
    """Return the one choice of a result."""
    for name, choice in CHOICES.items():
        if value.get("choices") == [name]:
            return choice
    raise RecordError("choices", "is not one of the three that are known")
