"""The tables that `neo4j-admin database import full` reads (Neo4j's operations manual, "Import").

Strings are always quoted: an empty one is then an empty string, while nothing at all is no
property. An empty array is no property either (kg.neo4j.rows.post_of).
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cache
from typing import Any, Final

import numpy as np

from kg.neo4j.rows import Properties
from kg.store import Vector
from schema.errors import InputError

ARGUMENTS: Final = "arguments"
"""The file that names the others to neo4j-admin."""

NODES: Final = {
    "Graph": "id:ID(Graph),version:long,model_name:string,model_revision:string,"
    "model_dimensions:long,mark_link:long,:LABEL",
    "Run": "id:ID(Run),step:string,model:string,revision:string,prompt_hash:string,"
    "sampling:string,engine:string,time:string,:LABEL",
    "Concept": "id:ID(Concept),rank:long,kind:long,text:string,words:string,created:long,"
    "embedding:float[],:LABEL",
    "Intention": "id:ID(Intention),rank:long,relation:string,text:string,words:string,"
    "created:long,embedding:float[],:LABEL",
    "Post": "id:ID(Post),rank:long,source:string,text:string,words:string,hashtags:string[],"
    "image_uris:string[],image_hashes:string[],image_description:string,labels:string[],"
    "created:long,embedding:float[],:LABEL",
}
"""Header of each label's file."""

RELATIONSHIPS: Final = {
    "ABOUT": ":START_ID(Intention),:END_ID(Concept),method:string,confidence:double,"
    "start_order:long,end_order:long",
    "HAS_INTENTION": ":START_ID(Post),:END_ID(Intention),run:string,raw:string,"
    "plausibility:double,estimator:string,confidence:double,start_order:long,end_order:long",
    "JUDGED": ":START_ID(Post),:END_ID(Intention),annotator:string,time:string,choice:string",
    "MENTIONS": ":START_ID(Post),:END_ID(Concept),aspect:string,raw:string,run:string,"
    "start_order:long,end_order:long",
    "RELATED": ":START_ID(Concept),:END_ID(Concept),relation:string,source:string,weight:double,"
    "licence:string,start_order:long,end_order:long",
}
"""Header of each type's file."""

TABLES: Final = NODES | RELATIONSHIPS
OPTIONS: Final = (
    "--array-delimiter=U+001F",
    "--multiline-fields=true",
    "--normalize-types=false",
    "--bad-tolerance=0",
)
DELIMITER: Final = "\x1f"
"""Parts the elements of an array: the control character that is made for it."""

LINE_END: Final = "\n"
HALVES: Final = 1 << 16
"""How many numbers of half precision there are."""


def names() -> Iterator[str]:
    """Return the names of all files of an export."""
    yield ARGUMENTS
    for table in TABLES:
        yield header_name(table)
        yield data_name(table)


def header_name(table: str) -> str:
    return f"{table}-header.csv"


def data_name(table: str) -> str:
    return f"{table}.csv"


def arguments() -> str:
    """Return what tells neo4j-admin of the files, which lie where it is run.

    A name alone is not found by 2026.x: it asks for the folder of the header.
    """
    lines = [*OPTIONS]
    lines += [f"--nodes=./{header_name(table)},./{data_name(table)}" for table in NODES]
    lines += [
        f"--relationships={table}=./{header_name(table)},./{data_name(table)}"
        for table in RELATIONSHIPS
    ]
    return "".join(f"{line}{LINE_END}" for line in lines)


def text_of(table: str, rows: Iterable[Properties]) -> tuple[str, int]:
    """Return rows as the lines of a table's file, and how many they are.

    Raises:
        InputError: An element of an array holds the character that parts them.
    """
    columns = _columns(TABLES[table])
    lines = [_line(columns, row) for row in rows]
    return "".join(lines), len(lines)


Written = Callable[[Any], str]  # a column's values are of one type, which its header names


def _columns(header: str) -> dict[str, Written]:
    """Return how each property is written, in the order of the columns."""
    columns: dict[str, Written] = {}
    for column in header.split(","):
        name, _, kind = column.partition(":")
        kind = kind.partition("(")[0]
        columns[name or f":{kind}"] = WRITTEN[kind]
    return columns


def _line(columns: Mapping[str, Written], row: Properties) -> str:
    values = ((write, row.get(name)) for name, write in columns.items())
    fields = ("" if value is None else write(value) for write, value in values)
    return ",".join(fields) + LINE_END


def _string(text: str) -> str:
    doubled = text.replace('"', '""')
    return f'"{doubled}"'


def _double(number: float) -> str:
    return repr(float(number))


def _strings(texts: list[str]) -> str:
    for text in texts:
        if DELIMITER in text:
            raise InputError(
                f"{text!r} cannot be exported: it holds the control character U+001F, which parts "
                "the hashtags, images and labels of a post"
            )
    return _string(DELIMITER.join(texts)) if texts else ""


def _floats(embedding: Vector) -> str:
    texts = _half_texts()
    halves: list[int] = embedding.astype(np.float16).view(np.uint16).tolist()
    return DELIMITER.join([texts[half] for half in halves])


@cache
def _half_texts() -> list[str]:
    """Return each half as text, the shortest that is read as the same float.

    Looked up, it is written ten times as fast.
    """
    halves = np.arange(HALVES, dtype=np.uint16).view(np.float16)
    return [str(number) for number in halves.astype(np.float32)]


WRITTEN: Final[Mapping[str, Written]] = {
    "ID": _string,
    "START_ID": _string,
    "END_ID": _string,
    "LABEL": _strings,
    "string": _string,
    "string[]": _strings,
    "long": str,
    "double": _double,
    "float[]": _floats,
}
