"""What a model may answer to each step; anything else is refused with a reason to tell it."""

import json
import re
from collections import Counter
from contextlib import suppress
from typing import Annotated, Final, TypeVar

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    RootModel,
    TypeAdapter,
    ValidationError,
)

from ingest.distill.generator import Answer, JsonSchema
from ingest.formats.miko_text import tail_of
from ingest.formats.record import rejections
from schema.errors import RecordError
from schema.records import IntentionRecord, KeyInformation
from schema.relations import RELATIONS, Relation
from schema.text import flaw, normalize, squeeze

DESCRIPTION_LIMIT: Final = 4000
PART_LIMIT: Final = 200
TAIL_LIMIT: Final = 300
KEYWORDS: Final = (3, 5)
ALIKE_LIMIT: Final = 3
"""Most of the ten tails that may be the same: people can feel what others feel."""

NUL: Final = "\\u0000"
"""As JSON writes it."""

INTENTIONS: Final = TypeAdapter(tuple[IntentionRecord, ...])
HANDLE: Final = re.compile(r"(?<![\w@])@\w")
NO_JSON: Final = "Invalid JSON"
"""How pydantic begins what it says of a text that is none."""

THOUGHT: Final = "</think>"
"""What ends the thoughts of a model that reasons, where its server does not part them off."""

DECODER: Final = json.JSONDecoder()
"""Finds where an object ends, whatever follows it."""

LEADING_TO: Final = re.compile(r"^to\s+(?=\S)", re.IGNORECASE)

Expected = TypeVar("Expected", bound=BaseModel)


def _some_words(text: str) -> str:
    if not normalize(text):
        raise ValueError("holds no words")
    return squeeze(text)


def _keywords(words: tuple[str, ...]) -> tuple[str, ...]:
    """Drop repeats; of more than five, the first count."""
    least, most = KEYWORDS
    distinct: dict[str, str] = {}
    for word in words:
        distinct.setdefault(normalize(word), word)
    if len(distinct) < least:
        raise ValueError(f"holds fewer than {least} different keywords")
    return tuple(distinct.values())[:most]


def _ten_tails(answered: dict[Relation, str]) -> dict[Relation, str]:
    """Order the tails, and cut off the frame where the model repeats it."""
    missing = [relation.value for relation in RELATIONS if relation not in answered]
    if missing:
        raise ValueError(f"lacks {', '.join(missing)}")
    tails = {relation: plain_tail(relation, answered[relation]) for relation in RELATIONS}
    plain = {relation: normalize(tail) for relation, tail in tails.items()}
    for relation, tail in tails.items():
        if not plain[relation]:
            raise ValueError(f"{relation.value} holds no words besides its frame")
        if "@" in tail and HANDLE.search(tail):
            raise ValueError(f"{relation.value} names an account")
    alike = max(Counter(plain.values()).values())
    if alike > ALIKE_LIMIT:
        raise ValueError(f"says the same {alike} times: complete each sentence by itself")
    return tails


def plain_tail(relation: Relation, text: str) -> str:
    """Return a tail without what a model may repeat of its sentence, nor a full stop."""
    tail = squeeze(tail_of(relation, text)).rstrip(" .")
    return LEADING_TO.sub("", tail, count=1) if relation.about.frame.endswith(" to") else tail


# That they are text at all, `read` has seen to; the limits are then checked outside of Python.
Part = Annotated[str, Field(max_length=PART_LIMIT), AfterValidator(squeeze)]
Keyword = Annotated[str, Field(max_length=PART_LIMIT), AfterValidator(_some_words)]
Tail = Annotated[str, Field(min_length=1, max_length=TAIL_LIMIT)]


class Description(BaseModel):
    """What step one answers."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    description: Annotated[str, Field(max_length=DESCRIPTION_LIMIT), AfterValidator(_some_words)]


class Extracted(BaseModel):
    """What step two answers: every part is there, though it may be empty."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    concept: Annotated[Part, AfterValidator(_some_words)]
    action: Part
    object: Part
    emotion: Part
    keywords: Annotated[
        tuple[Keyword, ...],
        Field(max_length=50),
        AfterValidator(_keywords),
    ]

    def key_information(self) -> KeyInformation:
        """Return the parts as a record holds them."""
        return KeyInformation(**vars(self))


class Inferred(RootModel[Annotated[dict[Relation, Tail], AfterValidator(_ten_tails)]]):
    """What step three answers: one tail a relation, ten in all, in MIKO's order."""

    def intentions(self) -> tuple[IntentionRecord, ...]:
        """Return the tails as a record holds them."""
        said = [{"relation": relation, "text": tail} for relation, tail in self.root.items()]
        return INTENTIONS.validate_python(said)


def read(answer: Answer, expected: type[Expected]) -> Expected:
    """Return what an answer says; thoughts, fences and words around its object are passed over.

    Raises:
        RecordError: It is not what was asked for; the reason holds none of its text.
    """
    reason = "holds a NUL character" if NUL in answer.text else flaw(answer.text)
    if reason is not None:
        raise RecordError("", f"the answer {reason}")
    try:
        return expected.model_validate_json(object_in(answer.text))
    except ValidationError as error:
        if answer.is_cut:
            raise RecordError("", "the answer is cut off: it has too many tokens") from error
        raise _fault(answer, error) from error


def object_in(text: str) -> str:
    """Return the first object behind what was thought; one that is none, to the last brace."""
    if not text.lstrip().startswith("{"):
        said = text.rpartition(THOUGHT)[2]
        text = said if "{" in said else text
    start, end = text.find("{"), text.rfind("}")
    if start < 0:
        return ""
    with suppress(ValueError, RecursionError):
        return text[start : DECODER.raw_decode(text, start)[1]]
    return text[start : end + 1 if end > start else None]


def _fault(answer: Answer, error: ValidationError) -> RecordError:
    """Say what is wrong in words for a model and for people, not for a parser."""
    fault = next(rejections(0, error))
    if fault.reason.startswith(NO_JSON):
        return RecordError("", f"the answer {_no_json(answer.text, fault.reason)}")
    name = fault.field.partition(".")[0]
    # Any other name is the model's own, and may be a part of the post.
    return RecordError(name if name in NAMES else "", fault.reason)


def _no_json(text: str, said: str) -> str:
    if not text.strip():
        return "is empty, as where a model declines"
    if "{" not in text:
        return "is no JSON: it holds no object"
    if "hex escape" in said and "\\ud" in text.lower():
        return "holds a lone surrogate, which has no UTF-8 form"
    if "EOF" in said:
        return f"is no JSON: its object does not end, in {len(text)} characters"
    return "is no JSON"


def _object(properties: dict[str, object]) -> JsonSchema:
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


STRING: Final[JsonSchema] = {"type": "string"}
"""Of any length, which is checked when it comes: under a ``maxLength``, xgrammar takes some hundred
times as long for each token (mlc-ai/xgrammar#852), and llama.cpp refuses one of 2,000."""

DESCRIPTION_SCHEMA: Final = _object({"description": STRING})
EXTRACTED_SCHEMA: Final = _object(
    {
        "concept": STRING,
        "action": STRING,
        "object": STRING,
        "emotion": STRING,
        "keywords": {
            "type": "array",
            "items": STRING,
            "minItems": KEYWORDS[0],
            "maxItems": KEYWORDS[1],
        },
    }
)
INFERRED_SCHEMA: Final = _object({r.value: STRING for r in RELATIONS})
"""The schemas are written by hand: servers know little of what pydantic would say."""

NAMES: Final = frozenset(("description", *KeyInformation.model_fields, *RELATIONS))
