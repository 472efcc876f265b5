"""A progress bar on standard error, where a person looks on."""

from collections.abc import Callable, Generator
from contextlib import contextmanager
from typing import Protocol

from rich.console import Console
from rich.progress import (
    BarColumn,
    Progress,
    SpinnerColumn,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)

Report = Callable[[int, int | None], None]
"""Told how much is done, and of how much where that is known."""


class NotingReport(Protocol):
    """A report that may say a few words more."""

    def __call__(self, done: int, total: int | None, note: str = "", /) -> None:
        """Tell how much is done."""
        ...


@contextmanager
def counting(what: str, unit: str, *, hidden: bool = False) -> Generator[NotingReport]:
    """Show how many of a unit are done, what is noted, and how long it will take."""
    console = Console(stderr=True)
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn(f"{{task.completed:,.0f}} {unit}{{task.fields[note]}}"),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=console, disable=hidden or not console.is_terminal) as bar:
        task = bar.add_task(what, total=None, note="")

        def report(done: int, total: int | None, note: str = "", /) -> None:
            bar.update(task, completed=done, total=total, note=f", {note}" if note else "")

        yield report
