"""The subgraph behind an answer: its nodes, what they need to be understood, and a manifest.

A post brings all that it has: its intentions, judgements and mentions. An intention brings posts
that have it, the first by rising id, with nothing but what they have of the subgraph, and what it
is about. Commonsense comes along between the concepts that are there; runs where something names
them. Embeddings do not: `miko embed` makes them.
"""

import hashlib
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field, fields, replace
from itertools import chain
from typing import Any, Final, TypeVar

import orjson

from kg.contents import unchanged
from kg.deletion import now
from kg.licences import attribution_of
from kg.store import GraphStore
from schema.errors import QueryError, UnknownIdError
from schema.graph import EVERYTHING, NO_RUN, Batch, Filter, Related, named
from schema.nodes import NodeKind, kind_of
from schema.subgraph import FORMAT, as_bytes, lines_of, require_loadable

A = TypeVar("A")

NODES_ASKED: Final = 1_000
POSTS_OF: Final = 100
NODES_LIMIT: Final = 20_000
"""Most nodes of a subgraph."""

READ_BYTES: Final = 64_000_000
"""Most that is read for one, as JSON: 20,000 nodes of usual posts are some 10 MB of lines, and a
text comes again with each relationship that is read."""

PAGE_ROWS: Final = 500
NARROWER: Final = "ask for fewer ids, for fewer posts of an intention, or for a narrower filter"
HUBS: Final = 50
"""Concepts in a page of commonsense: one may have tens of thousands of relationships."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a subgraph is to hold.

    Attributes:
        ids: Nodes of any kind, 1 to 1000; none where a filter says which.
        where: Without ids, posts that pass, the first by rising id.
        first: Most posts that pass, 1 to 1000.
        posts: Most posts that an intention among ``ids`` brings, 0 to 100.
    """

    ids: tuple[str, ...] = ()
    where: Filter = EVERYTHING
    first: int = 100
    posts: int = 10


@dataclass(frozen=True, slots=True)
class Licence:
    """Under which licence a part of a subgraph is, and whom to name.

    Attributes:
        of: The label or type.
        source: Of posts and commonsense their source, of what a run says its model, of judgements
            the annotator; empty where none is known.
        licence: As the source names it; None where the graph does not know it.
        attribution: Whom to name; None where that is not known.
        count: How many nodes or relationships.
    """

    of: str
    source: str
    licence: str | None
    attribution: str | None
    count: int


@dataclass(frozen=True, slots=True)
class Exported:
    """A subgraph as text, and what its manifest says.

    Attributes:
        manifest: The first line: what JSON can say.
        content: The other lines (schema.subgraph), of which ``sha256`` is the hash.
    """

    graph: str
    version: int
    created: str
    counts: Mapping[str, int]
    licences: Sequence[Licence]
    more_posts_of: Sequence[str]
    more_pass: bool
    sha256: str
    content: bytes
    asked: Mapping[str, Any] = field(default_factory=dict[str, Any])  # what JSON can say

    @property
    def manifest(self) -> dict[str, Any]:
        """Return the first line, as JSON has it."""
        return {
            "format": FORMAT,
            "created": self.created,
            "graph": self.graph,
            "version": self.version,
            "asked": self.asked,
            "counts": self.counts,
            "licences": [_told(one) for one in self.licences],
            "left_out": {"more_posts_of": self.more_posts_of, "more_pass": self.more_pass},
            "sha256": self.sha256,
            "size_bytes": len(self.content),
        }

    @property
    def lines(self) -> bytes:
        """Return all lines, the manifest first: what `miko load` takes."""
        return as_bytes(self.manifest) + self.content


@dataclass(slots=True)
class _Nodes:
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
class _Reading:
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


async def subgraph(store: GraphStore, wanted: Wanted) -> Exported:
    """Return the subgraph of some nodes: the same content gives the same bytes, on every store.

    Raises:
        QueryError: It asks for nothing, for too much, or is larger than NODES_LIMIT, READ_BYTES or
            the lines allow (schema.subgraph.PARTS_LIMIT).
        UnknownIdError: An id names no node.
        StoreBusyError: The graph was written to meanwhile.
    """
    _check(wanted)
    async with unchanged(store, "exported") as version:
        nodes, more_pass = await _asked(store, wanted)
        more = await _add_posts(store, nodes, wanted.posts)
        batch = await _contents(_Reading(store), nodes)
    lines = lines_of(batch)
    require_loadable(lines)
    content = b"".join(map(as_bytes, lines))
    return Exported(
        await store.identity(),
        version,
        now(),
        {name: len(part) for name, part in _parts(batch).items()},
        _licences(batch),
        more,
        more_pass,
        hashlib.sha256(content).hexdigest(),
        content,
        _shown(wanted),
    )


