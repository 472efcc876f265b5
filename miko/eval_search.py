"""The command that measures search: ``eval-search``."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ingest.command import DEFAULT_STORE, Json, Store
from miko import show
from miko.running import answer, graph, model, waiting

if TYPE_CHECKING:
    from evaluation.searching.compare import RankerQuality
    from evaluation.searching.material import Material
    from kg.embedder import Embedder


def eval_search(
    queries: Annotated[
        int, typer.Option(min=10, max=100_000, help="Most questions of each form.")
    ] = 1000,
    framed: Annotated[
        bool, typer.Option("--framed", help="Embed whole sentences as well, by the model.")
    ] = False,
    tuned: Annotated[
        Path | None,
        typer.Option(
            file_okay=False,
            metavar="FOLDER",
            help="Fine-tune the packaged model too, and keep it here; minutes, safe to stop.",
        ),
    ] = None,
    by_relation: Annotated[
        bool, typer.Option("--by-relation", help="Tell the figures of each relation too.")
    ] = False,
    seed: Annotated[int, typer.Option(min=0, help="Of the draw of questions.")] = 0,
    resamples: Annotated[
        int, typer.Option(min=100, max=100_000, help="Of posts, for the intervals.")
    ] = 1000,
    store: Store = DEFAULT_STORE,
    json: Json = False,
) -> None:
    """Measure how well each way to search finds what people accepted.

    [bold]Examples[/bold]

      miko eval-search

      miko eval-search --queries 200 --framed --by-relation --json

      miko eval-search --tuned encoder

    Half of the judged posts ask, what is learnt is of the other half. The graph is only read.
    """

    async def measure() -> list["RankerQuality"]:
        from evaluation.bootstrap import Resampling
        from evaluation.searching import spaces
        from evaluation.searching.compare import ranker_qualities
        from evaluation.searching.graded import graded
        from evaluation.searching.material import material
        from evaluation.searching.rankers import Ranker, searched
        from ingest.progress import counting

        async with graph(store) as opened, model(opened, needed=framed) as embedder:
            with waiting("Reading what was judged"):
                given = await material(opened)
                corpus, asked = given.corpus(), graded(given, queries, seed)
            with counting("Searching", "questions", hidden=json) as progress:
                found = await searched(opened, corpus, asked, progress)
            changed = {
                Ranker.RELATION_CENTRED: spaces.relation_centred(given, corpus, asked),
                Ranker.PROJECTED: spaces.projected(given, corpus, asked),
            }
            if embedder is not None:
                changed[Ranker.FRAMED] = await spaces.framed(corpus, asked, embedder)
        if tuned is not None:
            async with _fine_tuned(given, tuned, hidden=json) as embedder:
                changed[Ranker.TUNED] = await spaces.embedded(corpus, asked, embedder)
        for ranker, space in changed.items():
            found[ranker] = spaces.by_cosine(corpus, asked, space)
        return ranker_qualities(asked, found, Resampling(resamples))

    told = [one for one in answer(measure) if by_relation or one.relation is None]
    show.value([asdict(one) for one in told]) if json else show.rows(
        [_row(one) for one in told], as_json=False
    )


@asynccontextmanager
async def _fine_tuned(
    given: "Material", folder: Path, *, hidden: bool
) -> AsyncGenerator["Embedder"]:
    import anyio.to_thread

    from evaluation.searching.examples import text_pairs
    from evaluation.searching.tuning import Tuning, fine_tune
    from ingest.progress import counting
    from kg.sentence_embedder import sentence_embedder
    from kg.settings import EmbedderSettings

    with counting("Fine-tuning", "steps", hidden=hidden) as progress:
        await anyio.to_thread.run_sync(fine_tune, text_pairs(given), folder, Tuning(), progress)
    async with sentence_embedder(EmbedderSettings(model=str(folder))) as embedder:
        yield embedder


def _row(one: "RankerQuality") -> dict[str, Any]:
    return {
        "asked by": one.form.value,
        "relation": one.relation.value if one.relation else "all",
        "ranker": one.ranker.value,
        "queries": one.queries,
        "nDCG@10": str(one.ndcg),
        "MRR": str(one.reciprocal_rank),
        "recall@100": str(one.recall),
        "over semantic": str(one.gain),
    }
