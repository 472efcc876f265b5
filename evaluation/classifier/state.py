"""How far the training of a classifier is, from one epoch to the next."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import torch

from evaluation.checkpoint import keep, kept

WARM_UP: Final = 0.1
"""Share of the steps in which the rate of learning rises."""

LARGEST_GRADIENT: Final = 1.0


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


class State:
    """Weights, optimizer and what validation said: what a checkpoint holds."""

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
