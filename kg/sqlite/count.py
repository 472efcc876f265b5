"""Counting what is in the graph."""

import sqlite3
from typing import Final, LiteralString

from kg.columns.places import ASPECTS, RELATIONS
from kg.sqlite.tables import TABLE
from kg.store import Counts
from schema.graph import RelationshipType

RELATIONSHIP_TABLE: Final[dict[RelationshipType, LiteralString]] = {
    RelationshipType.HAS_INTENTION: "has_intention",
    RelationshipType.MENTIONS: "mentions",
    RelationshipType.ABOUT: "about",
    RelationshipType.RELATED: "related",
}
BY_RELATION: Final[LiteralString] = "SELECT relation, count(*) FROM intention GROUP BY 1 ORDER BY 1"
BY_ASPECT: Final[LiteralString] = "SELECT aspect, count(*) FROM mentions GROUP BY 1 ORDER BY 1"
HELD_BY_RELATION: Final[LiteralString] = """
SELECT i.relation, count(*) FROM has_intention AS h JOIN intention AS i ON i.key = h.intention
GROUP BY i.relation ORDER BY i.relation
"""


def counts(connection: sqlite3.Connection) -> Counts:
    by_relation = connection.execute(BY_RELATION).fetchall()
    held = connection.execute(HELD_BY_RELATION).fetchall()
    aspects = connection.execute(BY_ASPECT).fetchall()
    return Counts(
        nodes={k.value: _rows(connection, table) for k, table in TABLE.items()}
        | {"Run": _rows(connection, "run")},
        relationships={t.value: _rows(connection, n) for t, n in RELATIONSHIP_TABLE.items()},
        posts_by_source=_grouped(connection, "post", "source"),
        intentions_by_relation={RELATIONS[int(place)].value: n for place, n in by_relation},
        has_intention_by_relation={RELATIONS[int(place)].value: n for place, n in held},
        mentions_by_aspect={ASPECTS[int(place)].value: n for place, n in aspects},
        related_by_source=_grouped(connection, "related", "source"),
        related_by_relation=_grouped(connection, "related", "relation"),
        embedded={k.value: _rows(connection, f"{table}_embedding") for k, table in TABLE.items()},
        judgements=_rows(connection, "judgement"),
    )


def _rows(connection: sqlite3.Connection, table: LiteralString) -> int:
    (rows,) = connection.execute(f"SELECT count(*) FROM {table}").fetchone()
    return rows


def _grouped(
    connection: sqlite3.Connection, table: LiteralString, column: LiteralString
) -> dict[str, int]:
    sql = f"SELECT {column}, count(*) FROM {table} GROUP BY 1 ORDER BY 1"
    return dict(connection.execute(sql).fetchall())
