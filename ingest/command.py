"""The commands that fill the graph: ``load`` and ``embed``."""

from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from ingest.load import LoadOptions, LoadReport
    from kg.embedder import Embedder

DEFAULT_STORE = "sqlite:///miko.db"
REJECTED = 3
"""Exit code where everything readable was loaded, and some of it was not readable."""

Store = Annotated[
    str,
    typer.Option("--store", envvar="MIKO_STORE_URL", help="Address of the graph.", metavar="URL"),
]
Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Ray = Annotated[
    str | None,
    typer.Option(
        "--ray",
        metavar="ADDRESS",
        help="Work on a Ray cluster: HOST:PORT, `auto`, or `local` for this machine.",
    ),
]


def load(
    files: Annotated[list[Path], typer.Argument(help="Files, plain or gzip, formats mixed.")],
    format_name: Annotated[
        str | None,
        typer.Option(
            "--format",
            help="subgraph, record, miko-release, miko-generation, label-studio, atomic, "
            "conceptnet, cn100k or cskg; recognised where it is not given.",
        ),
    ] = None,
    rejects: Annotated[
        Path, typer.Option(help="Where malformed rows are noted: file, line, field, reason.")
    ] = Path("rejects.jsonl"),
    with_embed: Annotated[
        bool, typer.Option("--embed", help="Embed afterwards, as `miko embed` does.")
    ] = False,
    allow_deleted: Annotated[
        bool,
        typer.Option("--allow-deleted", help="Let posts in again that were deleted (miko delete)."),
    ] = False,
    store: Store = DEFAULT_STORE,
    json: Json = False,
) -> None:
    """Load files into the graph; safe to stop and to run again.

    [bold]Examples[/bold]

      miko load records.jsonl conceptnet-assertions-5.7.0.csv.gz

      miko load train.json --format miko-release --embed

      miko load *.jsonl --rejects bad.jsonl --json

    Exit code 3 says that some rows were malformed: they are noted in the reject file, the rest
    is loaded.
    """
    from ingest.load import LoadOptions

    options = LoadOptions(format_name, allow_deleted)
    report = _load(files, rejects, store, options, hidden=json)
    _print_load(report, rejects, as_json=json, hint=not with_embed)
    if with_embed:
        _embed(store, replace=False, as_json=json, quiet=json)
    if report.rejected:
        raise typer.Exit(REJECTED)


def embed(
    replace: Annotated[
        bool, typer.Option("--replace", help="Drop another model's embeddings first.")
    ] = False,
    ray: Ray = None,
    workers: Annotated[
        int | None, typer.Option(min=1, max=10_000, help="Workers of the cluster; else one a node.")
    ] = None,
    store: Store = DEFAULT_STORE,
    json: Json = False,
) -> None:
    """Embed every node that has no embedding; safe to stop and to run again.

    [bold]Examples[/bold]

      miko embed

      MIKO_EMBEDDER_MODEL=models/multilingual-minilm miko embed --replace

      miko embed --ray 10.0.0.1:6379 --workers 16
    """
    _embed(store, replace=replace, as_json=json, cluster=ray, workers=workers)


def _load(
    files: list[Path], rejects: Path, store: str, options: "LoadOptions", *, hidden: bool
) -> "LoadReport":
    import anyio

    from ingest import load as loading
    from ingest.progress import counting
    from kg.connect import connect
    from kg.settings import StoreSettings

    # Before a graph is made.
    loading.formats_of(files, rejects=rejects, format_name=options.format_name)

    async def run() -> "LoadReport":
        with counting("Loading", "rows", hidden=hidden) as progress:
            async with connect(StoreSettings(url=store)) as opened:
                return await loading.load(
                    opened, files, rejects=rejects, options=options, progress=progress
                )

    return anyio.run(run)


def _embed(
    store: str,
    *,
    replace: bool,
    as_json: bool,
    quiet: bool = False,
    cluster: str | None = None,
    workers: int | None = None,
) -> None:
    import anyio

    from ingest import embed as embedding
    from ingest.progress import counting
    from kg.connect import connect
    from kg.settings import StoreSettings

    async def run() -> int:
        with counting("Embedding", "nodes", hidden=as_json) as progress:
            async with (
                connect(StoreSettings(url=store), create=False) as opened,
                _embedder(cluster, workers) as (embedder, chunk_rows),
            ):
                return await embedding.embed(
                    opened, embedder, replace=replace, chunk_rows=chunk_rows, progress=progress
                )

    embedded = anyio.run(run)
    if as_json and not quiet:
        typer.echo(f'{{"embedded": {embedded}}}')
    elif not as_json:
        typer.echo(f"{embedded:,} nodes embedded")


@asynccontextmanager
async def _embedder(
    cluster: str | None, workers: int | None
) -> "AsyncGenerator[tuple[Embedder, int]]":
    """Give the embedder, and how many nodes it is given at a time."""
    from ingest.embed import CHUNK_ROWS
    from kg.sentence_embedder import sentence_embedder
    from kg.settings import EmbedderSettings

    if cluster is None:
        async with sentence_embedder(EmbedderSettings()) as embedder:
            yield embedder, CHUNK_ROWS
        return
    from ingest.cluster import connected, nodes
    from ingest.embed_on_cluster import cluster_embedder

    with connected(cluster):
        count = workers or nodes()
        async with cluster_embedder(EmbedderSettings(), count) as embedder:
            yield embedder, count * CHUNK_ROWS


def _print_load(report: "LoadReport", rejects: Path, *, as_json: bool, hint: bool) -> None:
    if as_json:
        import orjson

        files = [
            {
                "file": str(f.path),
                "format": f.format,
                "loaded": f.loaded,
                "rejected": f.rejected,
                "skipped": dict(f.skipped),
            }
            for f in report.files
        ]
        written = dict(report.written.counts)
        typer.echo(orjson.dumps({"files": files, "written": written}).decode())
        return
    for f in report.files:
        skipped = "".join(f", {n:,} skipped ({why})" for why, n in sorted(f.skipped.items()))
        rejected = f", {f.rejected:,} rejected" if f.rejected else ""
        typer.echo(f"{f.path} ({f.format}): {f.loaded:,} loaded{rejected}{skipped}")
    changes = ", ".join(f"{n:,} {name}" for name, n in report.written.counts.items())
    typer.echo(f"Added or changed: {changes or 'nothing'}")
    if report.rejected:
        are = "row or field is" if report.rejected == 1 else "rows or fields are"
        typer.echo(f"{report.rejected:,} {are} malformed: see {rejects}", err=True)
    if hint and report.written.total:
        typer.echo("Next: `miko embed`, so that what was loaded is found by its meaning")
