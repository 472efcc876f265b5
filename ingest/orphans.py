"""What a subgraph's file holds on account of deleted posts alone: a load leaves it out.

Such a file has its nodes by themselves (schema.subgraph). The row of a post that was deleted since
it was written is rejected; what only this post had stands in rows of its own. Deletions are looked
up once, before the load: one that comes while the file is being loaded leaves its orphans.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence, Set
from dataclasses import replace
from typing import Final

from kg.store import GraphStore
from schema.graph import Batch, Named, named
from schema.nodes import Intention, Post

IDS: Final = 5_000
"""Ids that are looked up at a time."""

Read = Callable[[], AsyncIterator[Sequence[Batch]]]
"""Reads a file from its beginning: what its rows say, many at a time."""


async def orphans(store: GraphStore, read: Read) -> Set[str]:
    """Return the ids of intentions, concepts and runs that are not to be loaded.

    That is what a deletion takes (kg.deletion): what the file names for deleted posts, and neither
    for others nor for what stays, and what the graph does not have. The file is read once where no
    post of it was deleted, else four times; what is held of it is what the deleted posts had.
    """
    had = await _of_deleted(store, read)
    if not had.posts:
        return frozenset()
    intentions = set(had.intentions)
    async for batch in _batches(read):
        if batch.posts and not _has(batch.posts, had.posts):
            intentions -= named(batch).intentions
    intentions = await _missing(intentions, store.intentions)
    concepts, runs = set(had.concepts), set(had.runs)
    async for batch in _batches(read):
        if _has(batch.intentions, intentions):
            concepts |= named(batch).concepts
    async for batch in _batches(read):
        if not (_has(batch.posts, had.posts) or _has(batch.intentions, intentions)):
            # The row of a concept or a run says nothing of who needs it.
            kept = named(replace(batch, concepts=(), runs=()))
            concepts -= kept.concepts
            runs -= kept.runs
    concepts = await _missing(concepts, store.concepts)
    return intentions | concepts | await _missing(runs, store.runs)


async def _of_deleted(store: GraphStore, read: Read) -> Named:
    """Return the posts of a file that were deleted from the graph, and what they had there."""
    gone = Named(set[str](), set[str](), set[str](), set[str]())
    async for some in read():
        posts = [(post.id, batch) for batch in some for post in batch.posts]
        times = await store.deleted([post_id for post_id, _ in posts])
        had = [named(batch) for (_, batch), time in zip(posts, times, strict=True) if time]
        gone = Named(
            set(gone.posts).union(*(one.posts for one in had)),
            set(gone.intentions).union(*(one.intentions for one in had)),
            set(gone.concepts).union(*(one.concepts for one in had)),
            set(gone.runs).union(*(one.runs for one in had)),
        )
    return gone


async def _batches(read: Read) -> AsyncIterator[Batch]:
    async for some in read():
        for batch in some:
            yield batch


def _has(nodes: Sequence[Post] | Sequence[Intention], ids: Set[str]) -> bool:
    return any(node.id in ids for node in nodes)


async def _missing(
    ids: Set[str], read: Callable[[Sequence[str]], Awaitable[Sequence[object]]]
) -> set[str]:
    """Return the ids of which the graph has no node."""
    every, missing = sorted(ids), set[str]()
    for start in range(0, len(every), IDS):
        some = every[start : start + IDS]
        missing |= {i for i, node in zip(some, await read(some), strict=True) if node is None}
    return missing
