"""The ``miko`` command: every part's subcommands, and the one place where errors end."""

import sys
from typing import Any

import typer
from typer.core import TyperGroup

from api.command import register as register_serve
from ingest.command import embed, load
from ingest.distill.command import distill
from miko.annotate.app import app as annotate
from miko.bench_models import bench_models
from miko.delete import delete, purge
from miko.demo import demo
from miko.eval_search import eval_search
from miko.find import posts, search, similar
from miko.keep import reindex, setup, stats
from miko.move import copy, export
from miko.neo4j_server import neo4j
from miko.part import subgraph
from miko.plausibility import plausibility
from miko.sarcasm import sarcasm
from miko.train_student import train_student
from miko.walk import paths
from schema.errors import MikoError, OptionError
from schema.faults import reason_of

STOPPED = 130
SETTINGS = "Settings"
"""How the classes of settings end: MIKO_STORE_TIMEOUT_S is timeout_s of StoreSettings."""


class Commands(TyperGroup):
    """Says what went wrong in a line, and with which exit code."""

    def invoke(self, ctx: Any) -> Any:  # typer keeps the type of its context to itself
        """Run a subcommand."""
        try:
            return super().invoke(ctx)
        except OptionError as error:
            # Told as typer tells of its own, with the usage of the command.
            name = ctx.invoked_subcommand
            of = typer.Context(self.commands[name], info_name=name, parent=ctx)
            raise typer.BadParameter(error.reason, ctx=of, param_hint=error.name) from error
        except (MikoError, ValueError) as error:
            typer.echo(f"miko: {_message(error)}", err=True)
            raise typer.Exit(1) from error
        except KeyboardInterrupt as error:
            typer.echo(
                "miko: stopped; what was written is kept, the same command goes on from there",
                err=True,
            )
            raise typer.Exit(STOPPED) from error


app = typer.Typer(
    name="miko",
    cls=Commands,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
    context_settings={"help_option_names": ["-h", "--help"]},
    help="A knowledge graph of why people post: distill, load, embed, search, traverse, serve.\n\n"
    "Begin with [bold]miko demo[/bold]. The graph is the file miko.db in this folder; "
    "--store or MIKO_STORE_URL name another.",
    epilog="Exit codes: 0 done, 1 error, 2 wrong usage, 3 loaded but some rows were rejected, "
    "or distilled but some posts set aside, 130 stopped.",
)
for command in (
    demo,
    setup,
    distill,
    load,
    embed,
    search,
    similar,
    posts,
    paths,
    plausibility,
    eval_search,
    bench_models,
    train_student,
    sarcasm,
    stats,
    reindex,
    copy,
    export,
    subgraph,
    delete,
    purge,
    neo4j,
):
    app.command()(command)
register_serve(app)
app.add_typer(annotate, name="annotate")


def _message(error: MikoError | ValueError) -> str:
    """Return what an error says; of a setting, the variable that is wrong."""
    if isinstance(error, MikoError):
        return str(error)
    from pydantic import ValidationError  # slow, and imported already where there is one

    if not isinstance(error, ValidationError) or not error.title.endswith(SETTINGS):
        raise error
    prefix = f"MIKO_{error.title.removesuffix(SETTINGS).upper()}_"
    faults = error.errors(include_url=False, include_input=False, include_context=False)
    return "; ".join(f"{prefix}{str(f['loc'][0]).upper()}: {reason_of(f)}" for f in faults)


def main() -> None:
    """Run the command line."""
    sys.exit(app())
