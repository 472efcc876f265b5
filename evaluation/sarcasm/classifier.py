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
from numpy.typing import NDArray

from evaluation.bootstrap import Floats
from evaluation.sarcasm.encoder import PretrainedEncoder
from evaluation.sarcasm.figures import cross_entropy
from evaluation.sarcasm.folds import Fold, Places
from evaluation.sarcasm.segments import Segments
from evaluation.sarcasm.state import State, Training

Flags = NDArray[np.bool_]
Tick = Callable[[int, int], None]
"""Told the epoch, from 1, and how many examples of it are learnt from."""

DECAY: Final = 0.01
DROPOUT: Final = 0.1
POOL_BATCHES: Final = 16
"""Batches that are cut together out of examples sorted by length, which spares padding."""


@dataclass(frozen=True, slots=True)
class Data:
    """Examples as an encoder reads them: n segments, and n labels."""

    segments: Segments
    labels: Flags


@dataclass(frozen=True, slots=True)
class Told:
    """What a trained classifier says.

    Attributes:
        test: Probability that each example of the test part is sarcastic.
        validations: Cross-entropy on the validation part after each epoch; the least is taken.
    """

    test: Floats
    validations: tuple[float, ...]


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

    def fit(self, fold: Fold, checkpoint: Path, tick: Tick) -> Told:
        """Train, stop where validation gains no more, and tell of the test part.

        Args:
            fold: The parts.
            checkpoint: Where each epoch is kept; removed at the end.
            tick: Told of each step.
        """
        state = State(self._learnt(), self._optimizer(), self._steps(fold))
        state.load(checkpoint)
        while not state.is_over(self._how):
            self._epoch(fold.train, state, tick)
            valid = self.estimates(fold.valid)
            state.judge(cross_entropy(self._data.labels[fold.valid], valid))
            state.save(checkpoint)
        state.take_best()
        told = Told(self.estimates(fold.test), tuple(state.validations))
        checkpoint.unlink(missing_ok=True)
        return told

    def estimates(self, places: Places) -> Floats:
        """Return how probably each of these examples is sarcastic."""
        self._model.eval()
        found = np.empty(len(places))
        order = np.argsort([self._data.segments.lengths[int(p)] for p in places], kind="stable")
        with torch.inference_mode():
            for start in range(0, len(places), 4 * self._how.batch_rows):
                rows = order[start : start + 4 * self._how.batch_rows]
                found[rows] = torch.sigmoid(self._logits(places[rows])).double().numpy()
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
                self._logits(rows), labels
            )
            state.step(loss)
            done += len(rows)
            tick(epoch, done)

    def _logits(self, rows: Places) -> Any:
        batch = self._padded(rows)
        with torch.autocast("cpu", torch.bfloat16):
            hidden = self._model["body"](**batch).last_hidden_state
        mask = batch["attention_mask"].unsqueeze(-1)
        mean = (hidden.float() * mask).sum(1) / mask.sum(1)
        dropped = torch.nn.functional.dropout(mean, DROPOUT, training=self._model.training)
        return self._model["head"](dropped).squeeze(1)

    def _padded(self, rows: Places) -> dict[str, Any]:
        width = max(self._data.segments.lengths[int(row)] for row in rows)
        return {
            name: torch.tensor(
                [
                    own + [self._padding if name == "input_ids" else 0] * (width - len(own))
                    for own in (column[int(row)] for row in rows)
                ]
            )
            for name, column in self._data.segments.columns.items()
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

    def _steps(self, fold: Fold) -> int:
        return -(-len(fold.train) // self._how.batch_rows) * self._how.epochs

    def _learnt(self) -> dict[str, Any]:
        """Return the weights that are learnt, by name."""
        return {name: one for name, one in self._model.named_parameters() if one.requires_grad}

    def _optimizer(self) -> Any:
        return torch.optim.AdamW(
            [one for _, one in sorted(self._learnt().items())],
            lr=self._how.rate,
            weight_decay=DECAY,
        )
