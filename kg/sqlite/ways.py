"""The ways out of a node: each relationship type in each direction, followed for many at once."""

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter
from typing import Final, LiteralString

from kg.sqlite.rows import as_json
from schema.graph import RelationshipType
from schema.nodes import NodeKind

Row = tuple[int, float, int, int, int | str]
"""Place of the node at hand among those asked for (of_one: 0), minus its confidence (RELATED: the
weight, MENTIONS: 0), rank of the far end's id, its key, the relation: followed in their order."""


@dataclass(frozen=True, slots=True)
class Way:
    """How to leave nodes of one kind along one relationship type in one direction.

    Attributes:
        type: What is followed.
        forward: Whether it points away from the node at hand.
        end: The kind of node at the far end.
        of_all: All rows of the nodes in a JSON array of keys, ``?1``.
        crowded: Which of these have more than ``?2``; empty where no node has many.
        of_one: The rows of one key, in order: for a node with many, read no further than needed.

    A concept that is RELATED to itself leads nowhere.

    Where the type is RELATED, the last parameter of both is a JSON array of relations, or NULL.
    """

    type: RelationshipType
    forward: bool
    end: NodeKind
    of_all: LiteralString
    crowded: LiteralString = ""
    of_one: LiteralString = ""

    def rows(
        self,
        connection: sqlite3.Connection,
        keys: Sequence[int],
        relations: str | None,
        fan_out: int,
    ) -> Iterator[tuple[int, Iterable[Row]]]:
        """Yield each node that this way leads out of, by its place, and its rows in order."""
        more = (relations,) if self.type is RelationshipType.RELATED else ()
        crowded = self._crowded(connection, keys, fan_out)
        few = [-1 if place in crowded else key for place, key in enumerate(keys)]
        rows: list[Row] = connection.execute(self.of_all, (as_json(few), *more)).fetchall()
        rows.sort()
        yield from groupby(rows, itemgetter(0))
        for place in crowded:
            yield place, connection.execute(self.of_one, (keys[place], *more))

    def _crowded(
        self, connection: sqlite3.Connection, keys: Sequence[int], fan_out: int
    ) -> frozenset[int]:
        if not self.crowded:
            return frozenset()
        found = connection.execute(self.crowded, (as_json(keys), fan_out))
        return frozenset(place for (place,) in found)


def _crowded(table: LiteralString, near: LiteralString) -> LiteralString:
    return (
        "SELECT s.key FROM json_each(?1) AS s "
        f"WHERE EXISTS (SELECT 1 FROM {table} WHERE {near} = s.value LIMIT 1 OFFSET ?2)"
    )


def _related(near: LiteralString, far: LiteralString, *, forward: bool) -> Way:
    some: LiteralString = "(?2 IS NULL OR relation IN (SELECT value FROM json_each(?2)))"
    return Way(
        RelationshipType.RELATED,
        forward,
        NodeKind.CONCEPT,
        f"""
        SELECT s.key, -weight, {far}_rank, {far}, relation
        FROM json_each(?1) AS s CROSS JOIN related ON {near} = s.value
        WHERE head <> tail AND {some}
        """,
        _crowded("related", near),
        f"""
        SELECT 0, -weight, {far}_rank, {far}, relation
        FROM related WHERE {near} = ?1 AND {far} <> ?1 AND {some}
        ORDER BY weight DESC, {far}_rank, relation
        """,
    )


HAS_INTENTION: Final = Way(
    RelationshipType.HAS_INTENTION,
    True,
    NodeKind.INTENTION,
    """
    SELECT s.key, -h.confidence, i.rank, i.key, i.relation
    FROM json_each(?1) AS s CROSS JOIN has_intention AS h ON h.post = s.value
    JOIN intention AS i ON i.key = h.intention
    """,
)
INTENTION_OF: Final = Way(
    RelationshipType.HAS_INTENTION,
    False,
    NodeKind.POST,
    """
    SELECT s.key, -h.confidence, h.rank, h.post, i.relation
    FROM json_each(?1) AS s CROSS JOIN has_intention AS h ON h.intention = s.value
    JOIN intention AS i ON i.key = s.value
    """,
    """
    SELECT s.key FROM json_each(?1) AS s
    WHERE EXISTS (SELECT 1 FROM has_intention WHERE intention = s.value LIMIT 1 OFFSET ?2)
    """,
    """
    SELECT 0, -confidence, rank, post, (SELECT relation FROM intention WHERE key = ?1)
    FROM has_intention WHERE intention = ?1 ORDER BY confidence DESC, rank, post
    """,
)
MENTIONS: Final = Way(
    RelationshipType.MENTIONS,
    True,
    NodeKind.CONCEPT,
    """
    SELECT s.key, 0, c.rank, c.key, m.aspect
    FROM json_each(?1) AS s CROSS JOIN mentions AS m ON m.post = s.value
    JOIN concept AS c ON c.key = m.concept
    """,
)
MENTIONED_BY: Final = Way(
    RelationshipType.MENTIONS,
    False,
    NodeKind.POST,
    """
    SELECT s.key, 0, m.rank, m.post, m.aspect
    FROM json_each(?1) AS s CROSS JOIN mentions AS m ON m.concept = s.value
    """,
    """
    SELECT s.key FROM json_each(?1) AS s
    WHERE EXISTS (SELECT 1 FROM mentions WHERE concept = s.value LIMIT 1 OFFSET ?2)
    """,
    """
    SELECT 0, 0, rank, post, aspect
    FROM mentions WHERE concept = ?1 ORDER BY rank, aspect
    """,
)
ABOUT: Final = Way(
    RelationshipType.ABOUT,
    True,
    NodeKind.CONCEPT,
    """
    SELECT s.key, -a.confidence, c.rank, c.key, a.method
    FROM json_each(?1) AS s CROSS JOIN about AS a ON a.intention = s.value
    JOIN concept AS c ON c.key = a.concept
    """,
)
SPOKEN_OF_BY: Final = Way(
    RelationshipType.ABOUT,
    False,
    NodeKind.INTENTION,
    """
    SELECT s.key, -a.confidence, a.rank, a.intention, a.method
    FROM json_each(?1) AS s CROSS JOIN about AS a ON a.concept = s.value
    """,
    """
    SELECT s.key FROM json_each(?1) AS s
    WHERE EXISTS (SELECT 1 FROM about WHERE concept = s.value LIMIT 1 OFFSET ?2)
    """,
    """
    SELECT 0, -confidence, rank, intention, method
    FROM about WHERE concept = ?1 ORDER BY confidence DESC, rank, intention, method
    """,
)
RELATED: Final = _related("head", "tail", forward=True)
RELATED_FROM: Final = _related("tail", "head", forward=False)
WAYS: Final[dict[NodeKind, tuple[Way, ...]]] = {
    NodeKind.POST: (HAS_INTENTION, MENTIONS),
    NodeKind.INTENTION: (ABOUT, INTENTION_OF),
    NodeKind.CONCEPT: (SPOKEN_OF_BY, MENTIONED_BY, RELATED, RELATED_FROM),
}
"""Each node's by type, then forwards before backwards."""
