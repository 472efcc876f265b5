"""The command that starts a Neo4j server for development: ``neo4j``."""

from contextlib import AsyncExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from miko.running import answer, waiting

if TYPE_CHECKING:
    from kg.settings import Neo4jSettings


def neo4j(
    version: Annotated[
        str | None,
        typer.Option(help="Version of Neo4j; else MIKO_NEO4J_VERSION, or 2026.08.1."),
    ] = None,
    folder: Annotated[Path, typer.Option(help="Where its data is kept.")] = Path("neo4j-data"),
    port: Annotated[int, typer.Option(min=1, max=65_535, help="Port of Bolt.")] = 7687,
    password: Annotated[
        str | None,
        typer.Option(
            help="Password of the user neo4j; else MIKO_NEO4J_PASSWORD, which no list of "
            "processes shows, or no login."
        ),
    ] = None,
    heap: Annotated[
        str | None, typer.Option(help="Size of its heap; else MIKO_NEO4J_HEAP, or 1g.")
    ] = None,
    pagecache: Annotated[
        str | None,
        typer.Option(help="Memory for pages of files; else MIKO_NEO4J_PAGECACHE, or 512m."),
    ] = None,
) -> None:
    """Start a Neo4j server on loopback, without Docker, until Ctrl-C.

    [bold]Examples[/bold]

      miko neo4j

      miko neo4j --version 5.26.30 --folder old-data --port 7688

      miko neo4j --heap 2g --pagecache 2g
    """
    from kg.settings import Neo4jSettings, settings_of

    options = {"version": version, "password": password, "heap": heap, "pagecache": pagecache}
    settings = settings_of(Neo4jSettings, options)
    try:
        answer(lambda: _serve(settings, folder, port))
    except KeyboardInterrupt:
        typer.echo("stopped", err=True)


async def _serve(settings: "Neo4jSettings", folder: Path, port: int) -> None:
    from kg.neo4j.server import running_server

    async with AsyncExitStack() as stack:
        with waiting(f"Starting Neo4j {settings.version}; the first time, its jars are fetched"):
            starting = running_server(settings, folder, port=port)
            server = await stack.enter_async_context(starting)
        typer.echo(
            f"Neo4j {settings.version} answers, its data is in {folder}; Ctrl-C stops it. "
            "In another terminal:",
            err=True,
        )
        typer.echo(f"export MIKO_STORE_URL={server.url}")
        await server.ended()
