"""How an item to judge, and a report of agreement, are printed."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any, cast

import typer
from rich.console import Console
from rich.rule import Rule
from rich.text import Text

from miko import show

if TYPE_CHECKING:
    from evaluation.annotation.items import Item
    from evaluation.annotation.report import AgreementReport
    from evaluation.bootstrap import Estimate

DIGITS = 4


def print_item(item: "Item", number: int, total: int) -> None:
    """Print an item on standard error, its text as text."""
    console = Console(stderr=True)
    console.print(Rule(Text(f"{number:,} of {total:,}"), align="left"))
    console.print(Text(show.plain(item.text or "(no text)")))
    if item.image:
        console.print(Text(f"image: {show.plain(item.image)}", style="dim"))
    if item.image_description:
        console.print(Text(show.plain(item.image_description), style="dim"))
    console.print(Text(f"\n{item.key.relation.value}: {show.plain(item.sentence)}", style="bold"))


def print_agreement(report: "AgreementReport", *, as_json: bool) -> None:
    """Print a report of agreement, as tables or as JSON."""
    if as_json:
        show.value(_rounded({**asdict(report), "choices": _choices(report)}))
        return
    _print_counts(report)
    show.rows(
        [
            {
                "relation": group.relation,
                "judgements": group.judgements,
                "accepted": _percent(group.accepted),
                "judged twice": group.items,
                "alike": _percent(group.alike),
                "Fleiss": _figure(group.fleiss),
                "alpha": _figure(group.alpha),
                "Fleiss, accepted": _figure(group.accepted_fleiss),
                "alpha, accepted": _figure(group.accepted_alpha),
            }
            for group in report.groups
        ],
        as_json=False,
    )
    _print_pairs(report)
    _print_shares(report)


def _print_counts(report: "AgreementReport") -> None:
    shares = ", ".join(
        f"{n / report.judgements:.1%} {choice}" for choice, n in _choices(report).items()
    )
    typer.echo(
        f"{report.records:,} records on {report.posts:,} posts, {report.cancelled:,} of them "
        f"cancelled; {report.posts_judged_twice:,} posts judged by two or more"
    )
    typer.echo(f"{report.judgements:,} judgements: {shares}")
    if report.without_intention:
        typer.echo(f"{report.without_intention:,} are of intentions that the files do not hold")


def _print_pairs(report: "AgreementReport") -> None:
    rows = [
        {
            "annotators": f"{pair.first}, {pair.second}",
            "relation": pair.relation,
            "both judged": pair.items,
            "alike": _percent(pair.alike),
            "Cohen": _figure(pair.cohen),
            "Cohen, accepted": _figure(pair.accepted_cohen),
        }
        for pair in sorted(report.pairs, key=lambda pair: (pair.first, pair.second))
    ]
    show.rows(rows, as_json=False, nothing="No intention was judged by two.")


def _print_shares(report: "AgreementReport") -> None:
    relations = [group.relation for group in report.groups]
    annotators = sorted({share.annotator for share in report.shares})
    found = {(s.annotator, s.relation): _percent(s.accepted) for s in report.shares}
    show.rows(
        [
            {"accepted": relation} | {name: found.get((name, relation), "") for name in annotators}
            for relation in relations
        ],
        as_json=False,
    )


def _choices(report: "AgreementReport") -> dict[str, int]:
    return {choice.value: n for choice, n in report.choices.items()}


def _percent(estimate: "Estimate") -> str:
    return _shown(estimate, ".1%")


def _figure(estimate: "Estimate") -> str:
    return _shown(estimate, ".2f")


def _shown(estimate: "Estimate", form: str) -> str:
    if estimate.value is None:
        return "-"
    if estimate.low is None or estimate.high is None:
        return f"{estimate.value:{form}}"
    return f"{estimate.value:{form}} [{estimate.low:{form}}, {estimate.high:{form}}]"


def _rounded(value: object) -> object:
    """Return what JSON is made of, its numbers to four digits."""
    if isinstance(value, float):
        return round(value, DIGITS)
    if isinstance(value, dict):
        return {k: _rounded(v) for k, v in cast("dict[str, Any]", value).items()}
    if isinstance(value, list):
        return [_rounded(part) for part in cast("Sequence[Any]", value)]
    return value
