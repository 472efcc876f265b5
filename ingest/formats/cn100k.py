"""CN-100K, the part of ConceptNet that models are trained on: ``relation<TAB>head<TAB>tail``."""

import re
from collections.abc import Iterator
from typing import Final

from ingest.formats.commonsense import TRIPLE, columns, related_row
from ingest.formats.format import Line, Rejected, Row
from kg.concepts import concept_uri_of
from schema.errors import RecordError
from schema.graph import Related

SOURCE: Final = "cn100k"
LICENCE: Final = "CC BY-SA 4.0"
RELATION: Final = re.compile(r"[A-Z][A-Za-z]+")


class Cn100kFormat:
    """``UsedFor<TAB>leash<TAB>walk the dog``."""

    name = "cn100k"

    def recognises(self, line: str) -> bool:
        parts = line.split("\t")
        return len(parts) == TRIPLE and RELATION.fullmatch(parts[0]) is not None

    def rows(self, line: Line) -> Iterator[Row]:
        try:
            yield _row(line)
        except RecordError as error:
            yield Rejected(line.number, error.field, error.reason)


def _row(line: Line) -> Row:
    relation, head, tail = columns(line.text, TRIPLE)
    if not RELATION.fullmatch(relation):
        raise RecordError("relation", "is no name such as UsedFor")
    ends = concept_uri_of(head), concept_uri_of(tail)
    if ends[0] is None or ends[1] is None:
        raise RecordError("head" if ends[0] is None else "tail", "holds no word")
    return related_row(line.number, Related(ends[0], relation, ends[1], SOURCE, licence=LICENCE))
