"""Writing a batch: its nodes, then its relationships, each end found or the whole refused."""

import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final, LiteralString

from kg.columns.places import ASPECT_PLACE
from kg.hops import LEAST_PLAUSIBLE, UNJUDGED
from kg.sqlite import changes
from kg.sqlite.rows import KeyOf, Row, as_json, keys_of
from kg.sqlite.write_nodes import put_concepts, put_intentions, put_posts, put_runs
from schema.graph import (
    NO_RUN,
    About,
    Batch,
    HasIntention,
    Judgement,
    Mentions,
    Related,
    RelationshipType,
    Written,
    named,
)
from schema.nodes import NodeKind
from schema.text import rank_of

_GOES_BEFORE: Final[LiteralString] = """
(
    excluded.estimator <> 0,
    ifnull(excluded.plausibility, -1),
    ifnull((SELECT id FROM run WHERE key = excluded.estimator), '')
) > (
    has_intention.estimator <> 0,
    ifnull(has_intention.plausibility, -1),
    ifnull((SELECT id FROM run WHERE key = has_intention.estimator), '')
)
"""
PUT_HAS_INTENTION: Final[LiteralString] = f"""
INSERT INTO has_intention (post, intention, run, raw, plausibility, confidence, rank, estimator)
VALUES (?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT DO UPDATE SET
    raw = nullif(
        min(
            ifnull(raw, (SELECT text FROM intention WHERE key = intention)),
            ifnull(excluded.raw, (SELECT text FROM intention WHERE key = intention))
        ),
        (SELECT text FROM intention WHERE key = intention)
    ),
    plausibility = iif({_GOES_BEFORE}, excluded.plausibility, plausibility),
    confidence = iif({_GOES_BEFORE}, excluded.confidence, confidence),
    estimator = iif({_GOES_BEFORE}, excluded.estimator, estimator)
WHERE ifnull(excluded.raw, (SELECT text FROM intention WHERE key = intention))
        < ifnull(raw, (SELECT text FROM intention WHERE key = intention))
    OR {_GOES_BEFORE}
"""
ESTIMATE: Final[LiteralString] = """
UPDATE has_intention SET plausibility = ?1, confidence = ?2, estimator = ?3
WHERE post = ?4 AND intention = ?5 AND run = ?6 AND (plausibility IS NOT ?1 OR estimator <> ?3)
"""
PUT_JUDGEMENT: Final[LiteralString] = """
INSERT INTO judgement (post, intention, annotator, time, choice) VALUES (?, ?, ?, ?, ?)
ON CONFLICT DO UPDATE SET choice = excluded.choice WHERE excluded.choice < choice
"""
PUT_MENTIONS: Final[LiteralString] = """
INSERT OR IGNORE INTO mentions (post, concept, aspect, raw, run, rank) VALUES (?, ?, ?, ?, ?, ?)
"""
PUT_ABOUT: Final[LiteralString] = """
INSERT INTO about (intention, concept, method, confidence, rank) VALUES (?, ?, ?, ?, ?)
ON CONFLICT DO UPDATE SET confidence = excluded.confidence WHERE excluded.confidence > confidence
"""
PUT_RELATED: Final[LiteralString] = """
INSERT INTO related (head, relation, tail, source, weight, licence, head_rank, tail_rank)
VALUES (?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT DO UPDATE SET
    weight = max(weight, excluded.weight), licence = max(licence, excluded.licence)
WHERE excluded.weight > weight OR excluded.licence > licence
"""


def put(connection: sqlite3.Connection, batch: Batch) -> Written:
    """Write a batch within the transaction at hand (GraphStore.put)."""
    keys = _keys(connection, batch)
    counts = {
        "Run": put_runs(connection, batch.runs, keys.runs),
        NodeKind.POST.value: put_posts(connection, batch.posts, keys.posts),
        NodeKind.INTENTION.value: put_intentions(connection, batch.intentions, keys.intentions),
        NodeKind.CONCEPT.value: put_concepts(connection, batch.concepts, keys.concepts),
    }
    relationships = {
        RelationshipType.HAS_INTENTION.value: _put_has_intention(connection, batch, keys),
        "Judgement": _put_judgements(connection, batch.judgements, keys),
        RelationshipType.MENTIONS.value: _put_mentions(connection, batch.mentions, keys),
        RelationshipType.ABOUT.value: put_about(connection, batch.about, keys),
        RelationshipType.RELATED.value: _put_related(connection, batch.related, keys),
    }
    if any(relationships.values()) or counts["Run"]:
        changes.log_relationships(connection)
    return Written({name: n for name, n in (counts | relationships).items() if n})


@dataclass(frozen=True, slots=True)
class Keys:
    """The keys of the nodes that a batch names, by id."""

    posts: KeyOf
    intentions: KeyOf
    concepts: KeyOf
    runs: KeyOf


