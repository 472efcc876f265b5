"""Embedding what has none: resumable, safe to run twice, nothing written is lost."""

from typing import Final

from ingest.progress import Report
from kg.embedder import Embedder
from kg.store import GraphStore
from schema.nodes import NodeKind

CHUNK_ROWS: Final = 4_096
"""Nodes that are embedded between two writes: a stop loses at most these."""


async def embed(
    store: GraphStore,
    embedder: Embedder,
    *,
    replace: bool = False,
    chunk_rows: int = CHUNK_ROWS,
    progress: Report,
) -> int:
    """Embed every node that has no embedding, then bring the indexes up to date.

    Args:
        store: The graph.
        embedder: The model.
        replace: Drop the embeddings of another model first. A stop and another run with this
            goes on where it was.
        chunk_rows: Nodes between two writes.
        progress: Told after each chunk.

    Returns:
        How many nodes were embedded.

    Raises:
        EmbeddingModelError: The graph was embedded by another model, and is to keep it.
    """
    if replace and await store.model() != embedder.model:
        await store.replace_model(embedder.model)
    await store.require_model(embedder.model)
    counts = await store.counts()
    done = sum(counts.embedded.values())
    total = sum(counts.nodes[kind] for kind in NodeKind)
    before = done
    for kind in NodeKind:
        while rows := await store.unembedded(kind, limit=chunk_rows):
            embeddings = await embedder.embed([text for _, text in rows])
            await store.put_embeddings(kind, [node_id for node_id, _ in rows], embeddings)
            done += len(rows)
            progress(done, total)
    await store.refresh()
    return done - before
