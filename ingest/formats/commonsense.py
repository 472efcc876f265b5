"""From a triple, as several formats give it, to a fragment of the graph."""

import math
from typing import Final

from ingest.formats.format import Parsed, Row, Skipped
from schema.errors import RecordError
from schema.graph import Batch, Related
from schema.nodes import Concept, ConceptKind

TRIPLE: Final = 3
NAME_LIMIT: Final = 200
"""Most characters of a relation's or a source's name."""


def related_row(line: int, related: Related, *, head_kind: ConceptKind = ConceptKind.THING) -> Row:
    """Return the row of an assertion between two concepts by their URIs.

    Raises:
        RecordError: The relation is empty, or a name is too long.
    """
    if not related.relation:
        raise RecordError("relation", "is empty")
    if max(len(related.relation), len(related.source), len(related.licence)) > NAME_LIMIT:
        raise RecordError("", f"holds a name of more than {NAME_LIMIT} characters")
    if related.head_id == related.tail_id:
        return Skipped(line, "both ends are one concept")
    head, tail = Concept.of(related.head_id, head_kind), Concept.of(related.tail_id)
    return Parsed(line, Batch(concepts=(head, tail), related=(related,)))


def columns(text: str, count: int) -> list[str]:
    """Return the columns of a line of tab-separated values.

    Raises:
        RecordError: There are more or fewer, or one of them cannot be stored.
    """
    parts = text.split("\t")
    if len(parts) != count:
        raise RecordError("", f"has {len(parts)} columns, not {count}")
    if "\x00" in text:
        raise RecordError("", "holds a NUL character")
    return parts


def weight_of(value: object) -> float:
    """Return a weight.

    Raises:
        RecordError: It is no positive, finite number.
    """
    if isinstance(value, bool):
        raise RecordError("weight", "is no number")
    try:
        weight = float(value)  # pyright: ignore[reportArgumentType] whatever it is
    except (TypeError, ValueError, OverflowError) as error:
        raise RecordError("weight", "is no number") from error
    if not math.isfinite(weight) or weight <= 0:
        raise RecordError("weight", "is not positive and finite")
    return weight
