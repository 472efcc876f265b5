"""A sentence encoder fine-tuned so that what answers a text lies near it.

The loss is the softmax over the other answers of the batch (van den Oord et al., Representation
Learning with Contrastive Predictive Coding, 2018), those of the same post left out. The only place
of this folder that knows torch and sentence-transformers.
"""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import torch
from sentence_transformers import SentenceTransformer
from transformers.utils.logging import disable_progress_bar

from evaluation.checkpoint import keep, kept
from evaluation.folders import claim
from evaluation.searching.examples import TextPair
from ingest.progress import Report
from kg.packaged import PACKAGED
from kg.sentence_embedder import model_path, revision_of
from schema.errors import InputError
from schema.text import digest

SCALE: Final = 20.0
"""Inverse of the softmax's temperature."""

LONGEST: Final = 64
"""Most tokens of a text while it is trained: nearly all posts and tails have fewer."""

KEPT_EVERY: Final = 20
"""Steps after which what was learnt is kept: a stop loses these at most."""

STATE: Final = "unfinished.pt"


@dataclass(frozen=True, slots=True)
class Tuning:
    """How an encoder is fine-tuned.

    Attributes:
        epochs: Passes over the examples.
        batch_rows: Examples a step.
        rate: Of learning, at the start; it falls to 0 in a line.
        seed: Of the order of the examples and of dropout.
    """

    epochs: int = 1
    batch_rows: int = 64
    rate: float = 5e-5
    seed: int = 0


def fine_tune(given: Sequence[TextPair], folder: Path, how: Tuning, progress: Report) -> None:
    """Fine-tune the packaged model, and keep it in a folder that MIKO_EMBEDDER_MODEL may name.

    Safe to stop and to run again: it goes on where it was, and does nothing once it is done.

    Raises:
        InputError: The folder holds something else, an encoder of another model, recipe or
            examples among it; or there is nothing to learn from.
    """
    if not given:
        raise InputError("nothing that people accepted is left to learn from: judge more posts")
    base = model_path(PACKAGED)
    told = (f"{e.asking}\x1f{e.answer}" for e in given)
    claim(folder, digest(PACKAGED, revision_of(base), str(how), *told), "--tuned")
    if (folder / "modules.json").exists():
        return
    os.environ.setdefault("HF_HUB_OFFLINE", "1")
    disable_progress_bar()  # the caller shows what takes its time
    encoder = SentenceTransformer(str(base), device="cpu")
    longest, encoder.max_seq_length = encoder.max_seq_length, LONGEST
    encoder.train()
    _train(encoder, _batches(given, how), how, (folder / STATE, progress))
    encoder.max_seq_length = longest
    encoder.save(str(folder), create_model_card=False)
    (folder / STATE).unlink(missing_ok=True)


def _batches(given: Sequence[TextPair], how: Tuning) -> list[list[TextPair]]:
    """Return the batches of all epochs; the same seed, the same ones."""
    chance = np.random.default_rng(how.seed)
    orders: list[list[int]] = [chance.permutation(len(given)).tolist() for _ in range(how.epochs)]
    return [
        [given[n] for n in order[start : start + how.batch_rows]]
        for order in orders
        for start in range(0, len(order), how.batch_rows)
    ]


def _train(
    encoder: SentenceTransformer,
    batches: Sequence[Sequence[TextPair]],
    how: Tuning,
    place: tuple[Path, Report],
) -> None:
    state, progress = place
    chance: Any = torch.random  # as the rest here: torch's own types have gaps
    optimizer: Any = torch.optim.AdamW(encoder.parameters(), lr=how.rate)
    first = _taken_up(encoder, optimizer, state)
    for step, batch in enumerate(batches[first:], start=first):
        chance.manual_seed(how.seed + step)
        for group in optimizer.param_groups:
            group["lr"] = how.rate * (1 - step / len(batches))
        optimizer.zero_grad()
        loss: Any = _loss(encoder, batch)
        loss.backward()
        optimizer.step()
        progress(step + 1, len(batches))
        if (step + 1) % KEPT_EVERY == 0:
            held = {"encoder": encoder.state_dict(), "optimizer": optimizer.state_dict()}
            keep(state, held | {"step": step + 1})


def _loss(encoder: SentenceTransformer, batch: Sequence[TextPair]) -> torch.Tensor:
    asking = _embedded(encoder, [example.asking for example in batch])
    answers = _embedded(encoder, [example.answer for example in batch])
    posts = [example.post_id for example in batch]
    others = torch.tensor([[a == b for b in posts] for a in posts])
    others.fill_diagonal_(fill_value=False)
    alike = (SCALE * asking @ answers.T).masked_fill(others, -torch.inf)
    return torch.nn.functional.cross_entropy(alike, torch.arange(len(batch)))


def _embedded(encoder: SentenceTransformer, texts: list[str]) -> torch.Tensor:
    parts: Any = encoder  # its methods are typed in part only
    found: Any = parts(parts.preprocess(texts))
    return torch.nn.functional.normalize(found["sentence_embedding"], dim=1)


def _taken_up(encoder: SentenceTransformer, optimizer: torch.optim.Optimizer, state: Path) -> int:
    held = kept(state)
    if held is None:
        return 0
    encoder.load_state_dict(held["encoder"])
    optimizer.load_state_dict(held["optimizer"])
    return int(held["step"])
