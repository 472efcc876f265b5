"""A transformer encoder and one linear layer over the mean of its tokens, fine-tuned.

Each epoch is seeded by itself and leaves a checkpoint, so one that was stopped goes on to the
numbers that it would have come to.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import torch

from evaluation.bootstrap import Floats
from evaluation.classifier.encoder import PretrainedEncoder
from evaluation.classifier.segments import Segments
from evaluation.classifier.state import State, Training
from evaluation.folds import Places
from evaluation.measures import Flags

Tick = Callable[[int, int], None]
"""Told the epoch, from 1, and how many examples of it are learnt from."""

DECAY: Final = 0.01
DROPOUT: Final = 0.1
POOL_BATCHES: Final = 16
"""Batches that are cut together out of examples sorted by length, which spares padding."""

LEAST: Final = 1e-7
"""A probability is taken for so much at least, where its logarithm is asked."""


@dataclass(frozen=True, slots=True)
class Data:
    """Examples as an encoder reads them: n segments, and n labels."""

    segments: Segments
    labels: Flags


class Classifier:
    """One classifier in training."""

    def __init__(self, encoder: PretrainedEncoder, data: Data, how: Training, seed: int) -> None:
        torch.default_generator.manual_seed(seed)
        body = encoder.fresh()
        head = torch.nn.Linear(body.config.hidden_size, 1)
        self._model: Any = torch.nn.ModuleDict({"body": body, "head": head})
        # A row of the word embeddings is in few batches; to step all of them takes long.
        body.get_input_embeddings().requires_grad_(requires_grad=False)
        self._padding = int(encoder.tokenizer.pad_token_id or 0)
        self._data = data
        self._how = how
        self._seed = seed

    def fit(self, train: Places, valid: Places, checkpoint: Path, tick: Tick) -> list[float]:
        """Train, stop where validation gains no more, and take the weights of the best epoch.

        Args:
            train: Examples to learn from.
            valid: Examples that stop the learning.
            checkpoint: Where each epoch is kept, and stays: to fit again from there takes up the
                weights at once.
            tick: Told of each step.

        Returns:
            Cross-entropy on the validation part after each epoch; the least is the best.
        """
        state = State(self._learnt(), self._optimizer(), self._steps(train))
        state.load(checkpoint)
        while not state.is_over(self._how):
            self._epoch(train, state, tick)
            told = self.estimates(self._data.segments.at(valid))
            state.judge(cross_entropy(self._data.labels[valid], told))
            state.save(checkpoint)
        state.take_best()
        return state.validations

    def estimates(self, segments: Segments) -> Floats:
        """Return how probably the label of each is yes, (n,)."""
        self._model.eval()
        found = np.empty(len(segments.lengths))
        order = np.argsort(segments.lengths, kind="stable")
        with torch.inference_mode():
            for start in range(0, len(order), 4 * self._how.batch_rows):
                rows = order[start : start + 4 * self._how.batch_rows]
                logits = self._logits(segments.at(rows))
                found[rows] = torch.sigmoid(logits).double().numpy()
        return found

    def _epoch(self, train: Places, state: State, tick: Tick) -> None:
        epoch = len(state.validations) + 1
        torch.default_generator.manual_seed(self._seed * 1_000 + epoch)
        rng = np.random.default_rng((self._seed, epoch))
        self._model.train()
        done = 0
        for rows in self._batches(train, rng):
            labels = torch.tensor(self._data.labels[rows].tolist(), dtype=torch.float32)
            loss: Any = torch.nn.functional.binary_cross_entropy_with_logits(
                self._logits(self._data.segments.at(rows)), labels
            )
            state.step(loss)
            done += len(rows)
            tick(epoch, done)

    def _logits(self, segments: Segments) -> Any:
        batch = self._padded(segments)
        with torch.autocast("cpu", torch.bfloat16):
            hidden = self._model["body"](**batch).last_hidden_state
        mask = batch["attention_mask"].unsqueeze(-1)
        mean = (hidden.float() * mask).sum(1) / mask.sum(1)
        dropped = torch.nn.functional.dropout(mean, DROPOUT, training=self._model.training)
        return self._model["head"](dropped).squeeze(1)

    def _padded(self, segments: Segments) -> dict[str, Any]:
        width = max(segments.lengths)
        return {
            name: torch.tensor(
                [
                    own + [self._padding if name == "input_ids" else 0] * (width - len(own))
                    for own in column
                ]
            )
            for name, column in segments.columns.items()
        }

    def _batches(self, train: Places, rng: np.random.Generator) -> Iterator[Places]:
        """Yield the examples in batches of like length, in an order of chance."""
        size = self._how.batch_rows
        lengths = np.array(self._data.segments.lengths)
        shuffled = rng.permutation(train)
        batches: list[Places] = []
        for start in range(0, len(shuffled), size * POOL_BATCHES):
            pool = shuffled[start : start + size * POOL_BATCHES]
            ranked = pool[np.argsort(lengths[pool], kind="stable")]
            batches += [ranked[at : at + size] for at in range(0, len(ranked), size)]
        for number in rng.permutation(len(batches)):
            yield batches[int(number)]

    def _steps(self, train: Places) -> int:
        return -(-len(train) // self._how.batch_rows) * self._how.epochs

    def _learnt(self) -> dict[str, Any]:
        """Return the weights that are learnt, by name."""
        return {name: one for name, one in self._model.named_parameters() if one.requires_grad}

    def _optimizer(self) -> Any:
        return torch.optim.AdamW(
            [one for _, one in sorted(self._learnt().items())],
            lr=self._how.rate,
            weight_decay=DECAY,
        )


def cross_entropy(labels: Flags, estimates: Floats) -> float:
    """Return the mean cross-entropy, in nats; unlike an area, it sees that the threshold is off."""
    right = np.where(labels, estimates, 1 - estimates)
    return float(-np.log(np.maximum(right, LEAST)).mean())
