"""MMSD2.0 as it is published: train.json, valid.json and test.json of a folder.

Qin et al., MMSD2.0: Towards a Reliable Multi-modal Sarcasm Detection System, Findings of ACL 2023.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from ingest.formats.fields import Fields, json_object, text_of
from ingest.formats.format import Line, Rejected
from ingest.formats.lines import lines
from ingest.formats.miko_text import post_id_of
from schema.errors import InputError, RecordError


class PublishedSplit(StrEnum):
    """The part of the published data that a post is in."""

    TRAIN = "train"
    VALID = "valid"
    TEST = "test"


@dataclass(frozen=True, slots=True)
class LabelledPost:
    """A post and whether people call it sarcastic.

    Attributes:
        id: As the graph has it; only to find what is known of the post.
        text: As published.
        is_sarcastic: The label.
        split: As published.
    """

    id: str
    text: str
    is_sarcastic: bool
    split: PublishedSplit


def read_posts(folder: Path) -> list[LabelledPost]:
    """Return the posts of the three files, in their order.

    Raises:
        InputError: A file is missing, a row is malformed, or an id stands in two rows.
    """
    posts = [post for split in PublishedSplit for post in _posts(folder / f"{split}.json", split)]
    seen: set[str] = set()
    for post in posts:
        if post.id in seen:
            raise InputError(f"{folder}: one image_id stands in two rows: leave one of them out")
        seen.add(post.id)
    return posts


def _posts(path: Path, split: PublishedSplit) -> Iterator[LabelledPost]:
    for line in lines(path):
        if isinstance(line, Rejected):
            raise InputError(f"{path}, row {line.line}: {line.reason}")
        yield _post(path, line, split)


def _post(path: Path, line: Line, split: PublishedSplit) -> LabelledPost:
    try:
        fields = json_object(line.text)
        post_id = post_id_of(_image(fields), numbered="mmsd")
        return LabelledPost(post_id, text_of(fields, "text"), _label(fields), split)
    except RecordError as error:
        raise InputError(
            f"{path}, row {line.number}: {error}; each row is to be "
            '{"image_id": …, "text": …, "label": 0 or 1}'
        ) from error


def _image(fields: Fields) -> str:
    image = fields.get("image_id")
    return str(image) if type(image) is int else text_of(fields, "image_id")


def _label(fields: Fields) -> bool:
    label = fields.get("label")
    if type(label) is not int or label not in (0, 1):
        raise RecordError("label", "is neither 0 nor 1")
    return label == 1
