"""Ranked answers: search, similar nodes and posts by intention, each a page."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Generic, TypeVar

from strawberry.dataloader import DataLoader

from api.concepts import Concept
from api.context import Context
from api.explaining import Why, said_by
from api.ids import key_of_kind
from api.intentions import Intention
from api.node import Node
from api.pages import (
    Connection,
    Edge,
    EvidenceConnection,
    EvidenceEdge,
    Page,
    Paging,
    Planned,
    Results,
)
from api.posts import Post
from kg.by_intention import posts_by_intention
from kg.fusion import Scheme
from kg.ranking import RESULT_LIMIT, SearchHit, Slice, Window
from kg.search import depth_of, limit_of, search, similar, similar_depth
from schema import nodes
from schema.errors import QueryError
from schema.graph import EVERYTHING, Filter
from schema.nodes import NodeKind
from schema.relations import Relation
from schema.search import Ranker

D = TypeVar("D", bound=nodes.Post | nodes.Intention | nodes.Concept)
N = TypeVar("N", bound=Node)


@dataclass(frozen=True, slots=True)
class Target(Generic[D, N]):
    """The nodes that are looked for: their kind, how they are loaded, how GraphQL shows them.

    Those alone that pass ``where``, where nodes are ranked.
    """

    kind: NodeKind
    loader: DataLoader[str, D | None]
    show: Callable[[D], N]
    where: Filter = EVERYTHING

    def slice(self, window: Window) -> Slice:
        """Return a page of them."""
        return Slice(self.kind, self.where, window)


def posts(context: Context, where: Filter = EVERYTHING) -> Target[nodes.Post, Post]:
    """Look for posts."""
    return Target(NodeKind.POST, context.loaders.posts, Post.of, where)


def intentions(context: Context, where: Filter = EVERYTHING) -> Target[nodes.Intention, Intention]:
    """Look for intentions."""
    return Target(NodeKind.INTENTION, context.loaders.intentions, Intention.of, where)


def concepts(context: Context, where: Filter = EVERYTHING) -> Target[nodes.Concept, Concept]:
    """Look for concepts."""
    return Target(NodeKind.CONCEPT, context.loaders.concepts, Concept.of, where)


async def searched(
    context: Context,
    target: Target[D, N],
    text: str,
    *,
    scheme: Scheme,
    paging: Paging,
) -> Connection[N]:
    """Return a page of the nodes that a text finds."""
    source = context.source
    results = Results(
        context.question("search", target.kind, text, scheme, target.where),
        limit_of(scheme),
        lambda window: search(
            source.store, source.embedder, text, target.slice(window), scheme=scheme
        ),
    )
    page = await results.page(paging)
    depth = depth_of(scheme, page.ranking.offset + paging.first)
    by_meaning = Ranker.MEANING in scheme.weights
    planned = Planned(target.kind, depth, target.where) if by_meaning else None
    return await connection(target, page, asked=text, planned=planned)


async def similar_to(
    context: Context, target: Target[D, N], node_id: str, *, paging: Paging
) -> Connection[N]:
    """Return a page of the nodes of a kind that are similar to one of them.

    Raises:
        UnknownIdError: The id is of no such node.
    """
    key = key_of_kind(target.kind, node_id)
    results = Results(
        context.question("similar", key, target.where),
        RESULT_LIMIT,
        lambda window: similar(context.source.store, key, where=target.where, window=window),
    )
    page = await results.page(paging)
    depth = similar_depth(page.ranking.offset + paging.first)
    planned = Planned(target.kind, depth, target.where)
    return await connection(target, page, planned=planned)


async def by_intention(
    context: Context,
    relations: Sequence[Relation],
    *,
    about: str | None,
    where: Filter,
    paging: Paging,
) -> EvidenceConnection:
    """Return a page of posts that have an intention of some relations.

    Raises:
        QueryError: The filter names relations as well.
    """
    if where.relations:
        raise QueryError("leave relations and side out of where: arguments of their own say which")
    source, said = context.source, replace(where, relations=tuple(relations))
    results = Results(
        context.question("by intention", relations, about, where),
        RESULT_LIMIT,
        lambda window: posts_by_intention(
            source.store, source.embedder, about, where=said, window=window
        ),
    )
    page = await results.page(paging)
    found = await context.loaders.posts.load_many([hit.post_id for hit in page.hits])
    edges = [
        EvidenceEdge(
            cursor=cursor,
            node=Post.of(post),
            evidence=Intention.of(hit.intention),
            similarity=hit.similarity,
        )
        for hit, post, cursor in zip(page.hits, found, page.cursors, strict=True)
        if post is not None
    ]
    depth = page.ranking.offset + paging.first + 1
    planned = Planned(NodeKind.INTENTION, depth, said)
    return EvidenceConnection(
        planned=None if about is None else planned,
        edges=edges,
        page_info=page.info,
        page=page,
    )


async def connection(
    target: Target[D, N], page: Page[SearchHit], *, asked: str = "", planned: Planned | None
) -> Connection[N]:
    """Return a page of a ranking with its nodes.

    Args:
        target: What is ranked.
        page: The page.
        asked: The text that was asked for, if one was.
        planned: What a plan would be of, if the search was by meaning.
    """
    found = await target.loader.load_many([hit.id for hit in page.hits])
    edges = [
        Edge(
            cursor=cursor,
            node=target.show(node),
            similarity=hit.similarity,
            relevance=hit.relevance,
            score=hit.score,
            why=Why(hit, asked, said_by(node)),
        )
        for hit, node, cursor in zip(page.hits, found, page.cursors, strict=True)
        if node is not None
    ]
    return Connection(
        planned=planned,
        edges=edges,
        page_info=page.info,
        page=page,
    )
