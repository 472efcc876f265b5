"""Deleting a post, and the receipt: what went, what stayed and why, and that nothing finds it."""

import hashlib
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Final

from kg import facets
from kg.deletion import Deletion, Stayed, require_post_id
from kg.facets import Subject
from kg.store import GraphStore, Vector
from schema.errors import DeletedPostError, StoreError, UnknownIdError
from schema.facets import Facet
from schema.graph import Batch, Filter
from schema.nodes import NodeKind, Post, kind_of
from schema.subgraph_lines import as_bytes, lines_of

LOOKED_AT: Final = 10
"""Hits of a search that are looked at: a post is its own best."""

NAMES: Final = {
    "posts": "Post",
    "intentions": "Intention",
    "concepts": "Concept",
    "runs": "Run",
    "has_intention": "HAS_INTENTION",
    "judgements": "Judgement",
    "mentions": "MENTIONS",
    "about": "ABOUT",
}


@dataclass(frozen=True, slots=True)
class Removed:
    """How many of a label or type went with a post."""

    name: str
    count: int


@dataclass(frozen=True, slots=True)
class Check:
    """Whether a way to the post was seen to lead nowhere; not where the store did not answer."""

    name: str
    passed: bool


@dataclass(frozen=True, slots=True)
class Receipt:
    """What is told of a deletion. It holds no text, but the id: keep it as personal data.

    Attributes:
        post_id: The post.
        time: When it was deleted, ISO 8601, UTC.
        graph: What the graph is named.
        version_before: The graph's, before.
        version: The graph's, afterwards.
        removed: What went, by label and type; ``embedding`` last.
        stayed: What the post had and others hold, by rising id.
        text_sha256: Of the post's text as UTF-8, in hex.
        sha256: Of the post's line as a subgraph that was asked for the post itself holds it
            (kg.subgraph), without its end, in hex: who kept one can show that this is the post.
        checks: How it was looked for afterwards.
        purged: Whether the store's files were cleared as well (GraphStore.purge).
        left: Where bytes of it may be left, each with the way out.
    """

    post_id: str
    time: str
    graph: str
    version_before: int
    version: int
    removed: Sequence[Removed]
    stayed: Sequence[Stayed]
    text_sha256: str
    sha256: str
    checks: Sequence[Check]
    purged: bool = False
    left: Sequence[str] = ("unused space of the graph's files and indexes: run `miko purge`",)

    @property
    def is_verified(self) -> bool:
        """Whether nothing finds the post."""
        return all(check.passed for check in self.checks)

    def after_purge(self, left: Sequence[str]) -> "Receipt":
        """Return the receipt once the store was purged."""
        return replace(self, purged=True, left=tuple(left))


async def delete_post(store: GraphStore, post_id: str) -> Receipt:
    """Delete a post, look for it, and return the receipt, which cannot be had again.

    Raises:
        UnknownIdError, DeletedPostError: As GraphStore.delete_post.
    """
    require_post_id(post_id)
    graph = await store.identity()
    (embedding,) = await store.embeddings(NodeKind.POST, [post_id])
    deletion = await store.delete_post(post_id)
    (post,) = deletion.removed.posts
    return Receipt(
        post_id,
        deletion.time,
        graph,
        deletion.version_before,
        deletion.version,
        _counted(deletion),
        deletion.stayed,
        _sha256(post.text.encode()),
        line_sha256(deletion.removed),
        await _checks(store, post, deletion.stayed, embedding),
    )


async def require_there(store: GraphStore, post_ids: Sequence[str]) -> None:
    """Refuse posts that cannot be deleted.

    Raises:
        UnknownIdError, DeletedPostError: As GraphStore.delete_post, of the first of them.
    """
    for post_id in post_ids:
        require_post_id(post_id)
    found = zip(post_ids, await store.posts(post_ids), await store.deleted(post_ids), strict=True)
    for post_id, post, time in found:
        if time is not None:
            raise DeletedPostError(post_id, time)
        if post is None:
            raise UnknownIdError(post_id)


