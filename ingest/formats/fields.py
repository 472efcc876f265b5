"""Reading fields of JSON rows: each wrong one is an error that names it."""

import json
from collections.abc import Mapping
from typing import Any, cast

from schema.errors import RecordError
from schema.text import flaw

Fields = Mapping[str, Any]  # JSON gives no types


def json_object(text: str) -> Fields:
    """Return the object of a JSON text.

    Raises:
        RecordError: It is no JSON, or no object.
    """
    try:
        value = json.loads(text)
    except ValueError as error:
        place = error.colno if isinstance(error, json.JSONDecodeError) else 1
        raise RecordError("", f"no JSON at character {place}") from error
    except RecursionError as error:
        raise RecordError("", "nested too deeply") from error
    if not isinstance(value, dict):
        raise RecordError("", "no JSON object")
    return cast("Fields", value)


def text_of(fields: Fields, name: str, *, default: str | None = None) -> str:
    """Return a text field.

    Raises:
        RecordError: It is missing and has no default, is no string, or cannot be stored.
    """
    if name not in fields and default is None:
        raise RecordError(name, "is missing")
    value = fields.get(name, default)
    if not isinstance(value, str):
        raise RecordError(name, "is no string")
    reason = flaw(value)
    if reason is not None:
        raise RecordError(name, reason)
    return value


def words_of(fields: Fields, name: str) -> str:
    """Return a text field that must not be empty.

    Raises:
        RecordError: As text_of, or it is empty.
    """
    text = text_of(fields, name)
    if not text.strip():
        raise RecordError(name, "is empty")
    return text


def object_of(fields: Fields, name: str) -> Fields:
    """Return a field that is an object.

    Raises:
        RecordError: It is missing, or is none.
    """
    value = fields.get(name)
    if not isinstance(value, dict):
        raise RecordError(name, "is no object")
    return cast("Fields", value)


def objects_of(fields: Fields, name: str) -> list[Fields]:
    """Return a field that is a list of objects.

    Raises:
        RecordError: It is missing, or is none.
    """
    value = fields.get(name)
    if not isinstance(value, list):
        raise RecordError(name, "is no list")
    if not all(isinstance(part, dict) for part in cast("list[Any]", value)):
        raise RecordError(name, "holds other than objects")
    return cast("list[Fields]", value)


def has_json_keys(line: str, *names: str) -> bool:
    """Say whether a line is a JSON object with these keys."""
    try:
        return all(name in json_object(line) for name in names)
    except RecordError:
        return False
