"""Reading the columns of a graph (kg.columns) in a few long lists: rows take the driver longer.

Nodes are known by the server's own numbers, which it gives without looking into them; relations
and aspects are asked for one by one, so that the server holds a part in its memory at a time.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, LiteralString

import numpy as np

from kg.columns.counting import Column, Numbers
from kg.columns.places import ASPECTS, RELATIONS
from kg.columns.tables import Columns, distinct
from kg.neo4j.database import Database, Row
from schema.facets import Facet
from schema.graph import NO_RUN
from schema.nodes import NodeKind

CYPHER_5: Final[LiteralString] = "CYPHER 5 "
"""The version of Cypher that has id()."""

RELATION: Final[LiteralString] = (
    CYPHER_5 + "MATCH (i:Intention {relation: $value}) "
    "RETURN collect(id(i)) AS intentions, $place AS place"
)
PAIRS: Final[LiteralString] = (
    CYPHER_5 + "MATCH (i:Intention {relation: $value})<-[has:HAS_INTENTION]-(p:Post) "
    "RETURN collect(id(p)) AS posts, collect(id(i)) AS intentions, "
    "coalesce($run_keys[has.run], 0) AS run"
)
ABOUT: Final[LiteralString] = (
    CYPHER_5 + "MATCH (i:Intention {relation: $value})-[:ABOUT]->(c:Concept) "
    "RETURN collect(id(i)) AS intentions, collect(id(c)) AS concepts"
)
MENTIONS: Final[LiteralString] = (
    CYPHER_5 + "MATCH (p:Post)-[:MENTIONS {aspect: $value}]->(c:Concept) "
    "RETURN collect(id(p)) AS posts, collect(id(c)) AS concepts, $place AS place"
)
VALUES: Final[dict[Facet, LiteralString]] = {
    Facet.SOURCE: CYPHER_5
    + "MATCH (p:Post) RETURN p.source AS value, collect(id(p)) AS posts ORDER BY value",
    Facet.LABEL: CYPHER_5 + "MATCH (p:Post) UNWIND p.labels AS value "
    "RETURN value, collect(id(p)) AS posts ORDER BY value",
    Facet.HASHTAG: CYPHER_5 + "MATCH (p:Post) UNWIND p.hashtags AS value "
    "RETURN value, collect(id(p)) AS posts ORDER BY value",
}
CONCEPTS: Final[LiteralString] = (
    CYPHER_5 + "MATCH (c:Concept) WHERE id(c) IN $asked "
    "RETURN collect(id(c)) AS concepts, collect(c.id) AS ids"
)
RUNS: Final[LiteralString] = (
    "MATCH (r:Run) RETURN r.id AS run, r.model AS model, r.prompt_hash AS prompt ORDER BY run"
)
AT_A_TIME: Final = 50_000
"""Concepts whose ids are asked for together."""


@dataclass(frozen=True, slots=True)
class HeldColumns:
    """The columns of one version, and the names in them (kg.columns.tables.Names).

    Attributes:
        columns: The tables.
        pairs: Every pair (Columns.pairs).
        sizes: Of posts and intentions, one more than there are: keys are less.
        values: Of sources, labels, hashtags and concepts, by their numbers less 1.
        numbers: The number of each value.
        run_values: Of every run by its key less 1: id, model and prompt.
    """

    columns: Columns
    pairs: Column
    sizes: Mapping[NodeKind, int]
    values: Mapping[Facet, Sequence[str]]
    numbers: Mapping[Facet, Mapping[str, int]]
    run_values: Sequence[Mapping[Facet, str]]

    def of(self, by: Facet, numbers: Numbers) -> Mapping[int, str]:
        names = self.values.get(by, self.values[Facet.CONCEPT])
        asked: list[int] = numbers.tolist()
        return {number: names[number - 1] for number in asked}

    def numbers_of(self, by: Facet, names: Sequence[str]) -> list[int]:
        """Return the number of each value, 0 where none has it."""
        return [self.numbers[by].get(name, 0) for name in names]

    def runs(self, by: Facet) -> Sequence[tuple[int, str]]:
        return [(key, values[by]) for key, values in enumerate(self.run_values, 1)]


@dataclass(frozen=True, slots=True)
class Found:
    """What was read: tables as in ``Columns``, but row by row, nodes by the server's numbers.

    Attributes:
        relation: (n, 2).
        has_intention: (n, 3), runs by their keys.
        about: (n, 2).
        mentions: (n, 3).
        valued: By facet, (n, 2).
        values: By facet, its values in the order of their numbers.
        concepts: Ids by the server's numbers.
        run_values: As HeldColumns has them.
    """

    relation: Numbers
    has_intention: Numbers
    about: Numbers
    mentions: Numbers
    valued: Mapping[Facet, Numbers]
    values: Mapping[Facet, Sequence[str]]
    concepts: Mapping[int, str]
    run_values: Sequence[Mapping[Facet, str]]


async def found(database: Database) -> Found:
    """Read everything; where something is written meanwhile, it does not go together.

    Each statement has its own time.
    """
    runs = [{Facet(by): value for by, value in row.items()} for row in await _rows(database, RUNS)]
    run_keys = {NO_RUN: 0} | {values[Facet.RUN]: key for key, values in enumerate(runs, 1)}
    ask = _Asker(database, run_keys)
    about = await ask.each(ABOUT, RELATIONS, "intentions", "concepts")
    mentions = await ask.each(MENTIONS, ASPECTS, "posts", "concepts", "place")
    valued = {by: await _rows(database, statement) for by, statement in VALUES.items()}
    return Found(
        await ask.each(RELATION, RELATIONS, "intentions", "place"),
        await ask.each(PAIRS, RELATIONS, "posts", "intentions", "run"),
        about,
        mentions,
        {by: _numbered(rows) for by, rows in valued.items()},
        {by: [row["value"] for row in rows] for by, rows in valued.items()},
        await _concepts(database, np.union1d(about[:, 1], mentions[:, 1])),
        runs,
    )


def held(found: Found) -> HeldColumns:
    """Return the columns of what was read: nodes by keys from 1, in the order of their numbers."""
    posts = _keys(found.valued[Facet.SOURCE][:, 0])
    intentions = _keys(found.relation[:, 0])
    concepts = _keys(np.fromiter(found.concepts, np.int64))
    columns = Columns(
        has_intention=_column(found.has_intention, posts, intentions),
        mentions=_column(found.mentions, posts, concepts),
        about=_column(found.about, intentions, concepts),
        relation=_column(found.relation, intentions),
        source=_column(found.valued[Facet.SOURCE], posts),
        label=_column(found.valued[Facet.LABEL], posts),
        hashtag=_column(found.valued[Facet.HASHTAG], posts),
    )
    concept_ids = [found.concepts[number] for number in sorted(found.concepts)]
    values = {**found.values, Facet.CONCEPT: concept_ids}
    return HeldColumns(
        columns,
        columns.pairs().astype(np.int32),
        {kind: 1 + len(columns.nodes(kind)) for kind in (NodeKind.POST, NodeKind.INTENTION)},
        values,
        {
            by: {name: number for number, name in enumerate(names, 1)}
            for by, names in values.items()
        },
        found.run_values,
    )


async def _rows(database: Database, statement: LiteralString, **asked: object) -> list[Row]:
    return await database.read(lambda t: t.rows(statement, **asked))


@dataclass(frozen=True, slots=True)
class _Asker:
    database: Database
    run_keys: Mapping[str, int]

    async def each(self, statement: LiteralString, values: Sequence[str], *columns: str) -> Numbers:
        """Ask for each value, and return these columns of all rows as one table."""
        tables = [np.empty((0, len(columns)), np.int64)]
        for place, value in enumerate(values):
            asked = {"value": str(value), "place": place, "run_keys": self.run_keys}
            rows = await _rows(self.database, statement, **asked)
            tables += [_table(*(row[name] for name in columns)) for row in rows]
        return np.concatenate(tables)


async def _concepts(database: Database, asked: Numbers) -> Mapping[int, str]:
    named: dict[int, str] = {}
    for start in range(0, len(asked), AT_A_TIME):
        some = asked[start : start + AT_A_TIME].tolist()
        (row,) = await _rows(database, CONCEPTS, asked=some)
        named.update(zip(row["concepts"], row["ids"], strict=True))
    return named


def _numbered(rows: Sequence[Row]) -> Numbers:
    tables = [_table(row["posts"], number) for number, row in enumerate(rows, 1)]
    return np.concatenate([np.empty((0, 2), np.int64), *tables])


def _table(*columns: Sequence[int] | int) -> Numbers:
    """Return columns as a table, row by row; a number stands in each row."""
    return np.stack(np.broadcast_arrays(*(np.array(c, np.int64) for c in columns)), axis=1)


def _keys(numbers: Numbers) -> Numbers:
    """Return by the server's numbers the keys of nodes, which rise from 1."""
    keys = np.zeros(1 + int(numbers.max(initial=0)), np.int64)
    keys[np.sort(numbers)] = np.arange(1, len(numbers) + 1)
    return keys


def _column(table: Numbers, *keys: Numbers) -> Column:
    """Return a table as columns in the order of its rows, the first ones as keys."""
    columns = [
        keys[n][table[:, n]] if n < len(keys) else table[:, n] for n in range(table.shape[1])
    ]
    order = np.lexsort(columns[::-1])
    return distinct(np.stack(columns, axis=1).astype(np.int32)[order])
