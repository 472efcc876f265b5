"""The command that estimates how plausible intentions are: ``plausibility``."""

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ingest.command import DEFAULT_STORE, Json, Store
from kg.packaged import PACKAGED
from miko import show
from miko.running import answer, graph, waiting

if TYPE_CHECKING:
    from evaluation.plausibility.estimate import Learnt
    from evaluation.plausibility.report import Quality
    from evaluation.plausibility.ways import WayQuality


def plausibility(
    judged: Annotated[
        str | None,
        typer.Option(metavar="URL", help="Learn from the judgements in this graph instead."),
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only measure: write no estimate.")
    ] = False,
    compare: Annotated[
        bool,
        typer.Option(
            "--compare",
            help="Measure other ways to estimate beside the one that is used, and write nothing; "
            "a cross-encoder is trained for each fold, which takes an hour, safe to stop.",
        ),
    ] = False,
    encoder: Annotated[
        str, typer.Option(help="Folder of a transformers model, to be the cross-encoder.")
    ] = PACKAGED,
    keep: Annotated[
        Path, typer.Option(help="Folder where finished trainings are kept, without any text or id.")
    ] = Path("plausibility"),
    resamples: Annotated[
        int, typer.Option(min=100, max=100_000, help="Of posts, for the intervals.")
    ] = 1000,
    store: Store = DEFAULT_STORE,
    json: Json = False,
) -> None:
    """Estimate how plausible each intention is of its post, learnt from human judgements.

    [bold]Examples[/bold]

      miko plausibility

      miko plausibility --dry-run --json

      miko plausibility --judged sqlite:///judged.db --store sqlite:///miko.db

      miko plausibility --compare

    Run it after `miko embed`. It says how good the estimates are on posts that they were not
    learnt from, by relation, with intervals. Safe to stop and to run again.
    """
    if compare:
        found = _compared(judged or store, encoder, keep, resamples, hidden=json)
        show.figures(found, _way, as_json=json)
        return

    async def work() -> tuple["Learnt", int | None]:
        from evaluation.plausibility.estimate import estimate, learn
        from ingest.progress import counting

        async with graph(judged or store) as opened:
            with waiting("Learning from judgements"):
                learnt = await learn(opened)
        if dry_run:
            return learnt, None
        with counting("Estimating", "intentions", hidden=json) as progress:
            async with graph(store) as opened:
                return learnt, await estimate(opened, learnt, progress)

    learnt, written = answer(work)
    _print(learnt, written, resamples, as_json=json)


def _compared(
    store: str, encoder: str, keep: Path, resamples: int, *, hidden: bool
) -> list["WayQuality"]:
    """Measure every way that the graph and the encoder allow."""
    from evaluation.bootstrap import Floats, Resampling
    from evaluation.classifier.encoder import PretrainedEncoder
    from evaluation.plausibility.cross_encoder import cross_encoded
    from evaluation.plausibility.crossed import crossed
    from evaluation.plausibility.estimate import judged_pairs
    from evaluation.plausibility.foreseen import with_foreseen
    from evaluation.plausibility.pairs import Pair
    from evaluation.plausibility.ways import BY_FEATURES, Way, way_qualities
    from ingest.progress import counting

    async def read() -> tuple[list[Pair], dict[Way, Floats]]:
        async with graph(store) as opened:
            with waiting("Learning from judgements"):
                pairs = await judged_pairs(opened)
                told = {way: crossed(pairs, features) for way, features in BY_FEATURES.items()}
            with counting("Asking ATOMIC", "posts", hidden=hidden) as progress:
                foreseen = await with_foreseen(opened, pairs, progress)
            if foreseen is not None:
                told[Way.FORESEEN] = crossed(foreseen)
            return pairs, told

    pairs, told = answer(read)
    loaded = PretrainedEncoder(encoder)
    with counting("Training", "intentions", hidden=hidden) as progress:
        told[Way.CROSS_ENCODER] = cross_encoded(pairs, loaded, keep, progress)
    told[Way.BOTH] = (told[Way.USED] + told[Way.CROSS_ENCODER]) / 2
    with waiting("Measuring"):
        return way_qualities(pairs, told, Resampling(resamples))


def _way(one: "WayQuality") -> dict[str, Any]:
    return {
        "way": one.way.value,
        "AUC": str(one.area),
        "within relations": str(one.area_within),
        "calibration error": str(one.calibration_error),
        "AUC over the first": str(one.gain),
    }


def _print(learnt: "Learnt", written: int | None, resamples: int, *, as_json: bool) -> None:
    from evaluation.bootstrap import Resampling
    from evaluation.plausibility.report import qualities

    with waiting("Measuring"):
        found = qualities(learnt.judged, learnt.held_out, Resampling(resamples))
    if as_json:
        run = {"run": learnt.run.id, "model": learnt.run.model, "revision": learnt.run.revision}
        show.value({**run, "estimated": written, "qualities": [asdict(one) for one in found]})
        return
    show.rows([_row(one) for one in found], as_json=False)
    if written is not None:
        typer.echo(f"{written:,} intentions estimated by run {learnt.run.id}")


def _row(one: "Quality") -> dict[str, Any]:
    return {
        "relation": one.relation.value if one.relation else "all",
        "judged": one.pairs,
        "accepted": f"{one.accepted:.3f}",
        "AUC": str(one.area),
        "calibration error": str(one.calibration_error),
    }
