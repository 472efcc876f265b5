"""What several commands of ``annotate`` take, and how they read it."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from evaluation.annotation.reading import Reading

Batch = Annotated[Path, typer.Argument(help="A batch, as `miko annotate sample` draws it.")]
Judgements = Annotated[
    list[Path],
    typer.Argument(help="Label Studio exports, CSV sheets or files of judgements, mixed."),
]
OutJudgements = Annotated[Path, typer.Option("--out", help="The file of judgements.")]
JUDGEMENTS = Path("judgements.jsonl")


def read(
    files: list[Path], *, annotator: str = "", hidden: bool, kept: "Reading | None" = None
) -> "Reading":
    """Read files of judgements, and show how far it is (evaluation.annotation.reading)."""
    from evaluation.annotation.reading import read_judgements
    from ingest.progress import counting

    with counting("Reading", "records", hidden=hidden) as progress:
        return read_judgements(files, annotator=annotator, kept=kept, progress=progress)
