"""The commands that move a graph: ``copy``, ``export``."""

import shlex
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ingest.command import DEFAULT_STORE, Json, Store
from miko import show
from miko.running import answer, graph

if TYPE_CHECKING:
    from ingest.copy import CopyReport
    from ingest.export import ExportReport


class ExportFormat(StrEnum):
    """What reads an export."""

    NEO4J_ADMIN = "neo4j-admin"


def copy(
    source: Annotated[str, typer.Argument(help="Address of the graph to copy.")],
    target: Annotated[str, typer.Argument(help="Address to copy it to; made where it is not.")],
    json: Json = False,
) -> None:
    """Copy a graph to another store, embeddings included; safe to stop and to run again.

    [bold]Examples[/bold]

      miko copy sqlite:///miko.db bolt://127.0.0.1:7687

      miko copy bolt://127.0.0.1:7687 sqlite:///back.db --json

    What the target has stays and takes what the source adds. MIKO_STORE_USER, _PASSWORD and
    _DATABASE are those of every Neo4j named: between two with different logins, copy by way of
    a file.
    """
    report = answer(lambda: _copy(source, target, hidden=json))
    if json:
        show.value({"written": dict(report.written.counts), "embedded": report.embedded})
        return
    changes = ", ".join(f"{n:,} {name}" for name, n in report.written.counts.items())
    typer.echo(f"Added or changed: {changes or 'nothing'}; {report.embedded:,} embeddings")


def export(
    folder: Annotated[Path, typer.Argument(help="Where to; made where it is not.")],
    format_name: Annotated[
        ExportFormat, typer.Option("--format", help="What is to read it.")
    ] = ExportFormat.NEO4J_ADMIN,
    store: Store = DEFAULT_STORE,
    json: Json = False,
) -> None:
    """Write the graph as files that `neo4j-admin database import full` reads.

    [bold]Examples[/bold]

      miko export exported --format neo4j-admin

      miko export exported --format neo4j-admin --store bolt://127.0.0.1:7687 --json

    The same content gives the same bytes, from either store.
    """
    del format_name  # there is one
    report = answer(lambda: _export(folder, store, hidden=json))
    if json:
        show.value({"folder": str(folder), "rows": dict(report.rows)})
        return
    for name, rows in report.rows.items():
        typer.echo(f"{rows:>12,} {name}")
    typer.echo("Next, where the Neo4j server is, while it does not run:")
    typer.echo(f"  cd {shlex.quote(str(folder))} && {report.command}")
    typer.echo("then start the server, and make its indexes: `miko setup --store URL`")


async def _copy(source: str, target: str, *, hidden: bool) -> "CopyReport":
    from ingest import copy as copying
    from ingest.progress import counting
    from kg.connect import connect, one_address
    from kg.settings import StoreSettings
    from schema.errors import InputError

    address = one_address(source)
    if address == one_address(target):
        raise InputError(f"{source} and {target} are one graph: name another target")
    with counting("Copying", "nodes", hidden=hidden) as progress:
        async with graph(source) as read, connect(StoreSettings(url=target)) as written:
            return await copying.copy(read, written, address=address, progress=progress)


async def _export(folder: Path, store: str, *, hidden: bool) -> "ExportReport":
    from ingest import export as exporting
    from ingest.progress import counting
    from kg.neo4j.admin_files import AdminFiles

    with counting("Exporting", "nodes", hidden=hidden) as progress:
        async with graph(store) as read:
            return await exporting.export(read, folder, AdminFiles, progress=progress)
