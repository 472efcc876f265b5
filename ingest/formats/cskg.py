"""CSKG in KGTK's form: ``node1 label node2 datasource weight``, tab-separated, with a header."""

import re
from collections.abc import Iterator
from typing import Final

from ingest.formats.commonsense import columns, related_row, weight_of
from ingest.formats.format import Line, Rejected, Row, Skipped
from kg.concepts import concept_uri_of, normal_uri
from schema.errors import RecordError
from schema.graph import Related

HEADER: Final = "node1\tlabel\tnode2\tdatasource\tweight"
COLUMNS: Final = 5
SOURCE: Final = "cskg"
LICENCE: Final = "CC BY-SA 4.0"
OPAQUE: Final = re.compile(r"wd:|vg:I?\d+$")
"""Ids of Wikidata and of Visual Genome's images and objects, which are numbers."""

WORDS: Final = re.compile(r"(?:at|rg|vg|wn|fn|mw|ro):(?:(?:lu|fe):)?(?:[^:]*:)?(.+)")
"""Ids of words; FrameNet's name the frame before the word."""

SENSE: Final = re.compile(r"\.[a-z]\.\d\d$")


class CskgFormat:
    """``/c/en/leash/n<TAB>/r/UsedFor<TAB>vg:dog+/c/en/dog<TAB>CN<TAB>1.0``."""

    name = "cskg"

    def recognises(self, line: str) -> bool:
        return line == HEADER

    def rows(self, line: Line) -> Iterator[Row]:
        if line.text == HEADER:
            return
        try:
            yield _row(line)
        except RecordError as error:
            yield Rejected(line.number, error.field, error.reason)


def _row(line: Line) -> Row:
    start, relation, end, datasource, weight = columns(line.text, COLUMNS)
    if not relation or not datasource:
        raise RecordError("datasource" if relation else "label", "is empty")
    surety = weight_of(weight)
    head, tail = _uri(start), _uri(end)
    if head is None or tail is None:
        return Skipped(line.number, "an id without words")
    name = relation.removeprefix("/r/").removeprefix("at:")
    related = Related(head, name, tail, f"{SOURCE}:{datasource}", surety, LICENCE)
    return related_row(line.number, related)


def _uri(node: str) -> str | None:
    """Return the concept of a node that joins ids of several sources by "+"."""
    if node.startswith('"') and node.endswith('"'):
        node = node[1:-1].replace('""', '"')
    parts = node.split("+")
    for part in parts:
        if part.startswith("/c/") and (uri := normal_uri(part)):
            return uri
    for part in parts:
        words = None if OPAQUE.match(part) else WORDS.fullmatch(part)
        if words and (uri := concept_uri_of(SENSE.sub("", words[1]).replace("_", " "))):
            return uri
    return None
