"""The commands that look after the graph: ``setup``, ``stats``, ``reindex``."""

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import typer

from ingest.command import DEFAULT_STORE, Json, Store
from miko import show
from miko.options import Concepts, Emotions, Hashtags, Labels, Relations, Sources, where
from miko.running import answer, graph, waiting

if TYPE_CHECKING:
    from kg.setup import SetUp


def setup(store: Store = DEFAULT_STORE, json: Json = False) -> None:
    """Make the constraints and indexes that are missing, and wait until they answer.

    [bold]Examples[/bold]

      miko setup

      miko setup --store bolt://127.0.0.1:7687 --json

    Those of another definition are searched until the new ones are built. Safe to stop and to
    run again.
    """

    async def make() -> "SetUp":
        from kg.connect import connect
        from kg.settings import StoreSettings

        with waiting("Opening the graph") as status:

            def built(name: str, percent: float) -> None:
                status.update(f"Building {name}: {percent:.0f} %")

            async with connect(StoreSettings(url=store), progress=built) as opened:
                return await opened.set_up(built)

    done = answer(make)
    groups = {"made": done.made, "migrated": done.migrated, "there": done.there}
    if json:
        show.value(groups)
        return
    for group, names in groups.items():
        if names:
            typer.echo(f"{group}: {', '.join(names)}")


def stats(
    relation: Relations = None,
    source: Sources = None,
    label: Labels = None,
    hashtag: Hashtags = None,
    concept: Concepts = None,
    emotion: Emotions = None,
    store: Store = DEFAULT_STORE,
    json: Json = False,
) -> None:
    """Count what is in the graph; with filters, what passes them.

    [bold]Examples[/bold]

      miko stats

      miko stats --label sarcastic=1 --relation xIntent --json
    """
    filters = where(relation, source, label, hashtag, concept, emotion)

    async def count() -> dict[str, Any]:
        from schema.nodes import NodeKind

        async with graph(store) as opened:
            if not filters.is_empty:
                return {"nodes": {k.value: await opened.count(k, filters) for k in NodeKind}}
            model = await opened.model()
            return asdict(await opened.counts()) | {
                "embedding_model": str(model) if model else "none: run `miko embed`",
                "version": await opened.version(),
            }

    found = answer(count)
    show.value(found) if json else show.counts(found)


def reindex(store: Store = DEFAULT_STORE) -> None:
    """Build the search indexes anew from the graph itself.

    [bold]Example[/bold]

      miko reindex
    """

    async def build() -> None:
        async with graph(store) as opened:
            with waiting("Building the indexes"):
                await opened.reindex()

    answer(build)
    typer.echo("The indexes are built.")
