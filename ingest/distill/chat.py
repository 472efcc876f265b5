"""The JSON that a chat endpoint takes and gives, which may be anything at all."""

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import Any, Final, cast

from ingest.distill.generator import Answer, Prompt

SHOWN: Final = 200
"""Most characters of an endpoint's own words that are shown."""

ECHO: Final = 12
"""Least characters that are taken for a part of a post, where an endpoint repeats them."""

TEXT_TYPES: Final = frozenset({"text", "output_text"})
"""Parts of a message that are the answer; others are thoughts, or no text."""

MODELS_LIMIT: Final = 1000
COUNT_LIMIT: Final = 1 << 40

# What comes from outside is Any until it is looked at.
Json = Any


@dataclass(frozen=True, slots=True)
class Response:
    """What an endpoint sent; the body is None where it is too large."""

    status: int
    headers: Mapping[str, str]
    body: bytes | None

    def json(self) -> Json:
        """Return the body as JSON, None where it is none."""
        try:
            return json.loads(self.body or b"null")  # orjson refuses lone surrogates, we tell them
        except (ValueError, RecursionError):
            return None

    @property
    def retry_after_s(self) -> float | None:
        """The pause asked for, in seconds or up to a time; None where there is none."""
        text = self.headers.get("retry-after", "").strip()[:SHOWN]
        if text.isascii() and text.isdigit():
            return float(text)
        try:
            return max(0.0, parsedate_to_datetime(text).timestamp() - time.time())
        except (ValueError, OverflowError):
            return None


def messages_of(prompt: Prompt) -> list[Json]:
    """Return the messages: the instruction, the images, and the post last."""
    images = [{"type": "image_url", "image_url": {"url": url}} for url in prompt.images]
    user = [*images, {"type": "text", "text": prompt.user}] if images else prompt.user
    return [{"role": "system", "content": prompt.system}, {"role": "user", "content": user}]


def request_of(prompt: Prompt, model: str) -> dict[str, object]:
    """Return the request of a chat completion."""
    return {
        "model": model,
        "messages": messages_of(prompt),
        "response_format": {
            "type": "json_schema",
            "json_schema": {"name": prompt.step, "schema": prompt.schema},
        },
    }


def answer_of(body: Json) -> Answer | None:
    """Return the answer of a chat completion, of no known engine; None where the body is none."""
    choice = next(iter(_items(_field(body, "choices"))), None)
    message = _field(choice, "message")
    if not isinstance(message, dict):
        return None
    usage = _field(body, "usage")
    return Answer(
        _text_of(_field(message, "content")),
        _count(_field(usage, "prompt_tokens")),
        _count(_field(usage, "completion_tokens")),
        is_cut=_field(choice, "finish_reason") == "length",
    )


def _text_of(content: Json) -> str:
    """Return a message's text, whole or in parts; empty where it has none: the model declines."""
    if isinstance(content, str):
        return content
    parts = [part for part in _items(content) if _field(part, "type") in TEXT_TYPES]
    texts = [_field(part, "text") for part in parts]
    return "".join(text for text in texts if isinstance(text, str))


def models_of(body: Json) -> dict[str, str]:
    """Return the names of an endpoint's models, and who owns each."""
    rows = _items(_field(body, "data"))[:MODELS_LIMIT]
    return {plain(_field(row, "id")): plain(_field(row, "owned_by")) for row in rows}


def version_of(body: Json) -> str:
    """Return the version that vLLM tells."""
    return plain(_field(body, "version"))


def said_of(body: Json) -> str:
    """Return what an endpoint says of an error, as one short line."""
    error = _field(body, "error")
    return plain(_field(error, "message") or error or _field(body, "message"))


def repeats(said: str, asked: str) -> bool:
    """Whether an endpoint's words hold a part of what it was asked: a reason is to hold none."""
    said, asked = said.casefold(), asked.casefold()
    return any(said[at : at + ECHO] in asked for at in range(max(1, len(said) - ECHO + 1)))


def plain(text: Json) -> str:
    """Return a text of the endpoint's own as one short line, empty where it is none."""
    some = text[: 2 * SHOWN] if isinstance(text, str) else ""
    return " ".join("".join(c if c.isprintable() else " " for c in some).split())[:SHOWN]


def error_line(error: Exception) -> str:
    """Return what an error says as one short line, or its kind where it says nothing."""
    return plain(str(error)) or type(error).__name__


def _field(value: Json, name: str) -> Json:
    return cast("dict[str, Json]", value).get(name) if isinstance(value, dict) else None


def _items(value: Json) -> list[Json]:
    return cast("list[Json]", value) if isinstance(value, list) else []


def _count(value: Json) -> int:
    return value if isinstance(value, int) and 0 <= value < COUNT_LIMIT else 0
