"""How the steps are divided among the workers of a cluster."""

from collections.abc import Sequence
from dataclasses import dataclass

from ingest.distill.steps import Step


@dataclass(frozen=True, slots=True)
class Stage:
    """Some steps, and by how many workers at most they are taken; None for one an accelerator."""

    steps: tuple[Step, ...]
    workers: int | None = None


def stages_of(text: str, steps: Sequence[Step]) -> tuple[Stage, ...]:
    """Return the stages that a text names: ``4`` for one stage, or ``extract=2,infer=6``.

    Raises:
        ValueError: It names another step than those, or no number.
    """
    if not text:
        return (Stage(tuple(steps)),)
    if "=" not in text:
        return (Stage(tuple(steps), _number(text)),)
    parts = [part.partition("=") for part in text.split(",")]
    numbers = {name.strip(): _number(number) for name, _, number in parts}
    if numbers.keys() != set(steps) or len(parts) > len(steps):
        raise ValueError(f"give one number for each of {', '.join(steps)}, as {steps[0]}=2")
    return tuple(Stage((step,), numbers[step]) for step in steps)


def _number(text: str) -> int:
    if not (text.strip().isdecimal() and int(text) > 0):
        raise ValueError(f"{text.strip()!r} is no number of workers")
    return int(text)
