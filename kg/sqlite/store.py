"""The embedded store: the protocol's methods, each a blocking call in a thread of its own."""

import sqlite3
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TypeVar

import anyio
import anyio.to_thread

from kg.deletion import Deletion, DeletionRequest
from kg.facet_counts import FACET_VALUES_KEPT, KeptFacets, require_counted
from kg.hops import Hops, Subgraph
from kg.kept import Kept
from kg.plan import SearchPlan
from kg.plausible import require_in_pairs
from kg.setup import Progress, SetUp, silent
from kg.sqlite import changes, count, delete, facets, read, search, walk, write
from kg.sqlite.database import AtWork, Database
from kg.sqlite.derived import Derived
from kg.sqlite.divergence import divergent
from kg.sqlite.embeddings import put_embeddings, replace_model, require_model, stored_model
from kg.sqlite.listing import changed, ids, run_ids, unembedded
from kg.sqlite.meta import meta, set_meta
from kg.store import (
    Counts,
    DivergentPair,
    EmbeddingModel,
    HeldIntention,
    LinkedConcept,
    Match,
    MentionedConcept,
    Near,
    Page,
    Vector,
)
from schema.facets import Facet
from schema.graph import (
    EVERYTHING,
    About,
    Batch,
    Filter,
    HasIntention,
    Judgement,
    Related,
    Written,
)
from schema.nodes import Concept, Intention, NodeKind, Post, Run
from schema.relations import Relation

T = TypeVar("T")