def _keys(connection: sqlite3.Connection, batch: Batch) -> Keys:
    ids = named(batch)
    return Keys(
        keys_of(connection, "post", ids.posts),
        keys_of(connection, "intention", ids.intentions),
        keys_of(connection, "concept", ids.concepts),
        KeyOf(keys_of(connection, "run", ids.runs) | {NO_RUN: 0}),
    )


def _put_has_intention(connection: sqlite3.Connection, batch: Batch, keys: Keys) -> int:
    texts = {i.id: i.text for i in batch.intentions}
    return _executed(
        connection,
        PUT_HAS_INTENTION,
        [
            (
                keys.posts[r.post_id],
                keys.intentions[r.intention_id],
                keys.runs[r.run_id],
                None if r.raw == texts.get(r.intention_id) else r.raw,
                r.plausibility,
                _confidence(r.plausibility),
                rank_of(r.post_id),
                keys.runs[r.estimator_id],
            )
            for r in batch.has_intention
        ],
    )


def _confidence(plausibility: float | None) -> float:
    return UNJUDGED if plausibility is None else max(LEAST_PLAUSIBLE, plausibility)


def _put_judgements(connection: sqlite3.Connection, rows: Sequence[Judgement], keys: Keys) -> int:
    return _executed(
        connection,
        PUT_JUDGEMENT,
        [
            (
                keys.posts[r.post_id],
                keys.intentions[r.intention_id],
                r.annotator,
                r.time,
                r.choice,
            )
            for r in rows
        ],
    )


def _put_mentions(connection: sqlite3.Connection, rows: Sequence[Mentions], keys: Keys) -> int:
    return _executed(
        connection,
        PUT_MENTIONS,
        [
            (
                keys.posts[r.post_id],
                keys.concepts[r.concept_id],
                ASPECT_PLACE[r.aspect],
                r.raw,
                keys.runs[r.run_id],
                rank_of(r.post_id),
            )
            for r in rows
        ],
    )


def put_about(connection: sqlite3.Connection, rows: Sequence[About], keys: Keys) -> int:
    """Write ABOUT relationships; return how many are new or surer."""
    return _executed(
        connection,
        PUT_ABOUT,
        [
            (
                keys.intentions[r.intention_id],
                keys.concepts[r.concept_id],
                r.method,
                r.confidence,
                rank_of(r.intention_id),
            )
            for r in rows
        ],
    )


def _put_related(connection: sqlite3.Connection, rows: Sequence[Related], keys: Keys) -> int:
    return _executed(
        connection,
        PUT_RELATED,
        [
            (
                keys.concepts[r.head_id],
                r.relation,
                keys.concepts[r.tail_id],
                r.source,
                r.weight,
                r.licence,
                rank_of(r.head_id),
                rank_of(r.tail_id),
            )
            for r in rows
        ],
    )


def replace_about(
    connection: sqlite3.Connection, intention_ids: Sequence[str], about: Sequence[About]
) -> Written:
    """Make these the only ABOUT relationships of the intentions (GraphStore.replace_about)."""
    keys = _keys(connection, Batch(about=tuple(about)))
    keys.intentions.update(keys_of(connection, "intention", intention_ids))
    wanted = {
        (keys.intentions[r.intention_id], keys.concepts[r.concept_id], r.method) for r in about
    }
    held = connection.execute(
        "SELECT a.intention, a.concept, a.method FROM json_each(?) AS j "
        "JOIN about AS a ON a.intention = j.value",
        (as_json(keys.intentions[i] for i in intention_ids),),
    )
    stale = [row for row in held if row not in wanted]
    connection.executemany(
        "DELETE FROM about WHERE intention = ? AND concept = ? AND method = ?", stale
    )
    written = put_about(connection, about, keys) + len(stale)
    if written:
        changes.log_relationships(connection)
    return Written({RelationshipType.ABOUT.value: written} if written else {})


def replace_plausibility(
    connection: sqlite3.Connection, has_intention: Sequence[HasIntention]
) -> Written:
    """Give pairs this plausibility (GraphStore.replace_plausibility)."""
    keys = _keys(connection, Batch(has_intention=tuple(has_intention)))
    rows = [
        (
            r.plausibility,
            _confidence(r.plausibility),
            keys.runs[r.estimator_id],
            keys.posts[r.post_id],
            keys.intentions[r.intention_id],
            keys.runs[r.run_id],
        )
        for r in has_intention
    ]
    written = _executed(connection, ESTIMATE, rows)
    if written:
        changes.log_relationships(connection)
    return Written({RelationshipType.HAS_INTENTION.value: written} if written else {})


def _executed(connection: sqlite3.Connection, sql: LiteralString, rows: Iterable[Row]) -> int:
    """Run a statement for each row; return how many rows of the table it changed."""
    return max(0, connection.executemany(sql, rows).rowcount)
