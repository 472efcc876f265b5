"""What annotators are shown: a batch of items, one JSON object a line."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import orjson

from evaluation.annotation.judged import ItemKey, key_of
from ingest.formats.fields import json_object, text_of, words_of
from ingest.formats.format import Rejected
from ingest.formats.lines import lines
from ingest.whole_file import write_new
from schema.errors import FormatError, InputError, RecordError

ITEMS_LIMIT: Final = 100_000
"""Most items of a batch: more than a person judges in a year."""


@dataclass(frozen=True, slots=True)
class Item:
    """An intention as its post has it, in words.

    Attributes:
        key: What it is.
        text: The post's; may be empty, where there is an image.
        image: Where the post's first image is; empty where there is none.
        image_description: What a model saw in it; may be empty.
        sentence: The intention, in the frame of its relation.
    """

    key: ItemKey
    text: str
    image: str
    image_description: str
    sentence: str


def write_items(path: Path, items: Iterable[Item]) -> None:
    """Write a batch, which only its owner can read: it holds posts.

    Raises:
        InputError: Another file is there, or it cannot be written.
    """
    write_new(path, b"".join(orjson.dumps(fields_of(i)) + b"\n" for i in items))


def read_items(path: Path) -> Sequence[Item]:
    """Return the items of a batch, in their order.

    Raises:
        InputError: A line is malformed, an item is there twice, or there are too many.
        FormatError: The file cannot be opened, or holds nothing.
    """
    items: dict[ItemKey, Item] = {}
    for line in lines(path):
        if isinstance(line, Rejected):
            raise malformed(path, line.line, line.field, line.reason)
        try:
            item = _item(line.text)
        except RecordError as error:
            raise malformed(path, line.number, error.field, error.reason) from error
        if item.key in items:
            raise malformed(path, line.number, "intention_id", "is of an item that is there before")
        items[item.key] = item
        if len(items) > ITEMS_LIMIT:
            raise InputError(f"{path} holds over {ITEMS_LIMIT:,} items: make it several batches")
    if not items:
        raise FormatError(f"{path} holds no item: draw some by `miko annotate sample`")
    return tuple(items.values())


def malformed(path: Path, line: int, field: str, reason: str) -> InputError:
    """Return the error that says where a file is wrong; it holds none of its text."""
    where = f"line {line}: {field}: " if field else f"line {line}: "
    return InputError(f"{path}: {where}{reason}")


def fields_of(item: Item) -> dict[str, str]:
    """Return what an item says, by the names that batches and sheets have for it."""
    return {
        "post_id": item.key.post_id,
        "relation": item.key.relation.value,
        "intention_id": item.key.intention_id,
        "text": item.text,
        "image": item.image,
        "image_description": item.image_description,
        "sentence": item.sentence,
    }


def _item(text: str) -> Item:
    fields = json_object(text)
    words_of(fields, "intention_id")
    return Item(
        key_of(fields),
        text_of(fields, "text"),
        text_of(fields, "image", default=""),
        text_of(fields, "image_description", default=""),
        words_of(fields, "sentence"),
    )
