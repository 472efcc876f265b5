"""What the numbers in the columns stand for, as SQLite says (kg.columns.tables.Names)."""

import sqlite3
from collections.abc import Mapping, Sequence
from typing import Final, LiteralString

from kg.columns.counting import Numbers
from kg.sqlite.rows import as_json
from schema.facets import Facet
from schema.text import label_text

RUNS: Final[dict[Facet, LiteralString]] = {
    Facet.RUN: "SELECT key, id FROM run",
    Facet.MODEL: "SELECT key, body ->> 'model' FROM run",
    Facet.PROMPT: "SELECT key, body ->> 'prompt_hash' FROM run",
}
CONCEPTS: Final[LiteralString] = "SELECT key, id FROM concept"
SOME_CONCEPTS: Final[LiteralString] = (
    "SELECT key, id FROM concept WHERE key IN (SELECT value FROM json_each(?))"
)
FEW: Final = 20_000
"""Up to so many concepts, each is looked up by its key; all of a large graph take longer."""

SOURCES: Final[LiteralString] = "SELECT DISTINCT source FROM post ORDER BY source"
HASHTAGS: Final[LiteralString] = "SELECT DISTINCT tag FROM post_hashtag ORDER BY tag"
LABELS: Final[LiteralString] = "SELECT DISTINCT name, value FROM post_label ORDER BY name, value"


class SqliteNames:
    """The names of one version, within a transaction that sees it."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def of(self, by: Facet, numbers: Numbers) -> Mapping[int, str]:
        ask = self._connection.execute
        match by:
            case Facet.SOURCE:
                return dict(enumerate((source for (source,) in ask(SOURCES)), 1))
            case Facet.HASHTAG:
                return dict(enumerate((tag for (tag,) in ask(HASHTAGS)), 1))
            case Facet.LABEL:
                return dict(enumerate((label_text(*label) for label in ask(LABELS)), 1))
            case _ if len(numbers) <= FEW:
                return dict(ask(SOME_CONCEPTS, (as_json(numbers.tolist()),)))
            case _:
                return dict(ask(CONCEPTS))

    def runs(self, by: Facet) -> Sequence[tuple[int, str]]:
        return self._connection.execute(RUNS[by]).fetchall()
