"""The command that measures search: ``eval-search``."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ingest.command import DEFAULT_STORE, Json, Store
from kg.packaged import PACKAGED
from miko import show
from miko.running import answer, graph, model, waiting

if TYPE_CHECKING:
    from evaluation.searching.compare import RankerQuality
    from evaluation.searching.graded import Query
    from evaluation.searching.material import Corpus, Material

    Answers = Sequence[Sequence[str]]


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
    reranked: Annotated[
        Path | None,
        typer.Option(
            file_okay=False,
            metavar="FOLDER",
            help="Train a cross-encoder too, which orders the first 50 answers anew, and keep it "
            "here; half an hour, safe to stop.",
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

      miko eval-search --tuned encoder --reranked cross-encoder

    Half of the judged posts ask, what is learnt is of the other half. The graph is only read.
    """
    from evaluation.bootstrap import Resampling
    from evaluation.searching import spaces
    from evaluation.searching.compare import ranker_qualities
    from evaluation.searching.graded import graded
    from evaluation.searching.material import material
    from evaluation.searching.rankers import Ranker, searched
    from ingest.progress import counting

    async def search() -> tuple["Material", "Corpus", list["Query"], dict[Ranker, "Answers"]]:
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
        cosines = {one: spaces.by_cosine(corpus, asked, space) for one, space in changed.items()}
        return given, corpus, asked, {**found, **cosines}

    given, corpus, asked, found = answer(search)
    if tuned is not None:
        _fine_tune(given, tuned, hidden=json)
        found[Ranker.TUNED] = answer(lambda: _by_encoder(tuned, corpus, asked))
    if reranked is not None:
        semantic = found[Ranker.SEMANTIC]
        found[Ranker.RERANKED] = _reranked(given, corpus, asked, semantic, reranked, hidden=json)
    with waiting("Measuring"):
        every = ranker_qualities(asked, found, Resampling(resamples))
    told = [one for one in every if by_relation or one.relation is None]
    show.figures(told, _row, as_json=json)
    if tuned is not None and not json:
        typer.echo(
            f"`MIKO_EMBEDDER_MODEL={tuned} miko embed --replace` embeds the graph by what was "
            "fine-tuned"
        )


def _fine_tune(given: "Material", folder: Path, *, hidden: bool) -> None:
    from evaluation.searching.examples import text_pairs
    from evaluation.searching.tuning import Tuning, fine_tune
    from ingest.progress import counting

    with counting("Fine-tuning", "steps", hidden=hidden) as progress:
        fine_tune(text_pairs(given), folder, Tuning(), progress)


async def _by_encoder(folder: Path, corpus: "Corpus", asked: Sequence["Query"]) -> "Answers":
    from evaluation.searching import spaces
    from kg.sentence_embedder import sentence_embedder
    from kg.settings import EmbedderSettings

    async with sentence_embedder(EmbedderSettings(model=str(folder))) as embedder:
        return spaces.by_cosine(corpus, asked, await spaces.embedded(corpus, asked, embedder))


def _reranked(
    given: "Material",
    corpus: "Corpus",
    asked: Sequence["Query"],
    found: "Answers",
    folder: Path,
    *,
    hidden: bool,
) -> "Answers":
    from evaluation.classifier.encoder import PretrainedEncoder
    from evaluation.searching.reranking import reranker
    from ingest.progress import counting

    with counting("Training", "answers", hidden=hidden) as progress:
        trained = reranker(given, PretrainedEncoder(PACKAGED), folder, progress)
    with counting("Reranking", "questions", hidden=hidden) as progress:
        return trained.ranked(corpus, asked, found, progress)


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
