"""The commands that compare judgements and decide: ``annotate agreement``, ``adjudicate``."""

from pathlib import Path
from typing import Annotated

import typer

from evaluation.annotation.terms import DECIDED, Rule, Terms
from ingest.command import Json
from miko import show
from miko.annotate.arguments import Judgements, read
from miko.annotate.printing import print_agreement


def agreement(
    files: Judgements,
    resamples: Annotated[
        int, typer.Option(min=100, max=100_000, help="How often posts are drawn for intervals.")
    ] = 2_000,
    seed: Annotated[int, typer.Option(min=0, help="Another seed gives other intervals.")] = 0,
    json: Json = False,
) -> None:
    """Say how annotators judged and how far they agree, with intervals of 95 %.

    [bold]Examples[/bold]

      miko annotate agreement judgements.jsonl

      miko annotate agreement annotator-1.json.gz annotator-2.json.gz --json

    Cohen's kappa for each pair of annotators, Fleiss' kappa and Krippendorff's alpha over all;
    per relation, of the choices and of accepted ("very relevant") or not.
    """
    from evaluation.annotation.report import agreement_of
    from evaluation.bootstrap import Resampling
    from ingest.progress import counting

    reading = read(files, hidden=json)
    reading.check()
    with counting("Resampling", "relations", hidden=json) as progress:
        report = agreement_of(reading, Resampling(resamples, seed), progress)
    print_agreement(report, as_json=json)


def adjudicate(
    files: Judgements,
    out: Annotated[Path, typer.Option(help="The file of decisions.")] = Path("adjudicated.jsonl"),
    rule: Annotated[
        Rule, typer.Option(help="More than half of the judgements decide, or all of them.")
    ] = Rule.MAJORITY,
    least: Annotated[
        int, typer.Option(min=1, max=100, help="Fewest judgements of what is decided.")
    ] = 1,
    expert: Annotated[
        str, typer.Option(help="Annotator whose word decides alone, where there is one.")
    ] = "",
    name: Annotated[
        str, typer.Option("--as", help="Annotator of the decisions, as filters find them.")
    ] = DECIDED,
    json: Json = False,
) -> None:
    """Decide which intentions are accepted, and which are disputed.

    [bold]Examples[/bold]

      miko annotate adjudicate judgements.jsonl --least 2

      miko annotate adjudicate alice.jsonl bob.jsonl carol.jsonl --expert carol

      miko annotate adjudicate judgements.jsonl --rule unanimous --as unanimous --out strict.jsonl

    "very relevant" accepts, other choices reject, as in the authors' labels.
    """
    from evaluation.annotation.adjudicate import adjudicate as decide
    from evaluation.annotation.judged import line_of, named
    from ingest.whole_file import write_new

    reading = read(files, hidden=json)
    reading.check()
    found = decide(reading.judged, Terms(rule, least, expert, named(name)))
    write_new(out, b"".join(line_of(one) for one in found.decided))
    if json:
        show.value({**found.counts, "out": str(out)})
        return
    table = [{"": label.replace("_", " "), "intentions": n} for label, n in found.counts.items()]
    show.rows(table, as_json=False)
    if found.disputed:
        typer.echo("The second stage: `miko annotate sample --disputed FILE`, then --expert NAME")
    typer.echo(f"Next: `miko annotate load {out}`")
