"""From a filter to the keys of the nodes that pass it (schema.graph.Filter)."""

import sqlite3
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final, LiteralString

import numpy as np

from kg.columns.places import ASPECT_PLACE, RELATION_PLACE
from kg.sqlite.changes import Keys
from kg.sqlite.rows import as_json
from schema.graph import NARROWER_STEPS, Filter
from schema.nodes import NodeKind
from schema.relations import Relation

SOURCES: Final[LiteralString] = (
    "SELECT key FROM post WHERE source IN (SELECT value FROM json_each(?))"
)
LABEL: Final[LiteralString] = "SELECT post FROM post_label WHERE name = ? AND value = ?"
POSTS: Final[LiteralString] = "SELECT key FROM post WHERE id IN (SELECT value FROM json_each(?))"
INTENTIONS: Final[LiteralString] = (
    "SELECT key FROM intention WHERE id IN (SELECT value FROM json_each(?))"
)
HASHTAG: Final[LiteralString] = "SELECT post FROM post_hashtag WHERE tag = ?"
MENTION_IN: Final[LiteralString] = (
    "SELECT m.post FROM concept AS c JOIN mentions AS m ON m.concept = c.key "
    "WHERE c.id = ? AND m.aspect = ?"
)
MENTION: Final[LiteralString] = (
    "SELECT m.post FROM concept AS c JOIN mentions AS m ON m.concept = c.key WHERE c.id = ?"
)
ABOUT: Final[LiteralString] = (
    "SELECT a.intention FROM concept AS c JOIN about AS a ON a.concept = c.key WHERE c.id = ?"
)
NARROWER: Final[LiteralString] = (
    "WITH RECURSIVE narrower (key, steps) AS (SELECT key, 0 FROM concept WHERE id = ? UNION "
    "SELECT r.head, steps + 1 FROM narrower AS n JOIN related AS r ON r.tail = n.key "
    "WHERE r.relation = 'IsA' AND steps < ?) SELECT key FROM narrower"
)
MENTION_OF_KIND: Final[LiteralString] = f"SELECT post FROM mentions WHERE concept IN ({NARROWER})"
ABOUT_KIND: Final[LiteralString] = f"SELECT intention FROM about WHERE concept IN ({NARROWER})"
JUDGED: Final[LiteralString] = "SELECT post, intention FROM judgement WHERE "
ANNOTATOR: Final[LiteralString] = "annotator IN (SELECT value FROM json_each(?))"
CHOICE: Final[LiteralString] = "choice IN (SELECT value FROM json_each(?))"
RUN: Final[LiteralString] = "id IN (SELECT value FROM json_each(?))"
RUN_MODEL: Final[LiteralString] = "body ->> 'model' IN (SELECT value FROM json_each(?))"
RUN_PROMPT: Final[LiteralString] = "body ->> 'prompt_hash' IN (SELECT value FROM json_each(?))"
VALUES: Final[LiteralString] = "SELECT value FROM json_each(?)"
RELATIONS_ANY: Final[LiteralString] = (
    "SELECT key FROM intention WHERE relation IN (SELECT value FROM json_each(?))"
)
POSTS_ALONE: Final[LiteralString] = (
    "NOT EXISTS (SELECT 1 FROM has_intention AS h WHERE h.post = post.key)"
)
INTENTIONS_ALONE: Final[LiteralString] = (
    "NOT EXISTS (SELECT 1 FROM has_intention AS h WHERE h.intention = intention.key)"
)


@dataclass(slots=True)
class Condition:
    """SQL that holds for the pairs that pass, and its parameters."""

    parts: list[str] = field(default_factory=list[str])
    parameters: list[object] = field(default_factory=list[object])

    def add(self, sql: str, *parameters: object) -> None:
        self.parts.append(sql)
        self.parameters.extend(parameters)

    def __str__(self) -> str:
        """Return the parts joined by AND."""
        return " AND ".join(self.parts) or "TRUE"


