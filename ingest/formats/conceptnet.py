"""ConceptNet 5's published assertions: URI, relation, start, end, JSON; tab-separated."""

from collections.abc import Iterator
from typing import Final

from ingest.formats.commonsense import columns, related_row, weight_of
from ingest.formats.fields import json_object, text_of
from ingest.formats.format import Line, Rejected, Row, Skipped
from kg.concepts import normal_uri
from schema.errors import RecordError
from schema.graph import Related

COLUMNS: Final = 5
SOURCE: Final = "conceptnet"
RELATION: Final = "/r/"


class ConceptNetFormat:
    """``/a/[…]<TAB>/r/IsA<TAB>/c/en/dog/n<TAB>/c/en/pet<TAB>{"weight": 2.0, …}``."""

    name = "conceptnet"

    def recognises(self, line: str) -> bool:
        return line.startswith("/a/[") and line.count("\t") == COLUMNS - 1

    def rows(self, line: Line) -> Iterator[Row]:
        try:
            yield _row(line)
        except RecordError as error:
            yield Rejected(line.number, error.field, error.reason)


def _row(line: Line) -> Row:
    _, relation, start, end, details = columns(line.text, COLUMNS)
    if not relation.startswith(RELATION):
        raise RecordError("relation", "is no URI that begins with /r/")
    fields = json_object(details)
    weight = weight_of(fields.get("weight"))
    licence = text_of(fields, "license", default="")
    head, tail = normal_uri(start), normal_uri(end)
    if head is None or tail is None:
        return Skipped(line.number, "an end is no concept of words")
    name = relation.removeprefix(RELATION).removeprefix("dbpedia/")
    return related_row(line.number, Related(head, name, tail, SOURCE, weight, licence))
