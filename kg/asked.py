"""What is asked, checked, and its embedding."""

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


async def embedded(store: GraphStore, embedder: Embedder | None, text: str) -> Vector:
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
    return (await embedder.embed([text]))[0]


async def embedding_of(store: GraphStore, node_id: str) -> Vector:
    """Return the embedding of a node.

    Raises:
        UnknownIdError: There is no such node.
        QueryError: It has no embedding.
    """
    kind = kind_of(node_id)
    (embedding,) = await store.embeddings(kind, [node_id])
    if embedding is None:
        raise await _why_missing(store, kind, node_id)
    return embedding


async def _why_missing(store: GraphStore, kind: NodeKind, node_id: str) -> QueryError:
    read = {
        NodeKind.POST: store.posts,
        NodeKind.INTENTION: store.intentions,
        NodeKind.CONCEPT: store.concepts,
    }[kind]
    if (await read([node_id]))[0] is None:
        return UnknownIdError(node_id)
    return QueryError(f"{node_id!r} has no embedding yet: run `miko embed`")
