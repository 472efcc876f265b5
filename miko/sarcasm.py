"""The command that tells sarcasm with and without intentions: ``sarcasm``."""

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from evaluation.sarcasm.terms import Parting
from ingest.command import Json
from kg.packaged import PACKAGED
from miko.running import answer, graph, waiting

if TYPE_CHECKING:
    from evaluation.sarcasm.compare import Comparison, Study, StudyDesign
    from evaluation.sarcasm.knowledge import Knowledge
    from evaluation.sarcasm.posts import LabelledPost

TOKENS = (64, 96, 192)


def sarcasm(
    folder: Annotated[
        Path, typer.Argument(help="MMSD2.0: a folder of train.json, valid.json and test.json.")
    ],
    intentions: Annotated[
        list[Path] | None,
        typer.Option(
            help="File, or folder of files, with intentions and image descriptions, in any format "
            "that `miko load` reads; may repeat."
        ),
    ] = None,
    store: Annotated[
        str | None,
        typer.Option(metavar="URL", help="Take intentions and descriptions from this graph."),
    ] = None,
    inputs: Annotated[
        list[str] | None,
        typer.Option(
            help="Parts to tell from, as text+intentions; may repeat. Unless told, text alone, or "
            "every combination where intentions are given."
        ),
    ] = None,
    parting: Annotated[
        Parting,
        typer.Option(
            help="Measure on the published test split, or crossed, on each post once; auto takes "
            "the first where 100 test posts have all that is asked for."
        ),
    ] = Parting.AUTO,
    folds: Annotated[int, typer.Option(min=2, max=20, help="Where it is crossed.")] = 5,
    seeds: Annotated[int, typer.Option(min=1, max=100, help="Trainings of each input.")] = 3,
    encoder: Annotated[
        str, typer.Option(help="Folder of a transformers model to fine-tune.")
    ] = PACKAGED,
    epochs: Annotated[int, typer.Option(min=1, max=100, help="Most passes over the posts.")] = 5,
    patience: Annotated[
        int, typer.Option(min=1, max=100, help="Passes that validation may gain nothing.")
    ] = 2,
    batch_size: Annotated[int, typer.Option(min=1, max=1024, help="Posts a step.")] = 32,
    rate: Annotated[
        float, typer.Option(min=1e-7, max=0.1, help="Highest rate of learning.")
    ] = 1e-4,
    tokens: Annotated[
        tuple[int, int, int],
        typer.Option(help="Most tokens of text, of description, and of intentions."),
    ] = TOKENS,
    limit: Annotated[
        int | None, typer.Option(min=32, help="Most posts to learn from, drawn at random.")
    ] = None,
    resamples: Annotated[
        int, typer.Option(min=100, max=100_000, help="Of posts, for the intervals.")
    ] = 2_000,
    keep: Annotated[
        Path, typer.Option(help="Folder where finished trainings are kept, without any text or id.")
    ] = Path("sarcasm"),
    out: Annotated[Path | None, typer.Option(help="Write the tables here.")] = None,
    json: Json = False,
) -> None:
    """Tell sarcasm from text, image description and intentions, and say what intentions add.

    [bold]Examples[/bold]

      miko sarcasm mmsd --inputs text --seeds 1

      miko sarcasm mmsd --intentions records.jsonl --out sarcasm.md

      miko sarcasm mmsd --store sqlite:///miko.db --inputs text --inputs text+intentions --json

    All inputs are compared on the same posts: those that have every part that one of them asks
    for. Ctrl-C loses one epoch at most; the same command goes on from there.
    """
    from evaluation.bootstrap import Resampling
    from evaluation.sarcasm.compare import StudyDesign
    from evaluation.sarcasm.parts import EVERY, Budgets, Part, inputs_of
    from evaluation.sarcasm.posts import read_posts
    from ingest.whole_file import check_new

    chosen = list(dict.fromkeys(map(inputs_of, inputs or ())))
    known = EVERY if intentions or store else ((Part.TEXT,),)
    posts = read_posts(folder)
    knowledge = answer(lambda: _knowledge(posts, intentions or [], store, hidden=json))
    from evaluation.classifier.state import Training  # after what may be refused at once

    design = StudyDesign(
        chosen or known,
        seeds,
        parting,
        folds,
        limit,
        Budgets(*tokens),
        Training(epochs, patience, batch_size, rate),
        Resampling(resamples),
    )
    study = _study(posts, knowledge, design, encoder)
    if out is not None and not study.is_trained(keep):
        check_new(out)
    _print(_compared(study, keep, hidden=json), out, as_json=json)


async def _knowledge(
    posts: "list[LabelledPost]", files: list[Path], store: str | None, *, hidden: bool
) -> "Knowledge":
    """Return what files or a graph say of the posts."""
    from evaluation.sarcasm.knowledge import (
        Knowledge,
        files_of,
        known_by_files,
        known_by_graph,
    )
    from ingest.progress import counting
    from schema.errors import InputError

    if files and store:
        raise InputError("take intentions by --intentions or by --store, not by both")
    if store:
        with counting("Asking the graph", "posts", hidden=hidden) as progress:
            async with graph(store) as opened:
                return await known_by_graph(opened, [post.id for post in posts], progress)
    if not files:
        return Knowledge({})
    with counting("Reading", "files", hidden=hidden) as progress:
        return known_by_files(files_of(files), {post.id for post in posts}, progress)


def _study(
    posts: "list[LabelledPost]", knowledge: "Knowledge", design: "StudyDesign", encoder: str
) -> "Study":
    from evaluation.classifier.encoder import PretrainedEncoder
    from evaluation.sarcasm.compare import Study

    return Study(posts, knowledge, design, PretrainedEncoder(encoder))


def _compared(study: "Study", keep: Path, *, hidden: bool) -> "Comparison":
    from ingest.progress import counting

    with waiting("Checking that ids are no features"):
        study.check_blind()
    with counting("Training", "posts", hidden=hidden) as progress:
        return study.compared(keep, progress)


def _print(found: "Comparison", out: Path | None, *, as_json: bool) -> None:
    import orjson

    from evaluation.sarcasm.markdown import markdown
    from ingest.whole_file import write_new

    text = (
        orjson.dumps(asdict(found), option=orjson.OPT_INDENT_2).decode() + "\n"
        if as_json
        else markdown(found)
    )
    if out is None:
        typer.echo(text, nl=False)
        return
    write_new(out, text.encode())
    typer.echo(f"{found.report.posts:,} posts measured: {out}")
