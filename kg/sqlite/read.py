"""Reading nodes and relationships by id: one statement a question, answers in the order asked."""

import sqlite3
from collections.abc import Callable, Sequence
from typing import Final, LiteralString, TypeVar

import numpy as np

from kg import order
from kg.columns.places import ASPECTS
from kg.sqlite.rows import (
    CONCEPT_COLUMNS,
    INTENTION_COLUMNS,
    POST_COLUMNS,
    Row,
    as_json,
    concept_of,
    grouped,
    intention_of,
    post_of,
    run_of,
)
from kg.sqlite.selection import condition
from kg.sqlite.tables import TABLE
from kg.store import HeldIntention, LinkedConcept, MentionedConcept, Vector
from schema.graph import NO_RUN, About, Filter, HasIntention, Judgement, Mentions, Related
from schema.nodes import Concept, Intention, NodeKind, Post, Run
from schema.relations import Relation

Node = TypeVar("Node")

NODES: Final[LiteralString] = """
SELECT j.key, {columns} FROM json_each(?) AS j JOIN {table} AS n ON n.id = j.value
"""
HAS_INTENTION: Final[LiteralString] = f"""
SELECT j.key, {INTENTION_COLUMNS}, p.id, h.raw, r.id, h.plausibility, e.id
FROM json_each(?) AS j
JOIN post AS p ON p.id = j.value
JOIN has_intention AS h ON h.post = p.key
JOIN intention AS n ON n.key = h.intention
LEFT JOIN run AS r ON r.key = h.run
LEFT JOIN run AS e ON e.key = h.estimator
"""
JUDGEMENTS: Final[LiteralString] = """
SELECT p.id, i.id, g.annotator, g.choice, g.time
FROM json_each(?) AS j
JOIN post AS p ON p.id = j.value
JOIN judgement AS g ON g.post = p.key
JOIN intention AS i ON i.key = g.intention
ORDER BY g.annotator, g.time
"""
MENTIONS: Final[LiteralString] = f"""
SELECT j.key, {CONCEPT_COLUMNS}, p.id, m.aspect, m.raw, r.id
FROM json_each(?) AS j
JOIN post AS p ON p.id = j.value
JOIN mentions AS m ON m.post = p.key
JOIN concept AS n ON n.key = m.concept
LEFT JOIN run AS r ON r.key = m.run
"""
ABOUT: Final[LiteralString] = f"""
SELECT j.key, {CONCEPT_COLUMNS}, i.id, a.method, a.confidence
FROM json_each(?) AS j
JOIN intention AS i ON i.id = j.value
JOIN about AS a ON a.intention = i.key
JOIN concept AS n ON n.key = a.concept
"""
JUDGED: Final[LiteralString] = """
SELECT j.key, p.id, i.id, g.annotator, g.choice, g.time
FROM json_each(?) AS j
JOIN post AS p ON p.id = j.value
JOIN judgement AS g ON g.post = p.key
JOIN intention AS i ON i.key = g.intention
"""
RELATED: Final[LiteralString] = """
SELECT j.key, h.id, r.relation, t.id, r.source, r.weight, r.licence
FROM json_each(?) AS j
JOIN concept AS h ON h.id = j.value
JOIN related AS r ON r.head = h.key
JOIN concept AS t ON t.key = r.tail
"""


def posts(connection: sqlite3.Connection, ids: Sequence[str]) -> list[Post | None]:
    return _nodes(connection, NODES.format(columns=POST_COLUMNS, table="post"), ids, post_of)


def intentions(connection: sqlite3.Connection, ids: Sequence[str]) -> list[Intention | None]:
    sql = NODES.format(columns=INTENTION_COLUMNS, table="intention")
    return _nodes(connection, sql, ids, intention_of)


def concepts(connection: sqlite3.Connection, ids: Sequence[str]) -> list[Concept | None]:
    sql = NODES.format(columns=CONCEPT_COLUMNS, table="concept")
    return _nodes(connection, sql, ids, concept_of)


def runs(connection: sqlite3.Connection, ids: Sequence[str]) -> list[Run | None]:
    return _nodes(connection, NODES.format(columns="n.id, n.body", table="run"), ids, run_of)


def embeddings(
    connection: sqlite3.Connection, kind: NodeKind, ids: Sequence[str]
) -> list[Vector | None]:
    table = TABLE[kind]
    sql = f"""
    SELECT j.key, e.embedding FROM json_each(?) AS j
    JOIN {table} AS n ON n.id = j.value JOIN {table}_embedding AS e ON e.key = n.key
    """
    return _nodes(connection, sql, ids, _embedding_of)


def _embedding_of(row: Row) -> Vector:
    return np.frombuffer(row[0], np.float16).astype(np.float32)


