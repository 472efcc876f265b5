"""Label Studio: tasks out, an export's choices in; ours, and those of the authors' projects."""

from collections.abc import Iterator, Sequence
from typing import Any, Final, cast
from xml.etree import ElementTree

import orjson

from evaluation.annotation.choices import CHINESE, GRADES, Choice, choice_of
from evaluation.annotation.items import Item
from evaluation.annotation.judged import ItemKey, Judged, checked_time, key_of, named
from evaluation.annotation.rows import Record
from ingest.formats.fields import Fields, json_object, object_of, objects_of, text_of
from ingest.formats.format import Line
from ingest.formats.label_studio import RELATIONS, answers_of, finished_of, task_of
from schema.errors import RecordError
from schema.nodes import Intention

FIELD: Final = "relevance"
"""How the choice is called in the tasks that we make."""


def tasks(items: Sequence[Item], *, image_prefix: str = "") -> bytes:
    """Return a batch as Label Studio imports it, a JSON array of tasks."""
    return orjson.dumps(
        [{"data": _data(item, image_prefix)} for item in items], option=orjson.OPT_INDENT_2
    )


def labelling_interface(items: Sequence[Item], *, is_chinese: bool = False) -> bytes:
    """Return the labelling interface (XML) of a project for these tasks."""
    view = ElementTree.Element("View")
    if any(item.image for item in items):
        ElementTree.SubElement(view, "Image", name="image", value="$image")
    if any(item.image_description for item in items):
        ElementTree.SubElement(view, "Text", name="seen", value="$image_description")
    ElementTree.SubElement(view, "Text", name="text", value="$text")
    ElementTree.SubElement(view, "Header", value="$sentence")
    choices = ElementTree.SubElement(
        view,
        "Choices",
        {"name": FIELD, "toName": "text", "choice": "single", "required": "true"},
    )
    for word in reversed(CHINESE if is_chinese else GRADES):
        ElementTree.SubElement(choices, "Choice", value=str(word))
    ElementTree.indent(view)
    return ElementTree.tostring(view, encoding="utf-8") + b"\n"


def record_of(line: Line, annotator: str) -> Record:
    """Return what a task of an export says.

    Args:
        line: The task.
        annotator: Who judged, whatever the export says; empty to take that. Ours is named by the
            user's address or number, of the authors' by their project: all are of user 1.

    Raises:
        RecordError: It cannot be read.
    """
    fields = json_object(line.text)
    is_ours = "post_id" in object_of(fields, "data")
    read = _judged_of_ours if is_ours else _judged_of_authors
    post_id = key_of(object_of(fields, "data")).post_id if is_ours else task_of(fields).post_id
    finished = finished_of(fields)
    judged = tuple(one for a in finished for one in read(fields, a, annotator))
    return Record(
        line.number,
        post_id,
        judged,
        is_cancelled=bool(objects_of(fields, "annotations")) and not finished,
    )


def _data(item: Item, image_prefix: str) -> dict[str, str]:
    return {
        "post_id": item.key.post_id,
        "relation": item.key.relation.value,
        "intention_id": item.key.intention_id,
        "text": item.text,
        "image": image_prefix + item.image if item.image else "",
        "image_description": item.image_description,
        "sentence": item.sentence,
    }


def _judged_of_ours(fields: Fields, annotation: Fields, annotator: str) -> Iterator[Judged]:
    key = key_of(object_of(fields, "data"))
    time = checked_time(text_of(annotation, "updated_at", default=""))
    for result in objects_of(annotation, "result"):
        if text_of(result, "from_name", default="") == FIELD:
            choice = _choice_of(object_of(result, "value"))
            yield Judged(key, named(annotator or _user_of(annotation)), choice, time)


def _judged_of_authors(fields: Fields, annotation: Fields, annotator: str) -> Iterator[Judged]:
    task = task_of(fields)
    for answer in answers_of(annotation):
        tail = task.tails.get(answer.number)
        intention = Intention.of(tail.relation, tail.tail).id if tail else ""
        key = ItemKey(task.post_id, RELATIONS[answer.number - 1], intention)
        name = named(annotator or answer.annotator)
        yield Judged(key, name, _choice_of(answer.value), checked_time(answer.time))


def _user_of(annotation: Fields) -> str:
    user = annotation.get("completed_by")
    if isinstance(user, dict):
        known = cast("dict[str, Any]", user)  # JSON gives no types
        return text_of(known, "email") if "email" in known else f"label-studio {known.get('id')}"
    if type(user) is int:
        return f"label-studio {user}"
    raise RecordError("completed_by", "is no user: name the annotator by --annotator")


def _choice_of(value: Fields) -> Choice:
    choices = value.get("choices")
    if not isinstance(choices, list) or len(cast("list[Any]", choices)) != 1:
        raise RecordError("choices", "is not one choice")
    (word,) = cast("list[Any]", choices)
    if not isinstance(word, str):
        raise RecordError("choices", "is no text")
    return choice_of(word)
