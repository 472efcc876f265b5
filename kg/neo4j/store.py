"""The Neo4j store: each method of the protocol in a session, what it writes in one transaction."""

from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import TypeVar

from kg.analysis import analyzer, words_asked
from kg.columns.facets import Counted
from kg.deletion import Deletion, DeletionRequest
from kg.facet_counts import require_counted
from kg.hops import Hops, Subgraph
from kg.neo4j import (
    definitions,
    delete,
    facets,
    listing,
    matching,
    meta,
    read,
    search,
    setup,
    walk,
    write,
)
from kg.neo4j.counted import Counting
from kg.neo4j.database import Address, Database, Transaction, open_database
from kg.neo4j.divergence import divergent
from kg.neo4j.embeddings import put_embeddings, replace_model
from kg.neo4j.estimate import Estimates
from kg.neo4j.indexes import Indexes
from kg.neo4j.means import Means, Question
from kg.neo4j.planning import DEFAULT_COSTS, Costs
from kg.neo4j.plans import Plans
from kg.plan import SearchPlan
from kg.plausible import require_in_pairs
from kg.setup import NOTHING, Progress, SetUp, silent
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
from schema.errors import StoreError, StoreUnreadableError
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


class Neo4jStore:
    """The graph in a Neo4j database (kg.store.GraphStore)."""

    def __init__(
        self, database: Database, costs: Costs = DEFAULT_COSTS, opened: SetUp = NOTHING
    ) -> None:
        self._database = database
        self._opened = opened
        self._costs = costs
        self._indexes = Indexes(database)
        self._estimates = Estimates()
        self._cut = analyzer()
        self._plans = Plans()
        self._counting = Counting(database)

    async def close(self) -> None:
        """Begin nothing more; the database is whoever opened it's."""
        await self._counting.close()

    # Writing

    async def put(self, batch: Batch) -> Written:
        return await self._database.write(lambda t: write.put(t, batch, self._cut))

    async def delete_post(self, post_id: str) -> Deletion:
        request = DeletionRequest.of(post_id)
        done: list[Deletion] = []

        async def work(transaction: Transaction) -> Deletion:
            # The connection may have been lost while the first attempt was committed.
            if not done or not await delete.is_carried_out(transaction, request):
                done[:] = [await delete.delete_post(transaction, request)]
            return done[0]

        return await self._database.write(work)

    async def deleted(self, post_ids: Sequence[str]) -> list[str | None]:
        return await self._database.read(lambda t: delete.deleted(t, post_ids))

    async def allow_deleted(self, post_ids: Sequence[str]) -> int:
        return await self._database.write(lambda t: delete.allow_deleted(t, post_ids))

    async def purge(self) -> Sequence[str]:
        return delete.LEFT

    async def replace_about(self, intention_ids: Sequence[str], about: Sequence[About]) -> Written:
        return await self._database.write(lambda t: write.replace_about(t, intention_ids, about))

    async def replace_plausibility(self, has_intention: Sequence[HasIntention]) -> Written:
        return await self._database.write(lambda t: write.replace_plausibility(t, has_intention))

    async def require_model(self, model: EmbeddingModel) -> None:
        await self._database.write(lambda t: meta.require_model(t, model))

    async def replace_model(self, model: EmbeddingModel) -> None:
        await setup.drop(self._database, definitions.NAMES_OF_VECTORS)
        await replace_model(self._database, model)
        await self._indexes.look()

    async def put_embeddings(self, kind: NodeKind, ids: Sequence[str], embeddings: Vector) -> int:
        has_vectors = self._database.server.has_vectors
        return await self._database.write(
            lambda t: put_embeddings(t, kind, ids, embeddings, has_vectors=has_vectors)
        )

    async def set_up(self, progress: Progress = silent) -> SetUp:
        wanted = [*definitions.FULLTEXTS, *await self._vectors()]
        done = await setup.set_up(self._database, wanted, progress)
        await self._indexes.look()
        done, self._opened = done.after(self._opened), NOTHING
        return done

    async def refresh(self) -> None:
        await self.set_up()

    async def reindex(self) -> None:
        await setup.drop(self._database, definitions.NAMES)
        await self.set_up()

    async def set_mark(self, name: str, version: int) -> None:
        await self._database.write(lambda t: meta.set_mark(t, name, version))

    # Reading nodes

    async def identity(self) -> str:
        return await self._database.read(meta.identity)

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

    async def run_ids(self, *, after: str = "", limit: int = 100) -> Page:
        return await self._database.read(lambda t: listing.run_ids(t, after=after, limit=limit))

    async def embeddings(self, kind: NodeKind, ids: Sequence[str]) -> list[Vector | None]:
        return await self._database.read(lambda t: read.embeddings(t, kind, ids))

    async def ids(
        self, kind: NodeKind, *, where: Filter = EVERYTHING, after: str = "", limit: int = 100
    ) -> Page:
        question = Question(kind, limit, where)

        async def listed(means: Means) -> Page:
            return await self._database.read(lambda t: listing.ids(t, means, question, after=after))

        return await self._searched(listed, kind)

    async def changed(
        self, kind: NodeKind, *, since: int, after: str = "", limit: int = 10_000
    ) -> list[tuple[str, str]]:
        return await self._database.read(
            lambda t: listing.changed(t, kind, since=since, after=after, limit=limit)
        )

    async def unembedded(self, kind: NodeKind, *, limit: int) -> list[tuple[str, str]]:
        return await self._database.read(lambda t: listing.unembedded(t, kind, limit))

    async def count(self, kind: NodeKind, where: Filter = EVERYTHING) -> int:
        held = await self._counting.count(kind, where)
        if held is not None:
            return held

        async def counted(means: Means) -> int:
            return await self._database.read(lambda t: listing.count(t, means, kind, where))

        return await self._searched(counted, kind)

    async def counts(self) -> Counts:
        return await self._database.read(listing.counts)

    async def facet(
        self, kind: NodeKind, by: Facet, where: Filter = EVERYTHING
    ) -> Mapping[str, int]:
        require_counted(kind)
        subject = Counted(kind, by)

        async def counted(means: Means) -> Mapping[str, int]:
            return await self._database.read(lambda t: facets.facet(t, means, subject, where))

        return await self._counting.facet(subject, where, lambda: self._searched(counted, kind))

    # Reading relationships

    async def intentions_of(
        self, post_ids: Sequence[str], relations: Sequence[Relation] = ()
    ) -> list[list[HeldIntention]]:
        return await self._database.read(lambda t: read.intentions_of(t, post_ids, relations))

    async def posts_of(
        self, intention_ids: Sequence[str], *, limit: int, where: Filter = EVERYTHING
    ) -> list[list[str]]:
        return await self._database.read(lambda t: read.posts_of(t, intention_ids, limit, where))

    async def plausibilities(
        self, kind: NodeKind, ids: Sequence[str], where: Filter = EVERYTHING
    ) -> list[float | None]:
        require_in_pairs(kind)
        return await self._database.read(lambda t: read.plausibilities(t, kind, ids, where))

    async def mentions_of(self, post_ids: Sequence[str]) -> list[list[MentionedConcept]]:
        return await self._database.read(lambda t: read.mentions_of(t, post_ids))

    async def about_of(self, intention_ids: Sequence[str]) -> list[list[LinkedConcept]]:
        return await self._database.read(lambda t: read.about_of(t, intention_ids))

    async def judgements_of(self, post_ids: Sequence[str]) -> list[list[Judgement]]:
        return await self._database.read(lambda t: read.judgements_of(t, post_ids))

    async def related_of(self, concept_ids: Sequence[str]) -> list[list[Related]]:
        return await self._database.read(lambda t: read.related_of(t, concept_ids))

    # Searching

    async def nearest(
        self, kind: NodeKind, query: Vector, k: int, where: Filter = EVERYTHING
    ) -> list[Near]:
        question = Question(kind, k, where)

        async def found(means: Means) -> list[Near]:
            return await self._database.read(lambda t: search.nearest(t, means, question, query))

        return await self._searched(found, kind, len(query))

    async def plan(self, kind: NodeKind, k: int, where: Filter = EVERYTHING) -> SearchPlan:
        question = Question(kind, k, where)

        async def planned(means: Means) -> SearchPlan:
            return await self._database.read(lambda t: search.plan(t, means, question))

        await self._indexes.look()  # nothing fails here where an index was dropped
        return await self._searched(planned, kind)

    async def match(
        self, kind: NodeKind, text: str, k: int, where: Filter = EVERYTHING
    ) -> list[Match]:
        words, question = words_asked(self._cut, text), Question(kind, k, where)

        async def found(means: Means) -> list[Match]:
            return await self._database.read(lambda t: matching.match(t, means, question, words))

        return await self._searched(found, kind) if words else []

    async def divergent(
        self, relations: tuple[Relation, Relation], k: int, where: Filter = EVERYTHING
    ) -> list[DivergentPair]:
        question = Question(NodeKind.POST, k, where)

        async def found(means: Means) -> list[DivergentPair]:
            return await self._database.read(lambda t: divergent(t, means, question, relations))

        return await self._searched(found, NodeKind.POST)

    async def traverse(self, start_id: str, hops: Hops) -> Subgraph:
        return await walk.traverse(self._database, start_id, hops, self._plans)

    async def _vectors(self) -> list[definitions.Definition]:
        """Return the vector indexes that are to be: of the kinds of which something is embedded."""
        model = await self.model()
        if model is None:
            return []
        has_search = self._database.server.has_search
        embedded = await self._database.read(listing.embedded)
        return [
            definitions.vectors(kind, model.dimensions, has_search=has_search)
            for kind in NodeKind
            if embedded[kind.value]
        ]

    async def _searched(
        self,
        search_by: Callable[[Means], Awaitable[T]],
        kind: NodeKind,
        dimensions: int | None = None,
    ) -> T:
        """Search, and once more where another process has dropped an index meanwhile."""
        means = await self._means(kind, dimensions)
        try:
            return await search_by(means)
        except StoreError as error:
            if type(error) is not StoreError or not await self._indexes.are_others(means.answering):
                raise
        return await search_by(await self._means(kind, dimensions))

    async def _means(self, kind: NodeKind, dimensions: int | None = None) -> Means:
        answering = await self._indexes.answering(kind, dimensions)
        return Means(answering, self._estimates, self._costs)


@asynccontextmanager
async def open_neo4j(
    address: Address,
    *,
    create: bool,
    costs: Costs = DEFAULT_COSTS,
    progress: Progress = silent,
) -> AsyncGenerator[Neo4jStore]:
    """Open the graph in a Neo4j database, made if it is not there, and close it at the end.

    Raises:
        StoreUnreadableError: Nobody answers, the login is refused, or there is no graph.
    """
    opened = NOTHING
    async with open_database(address) as database:
        if create:
            opened = await setup.set_up(database, definitions.FULLTEXTS, progress)
            await database.write(lambda t: t.rows(meta.BEGIN))
        elif not await database.read(meta.is_there):
            raise StoreUnreadableError(
                f"there is no graph at {address.url}: load one by `miko load FILES...`, or name "
                "another by --store or MIKO_STORE_URL"
            )
        store = Neo4jStore(database, costs, opened)
        try:
            yield store
        finally:
            await store.close()
