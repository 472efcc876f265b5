"""A whole graph in pages, in one order: the same content gives the same pages from every store.

Nodes come before the relationships between them, so that each page can be written as it comes.
"""

from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from enum import StrEnum
from functools import partial
from itertools import chain
from typing import Final, TypeVar

from kg.pages import pages
from kg.store import Counts, GraphStore, Page, Vector
from schema.errors import StoreBusyError
from schema.graph import Batch
from schema.nodes import NodeKind

T = TypeVar("T")

PAGE_ROWS: Final = 2_000
"""Nodes in a page: 20,000 intentions of posts, 3 MB of embeddings."""


class Part(StrEnum):
    """What a page holds, in the order of the pages; the nodes of each by rising id."""

    RUNS = "runs"
    CONCEPTS = "concepts"
    INTENTIONS = "intentions, with ABOUT"
    POSTS = "posts, with HAS_INTENTION, MENTIONS and judgements"
    RELATED = "RELATED, by concept"


KIND: Final = {
    Part.CONCEPTS: NodeKind.CONCEPT,
    Part.INTENTIONS: NodeKind.INTENTION,
    Part.POSTS: NodeKind.POST,
    Part.RELATED: NodeKind.CONCEPT,
}


@dataclass(frozen=True, slots=True)
class Place:
    """Where a page is: its part, and the ids of the nodes that it is about."""

    part: Part
    ids: tuple[str, ...]

    @property
    def kind(self) -> NodeKind | None:
        """Return the kind of its nodes; None for runs."""
        return KIND.get(self.part)


@dataclass(frozen=True, slots=True)
class Contents:
    """What a page holds.

    Attributes:
        batch: Its nodes and relationships; the other ends are in earlier pages.
        embeddings: Of its nodes, by id; those that have none are left out.
    """

    batch: Batch
    embeddings: Mapping[str, Vector] = field(default_factory=dict[str, Vector])


@asynccontextmanager
async def unchanged(store: GraphStore, done: str) -> AsyncGenerator[int]:
    """Give the version of a graph that is to be read page by page, and hold it to that.

    Args:
        store: The graph.
        done: What is done with it, for the message.

    Raises:
        StoreBusyError: At the end: it was written to.
    """
    version = await store.version()
    yield version
    if await store.version() != version:
        raise StoreBusyError(
            f"the graph was written to while it was {done}: end what writes there, and run this "
            "again"
        )


async def places(store: GraphStore) -> AsyncGenerator[Place]:
    """Say where each page is: no page is read, so those that are not wanted cost little."""
    for part in Part:
        async for ids in pages(partial(_ids, store, part)):
            yield Place(part, tuple(ids))


def rows_of(counts: Counts) -> int:
    """Return how many ids the places of a graph name, together."""
    return sum(counts.nodes.values()) + counts.nodes[NodeKind.CONCEPT]


async def contents(store: GraphStore, place: Place) -> Contents:
    """Read a page."""
    match place.part:
        case Part.RUNS:
            return Contents(Batch(runs=_there(await store.runs(place.ids))))
        case Part.CONCEPTS:
            batch = Batch(concepts=_there(await store.concepts(place.ids)))
        case Part.INTENTIONS:
            batch = await _intentions(store, place.ids)
        case Part.POSTS:
            batch = await _posts(store, place.ids)
        case Part.RELATED:
            return Contents(Batch(related=_joined(await store.related_of(place.ids))))
    found = await store.embeddings(KIND[place.part], place.ids)
    pairs = zip(place.ids, found, strict=True)
    return Contents(batch, {i: vector for i, vector in pairs if vector is not None})


async def _ids(store: GraphStore, part: Part, after: str) -> Page:
    if part is Part.RUNS:
        return await store.run_ids(after=after, limit=PAGE_ROWS)
    return await store.ids(KIND[part], after=after, limit=PAGE_ROWS)


async def _intentions(store: GraphStore, ids: Sequence[str]) -> Batch:
    linked = _joined(await store.about_of(ids))
    return Batch(
        intentions=_there(await store.intentions(ids)), about=tuple(link.about for link in linked)
    )


async def _posts(store: GraphStore, ids: Sequence[str]) -> Batch:
    held = _joined(await store.intentions_of(ids))
    mentioned = _joined(await store.mentions_of(ids))
    return Batch(
        posts=_there(await store.posts(ids)),
        has_intention=tuple(one.has for one in held),
        mentions=tuple(one.mentions for one in mentioned),
        judgements=_joined(await store.judgements_of(ids)),
    )


def _there(nodes: Sequence[T | None]) -> tuple[T, ...]:
    return tuple(node for node in nodes if node is not None)


def _joined(lists: Sequence[Sequence[T]]) -> tuple[T, ...]:
    return tuple(chain.from_iterable(lists))
