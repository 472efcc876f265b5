"""What is asked, checked, and its embedding."""

from collections.abc import Iterable, Sequence

from kg.embedder import Embedder
from kg.store import GraphStore, Vector
from schema.errors import EmbeddingModelError, QueryError, UnknownIdError
from schema.nodes import NodeKind, kind_of
from schema.text import flaw


def check_text(text: str) -> None:
    """Refuse a text that nothing can be found by.

    Raises:
        QueryError: It is empty, too long or no text.
    """
    reason = flaw(text) if text.strip() else "is empty"
    if reason is not None:
        raise QueryError(f"the text to search for {reason}")


async def embedded(
    store: GraphStore, embedder: Embedder | None, texts: Sequence[str]
) -> list[Vector]:
    """Embed what is asked; another process may have replaced the model since the store opened.

    Raises:
        QueryError: There is no embedder.
        EmbeddingModelError: The graph was embedded by another model.
    """
    if embedder is None:
        raise QueryError("a search by meaning needs an embedding model: search by text instead")
    stored = await store.model()
    if stored is not None and stored != embedder.model:
        raise EmbeddingModelError(str(stored), str(embedder.model))
    return list(await embedder.embed(texts))


async def embeddings_of(store: GraphStore, node_ids: Sequence[str]) -> list[Vector]:
    """Return the embeddings of nodes of any kinds, in their order.

    Raises:
        UnknownIdError: There is no such node.
        QueryError: It has no embedding.
    """
    found: dict[str, Vector] = {}
    kinds = {node_id: kind_of(node_id) for node_id in node_ids}
    for kind in dict.fromkeys(kinds.values()):
        own = [node_id for node_id in kinds if kinds[node_id] is kind]
        for node_id, embedding in zip(own, await store.embeddings(kind, own), strict=True):
            if embedding is None:
                raise await _why_missing(store, kind, node_id)
            found[node_id] = embedding
    return [found[node_id] for node_id in node_ids]


async def known_embeddings(
    store: GraphStore, kind: NodeKind, node_ids: Iterable[str]
) -> dict[str, Vector]:
    """Return the embeddings that there are, by rising id: a sum depends on its order."""
    ids = sorted(set(node_ids))
    found = await store.embeddings(kind, ids)
    return {i: one for i, one in zip(ids, found, strict=True) if one is not None}


async def _why_missing(store: GraphStore, kind: NodeKind, node_id: str) -> QueryError:
    read = {
        NodeKind.POST: store.posts,
        NodeKind.INTENTION: store.intentions,
        NodeKind.CONCEPT: store.concepts,
    }[kind]
    if (await read([node_id]))[0] is None:
        return UnknownIdError(node_id)
    return QueryError(f"{node_id!r} has no embedding yet: run `miko embed`")
