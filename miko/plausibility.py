"""The command that estimates how plausible intentions are: ``plausibility``."""

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ingest.command import DEFAULT_STORE, Json, Store
from miko import show
from miko.running import answer, graph, waiting

if TYPE_CHECKING:
    from evaluation.plausibility.estimate import Learnt
    from evaluation.plausibility.report import Quality


def plausibility(
    judged: Annotated[
        str | None,
        typer.Option(metavar="URL", help="Learn from the judgements in this graph instead."),
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only measure: write no estimate.")
    ] = False,
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

    Run it after `miko embed`. It says how good the estimates are on posts that they were not
    learnt from, by relation, with intervals. Safe to stop and to run again.
    """

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
