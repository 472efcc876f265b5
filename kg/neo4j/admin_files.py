"""Writing a graph's pages to the tables of `neo4j-admin database import full`."""

import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import asdict
from pathlib import Path
from typing import ClassVar, Final, TextIO

from kg.analysis import analyzer
from kg.contents import Contents
from kg.neo4j import admin_tables, relationships
from kg.neo4j.meta import MODEL
from kg.neo4j.relationships import Relationship
from kg.neo4j.rows import Properties
from kg.neo4j.write_nodes import KIND_PLACE, concept_row, intention_row, post_row
from kg.store import EmbeddingModel, Vector

VERSION: Final = 1
"""Of the graph, and the one that wrote each node: stores differ in theirs."""


class AdminFiles:
    """The files of an export, open to be written (ingest.export.ExportFiles)."""

    NAMES: ClassVar[frozenset[str]] = frozenset(admin_tables.names())
    COMMAND: ClassVar[str] = f"neo4j-admin database import full neo4j @{admin_tables.ARGUMENTS}"

    def __init__(self, folder: Path) -> None:
        """Write those that depend on no graph; raises OSError, as every method may."""
        self._cut = analyzer()
        self._stack = ExitStack()
        self.rows = dict.fromkeys(admin_tables.TABLES, 0)
        (folder / admin_tables.ARGUMENTS).write_text(admin_tables.arguments(), "utf-8")
        for table, header in admin_tables.TABLES.items():
            (folder / admin_tables.header_name(table)).write_text(f"{header}\n", "utf-8")
        self._files = {table: self._opened(folder, table) for table in admin_tables.TABLES}

    def sync(self) -> None:
        """Wait until all that was added is on the disk."""
        for file in self._files.values():
            file.flush()
            os.fsync(file.fileno())

    def close(self) -> None:
        """Close the files."""
        self._stack.close()

    def add_graph(self, model: EmbeddingModel | None, *, version: int, linked: bool) -> None:
        """Add what the graph remembers of itself."""
        row: Properties = {"id": "graph", "version": min(version, VERSION), ":LABEL": ["Graph"]}
        if model is not None:
            row.update(zip(MODEL, asdict(model).values(), strict=True))
        if linked:
            row["mark_link"] = row["version"]
        self._add("Graph", [row])

    def add(self, page: Contents) -> None:
        """Add a page.

        Raises:
            InputError: It holds what these files cannot.
        """
        batch = page.batch
        posts = (post_row(post, self._cut) for post in batch.posts)
        intentions = (intention_row(i, self._cut) for i in batch.intentions)
        concepts = (concept_row(c, self._cut, kind=KIND_PLACE[c.kind]) for c in batch.concepts)
        self._add("Run", ({**asdict(run), ":LABEL": ["Run"]} for run in batch.runs))
        self._add("Concept", _nodes("Concept", concepts, page.embeddings))
        self._add("Intention", _nodes("Intention", intentions, page.embeddings))
        self._add("Post", _nodes("Post", posts, page.embeddings))
        self._add("ABOUT", _values(map(relationships.about, batch.about)))
        self._add("HAS_INTENTION", _values(map(relationships.has_intention, batch.has_intention)))
        self._add("JUDGED", _values(map(relationships.judged, batch.judgements)))
        self._add("MENTIONS", _values(map(relationships.mentions, batch.mentions)))
        self._add("RELATED", _values(map(relationships.related, batch.related)))

    def _opened(self, folder: Path, table: str) -> TextIO:
        path = folder / admin_tables.data_name(table)
        # As given: a line end within a text is not made another.
        return self._stack.enter_context(path.open("w", encoding="utf-8", newline=""))

    def _add(self, table: str, rows: Iterable[Properties]) -> None:
        text, count = admin_tables.text_of(table, rows)
        self._files[table].write(text)
        self.rows[table] += count


def _nodes(
    label: str, rows: Iterable[Properties], embeddings: Mapping[str, Vector]
) -> Iterator[Properties]:
    for row in rows:
        embedding = embeddings.get(row["id"])
        labels = [label] if embedding is not None else [label, "Unembedded"]
        yield {**row, "created": VERSION, "embedding": embedding, ":LABEL": labels}


def _values(some: Iterable[Relationship]) -> Iterator[Properties]:
    for one in some:
        yield {":START_ID": one.start, ":END_ID": one.end, **one.values}