def line_sha256(removed: Batch) -> str:
    """Return the SHA-256 of a post's line without its end, in hex."""
    whole = Batch(
        posts=removed.posts,
        has_intention=removed.has_intention,
        judgements=removed.judgements,
        mentions=removed.mentions,
    )
    (line,) = lines_of(whole)
    return _sha256(as_bytes(line).rstrip(b"\n"))


def _counted(deletion: Deletion) -> tuple[Removed, ...]:
    """Return what went, without what there was none of."""
    counts = [Removed(name, len(getattr(deletion.removed, part))) for part, name in NAMES.items()]
    counts.append(Removed("embedding", deletion.embeddings))
    return tuple(one for one in counts if one.count)


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


async def _checks(
    store: GraphStore, post: Post, stayed: Sequence[Stayed], embedding: Vector | None
) -> tuple[Check, ...]:
    looks: dict[str, Callable[[], Awaitable[bool]]] = {
        "no node and no embedding has the id": partial(_is_gone, store, post.id),
        "no relationship begins at it": partial(_has_nothing, store, post.id),
        "no shared intention leads to it": partial(_is_left, store, post.id, stayed),
        "no listing holds it": partial(_is_unlisted, store, post.id),
        "no search by its own words finds it": partial(_is_unmatched, store, post),
        "no search by its own embedding finds it": partial(_is_far, store, post.id, embedding),
        "facets count what is there": partial(_is_uncounted, store, post.source),
    }
    return tuple([Check(name, await _is_shown(look)) for name, look in looks.items()])


async def _is_shown(look: Callable[[], Awaitable[bool]]) -> bool:
    """Look; a store that cannot answer shows nothing, and the receipt must not be lost by it."""
    try:
        return await look()
    except StoreError:
        return False


async def _is_gone(store: GraphStore, post_id: str) -> bool:
    found = (*await store.posts([post_id]), *await store.embeddings(NodeKind.POST, [post_id]))
    return all(one is None for one in found)


async def _has_nothing(store: GraphStore, post_id: str) -> bool:
    lists = (
        *await store.intentions_of([post_id]),
        *await store.mentions_of([post_id]),
        *await store.judgements_of([post_id]),
    )
    return not any(lists)


async def _is_left(store: GraphStore, post_id: str, stayed: Sequence[Stayed]) -> bool:
    shared = [one for one in stayed if kind_of(one.id) is NodeKind.INTENTION]
    most = max((one.posts for one in shared), default=0) + 1
    found = await store.posts_of([one.id for one in shared], limit=most)
    return not any(post_id in own for own in found)


async def _is_unlisted(store: GraphStore, post_id: str) -> bool:
    page = await store.ids(NodeKind.POST, after=_before(post_id), limit=1)
    return post_id not in page.ids


def _before(post_id: str) -> str:
    """Return a text just before an id: a list behind it begins with the id, if it is there."""
    last = ord(post_id[-1]) - 1
    before = chr(last) if not 0xD800 <= last < 0xE000 else "\ud7ff"
    return f"{post_id[:-1]}{before}\U0010ffff"


async def _is_unmatched(store: GraphStore, post: Post) -> bool:
    text = post.text or post.image_description
    hits = await store.match(NodeKind.POST, text, LOOKED_AT)
    return post.id not in {hit.id for hit in hits}


async def _is_far(store: GraphStore, post_id: str, embedding: Vector | None) -> bool:
    if embedding is None:
        return True
    hits = await store.nearest(NodeKind.POST, embedding / _length(embedding), LOOKED_AT)
    return post_id not in {hit.id for hit in hits}


def _length(embedding: Vector) -> float:
    """Return a length: at half precision it is not quite 1."""
    return float((embedding @ embedding) ** 0.5) or 1.0


async def _is_uncounted(store: GraphStore, source: str) -> bool:
    """Compare two ways to count a source's posts: with a filter, a facet makes no columns."""
    of_source = Filter(sources=(source,))
    found = await facets.facet(store, Subject(NodeKind.POST, Facet.SOURCE), of_source)
    return dict(found.counts).get(source, 0) == found.nodes
