"""Between rows of the tables and nodes of the graph."""

import sqlite3
from collections.abc import Iterable
from types import MappingProxyType
from typing import Any, Final, LiteralString

import orjson

from kg.columns.places import RELATIONS
from kg.sqlite.tables import CONCEPT_KINDS, TABLE
from schema.errors import NodeNotFoundError
from schema.nodes import Concept, Image, Intention, NodeKind, Post, Run

Row = tuple[Any, ...]  # sqlite3 gives no types

POST_COLUMNS: Final[LiteralString] = (
    "n.id, n.text, n.source, n.hashtags, n.images, n.image_description, n.labels"
)
INTENTION_COLUMNS: Final[LiteralString] = "n.id, n.relation, n.text"
CONCEPT_COLUMNS: Final[LiteralString] = "n.id, n.text, n.kind"


def as_json(values: Iterable[object]) -> str:
    """Return values as a JSON array, which SQL reads by json_each: a list parameter."""
    return orjson.dumps(list(values)).decode()


def post_of(row: Row) -> Post:
    """Return the post of a row of POST_COLUMNS."""
    post_id, text, source, hashtags, images, description, labels = row
    return Post(
        post_id,
        text,
        source,
        tuple(orjson.loads(hashtags)),
        tuple(Image(uri, sha256) for uri, sha256 in orjson.loads(images)),
        description,
        MappingProxyType(orjson.loads(labels)),
    )


def post_values(post: Post) -> Row:
    """Return the values of a post that may change, in the order of the table's columns."""
    images = [[image.uri, image.sha256] for image in post.images]
    labels = dict(sorted(post.labels.items()))
    return (
        post.image_description,
        orjson.dumps(images).decode(),
        as_json(post.hashtags),
        orjson.dumps(labels).decode(),
    )


def intention_of(row: Row) -> Intention:
    """Return the intention of a row of INTENTION_COLUMNS."""
    return Intention(row[0], RELATIONS[int(row[1])], row[2])


def concept_of(row: Row) -> Concept:
    """Return the concept of a row of CONCEPT_COLUMNS."""
    return Concept(row[0], row[1], CONCEPT_KINDS[int(row[2])])


def run_of(row: Row) -> Run:
    """Return the run of a row (id, body)."""
    return Run(row[0], **orjson.loads(row[1]))


class KeyOf(dict[str, int]):
    """Keys by id; an id that has none is a NodeNotFoundError."""

    def __missing__(self, node_id: str) -> int:
        """Refuse an id that has no key."""
        raise NodeNotFoundError(node_id)


def keys_of(connection: sqlite3.Connection, table: LiteralString, ids: Iterable[str]) -> KeyOf:
    """Return the keys of those ids that are in a table."""
    sql = f"SELECT n.id, n.key FROM json_each(?) AS j JOIN {table} AS n ON n.id = j.value"
    return KeyOf(connection.execute(sql, (as_json(ids),)))


def ids_of(connection: sqlite3.Connection, kind: NodeKind, keys: Iterable[int]) -> dict[int, str]:
    """Return the ids of those keys that are in a kind's table."""
    sql = f"SELECT n.key, n.id FROM json_each(?) AS j JOIN {TABLE[kind]} AS n ON n.key = j.value"
    return dict(connection.execute(sql, (as_json(keys),)))


def grouped(rows: Iterable[Row], size: int) -> list[list[Row]]:
    """Return one list of rows for each position 0 to size - 1, which a row begins with."""
    groups: list[list[Row]] = [[] for _ in range(size)]
    for row in rows:
        groups[int(row[0])].append(row[1:])
    return groups