def _check(wanted: Wanted) -> None:
    if bool(wanted.ids) is not wanted.where.is_empty:
        raise QueryError("a subgraph is asked for by ids, or by a filter: give one of them")
    if len(wanted.ids) > NODES_ASKED:
        raise QueryError(f"ids has {len(wanted.ids)} values: at most {NODES_ASKED}")
    if not 1 <= wanted.first <= NODES_ASKED:
        raise QueryError(f"first is {wanted.first}: it is 1 to {NODES_ASKED}")
    if not 0 <= wanted.posts <= POSTS_OF:
        raise QueryError(f"posts is {wanted.posts}: it is 0 to {POSTS_OF}")


async def _asked(store: GraphStore, wanted: Wanted) -> tuple[_Nodes, bool]:
    """Return the nodes that are asked for, and whether more posts pass."""
    if not wanted.ids:
        page = await store.ids(NodeKind.POST, where=wanted.where, limit=wanted.first)
        return _Nodes(whole=set(page.ids), posts=set(page.ids)), page.more
    ids = {kind: [i for i in wanted.ids if kind_of(i) is kind] for kind in NodeKind}
    found = zip(
        chain.from_iterable(ids.values()),
        (
            *await store.posts(ids[NodeKind.POST]),
            *await store.intentions(ids[NodeKind.INTENTION]),
            *await store.concepts(ids[NodeKind.CONCEPT]),
        ),
        strict=True,
    )
    for node_id, node in found:
        if node is None:
            raise UnknownIdError(node_id)
    posts, intentions, concepts = (set(own) for own in ids.values())
    return _Nodes(set(posts), posts, intentions, concepts), False


async def _add_posts(store: GraphStore, nodes: _Nodes, most: int) -> list[str]:
    """Add posts of the intentions that are asked for; return which have more."""
    more: list[str] = []
    for some in _pages(nodes.intentions, PAGE_ROWS):
        found = await store.posts_of(some, limit=most + 1)
        nodes.posts.update(chain.from_iterable(own[:most] for own in found))
        more += [i for i, own in zip(some, found, strict=True) if len(own) > most]
        nodes.require_few()
    return more


async def _contents(reading: _Reading, nodes: _Nodes) -> Batch:
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


async def _related(reading: _Reading, concepts: Set[str]) -> tuple[Related, ...]:
    """Read commonsense between concepts; what leads elsewhere is dropped page by page."""
    found: list[Related] = []
    for some in _pages(concepts, HUBS):
        every = _joined(await reading.store.related_of(some))
        kept = [one for one in every if one.tail_id in concepts]
        reading.count(kept)
        found += kept
    return tuple(found)


async def _with_runs(reading: _Reading, batch: Batch) -> Batch:
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


def _parts(batch: Batch) -> dict[str, Sequence[object]]:
    """Return what a batch holds, by label and type; empty parts are left out."""
    parts: dict[str, Sequence[object]] = {
        "Run": batch.runs,
        "Concept": batch.concepts,
        "Intention": batch.intentions,
        "Post": batch.posts,
        "ABOUT": batch.about,
        "HAS_INTENTION": batch.has_intention,
        "Judgement": batch.judgements,
        "MENTIONS": batch.mentions,
        "RELATED": batch.related,
    }
    return {name: part for name, part in parts.items() if part}


def _licences(batch: Batch) -> list[Licence]:
    """Return what is known of licences: of posts and of what a run says, the graph knows none."""
    models = {run.id: run.model for run in batch.runs} | {NO_RUN: ""}
    counted = Counter[tuple[str, str, str | None]](
        chain(
            (("Post", post.source, None) for post in batch.posts),
            (("HAS_INTENTION", models[h.run_id], None) for h in batch.has_intention),
            (("MENTIONS", models[m.run_id], None) for m in batch.mentions),
            (("Judgement", judgement.annotator, None) for judgement in batch.judgements),
            (("RELATED", one.source, one.licence or None) for one in batch.related),
        )
    )
    return [
        Licence(of, source, licence, attribution_of(source) if of == "RELATED" else None, count)
        for (of, source, licence), count in sorted(
            counted.items(), key=lambda item: (item[0][0], item[0][1], item[0][2] or "")
        )
    ]


def _told(licence: Licence) -> dict[str, Any]:
    return {f.name: getattr(licence, f.name) for f in fields(licence)}


def _shown(wanted: Wanted) -> dict[str, Any]:
    if wanted.ids:
        return {"ids": list(wanted.ids), "posts": wanted.posts}
    return {"where": _filter(wanted.where), "first": wanted.first}


def _filter(where: Filter) -> dict[str, Any]:
    """Return a filter as JSON has it, without what it does not ask."""
    asked: dict[str, Any] = {}
    for one in fields(where):
        value: Any = getattr(where, one.name)
        if one.name in {"all_of", "any_of", "none_of"}:
            value = [_filter(part) for part in value]
        if value not in ((), [], None):
            asked[one.name] = value
    return asked
