"""Embedding on a Ray cluster: the same embedder, once a worker, behind the same protocol."""

from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from typing import Final

import anyio
import numpy as np

from ingest.cluster import Remote, cause_of, library
from ingest.in_order import in_order
from kg.embedder import Embedder
from kg.sentence_embedder import sentence_embedder
from kg.settings import EmbedderSettings
from kg.store import EmbeddingModel, Vector
from schema.errors import ClusterError

PART_ROWS: Final = 1024
"""Texts that go to a worker together."""

AT_A_TIME: Final = 2
"""Parts that a worker has: one to embed, and one that waits."""


class ClusterEmbedder:
    """Embeds on many machines at a time (kg.embedder.Embedder).

    What a worker had when it died is given to it again when it is back.
    """

    def __init__(self, workers: Sequence[Remote], model: EmbeddingModel) -> None:
        self._workers = workers
        self._model = model

    @property
    def model(self) -> EmbeddingModel:
        return self._model

    async def embed(self, texts: Sequence[str]) -> Vector:
        """Embed; the parts go round the workers.

        Raises:
            ClusterError: The cluster fails.
        """
        parts = [texts[start : start + PART_ROWS] for start in range(0, len(texts), PART_ROWS)]
        found = [np.empty((0, self._model.dimensions), np.float32)]

        async def embedded(numbered: tuple[int, Sequence[str]]) -> Vector:
            number, part = numbered
            return await self._workers[number % len(self._workers)].embed.remote(part)

        async def done(embeddings: Vector) -> None:
            found.append(embeddings)

        at_a_time = AT_A_TIME * len(self._workers)
        try:
            await in_order(enumerate(parts), embedded, done, concurrency=at_a_time)
        except library().exceptions.RayError as error:
            raise cause_of(error) from error
        return np.concatenate(found)


@asynccontextmanager
async def cluster_embedder(
    settings: EmbedderSettings, workers: int
) -> AsyncGenerator[ClusterEmbedder]:
    """Start so many workers on the cluster to which this process is connected.

    Raises:
        ModelLoadError: The model cannot be loaded there.
        ClusterError: The cluster fails, or its nodes have different models.
    """
    ray = library()
    kind = ray.remote(max_restarts=-1, max_task_retries=-1)(_Worker)
    some = [kind.options(scheduling_strategy="SPREAD").remote(settings) for _ in range(workers)]
    try:
        models = [await one for one in [worker.model.remote() for worker in some]]
        if len(set(models)) > 1:
            raise ClusterError(
                "the nodes have different models of that name, whose embeddings cannot be "
                "compared: put the same one on each"
            )
        yield ClusterEmbedder(some, models[0])
    except ray.exceptions.RayError as error:
        raise cause_of(error) from error
    finally:
        for worker in some:
            ray.kill(worker)


class _Worker:
    """An embedder on a node; its process holds it open to the end."""

    def __init__(self, settings: EmbedderSettings) -> None:
        self._opening = sentence_embedder(settings)
        self._one = anyio.Lock()
        self._embedder: Embedder | None = None

    async def model(self) -> EmbeddingModel:
        return (await self._opened()).model

    async def embed(self, texts: Sequence[str]) -> Vector:
        return await (await self._opened()).embed(texts)

    async def _opened(self) -> Embedder:
        async with self._one:
            if self._embedder is None:
                self._embedder = await self._opening.__aenter__()
            return self._embedder
