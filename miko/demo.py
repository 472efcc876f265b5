"""The command that shows it all: ``demo``."""

from importlib.resources import as_file, files
from pathlib import Path
from typing import Annotated

import typer

from ingest.command import Json
from miko import show
from miko.running import answer, waiting
from schema.errors import InputError
from schema.nodes import NodeKind

QUERY = "get followers to attend an event"
SAMPLE = ("posts.jsonl", "conceptnet.csv", "atomic.tsv")


def demo(
    folder: Annotated[Path, typer.Option(help="Where the demonstration's graph is kept.")] = Path(
        "demo"
    ),
    serves: Annotated[bool, typer.Option("--serve/--no-serve", help="Serve it at the end.")] = True,
    port: Annotated[
        int | None,
        typer.Option(min=1, max=65535, help="Port of the API; else MIKO_API_PORT, or 8000."),
    ] = None,
    json: Json = False,
) -> None:
    """Load and embed the sample, ask it one question, serve it.

    [bold]Examples[/bold]

      miko demo

      miko demo --no-serve --json
    """
    url = f"sqlite:///{folder / 'miko.db'}"
    _make(folder)
    found = answer(lambda: _ask(url, folder))
    typer.echo(f'miko search "{QUERY}" --store {url}', err=json)
    show.rows(found, as_json=json)
    if serves:
        from api.command import serve

        serve(port=port, store=url)


def _make(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(
            f"the folder {folder} cannot be made ({error.strerror}): name another by --folder"
        ) from error


async def _ask(url: str, folder: Path) -> list[show.Row]:
    from ingest.embed import embed
    from ingest.load import load
    from kg.connect import connect
    from kg.ranking import Slice, Window
    from kg.search import search
    from kg.sentence_embedder import sentence_embedder
    from kg.settings import EmbedderSettings, StoreSettings

    async with (
        connect(StoreSettings(url=url)) as store,
        sentence_embedder(EmbedderSettings()) as embedder,
    ):
        with as_file(files("miko") / "sample") as sample, waiting("Loading the sample"):
            paths = [sample / name for name in SAMPLE]
            await load(store, paths, rejects=folder / "rejects.jsonl", progress=_silent)
            await embed(store, embedder, progress=_silent)
        wanted = Slice(NodeKind.INTENTION, window=Window(5))
        page = await search(store, embedder, QUERY, wanted)
        return await show.hit_rows(store, NodeKind.INTENTION, page)


def _silent(done: int, total: int | None) -> None:
    """The sample is too small for a bar."""