def condition(
    where: Filter,
    *,
    post: LiteralString | None,
    intention: LiteralString | None,
    relation: LiteralString | None = None,
) -> Condition:
    """Return a filter's condition on a pair, given the SQL of its two keys, None for neither.

    Where there are both, they are of a row of ``has_intention``. Where the intention's row is at
    hand, so is its relation, and no list of all intentions of some relations is needed.
    """
    if not (post and intention):
        return _condition(where, _Ends(post, intention, intention, "", relation))
    is_judged, finds_posts = _asks(where, _is_judged), _asks(where, _finds_posts)
    checked = "+" + intention if is_judged or finds_posts else intention
    judged = f"(+{post}, +{intention})" if finds_posts else f"({post}, {intention})"
    return _condition(where, _Ends(post, intention, checked, judged, relation))


@dataclass(frozen=True, slots=True)
class _Ends:
    """The SQL of a pair's keys.

    Of two lists of keys, SQLite would try each post with each intention: a sign before a column
    keeps it from looking rows up by it, where something else finds them.

    Attributes:
        post: Of the post.
        intention: Of the intention.
        checked: Of the intention, with the sign where posts or judgements find the rows.
        judged: Of both together, with signs where posts find the rows.
        relation: Of the intention's relation, where it is at hand.
    """

    post: LiteralString | None
    intention: LiteralString | None
    checked: LiteralString | None
    judged: str
    relation: LiteralString | None


def _is_judged(where: Filter) -> bool:
    return where.asks_judgement


def _finds_posts(where: Filter) -> bool:
    of_posts = where.sources or where.labels or where.hashtags or where.mentioned or where.posts
    return bool(of_posts or where.concepts or where.kinds_of)


def _asks(where: Filter, what: Callable[[Filter], bool]) -> bool:
    return what(where) or any(_asks(part, what) for part in where.parts)


def _condition(where: Filter, ends: _Ends) -> Condition:
    post, intention = ends.post, ends.intention
    pair = Condition()
    if (where.needs_post and not post) or (where.needs_intention and not intention):
        pair.add("FALSE")
        return pair
    if post:
        _ask_post(pair, where, post)
    if post and intention:
        _ask_pair(pair, where, ends.judged)
    if where.relations and len(set(where.relations)) < len(Relation):
        places = as_json(RELATION_PLACE[relation] for relation in where.relations)
        any_of = f"{ends.relation} IN ({VALUES})" if ends.relation else None
        pair.add(any_of or f"{ends.checked} IN ({RELATIONS_ANY})", places)
    if where.intentions:
        pair.add(f"{ends.checked} IN ({INTENTIONS})", as_json(where.intentions))
    for uri in where.about:
        pair.add(f"{ends.checked} IN ({ABOUT})", uri)
    touched = [(MENTION, ABOUT, [uri]) for uri in where.concepts]
    touched += [(MENTION_OF_KIND, ABOUT_KIND, [uri, NARROWER_STEPS]) for uri in where.kinds_of]
    for mention, about, values in touched:
        ways = [f"{post} IN ({mention})"] if post else []
        ways += [f"{intention} IN ({about})"] if intention else []
        pair.add(f"({' OR '.join(ways)})", *values * len(ways))
    _ask_parts(pair, where, lambda part: _condition(part, ends))
    return pair


def _ask_parts(pair: Condition, where: Filter, asked: Callable[[Filter], Condition]) -> None:
    for part in map(asked, where.all_of):
        pair.add(f"({part})", *part.parameters)
    if where.any_of:
        parts = [asked(part) for part in where.any_of]
        values = [value for part in parts for value in part.parameters]
        pair.add(f"({' OR '.join(f'({part})' for part in parts)})", *values)
    for part in map(asked, where.none_of):
        # NOT (… IN …) may be NULL, for which SQLite looks through the whole list at each miss.
        pair.add(f"(({part}) IS NOT TRUE)", *part.parameters)


def _ask_pair(pair: Condition, where: Filter, keys: str) -> None:
    if where.asks_judgement:
        judged = _any_of((ANNOTATOR, where.annotators), (CHOICE, where.choices))
        pair.add(f"{keys} IN ({JUDGED}{judged})", *judged.parameters)
    if where.runs or where.models or where.prompts:
        run = _any_of((RUN, where.runs), (RUN_MODEL, where.models), (RUN_PROMPT, where.prompts))
        pair.add(f"run IN (SELECT key FROM run WHERE {run})", *run.parameters)
    if where.plausibility is not None:
        pair.add("ifnull(plausibility >= ?, FALSE)", where.plausibility)


