"""Counting nodes by a facet over the columns: what ``kg.sqlite.facets`` asks of SQLite, sooner."""

import sqlite3
from dataclasses import dataclass
from itertools import chain
from typing import Final, LiteralString

import numpy as np

from kg.sqlite.columns import Columns
from kg.sqlite.counting import Numbers, Table, Way, count
from kg.sqlite.rows import as_json
from kg.sqlite.selected import Selected
from kg.sqlite.selection import pairs
from kg.sqlite.tables import ASPECT_PLACE, RELATIONS
from schema.facets import ASPECT_OF, OF_INTENTIONS, OF_POSTS, OWN, Facet
from schema.graph import Filter
from schema.nodes import NodeKind
from schema.relations import RELATIONS_OF, Side
from schema.text import label_text

RUNS: Final[dict[Facet, LiteralString]] = {
    Facet.RUN: "SELECT key, id FROM run",
    Facet.MODEL: "SELECT key, body ->> 'model' FROM run",
    Facet.PROMPT: "SELECT key, body ->> 'prompt_hash' FROM run",
}
COUNTED: Final = OF_POSTS | OF_INTENTIONS | {Facet.CONCEPT, *RUNS}
"""The facets that columns can count: all but those of judgements."""

SIDES: Final = tuple(Side)
SIDE_OF: Final = np.array(
    [next(n for n, side in enumerate(SIDES) if r in RELATIONS_OF[side]) for r in RELATIONS],
    np.int32,
)
PAIRS: Final = "SELECT ifnull(post, 0), ifnull(intention, 0), ifnull(run, 0) FROM "
CONCEPTS: Final[LiteralString] = "SELECT key, id FROM concept"
SOME_CONCEPTS: Final[LiteralString] = (
    "SELECT key, id FROM concept WHERE key IN (SELECT value FROM json_each(?))"
)
FEW: Final = 20_000
"""Up to so many concepts, each is looked up by its key; all of a large graph take longer."""

SOURCES: Final[LiteralString] = "SELECT DISTINCT source FROM post ORDER BY source"
HASHTAGS: Final[LiteralString] = "SELECT DISTINCT tag FROM post_hashtag ORDER BY tag"
LABELS: Final[LiteralString] = "SELECT DISTINCT name, value FROM post_label ORDER BY name, value"


@dataclass(frozen=True, slots=True)
class Asked:
    """What is counted.

    Attributes:
        kind: Of the nodes.
        by: A facet of COUNTED.
        where: What they pass.
        selected: Those that do; None where all do.
    """

    kind: NodeKind
    by: Facet
    where: Filter
    selected: Selected | None


def facet(connection: sqlite3.Connection, columns: Columns, asked: Asked) -> dict[str, int]:
    """Count the nodes that pass (GraphStore.facet)."""
    counts = count(*_ways(connection, columns, asked))
    numbers = np.flatnonzero(counts)
    name_of = _names(connection, asked.by, numbers)
    found = zip(numbers.tolist(), counts[numbers].tolist(), strict=True)
    return {name_of[number]: nodes for number, nodes in found if name_of.get(number)}


def _ways(
    connection: sqlite3.Connection, columns: Columns, asked: Asked
) -> tuple[Way | None, Way | None]:
    kind, by = asked.kind, asked.by
    if by in OWN[kind]:
        nodes = _every(columns, kind) if asked.selected is None else asked.selected.keys
        return Way(nodes, nodes, _table(columns, by)), None
    posts, intentions, runs = _passing(connection, columns, asked.where)
    node, other = (posts, intentions) if kind is NodeKind.POST else (intentions, posts)
    if by in RUNS:
        return None, Way.of(node, runs, _run_table(connection, by))
    if by is not Facet.CONCEPT:
        return None, Way.of(node, other, _table(columns, by))
    mine, others = _mentions(columns), Table(*columns.about)
    if kind is NodeKind.INTENTION:
        mine, others = others, mine
    nodes = np.flatnonzero(np.bincount(node[node > 0]))
    return Way(nodes, nodes, mine), Way.of(node, other, others)


def _passing(connection: sqlite3.Connection, columns: Columns, where: Filter) -> Numbers:
    """Return the pairs that pass, (3, n) keys of post, intention and run, 0 for none.

    Nodes that pass and are in no pair are rows of their own.
    """
    if not where.is_empty:
        asked = pairs(where)
        rows = connection.execute(PAIRS + f"({asked})", asked.parameters)
        return np.fromiter(chain.from_iterable(rows), np.int64).reshape(-1, 3).T
    held = columns.has_intention.astype(np.int64)
    ends = (NodeKind.POST, NodeKind.INTENTION)
    alone = [_without(_every(columns, kind), held[row]) for row, kind in enumerate(ends)]
    rows = [np.zeros((3, len(keys)), np.int64) for keys in alone]
    for row, keys in enumerate(alone):
        rows[row][row] = keys
    return np.concatenate([held, *rows], axis=1)


def _without(keys: Numbers, some: Numbers) -> Numbers:
    is_there = np.bincount(some, minlength=1 + int(keys.max(initial=0)))
    return keys[is_there[keys] == 0]


def _every(columns: Columns, kind: NodeKind) -> Numbers:
    table = columns.source if kind is NodeKind.POST else columns.relation
    return table[0].astype(np.int64)


def _table(columns: Columns, by: Facet) -> Table:
    if by in ASPECT_OF:
        return _mentions(columns, ASPECT_PLACE[ASPECT_OF[by]])
    if by is Facet.SIDE:
        keys, relations = columns.relation
        return Table(keys, SIDE_OF[relations])
    return Table(*getattr(columns, by))


def _mentions(columns: Columns, aspect: int | None = None) -> Table:
    """Return the concepts that posts mention, in an aspect or in any."""
    posts, concepts, aspects = columns.mentions
    kept = aspects == aspect if aspect is not None else np.ones(len(posts), np.bool_)
    if aspect is None:
        kept[1:] = (posts[1:] != posts[:-1]) | (concepts[1:] != concepts[:-1])
    return Table(posts[kept], concepts[kept])


def _run_table(connection: sqlite3.Connection, by: Facet) -> Table:
    number_of = {name: number for number, name in enumerate(_run_names(connection, by))}
    rows = sorted((key, number_of[name]) for key, name in connection.execute(RUNS[by]))
    keys, numbers = np.array(rows, np.int32).reshape(-1, 2).T
    return Table(keys, numbers)


def _run_names(connection: sqlite3.Connection, by: Facet) -> list[str]:
    return sorted({name for _, name in connection.execute(RUNS[by])})


def _names(connection: sqlite3.Connection, by: Facet, numbers: Numbers) -> dict[int, str]:
    """Return what the numbers of a facet's values stand for."""
    match by:
        case Facet.RELATION:
            names = enumerate(relation.value for relation in RELATIONS)
        case Facet.SIDE:
            names = enumerate(side.value for side in SIDES)
        case Facet.SOURCE:
            names = enumerate((source for (source,) in connection.execute(SOURCES)), 1)
        case Facet.HASHTAG:
            names = enumerate((tag for (tag,) in connection.execute(HASHTAGS)), 1)
        case Facet.LABEL:
            names = enumerate((label_text(*label) for label in connection.execute(LABELS)), 1)
        case Facet.RUN | Facet.MODEL | Facet.PROMPT:
            names = enumerate(_run_names(connection, by))
        case _ if len(numbers) <= FEW:
            names = connection.execute(SOME_CONCEPTS, (as_json(numbers.tolist()),))
        case _:
            names = connection.execute(CONCEPTS)
    return dict(names)
