"""MIKO's GraphQL over HTTP, the vectors of the texts given.

``python -m benchmarks.served STORE_URL VECTORS PORT``: the text "17" has row 17 of the file.
"""

import sys
from collections.abc import Sequence

import anyio
import numpy as np
import uvicorn

from api.app import create_app
from api.command import listening_at
from api.settings import ApiSettings
from benchmarks.generated import MODEL
from kg.connect import connect
from kg.settings import StoreSettings
from kg.store import EmbeddingModel, Vector


class Numbered:
    """An embedder of texts that are numbers of rows."""

    def __init__(self, vectors: Vector) -> None:
        self._vectors = vectors

    @property
    def model(self) -> EmbeddingModel:
        """Of the generated graph."""
        return MODEL

    async def embed(self, texts: Sequence[str]) -> Vector:
        """Return the rows."""
        return self._vectors[[int(text) for text in texts]]


async def main() -> None:
    """Serve until the process is ended."""
    url, vectors, port = sys.argv[1:]
    async with connect(StoreSettings(url=url), create=False) as store:
        app = create_app(store, Numbered(np.load(vectors)), ApiSettings())
        config = uvicorn.Config(
            app, log_level="warning", access_log=False, lifespan="off", ws="none"
        )
        await uvicorn.Server(config).serve([listening_at("127.0.0.1", int(port))])


if __name__ == "__main__":
    anyio.run(main)
