"""What turns text into embeddings: search embeds a query with the model that embedded the nodes."""

from collections.abc import Sequence
from typing import Protocol

from kg.store import EmbeddingModel, Vector


class Embedder(Protocol):
    """A sentence-embedding model."""

    @property
    def model(self) -> EmbeddingModel:
        """Name, revision and dimensions."""
        ...

    async def embed(self, texts: Sequence[str]) -> Vector:
        """Return one unit embedding a text, (n, dimensions) float32; n may be 0."""
        ...
