"""The subgraph behind an answer: its nodes, what they need to be understood, and a manifest.

A post brings all that it has: its intentions, judgements and mentions. An intention brings posts
that have it, the first by rising id, with nothing but what they have of the subgraph, and what it
is about. Commonsense comes along between the concepts that are there; runs where something names
them. Embeddings do not: `miko embed` makes them.
"""

import hashlib
from dataclasses import dataclass, fields
from itertools import chain
from typing import Any, Final

from kg.contents import unchanged
from kg.deletion import now
from kg.manifest import Exported, licences_of, parts_of
from kg.store import GraphStore
from kg.subgraph_contents import Nodes, Reading, add_posts, contents_of
from schema.errors import QueryError, UnknownIdError
from schema.graph import EVERYTHING, Filter
from schema.nodes import NodeKind, kind_of
from schema.subgraph_lines import as_bytes, lines_of, require_loadable

NODES_ASKED: Final = 1_000
POSTS_OF: Final = 100


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


async def subgraph(store: GraphStore, wanted: Wanted) -> Exported:
    """Return the subgraph of some nodes: the same content gives the same bytes, on every store.

    Raises:
        QueryError: It asks for nothing, for too much, or is larger than is read (NODES_LIMIT and
            READ_BYTES in kg.subgraph_contents) or the lines allow (schema.subgraph.PARTS_LIMIT).
        UnknownIdError: An id names no node.
        StoreBusyError: The graph was written to meanwhile.
    """
    _check(wanted)
    async with unchanged(store, "exported") as version:
        nodes, more_pass = await _asked(store, wanted)
        more = await add_posts(store, nodes, wanted.posts)
        batch = await contents_of(Reading(store), nodes)
    lines = lines_of(batch)
    require_loadable(lines)
    content = b"".join(map(as_bytes, lines))
    return Exported(
        graph=await store.identity(),
        version=version,
        created=now(),
        counts={name: len(part) for name, part in parts_of(batch).items()},
        licences=licences_of(batch),
        more_posts_of=more,
        more_pass=more_pass,
        sha256=hashlib.sha256(content).hexdigest(),
        content=content,
        asked=_shown(wanted),
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


async def _asked(store: GraphStore, wanted: Wanted) -> tuple[Nodes, bool]:
    """Return the nodes that are asked for, and whether more posts pass."""
    if not wanted.ids:
        page = await store.ids(NodeKind.POST, where=wanted.where, limit=wanted.first)
        return Nodes(whole=set(page.ids), posts=set(page.ids)), page.more
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
    return Nodes(set(posts), posts, intentions, concepts), False


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
