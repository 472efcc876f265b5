"""A transformer encoder and one linear layer over the mean of its tokens, fine-tuned.

The only place of this folder that knows torch and transformers. Each epoch is seeded by itself and
leaves a checkpoint, so one that was stopped goes on to the numbers that it would have come to.
"""

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import torch
import transformers
from numpy.typing import NDArray

from evaluation.checkpoint import keep, kept
from evaluation.sarcasm.figures import cross_entropy
from evaluation.sarcasm.folds import Fold, Places
from evaluation.sarcasm.segments import Segments
from kg.sentence_embedder import PACKAGED, model_path, revision_of
from schema.errors import ModelLoadError

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Tick = Callable[[int, int], None]
"""Told the epoch, from 1, and how many examples of it are learnt from."""

WARM_UP: Final = 0.1
"""Share of the steps in which the rate of learning rises."""

DECAY: Final = 0.01
DROPOUT: Final = 0.1
LARGEST_GRADIENT: Final = 1.0
POOL_BATCHES: Final = 16
"""Batches that are cut together out of examples sorted by length, which spares padding."""


@dataclass(frozen=True, slots=True)
class Training:
    """How a classifier is trained.

    Attributes:
        epochs: Most passes over the examples.
        patience: Passes without a better validation, after which it is stopped.
        batch_rows: Examples a step.
        rate: Of learning, the highest.
    """

    epochs: int = 5
    patience: int = 2
    batch_rows: int = 32
    rate: float = 1e-4


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


class Encoder:
    """An encoder as it comes, to be fine-tuned any number of times."""

    def __init__(self, model: str) -> None:
        """Load its tokenizer.

        Args:
            model: Its folder, or PACKAGED; a name, where it may be downloaded or is there.

        Raises:
            ModelLoadError: It cannot be loaded.
        """
        os.environ.setdefault("HF_HUB_OFFLINE", "1")  # as kg.sentence_embedder
        transformers.utils.logging.disable_progress_bar()
        transformers.utils.logging.set_verbosity_error()
        path = model_path(model)
        self.name = model
        self._path = str(path) if path.exists() else model
        self.revision = revision_of(path)
        self.tokenizer: Any = self._loaded(transformers.AutoTokenizer)

    def fresh(self) -> Any:
        """Return the weights as they come."""
        return self._loaded(transformers.AutoModel)

    def _loaded(self, kind: Any) -> Any:
        try:
            return kind.from_pretrained(self._path)
        except (OSError, ValueError, RuntimeError, KeyError) as error:
            raise ModelLoadError(
                f"the encoder {self.name!r} cannot be loaded ({error}): give --encoder the "
                f"folder of a transformers model, or {PACKAGED}; HF_HUB_OFFLINE=0 lets a model be "
                "downloaded by its name"
            ) from error


class Classifier:
    """One classifier in training."""

    def __init__(self, encoder: Encoder, data: Data, how: Training, seed: int) -> None:
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
        state = _State(self._learnt(), self._optimizer(), self._steps(fold))
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

    def _epoch(self, train: Places, state: "_State", tick: Tick) -> None:
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


class _State:
    """How far a training is: what a checkpoint holds."""

    def __init__(self, learnt: dict[str, Any], optimizer: Any, steps: int) -> None:
        self._learnt = learnt
        self._optimizer = optimizer
        self._schedule: Any = torch.optim.lr_scheduler.OneCycleLR(
            optimizer,
            optimizer.param_groups[0]["lr"],
            total_steps=steps,
            pct_start=WARM_UP,
            anneal_strategy="linear",
            cycle_momentum=False,
        )
        self._best: dict[str, Any] = {}
        self.validations: list[float] = []

    def step(self, loss: Any) -> None:
        """Learn from one batch."""
        self._optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self._learnt.values(), LARGEST_GRADIENT)
        self._optimizer.step()
        self._schedule.step()

    def judge(self, validation: float) -> None:
        """Take note of an epoch; of equals the first is the best."""
        if validation < min(self.validations, default=float("inf")):
            self._best = {name: one.detach().clone() for name, one in self._learnt.items()}
        self.validations.append(validation)

    def is_over(self, how: Training) -> bool:
        """Say whether there is nothing more to learn."""
        done = len(self.validations)
        best = self.validations.index(min(self.validations)) + 1 if done else 0
        return done >= how.epochs or (done > 0 and done - best >= how.patience)

    def take_best(self) -> None:
        """Go back to the weights of the best epoch."""
        self._take(self._best)

    def save(self, path: Path) -> None:
        """Keep it, in one move."""
        state = {
            "learnt": self._learnt,
            "best": self._best,
            "optimizer": self._optimizer.state_dict(),
            "schedule": self._schedule.state_dict(),
            "validations": self.validations,
        }
        keep(path, state)

    def load(self, path: Path) -> None:
        """Take up what was kept, if anything was."""
        state = kept(path)
        if state is None:
            return
        self._take(state["learnt"])
        self._best = state["best"]
        self._optimizer.load_state_dict(state["optimizer"])
        self._schedule.load_state_dict(state["schedule"])
        self.validations = state["validations"]

    def _take(self, weights: dict[str, Any]) -> None:
        with torch.no_grad():
            for name, one in self._learnt.items():
                one.copy_(weights[name])
