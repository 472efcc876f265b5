"""The command that estimates how plausible intentions are: ``plausibility``."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ingest.command import DEFAULT_STORE, Json, Store
from kg.packaged import PACKAGED
from miko import show
from miko.running import answer, graph, waiting
from schema.errors import OptionError

if TYPE_CHECKING:
    from evaluation.bootstrap import Floats
    from evaluation.plausibility.estimate import Learnt
    from evaluation.plausibility.pairs import Pair
    from evaluation.plausibility.report import Quality
    from evaluation.plausibility.ways import Way, WayQuality


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
    student: Annotated[
        Path | None,
        typer.Option(
            metavar="FOLDER",
            help="With --compare: a causal language model with a chat template, to be taught for "
            "each fold, whose likelihoods are measured. SmolLM2: an hour and a half on two cores.",
        ),
    ] = None,
    keep: Annotated[
        Path, typer.Option(help="Folder where what is finished is kept, without any text or id.")
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

      miko plausibility --compare --student models/SmolLM2-135M-Instruct

    Run it after `miko embed`. It says how good the estimates are on posts that they were not
    learnt from, by relation, with intervals. Safe to stop and to run again.
    """
    if student and not compare:
        raise OptionError("--student", "it is measured only: say --compare as well")
    if student and not student.is_dir():
        raise OptionError("--student", "is no folder")
    if compare:
        asked = _Compared(encoder, student, keep, is_silent=json)
        found = _compared(judged or store, asked, resamples)
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
    if not any(pair.numbers[0] for pair in learnt.judged):
        typer.echo(
            "no post that was judged is embedded, so likeness told nothing: run `miko embed`, and "
            "this command again",
            err=True,
        )
    _print(learnt, written, resamples, as_json=json)


@dataclass(frozen=True, slots=True)
class _Compared:
    """What is compared, beside what is used."""

    encoder: str
    student: Path | None
    keep: Path
    is_silent: bool


def _compared(store: str, asked: _Compared, resamples: int) -> list["WayQuality"]:
    """Measure every way that the graph and the models allow."""
    from evaluation.bootstrap import Floats, Resampling
    from evaluation.classifier.encoder import PretrainedEncoder
    from evaluation.plausibility.cross_encoder import cross_encoded
    from evaluation.plausibility.crossed import crossed
    from evaluation.plausibility.estimate import judged_pairs
    from evaluation.plausibility.foreseen import with_foreseen
    from evaluation.plausibility.pairs import Pair
    from evaluation.plausibility.ways import (
        BY_FEATURES,
        Way,
        way_qualities,
        with_other_labels,
    )
    from ingest.progress import counting

    async def learn() -> tuple[list[Pair], dict[Way, Floats]]:
        async with graph(store) as opened:
            pairs = await judged_pairs(opened)
        told = {way: crossed(pairs, features) for way, features in BY_FEATURES.items()}
        return pairs, told | {Way.OTHER_LABELS: crossed(with_other_labels(pairs))}

    async def foresee() -> list[Pair] | None:
        with counting("Asking ATOMIC", "posts", hidden=asked.is_silent) as progress:
            async with graph(store) as opened:
                return await with_foreseen(opened, pairs, progress)

    loaded = PretrainedEncoder(asked.encoder)
    with waiting("Learning from judgements"):
        pairs, told = answer(learn)
    told |= _by_student(store, pairs, told[Way.USED], asked)
    if (foreseen := answer(foresee)) is not None:
        told[Way.FORESEEN] = crossed(foreseen)
    with counting("Training", "intentions", hidden=asked.is_silent) as progress:
        told[Way.CROSS_ENCODER] = cross_encoded(pairs, loaded, asked.keep, progress)
    told[Way.BOTH] = (told[Way.USED] + told[Way.CROSS_ENCODER]) / 2
    with waiting("Measuring"):
        return way_qualities(pairs, told, Resampling(resamples))


def _by_student(
    store: str, pairs: Sequence["Pair"], used: "Floats", asked: _Compared
) -> dict["Way", "Floats"]:
    """Estimate by how likely students find what was said, where there is a model to teach."""
    if asked.student is None:
        return {}
    from evaluation.plausibility.likelihood import (
        Material,
        by_likelihoods,
        likelihoods,
        material,
    )
    from ingest.progress import counting

    async def read() -> Material:
        async with graph(store) as opened:
            return await material(opened, pairs)

    with waiting("Reading what students learn"):
        told = answer(read)
    with counting("Students", "answers", hidden=asked.is_silent) as progress:
        numbers = likelihoods(pairs, told, asked.student, asked.keep, progress)
    return by_likelihoods(pairs, used, numbers)


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
