"""What the nodes of a subgraph bring: read page by page, and refused as soon as it is too much."""

from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence, Set
from dataclasses import dataclass, field, replace
from itertools import chain
from typing import Final, TypeVar

import orjson

from kg.store import GraphStore
from schema.errors import QueryError
from schema.graph import Batch, Related, named

A = TypeVar("A")

NODES_LIMIT: Final = 20_000
"""Most nodes of a subgraph."""

READ_BYTES: Final = 64_000_000
"""Most that is read for one, as JSON: 20,000 nodes of usual posts are some 10 MB of lines, and a
text comes again with each relationship that is read."""

PAGE_ROWS: Final = 500
NARROWER: Final = "ask for fewer ids, for fewer posts of an intention, or for a narrower filter"
HUBS: Final = 50
"""Concepts in a page of commonsense: one may have tens of thousands of relationships."""


@dataclass(slots=True)
class Nodes:
    """Ids of the nodes of a subgraph; ``whole`` are the posts that bring all that they have."""

    whole: set[str] = field(default_factory=set[str])
    posts: set[str] = field(default_factory=set[str])
    intentions: set[str] = field(default_factory=set[str])
    concepts: set[str] = field(default_factory=set[str])

    def require_few(self) -> None:
        """Refuse a subgraph of too many nodes.

        Raises:
            QueryError: It has more than NODES_LIMIT.
        """
        nodes = len(self.posts) + len(self.intentions) + len(self.concepts)
        if nodes > NODES_LIMIT:
            raise QueryError(
                f"the subgraph has more than {NODES_LIMIT} nodes ({nodes} so far): {NARROWER}"
            )


@dataclass(slots=True)
class Reading:
    """Reads pages, and stops as soon as they are too much together."""

    store: GraphStore
    size_bytes: int = 0

    async def paged(
        self, ids: Iterable[str], read: Callable[[Sequence[str]], Awaitable[list[A]]]
    ) -> list[A]:
        """Return the answers for ids, in their rising order.

        Raises:
            QueryError: More than READ_BYTES were read.
        """
        found: list[A] = []
        for some in _pages(ids, PAGE_ROWS):
            page = await read(some)
            self.count(page)
            found += page
        return found

    def count(self, rows: Sequence[object]) -> None:
        """Count what was read.

        Raises:
            QueryError: It is more than READ_BYTES, together.
        """
        self.size_bytes += len(orjson.dumps(rows, default=dict))
        if self.size_bytes > READ_BYTES:
            raise QueryError(
                f"the subgraph is too large: over {READ_BYTES // 1_000_000} MB were read for it "
                f"so far; {NARROWER}"
            )


async def add_posts(store: GraphStore, nodes: Nodes, most: int) -> list[str]:
    """Add posts of the intentions that are asked for; return which have more."""
    more: list[str] = []
    for some in _pages(nodes.intentions, PAGE_ROWS):
        found = await store.posts_of(some, limit=most + 1)
        nodes.posts.update(chain.from_iterable(own[:most] for own in found))
        more += [i for i, own in zip(some, found, strict=True) if len(own) > most]
        nodes.require_few()
    return more


async def contents_of(reading: Reading, nodes: Nodes) -> Batch:
    """Read the nodes and all that they need; ``nodes`` has them all afterwards."""
    store, paged = reading.store, reading.paged
    held = _joined(await paged(nodes.posts, store.intentions_of))
    judged = _joined(await paged(nodes.posts, store.judgements_of))
    nodes.intentions |= {h.intention.id for h in held if h.has.post_id in nodes.whole}
    nodes.intentions |= {j.intention_id for j in judged if j.post_id in nodes.whole}
    nodes.require_few()
    mentioned = _joined(await paged(nodes.posts, store.mentions_of))
    linked = _joined(await paged(nodes.intentions, store.about_of))
    nodes.concepts |= {m.concept.id for m in mentioned if m.mentions.post_id in nodes.whole}
    nodes.concepts |= {link.concept.id for link in linked}
    nodes.require_few()
    return await _with_runs(
        reading,
        Batch(
            posts=_there(await paged(nodes.posts, store.posts)),
            intentions=_there(await paged(nodes.intentions, store.intentions)),
            concepts=_there(await paged(nodes.concepts, store.concepts)),
            has_intention=tuple(h.has for h in held if h.intention.id in nodes.intentions),
            judgements=tuple(j for j in judged if j.intention_id in nodes.intentions),
            mentions=tuple(m.mentions for m in mentioned if m.concept.id in nodes.concepts),
            about=tuple(link.about for link in linked),
            related=await _related(reading, nodes.concepts),
        ),
    )


async def _related(reading: Reading, concepts: Set[str]) -> tuple[Related, ...]:
    """Read commonsense between concepts; what leads elsewhere is dropped page by page."""
    found: list[Related] = []
    for some in _pages(concepts, HUBS):
        every = _joined(await reading.store.related_of(some))
        kept = [one for one in every if one.tail_id in concepts]
        reading.count(kept)
        found += kept
    return tuple(found)


async def _with_runs(reading: Reading, batch: Batch) -> Batch:
    runs = _there(await reading.paged(named(batch).runs, reading.store.runs))
    return replace(batch, runs=runs)


def _pages(ids: Iterable[str], rows: int) -> Iterator[Sequence[str]]:
    """Cut ids into pages, in rising order."""
    ordered = sorted(ids)
    return (ordered[first : first + rows] for first in range(0, len(ordered), rows))


def _there(nodes: Iterable[A | None]) -> tuple[A, ...]:
    return tuple(node for node in nodes if node is not None)


def _joined(lists: Iterable[Iterable[A]]) -> list[A]:
    return list(chain.from_iterable(lists))
