"""ATOMIC: ``head<TAB>relation<TAB>tail``, events and what follows from them."""

import re
from collections.abc import Iterator
from typing import Final

from ingest.formats.commonsense import TRIPLE, columns, related_row
from ingest.formats.format import Line, Rejected, Row, Skipped
from kg.concepts import concept_uri_of
from schema.errors import RecordError
from schema.graph import Related
from schema.nodes import ConceptKind
from schema.relations import Relation

SOURCE: Final = "atomic"
LICENCE: Final = "CC BY 4.0"
RELATIONS: Final = frozenset(relation.value for relation in Relation if relation != "open")
NO_INFERENCE: Final = "none"
STAND_INS: Final = {"John": "PersonX", "Tom": "PersonY"}
NAME: Final = re.compile(r"\b(John|Tom)\b")


class AtomicFormat:
    """``PersonX adopts a dog<TAB>xNeed<TAB>to visit the shelter``."""

    name = "atomic"

    def recognises(self, line: str) -> bool:
        parts = line.split("\t")
        return len(parts) == TRIPLE and parts[1] in RELATIONS

    def rows(self, line: Line) -> Iterator[Row]:
        try:
            yield _row(line)
        except RecordError as error:
            yield Rejected(line.number, error.field, error.reason)


def _row(line: Line) -> Row:
    head, relation, tail = columns(line.text, TRIPLE)
    if relation not in RELATIONS:
        raise RecordError("relation", "is none of ATOMIC's nine relations")
    if tail.strip().casefold() == NO_INFERENCE:
        return Skipped(line.number, "no inference")
    ends = concept_uri_of(_people(head)), concept_uri_of(_people(tail))
    if ends[0] is None or ends[1] is None:
        raise RecordError("head" if ends[0] is None else "tail", "holds no word")
    related = Related(ends[0], relation, ends[1], SOURCE, licence=LICENCE)
    return related_row(line.number, related, head_kind=ConceptKind.EVENT)


def _people(text: str) -> str:
    """Put PersonX and PersonY in the place of the names that stand for them."""
    return NAME.sub(lambda found: STAND_INS[found[1]], text)
