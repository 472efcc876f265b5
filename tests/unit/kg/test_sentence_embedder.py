"""The embedding model is one, whoever asks and however soon they stop waiting."""

import asyncio
import shutil
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, cast

import numpy as np
import pytest

from kg.packaged import PACKAGED
from kg.sentence_embedder import SentenceEmbedder, model_path, sentence_embedder
from kg.settings import EmbedderSettings
from kg.store import EmbeddingModel, Vector
from schema.errors import ModelLoadError

pytestmark = pytest.mark.anyio


class SlowEncoder:
    """Takes its time, and notes how many calls ran at once."""

    def __init__(self) -> None:
        self.running = 0
        self.most = 0

    def encode(self, texts: Sequence[str], **_: object) -> Vector:
        self.running += 1
        self.most = max(self.most, self.running)
        time.sleep(0.2)
        self.running -= 1
        return np.ones((len(texts), 2), np.float32)


async def test_a_call_that_was_given_up_runs_to_its_end_before_the_next() -> None:
    encoder = SlowEncoder()
    # It has the one method that is called.
    embedder = SentenceEmbedder(cast("Any", encoder), EmbeddingModel("slow", "1", 2), 8)
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.05):
            await embedder.embed(["a"])

    embedding = await embedder.embed(["b"])

    assert encoder.most == 1
    assert embedding.shape == (1, 2)


async def test_weights_that_are_cut_off_are_told(tmp_path: Path) -> None:
    broken = tmp_path / "broken"
    shutil.copytree(model_path(PACKAGED), broken)
    with (broken / "model.safetensors").open("r+b") as weights:
        weights.truncate(10_000)

    with pytest.raises(ModelLoadError, match="set MIKO_EMBEDDER_MODEL"):
        async with sentence_embedder(EmbedderSettings(model=str(broken))):
            pass