class SqliteStore:
    """The graph in one SQLite file, with FAISS and tantivy beside it (kg.store.GraphStore)."""

    def __init__(self, database: Database, derived: Derived) -> None:
        self._database = database
        self._derived = derived
        self._facets: KeptFacets = Kept(FACET_VALUES_KEPT)

    # Writing

    async def put(self, batch: Batch) -> Written:
        return await self._write(lambda c: write.put(c, batch))

    async def delete_post(self, post_id: str) -> Deletion:
        request = DeletionRequest.of(post_id)

        def apply() -> Deletion:
            with self._database.deleting() as connection:
                return delete.delete_post(connection, request)

        return await anyio.to_thread.run_sync(apply)

    async def deleted(self, post_ids: Sequence[str]) -> list[str | None]:
        return await self._read(lambda c: delete.deleted(c, post_ids))

    async def allow_deleted(self, post_ids: Sequence[str]) -> int:
        return await self._write(lambda c: delete.allow_deleted(c, post_ids))

    async def purge(self) -> Sequence[str]:
        await anyio.to_thread.run_sync(self._database.purge)
        # Anew, centroids and segments too: those were made of what was there.
        await anyio.to_thread.run_sync(self._derived.rebuild)
        return ()

    async def replace_about(self, intention_ids: Sequence[str], about: Sequence[About]) -> Written:
        return await self._write(lambda c: write.replace_about(c, intention_ids, about))

    async def replace_plausibility(self, has_intention: Sequence[HasIntention]) -> Written:
        return await self._write(lambda c: write.replace_plausibility(c, has_intention))

    async def require_model(self, model: EmbeddingModel) -> None:
        await self._write(lambda c: require_model(c, model))

    async def replace_model(self, model: EmbeddingModel) -> None:
        await self._write(lambda c: replace_model(c, model))

    async def put_embeddings(self, kind: NodeKind, ids: Sequence[str], embeddings: Vector) -> int:
        return await self._write(lambda c: put_embeddings(c, kind, ids, embeddings))

    async def set_up(self, progress: Progress = silent) -> SetUp:
        progress("search indexes", 0.0)
        return await anyio.to_thread.run_sync(self._derived.set_up)

    async def refresh(self) -> None:
        await anyio.to_thread.run_sync(self._derived.refresh)

    async def reindex(self) -> None:
        await anyio.to_thread.run_sync(self._derived.rebuild)

    async def set_mark(self, name: str, version: int) -> None:
        await self._write(lambda c: set_meta(c, f"mark.{name}", version))

    # Reading nodes

    async def identity(self) -> str:
        return await self._read(lambda c: meta(c, "graph") or "")

    async def version(self) -> int:
        return await self._read(changes.version)

    async def mark(self, name: str) -> int:
        return await self._read(lambda c: meta(c, f"mark.{name}") or 0)

    async def model(self) -> EmbeddingModel | None:
        return await self._read(stored_model)

    async def posts(self, ids: Sequence[str]) -> list[Post | None]:
        return await self._read(lambda c: read.posts(c, ids))

    async def intentions(self, ids: Sequence[str]) -> list[Intention | None]:
        return await self._read(lambda c: read.intentions(c, ids))

    async def concepts(self, ids: Sequence[str]) -> list[Concept | None]:
        return await self._read(lambda c: read.concepts(c, ids))

    async def runs(self, ids: Sequence[str]) -> list[Run | None]:
        return await self._read(lambda c: read.runs(c, ids))

    async def run_ids(self, *, after: str = "", limit: int = 100) -> Page:
        return await self._read(lambda c: run_ids(c, after=after, limit=limit))

    async def embeddings(self, kind: NodeKind, ids: Sequence[str]) -> list[Vector | None]:
        return await self._read(lambda c: read.embeddings(c, kind, ids))

    async def ids(
        self, kind: NodeKind, *, where: Filter = EVERYTHING, after: str = "", limit: int = 100
    ) -> Page:
        def page(connection: sqlite3.Connection) -> Page:
            selected = self._derived.selected(connection, kind, where)
            return ids(connection, kind, selected, after=after, limit=limit)

        return await self._read(page)

    async def changed(
        self, kind: NodeKind, *, since: int, after: str = "", limit: int = 10_000
    ) -> list[tuple[str, str]]:
        return await self._read(lambda c: changed(c, kind, since=since, after=after, limit=limit))

    async def unembedded(self, kind: NodeKind, *, limit: int) -> list[tuple[str, str]]:
        return await self._read(lambda c: unembedded(c, kind, limit))

    async def count(self, kind: NodeKind, where: Filter = EVERYTHING) -> int:
        return await self._read(lambda c: search.count(self._derived, c, kind, where))

    async def counts(self) -> Counts:
        return await self._read(count.counts)

    async def facet(
        self, kind: NodeKind, by: Facet, where: Filter = EVERYTHING
    ) -> Mapping[str, int]:
        require_counted(kind)

        def counted(connection: sqlite3.Connection) -> Mapping[str, int]:
            version, asked = changes.version(connection), (kind, by, where)
            held = self._facets.get(asked, version)
            if held is not None:
                return held
            found = facets.facet(self._derived, connection, kind, by, where)
            return self._facets.keep(asked, version, found, size=1 + len(found))

        return await self._read(counted)

    # Reading relationships

    async def intentions_of(
        self, post_ids: Sequence[str], relations: Sequence[Relation] = ()
    ) -> list[list[HeldIntention]]:
        return await self._read(lambda c: read.intentions_of(c, post_ids, relations))

    async def posts_of(
        self, intention_ids: Sequence[str], *, limit: int, where: Filter = EVERYTHING
    ) -> list[list[str]]:
        return await self._read(lambda c: read.posts_of(c, intention_ids, limit, where))

    async def plausibilities(
        self, kind: NodeKind, ids: Sequence[str], where: Filter = EVERYTHING
    ) -> list[float | None]:
        require_in_pairs(kind)
        return await self._read(lambda c: read.plausibilities(c, kind, ids, where))

    async def mentions_of(self, post_ids: Sequence[str]) -> list[list[MentionedConcept]]:
        return await self._read(lambda c: read.mentions_of(c, post_ids))

    async def about_of(self, intention_ids: Sequence[str]) -> list[list[LinkedConcept]]:
        return await self._read(lambda c: read.about_of(c, intention_ids))

    async def judgements_of(self, post_ids: Sequence[str]) -> list[list[Judgement]]:
        return await self._read(lambda c: read.judgements_of(c, post_ids))

    async def related_of(self, concept_ids: Sequence[str]) -> list[list[Related]]:
        return await self._read(lambda c: read.related_of(c, concept_ids))

    # Searching

    async def nearest(
        self, kind: NodeKind, query: Vector, k: int, where: Filter = EVERYTHING
    ) -> list[Near]:
        return await self._read(lambda c: search.nearest(self._derived, c, kind, query, k, where))

    async def plan(self, kind: NodeKind, k: int, where: Filter = EVERYTHING) -> SearchPlan:
        return await self._read(lambda c: search.plan(self._derived, c, kind, k, where))

    async def match(
        self, kind: NodeKind, text: str, k: int, where: Filter = EVERYTHING
    ) -> list[Match]:
        return await self._read(lambda c: search.match(self._derived, c, kind, text, k, where))

    async def divergent(
        self, relations: tuple[Relation, Relation], k: int, where: Filter = EVERYTHING
    ) -> list[DivergentPair]:
        return await self._read(lambda c: divergent(c, relations, k, where))

    async def traverse(self, start_id: str, hops: Hops) -> Subgraph:
        def traversed(connection: sqlite3.Connection) -> Subgraph:
            passing = {
                kind: self._derived.selected(connection, kind, hops.where)
                for kind in (NodeKind.POST, NodeKind.INTENTION)
            }
            return walk.traverse(connection, start_id, hops, passing)

        return await self._read(traversed)

    async def _read(self, question: Callable[[sqlite3.Connection], T]) -> T:
        """Ask in a thread; where nobody waits any longer, the statement ends too."""
        at_work = AtWork()

        def answer() -> T:
            with self._database.reading() as connection, at_work.on(connection):
                return question(connection)

        try:
            return await anyio.to_thread.run_sync(answer)
        except anyio.get_cancelled_exc_class():
            at_work.interrupt()
            raise

    async def _write(self, change: Callable[[sqlite3.Connection], T]) -> T:
        def apply() -> T:
            self._derived.before_writing()
            with self._database.writing() as connection:
                return change(connection)

        return await anyio.to_thread.run_sync(apply)


@asynccontextmanager
async def open_sqlite(path: Path, *, timeout_s: float) -> AsyncGenerator[SqliteStore]:
    """Open the graph in a SQLite file, made if it is not there, and close it at the end.

    Raises:
        StoreUnreadableError: The file is no graph, is damaged, or was written by a newer version.
        StoreBusyError: Another process has been writing for longer than ``timeout_s``.
    """
    database = await anyio.to_thread.run_sync(Database, path, timeout_s)
    try:
        derived = await anyio.to_thread.run_sync(lambda: Derived(database, timeout_s=timeout_s))
        try:
            yield SqliteStore(database, derived)
        finally:
            derived.close()
    finally:
        with anyio.CancelScope(shield=True):
            await anyio.to_thread.run_sync(database.close)