def _nodes(
    connection: sqlite3.Connection,
    sql: str,
    ids: Sequence[str],
    read: Callable[[Row], Node],
) -> list[Node | None]:
    nodes: list[Node | None] = [None] * len(ids)
    for row in connection.execute(sql, (as_json(ids),)):
        nodes[row[0]] = read(row[1:])
    return nodes


def intentions_of(
    connection: sqlite3.Connection, post_ids: Sequence[str], relations: Sequence[Relation]
) -> list[list[HeldIntention]]:
    wanted = as_json(post_ids)
    judged: dict[tuple[str, str], list[Judgement]] = {}
    for row in connection.execute(JUDGEMENTS, (wanted,)):
        judged.setdefault((row[0], row[1]), []).append(Judgement(*row))
    answers: list[list[HeldIntention]] = []
    for rows in grouped(connection.execute(HAS_INTENTION, (wanted,)), len(post_ids)):
        held = [_held_intention(row, judged) for row in rows]
        chosen = [h for h in held if not relations or h.intention.relation in relations]
        answers.append(sorted(chosen, key=order.of_intention))
    return answers


def _held_intention(row: Row, judged: dict[tuple[str, str], list[Judgement]]) -> HeldIntention:
    intention = intention_of(row[:3])
    post_id, raw, run_id, plausibility, estimator_id = row[3:]
    raw = intention.text if raw is None else raw
    runs = run_id or NO_RUN, estimator_id or NO_RUN
    has = HasIntention(post_id, intention.id, raw, runs[0], plausibility, runs[1])
    return HeldIntention(intention, has, tuple(judged.get((post_id, intention.id), ())))


def mentions_of(
    connection: sqlite3.Connection, post_ids: Sequence[str]
) -> list[list[MentionedConcept]]:
    rows = connection.execute(MENTIONS, (as_json(post_ids),))
    return [
        sorted((_mentioned(row) for row in own), key=order.of_mention)
        for own in grouped(rows, len(post_ids))
    ]


def _mentioned(row: Row) -> MentionedConcept:
    concept = concept_of(row[:3])
    post_id, aspect, raw, run_id = row[3:]
    mentions = Mentions(post_id, concept.id, ASPECTS[int(aspect)], raw, run_id or NO_RUN)
    return MentionedConcept(concept, mentions)


def about_of(
    connection: sqlite3.Connection, intention_ids: Sequence[str]
) -> list[list[LinkedConcept]]:
    rows = connection.execute(ABOUT, (as_json(intention_ids),))
    return [
        sorted(
            (_linked(row) for row in own),
            key=order.of_link,
        )
        for own in grouped(rows, len(intention_ids))
    ]


def _linked(row: Row) -> LinkedConcept:
    concept = concept_of(row[:3])
    intention_id, method, confidence = row[3:]
    return LinkedConcept(concept, About(intention_id, concept.id, method, confidence))


def judgements_of(connection: sqlite3.Connection, post_ids: Sequence[str]) -> list[list[Judgement]]:
    rows = connection.execute(JUDGED, (as_json(post_ids),))
    return [
        sorted((Judgement(*row) for row in own), key=order.of_judgement)
        for own in grouped(rows, len(post_ids))
    ]


def related_of(connection: sqlite3.Connection, concept_ids: Sequence[str]) -> list[list[Related]]:
    rows = connection.execute(RELATED, (as_json(concept_ids),))
    return [
        sorted((Related(*row) for row in own), key=order.of_related)
        for own in grouped(rows, len(concept_ids))
    ]


def posts_of(
    connection: sqlite3.Connection, intention_ids: Sequence[str], limit: int, where: Filter
) -> list[list[str]]:
    # The signs keep SQLite from finding pairs by what passes: the intentions are given.
    pair = condition(where, post="+h.post", intention="+h.intention", relation="i.relation")
    sql = f"""
    SELECT DISTINCT j.key, p.id FROM json_each(?) AS j
    JOIN intention AS i ON i.id = j.value
    JOIN has_intention AS h ON h.intention = i.key
    JOIN post AS p ON p.key = h.post
    WHERE {pair}
    """
    rows = connection.execute(sql, (as_json(intention_ids), *pair.parameters))
    return [sorted(row[0] for row in own)[:limit] for own in grouped(rows, len(intention_ids))]


def plausibilities(
    connection: sqlite3.Connection, kind: NodeKind, ids: Sequence[str], where: Filter
) -> list[float | None]:
    pair = condition(where, post="h.post", intention="+h.intention")
    table = TABLE[kind]
    sql = f"""
    SELECT j.key, max(h.plausibility) FROM json_each(?) AS j
    JOIN {table} AS n ON n.id = j.value
    JOIN has_intention AS h ON h.{table} = n.key
    WHERE {pair} GROUP BY j.key
    """
    found = dict(connection.execute(sql, (as_json(ids), *pair.parameters)))
    return [found.get(place) for place in range(len(ids))]
