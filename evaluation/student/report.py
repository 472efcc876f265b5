"""What is written beside a student: its figures, the picture of its losses, its model card."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path
from string import Template
from typing import Any, Final, cast

import orjson

from evaluation.student.recipe import Recipe
from ingest.whole_file import write_whole
from schema.errors import InputError

FIGURES: Final = "student.json"
CURVE: Final = "loss.png"
CARD: Final = "README.md"
PACKAGES: Final = ("torch", "transformers", "peft")
SMOOTHED: Final = 10
"""Steps whose mean is a point of the curve."""


@dataclass(frozen=True, slots=True)
class Taught:
    """What a student was taught, and how it went.

    Attributes:
        id: Of model, recipe and lessons; MIKO_DISTILL_REVISION, where it distills.
        base: The model that was taught, by its folder's name.
        base_revision: The first digits of its weights' SHA-256.
        recipe: How.
        weights: How many were taught.
        lessons: How many answers were learnt.
        tails: How many tails in them were taken.
        unjudged: Tails that nobody judged are among them.
        held_out: How many posts were held out.
        near: Lessons left out as near duplicates of these.
        too_long: Lessons left out as too long.
        sources: How many lessons are of each source of posts.
        losses: Of each step, before it.
        seconds: How long the steps took.
    """

    id: str
    base: str
    base_revision: str
    recipe: Recipe
    weights: int
    lessons: int
    tails: int
    unjudged: bool
    held_out: int
    near: int
    too_long: int
    sources: dict[str, int]
    losses: Sequence[float]
    seconds: float


def known(folder: Path) -> dict[str, Any] | None:
    """Return the figures of the student in a folder, None where there is no finished one.

    Raises:
        InputError: They cannot be read.
    """
    path = folder / FIGURES
    if not path.exists():
        return None
    try:
        told: Any = orjson.loads(path.read_bytes())
    except (OSError, orjson.JSONDecodeError) as error:
        raise InputError(f"{path} cannot be read: remove it, or name another --out") from error
    if not isinstance(told, dict) or "id" not in told:
        raise InputError(f"{path} tells of no student: remove it, or name another --out")
    return cast("dict[str, Any]", told)


def write(found: Taught, folder: Path) -> None:
    """Write the curve, the card and, last of all, the figures."""
    _draw(found.losses, folder / CURVE)
    write_whole(folder / CARD, card(found).encode())
    write_whole(folder / FIGURES, orjson.dumps(asdict(found), option=orjson.OPT_INDENT_2))


def _draw(losses: Sequence[float], path: Path) -> None:
    from matplotlib.figure import Figure

    figure: Any = Figure(figsize=(8, 4.5), layout="constrained")
    axes = figure.subplots()
    steps = range(1, len(losses) + 1)
    axes.plot(steps, losses, color="0.75", label="each step")
    axes.plot(steps, smoothed(losses), color="tab:blue", label=f"mean of {SMOOTHED}")
    axes.set(xlabel="step", ylabel="loss, nats a token", title="What the student lost on its way")
    axes.legend()
    axes.grid(alpha=0.3)
    figure.savefig(path, dpi=120)


def smoothed(losses: Sequence[float]) -> list[float]:
    """Return the mean of each step and those before it, SMOOTHED at most."""
    windows = [losses[max(0, n + 1 - SMOOTHED) : n + 1] for n in range(len(losses))]
    return [sum(window) / len(window) for window in windows]


def card(found: Taught) -> str:
    """Return the model card, in Markdown with the fields that model hubs read."""
    template = Template((files("evaluation.student") / "card.md").read_text("utf-8"))
    numbers = {
        name: f"{value:,}" for name, value in asdict(found).items() if isinstance(value, int)
    }
    return template.substitute(
        numbers
        | {name: f"{value:g}" for name, value in asdict(found.recipe).items()}
        | {
            "id": found.id,
            "base": found.base,
            "base_revision": found.base_revision or "revision unknown",
            "judged": "accepted by people" + (" or judged by nobody" if found.unjudged else ""),
            "sources": ", ".join(f"{s} ({n:,})" for s, n in sorted(found.sources.items())),
            "steps": f"{len(found.losses):,}",
            "first": f"{found.losses[0]:.3f}",
            "last": f"{smoothed(found.losses)[-1]:.3f}",
            "seconds": f"{found.seconds:,.0f}",
            "packages": ", ".join(f"{name} {version(name)}" for name in PACKAGES),
        }
    )