def _any_of(*asked: tuple[LiteralString, tuple[str, ...]]) -> Condition:
    """Return the conditions that have values, each on one of them."""
    found = Condition()
    for sql, values in asked:
        if values:
            found.add(sql, as_json(values))
    return found


def _ask_post(pair: Condition, where: Filter, post: LiteralString) -> None:
    if where.sources:
        pair.add(f"{post} IN ({SOURCES})", as_json(where.sources))
    if where.posts:
        pair.add(f"{post} IN ({POSTS})", as_json(where.posts))
    for name, value in where.labels:
        pair.add(f"{post} IN ({LABEL})", name, value)
    for tag in where.hashtags:
        pair.add(f"{post} IN ({HASHTAG})", tag)
    for aspect, uri in where.mentioned:
        pair.add(f"{post} IN ({MENTION_IN})", uri, ASPECT_PLACE[aspect])


def select(connection: sqlite3.Connection, kind: NodeKind, where: Filter) -> Keys:
    """Return the keys of a kind's nodes that pass, rising."""
    query = nodes(kind, where)
    rows = connection.execute(str(query), query.parameters)
    return np.unique(np.fromiter((row[0] for row in rows), np.int64))


def nodes(kind: NodeKind, where: Filter) -> Condition:
    """Return the statement that finds the keys of a kind's nodes that pass; some more than once."""
    return {NodeKind.POST: _posts, NodeKind.INTENTION: _intentions, NodeKind.CONCEPT: _concepts}[
        kind
    ](where)


def pairs(where: Filter) -> Condition:
    """Return the statement that finds the pairs that pass: keys of post, intention and run."""
    queries = [_query("SELECT post, intention, run FROM has_intention", _held(where))]
    if not where.needs_intention:
        queries.append(_query("SELECT key, NULL, NULL FROM post", _post_alone(where)))
    if not where.needs_post:
        queries.append(_query("SELECT NULL, key, NULL FROM intention", _intention_alone(where)))
    return _union(queries)


def _posts(where: Filter) -> Condition:
    if not _speaks_of_intentions(where):
        return _query("SELECT key FROM post", condition(where, post="key", intention=None))
    queries = [_query("SELECT DISTINCT post FROM has_intention", _held(where))]
    if not where.needs_intention:
        queries.append(_query("SELECT key FROM post", _post_alone(where)))
    return _union(queries)


def _intentions(where: Filter) -> Condition:
    if where.only_relations:
        alone = condition(where, post=None, intention="key", relation="relation")
        return _query("SELECT key FROM intention", alone)
    queries = [_query("SELECT intention FROM has_intention", _held(where))]
    if not where.needs_post:
        queries.append(_query("SELECT key FROM intention", _intention_alone(where)))
    return _union(queries)


def _concepts(where: Filter) -> Condition:
    found = pairs(where)
    found.parts = [
        f"WITH pair (post, intention, run) AS MATERIALIZED ({found}) "
        "SELECT concept FROM mentions WHERE post IN (SELECT post FROM pair) UNION ALL "
        "SELECT concept FROM about WHERE intention IN (SELECT intention FROM pair)"
    ]
    return found


def _speaks_of_intentions(where: Filter) -> bool:
    own = where.needs_intention or bool(where.concepts or where.kinds_of)
    return own or any(map(_speaks_of_intentions, where.parts))


def _held(where: Filter) -> Condition:
    return condition(where, post="post", intention="intention")


def _post_alone(where: Filter) -> Condition:
    alone = condition(where, post="key", intention=None)
    alone.add(POSTS_ALONE)
    return alone


def _intention_alone(where: Filter) -> Condition:
    alone = condition(where, post=None, intention="key", relation="relation")
    alone.add(INTENTIONS_ALONE)
    return alone


def _query(select_from: LiteralString, which: Condition) -> Condition:
    return Condition([f"{select_from} WHERE {which}"], which.parameters)


def _union(queries: list[Condition]) -> Condition:
    sql = " UNION ALL ".join(str(query) for query in queries)
    return Condition([sql], [value for query in queries for value in query.parameters])
