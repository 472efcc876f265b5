"""Counting nodes by a facet (GraphStore.facet): over columns, or by one statement of SQL."""

import sqlite3
from contextlib import suppress
from dataclasses import dataclass
from itertools import chain
from typing import Any, Final

import numpy as np

from kg.columns import facets as column_facets
from kg.columns.counting import Numbers
from kg.columns.places import ASPECT_PLACE, RELATION_PLACE, RELATIONS
from kg.columns.tables import Columns
from kg.sqlite.column_names import SqliteNames
from kg.sqlite.derived import Derived
from kg.sqlite.selection import Condition, nodes, pairs
from schema.errors import StoreBusyError, StoreFullError
from schema.facets import ASPECT_OF, OF_CONCEPTS, OWN, RELATIONS_OF, Facet
from schema.graph import Filter
from schema.nodes import NodeKind
from schema.relations import Side

INTENTION: Final = "intention AS v ON v.key = pair.intention"
MENTIONS: Final = "mentions AS v ON v.post = pair.post"
ABOUT: Final = "about AS v ON v.intention = pair.intention"
POST: Final = "post AS p ON p.key = pair.post"
JUDGED: Final = "judgement AS v ON v.post = pair.post AND v.intention = pair.intention"
RUN: Final = "run AS v ON v.key = pair.run"
AUDIENCE: Final = ", ".join(str(RELATION_PLACE[r]) for r in RELATIONS_OF[Side.AUDIENCE])
SIDE: Final = f"iif(v.relation IN ({AUDIENCE}), '{Side.AUDIENCE}', '{Side.AUTHOR}')"
LABEL: Final = "replace(replace(v.key, '%', '%25'), '=', '%3D') || '=' || v.value"
"""As ``schema.text.label_text`` writes it."""

PAIRS: Final = "SELECT ifnull(post, 0), ifnull(intention, 0), ifnull(run, 0) FROM "

VALUES: Final[dict[Facet, tuple[tuple[str, str], ...]]] = {
    Facet.RELATION: ((INTENTION, "v.relation"),),
    Facet.SIDE: ((INTENTION, SIDE),),
    Facet.ABOUT: ((ABOUT, "v.concept"),),
    Facet.SOURCE: ((POST, "p.source"),),
    Facet.LABEL: ((f"{POST} JOIN json_each(p.labels) AS v", LABEL),),
    Facet.HASHTAG: ((f"{POST} JOIN json_each(p.hashtags) AS v", "v.value"),),
    Facet.CONCEPT: ((MENTIONS, "v.concept"), (ABOUT, "v.concept")),
    Facet.ANNOTATOR: ((JUDGED, "v.annotator"),),
    Facet.CHOICE: ((JUDGED, "v.choice"),),
    Facet.RUN: ((RUN, "v.id"),),
    Facet.MODEL: ((RUN, "v.body ->> 'model'"),),
    Facet.PROMPT: ((RUN, "v.body ->> 'prompt_hash'"),),
} | {
    facet: ((f"{MENTIONS} AND v.aspect = {ASPECT_PLACE[aspect]}", "v.concept"),)
    for facet, aspect in ASPECT_OF.items()
}
"""What is joined to a pair, and the value in it; a facet of two has the values of both."""


@dataclass(frozen=True, slots=True)
class _Passing:
    """What passes a filter (kg.columns.facets.Passing)."""

    derived: Derived
    connection: sqlite3.Connection
    columns: Columns
    where: Filter

    def nodes(self, kind: NodeKind) -> Numbers:
        selected = self.derived.selected(self.connection, kind, self.where)
        return self.columns.nodes(kind) if selected is None else selected.keys

    def pairs(self) -> Numbers:
        if self.where.is_empty:
            return self.columns.pairs()
        asked = pairs(self.where)
        rows = self.connection.execute(PAIRS + f"({asked})", asked.parameters)
        return np.fromiter(chain.from_iterable(rows), np.int64).reshape(-1, 3).T


def facet(
    derived: Derived, connection: sqlite3.Connection, kind: NodeKind, by: Facet, where: Filter
) -> dict[str, int]:
    """Count the nodes that pass (GraphStore.facet).

    The columns are made for what goes through the whole graph; for the rest they are used where
    they are there.
    """
    if by in column_facets.BY_COLUMNS:
        columns = None
        with suppress(StoreFullError, StoreBusyError):  # SQL needs neither room nor a lock
            columns = derived.columns(connection, anew=where.is_empty)
        if columns is not None:
            passing = _Passing(derived, connection, columns, where)
            subject = column_facets.Counted(kind, by)
            return column_facets.facet(columns, SqliteNames(connection), passing, subject)
    return facet_by_sql(connection, kind, by, where)


def facet_by_sql(
    connection: sqlite3.Connection, kind: NodeKind, by: Facet, where: Filter
) -> dict[str, int]:
    """Count the nodes that pass, without the columns."""
    asked = _asked(kind, by, where)
    rows: list[tuple[Any, int]] = connection.execute(str(asked), asked.parameters).fetchall()
    if by is Facet.RELATION:
        return {RELATIONS[int(place)].value: count for place, count in rows}
    return {value: count for value, count in rows if value}


def _asked(kind: NodeKind, by: Facet, where: Filter) -> Condition:
    """Return the statement that gives values and numbers of nodes."""
    node = "post" if kind is NodeKind.POST else "intention"
    columns, passing = "post, intention, run", pairs(where)
    if by in OWN[kind]:
        columns, passing = node, nodes(kind, where)
    # UNION drops what is there twice, DISTINCT where there is nothing to unite.
    distinct = "" if len(VALUES[by]) > 1 else "DISTINCT"
    values = " UNION ".join(
        f"SELECT {distinct} pair.{node} AS node, {value} AS value "
        f"FROM pair JOIN {joined} WHERE pair.{node} IS NOT NULL"
        for joined, value in VALUES[by]
    )
    counted = f"SELECT value, count(*) AS nodes FROM ({values}) GROUP BY value"
    if by in OF_CONCEPTS:
        counted = f"SELECT c.id, nodes FROM ({counted}) JOIN concept AS c ON c.key = value"
    passing.parts = [f"WITH pair ({columns}) AS MATERIALIZED ({passing}) {counted}"]
    return passing
