"""The results as sections of docs/benchmarks.md: a part that runs again replaces its own."""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from benchmarks.machine import machine

DOCUMENT: Final = Path("docs/benchmarks.md")


def section(name: str, title: str, *parts: str) -> None:
    """Print a section, and put it in the place of its last version."""
    text = "\n\n".join((f"## {title}", f"`python -m benchmarks {name}` on {machine()}.", *parts))
    marked = f"<!-- {name} -->\n{text}\n<!-- /{name} -->"
    held = DOCUMENT.read_text() if DOCUMENT.exists() else "# Benchmarks\n"
    place = re.compile(rf"<!-- {name} -->.*<!-- /{name} -->", re.DOTALL)
    if place.search(held):
        DOCUMENT.write_text(place.sub(lambda _: marked, held))
    else:
        DOCUMENT.write_text(f"{held.rstrip()}\n\n{marked}\n")
    print(text)


def quiet(_done: int, _total: int | None, _note: str = "", /) -> None:
    """Show no progress: the report is all."""


def table(head: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    """Return a Markdown table; numbers are to be formatted already."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(str(cell) for cell in line) + " |" for line in lines)
