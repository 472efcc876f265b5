"""DataLoaders: what many nodes of one request need comes by one call of the store."""

from collections.abc import Awaitable, Sequence
from dataclasses import dataclass

import anyio
from strawberry.dataloader import DataLoader

from kg.store import Counts, GraphStore, HeldIntention, LinkedConcept, MentionedConcept
from schema.graph import Filter, Related
from schema.nodes import Concept, Intention, NodeKind, Post, Run, kind_of

AnyNode = Post | Intention | Concept


@dataclass(frozen=True, slots=True)
class PostsAsked:
    """The posts of an intention: at most how many, and which."""

    intention_id: str
    limit: int
    where: Filter


class CountsByVersion:
    """The counts of the graph, counted anew only after it has changed."""

    def __init__(self, store: GraphStore) -> None:
        self._store = store
        self._seen: tuple[int, Counts] | None = None
        self._one = anyio.Lock()

    async def counts(self) -> Counts:
        """Return the counts of the graph as it is now; one call at a time counts."""
        async with self._one:
            version = await self._store.version()
            if self._seen is None or self._seen[0] != version:
                self._seen = version, await self._store.counts()
            return self._seen[1]


class Loaders:
    """The loaders of one request; what was read stays as it was read until its end."""

    def __init__(self, store: GraphStore, counted: CountsByVersion) -> None:
        self._store = store
        self._counted = counted
        self.posts = DataLoader[str, Post | None](store.posts)
        self.intentions = DataLoader[str, Intention | None](store.intentions)
        self.concepts = DataLoader[str, Concept | None](store.concepts)
        self.runs = DataLoader[str, Run | None](store.runs)
        self.intentions_of = DataLoader[str, list[HeldIntention]](store.intentions_of)
        self.mentions_of = DataLoader[str, list[MentionedConcept]](store.mentions_of)
        self.about_of = DataLoader[str, list[LinkedConcept]](store.about_of)
        self.related_of = DataLoader[str, list[Related]](store.related_of)
        self.posts_of = DataLoader[PostsAsked, list[str]](self._posts_of)
        self._counts = DataLoader[str, Counts](self._count)

    def counts(self) -> Awaitable[Counts]:
        """Return the counts of the graph."""
        return self._counts.load("")

    def node(self, key: str) -> Awaitable[AnyNode | None]:
        """Return a node of any kind; many that are asked for at once come together.

        Raises:
            UnknownIdError: The id has the form of none.
        """
        match kind_of(key):
            case NodeKind.POST:
                return self.posts.load(key)
            case NodeKind.INTENTION:
                return self.intentions.load(key)
            case NodeKind.CONCEPT:
                return self.concepts.load(key)

    async def _posts_of(self, asked: Sequence[PostsAsked]) -> list[list[str]]:
        """Ask once for each limit and filter: in most requests there is one of each."""
        found: dict[PostsAsked, list[str]] = {}
        for limit, where in dict.fromkeys((one.limit, one.where) for one in asked):
            alike = [one for one in asked if (one.limit, one.where) == (limit, where)]
            ids = [one.intention_id for one in alike]
            answer = await self._store.posts_of(ids, limit=limit, where=where)
            found.update(zip(alike, answer, strict=True))
        return [found[one] for one in asked]

    async def _count(self, asked: Sequence[str]) -> list[Counts]:
        return [await self._counted.counts()] * len(asked)
