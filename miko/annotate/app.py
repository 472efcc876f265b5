"""The commands ``annotate …``: from a batch drawn from the graph to judgements in it."""

import typer

from miko.annotate.batches import export, sample
from miko.annotate.decisions import adjudicate, agreement
from miko.annotate.judgements import import_judgements, judge, load

app = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode="rich",
    help="Judge intentions by people: draw a batch, judge it, compare, decide, load.\n\n"
    "[bold]Examples[/bold]\n\n"
    "  miko annotate sample --per-relation 50\n\n"
    "  miko annotate judge batch.jsonl --annotator alice\n\n"
    "  miko annotate agreement judgements.jsonl",
)
app.command()(sample)
app.command()(export)
app.command(name="import")(import_judgements)
app.command()(judge)
app.command()(agreement)
app.command()(adjudicate)
app.command()(load)
