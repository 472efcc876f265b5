"""The Neo4j store: the protocol's methods, each one transaction."""

from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager

from kg.analysis import analyzer
from kg.neo4j import definitions, listing, meta, read, search, walk, write
from kg.neo4j.database import Address, Database, Transaction, open_database
from kg.neo4j.embeddings import drop_some, put_embeddings
from kg.store import (
    Counts,
    EmbeddingModel,
    HeldIntention,
    Hops,
    LinkedConcept,
    Match,
    MentionedConcept,
    Near,
    Page,
    Subgraph,
    Vector,
)
from schema.errors import StoreUnreadableError
from schema.graph import EVERYTHING, About, Batch, Filter, Written
from schema.nodes import Concept, Intention, NodeKind, Post, Run
from schema.relations import Relation


class Neo4jStore:
    """The graph in a Neo4j database (kg.store.GraphStore)."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._cut = analyzer()
        self._planned: set[int] = set()

    # Writing

    async def put(self, batch: Batch) -> Written:
        return await self._database.write(lambda t: write.put(t, batch, self._cut))

    async def replace_about(self, intention_ids: Sequence[str], about: Sequence[About]) -> Written:
        return await self._database.write(lambda t: write.replace_about(t, intention_ids, about))

    async def require_model(self, model: EmbeddingModel) -> None:
        await self._database.write(lambda t: meta.require_model(t, model))

    async def replace_model(self, model: EmbeddingModel) -> None:
        for kind in NodeKind:
            await definitions.drop_vectors(self._database, kind)
            while await self._database.write(lambda t, kind=kind: drop_some(t, kind)):
                pass
        await self._database.write(lambda t: _model_replaced(t, model))

    async def put_embeddings(self, kind: NodeKind, ids: Sequence[str], embeddings: Vector) -> int:
        has_vectors = self._database.server.has_vectors
        return await self._database.write(
            lambda t: put_embeddings(t, kind, ids, embeddings, has_vectors=has_vectors)
        )

    async def refresh(self) -> None:
        model = await self.model()
        if model is None:
            return
        for kind, embedded in (await self._database.read(listing.embedded)).items():
            if embedded:
                await definitions.define_vectors(self._database, NodeKind(kind), model.dimensions)

    async def reindex(self) -> None:
        for kind in NodeKind:
            await definitions.drop_vectors(self._database, kind)
            await definitions.drop_words(self._database, kind)
        await definitions.define(self._database)
        await self.refresh()

    async def set_mark(self, name: str, version: int) -> None:
        await self._database.write(lambda t: meta.set_mark(t, name, version))

    # Reading nodes

    async def version(self) -> int:
        return await self._database.read(meta.version)

    async def mark(self, name: str) -> int:
        return await self._database.read(lambda t: meta.mark(t, name))

    async def model(self) -> EmbeddingModel | None:
        return await self._database.read(meta.stored_model)

    async def posts(self, ids: Sequence[str]) -> list[Post | None]:
        return await self._database.read(lambda t: read.posts(t, ids))

    async def intentions(self, ids: Sequence[str]) -> list[Intention | None]:
        return await self._database.read(lambda t: read.intentions(t, ids))

    async def concepts(self, ids: Sequence[str]) -> list[Concept | None]:
        return await self._database.read(lambda t: read.concepts(t, ids))

    async def runs(self, ids: Sequence[str]) -> list[Run | None]:
        return await self._database.read(lambda t: read.runs(t, ids))

    async def embeddings(self, kind: NodeKind, ids: Sequence[str]) -> list[Vector | None]:
        return await self._database.read(lambda t: read.embeddings(t, kind, ids))

    async def ids(
        self, kind: NodeKind, *, where: Filter = EVERYTHING, after: str = "", limit: int = 100
    ) -> Page:
        return await self._database.read(
            lambda t: listing.ids(t, kind, where, after=after, limit=limit)
        )

    async def changed(
        self, kind: NodeKind, *, since: int, after: str = "", limit: int = 10_000
    ) -> list[tuple[str, str]]:
        return await self._database.read(
            lambda t: listing.changed(t, kind, since=since, after=after, limit=limit)
        )

    async def unembedded(self, kind: NodeKind, *, limit: int) -> list[tuple[str, str]]:
        return await self._database.read(lambda t: listing.unembedded(t, kind, limit))

    async def count(self, kind: NodeKind, where: Filter = EVERYTHING) -> int:
        return await self._database.read(lambda t: listing.count(t, kind, where))

    async def counts(self) -> Counts:
        return await self._database.read(listing.counts)

    # Reading relationships

    async def intentions_of(
        self, post_ids: Sequence[str], relations: Sequence[Relation] = ()
    ) -> list[list[HeldIntention]]:
        return await self._database.read(lambda t: read.intentions_of(t, post_ids, relations))

    async def posts_of(
        self, intention_ids: Sequence[str], *, limit: int, where: Filter = EVERYTHING
    ) -> list[list[str]]:
        return await self._database.read(lambda t: read.posts_of(t, intention_ids, limit, where))

    async def mentions_of(self, post_ids: Sequence[str]) -> list[list[MentionedConcept]]:
        return await self._database.read(lambda t: read.mentions_of(t, post_ids))

    async def about_of(self, intention_ids: Sequence[str]) -> list[list[LinkedConcept]]:
        return await self._database.read(lambda t: read.about_of(t, intention_ids))

    # Searching

    async def nearest(
        self, kind: NodeKind, query: Vector, k: int, where: Filter = EVERYTHING
    ) -> list[Near]:
        indexed = await definitions.has_vectors(self._database, kind, len(query))
        has_search = self._database.server.has_search
        return await self._database.read(
            lambda t: search.nearest(
                t, kind, query, k, where, indexed=indexed, has_search=has_search
            )
        )

    async def match(
        self, kind: NodeKind, text: str, k: int, where: Filter = EVERYTHING
    ) -> list[Match]:
        return await self._database.read(lambda t: search.match(t, kind, text, k, where, self._cut))

    async def traverse(self, start_id: str, hops: Hops) -> Subgraph:
        return await walk.traverse(self._database, start_id, hops, self._planned)


async def _model_replaced(transaction: Transaction, model: EmbeddingModel) -> None:
    version = await meta.lock(transaction)
    await meta.set_model(transaction, model)
    await meta.written(transaction, version)


@asynccontextmanager
async def open_neo4j(address: Address, *, create: bool) -> AsyncGenerator[Neo4jStore]:
    """Open the graph in a Neo4j database, made if it is not there, and close it at the end.

    Raises:
        StoreUnreadableError: Nobody answers, the login is refused, or there is no graph.
    """
    async with open_database(address) as database:
        if create:
            await definitions.define(database)
            await database.write(lambda t: t.rows(meta.BEGIN))
        elif not await database.read(meta.is_there):
            raise StoreUnreadableError(
                f"there is no graph at {address.url}: load one by `miko load FILES...`, or name "
                "another by --store or MIKO_STORE_URL"
            )
        yield Neo4jStore(database)
