"""A comparison as Markdown."""

from collections.abc import Iterator, Sequence

from evaluation.bootstrap import Estimate
from evaluation.markdown import markdown_table
from evaluation.sarcasm.compare import Comparison
from evaluation.sarcasm.posts import PublishedSplit
from evaluation.sarcasm.report import Report, Row, Uplift


def markdown(found: Comparison) -> str:
    """Return what was measured as text and tables."""
    return "\n".join(_lines(found)) + "\n"


def _lines(found: Comparison) -> Iterator[str]:
    yield markdown_table(
        ["Posts", *PublishedSplit],
        [[name, *(f"{n:,}" for n in own.values())] for name, own in found.coverage.items()],
    )
    yield ""
    report = found.report
    parting = f"{found.folds} folds" if found.is_crossed else "the published test split"
    yield (
        f"Measured on {report.posts:,} posts ({parting}), {report.sarcastic:,} of them sarcastic "
        f"({report.sarcastic / report.posts:.1%}), learnt from {found.trained:,}. Ids dealt out "
        "anew: the same predictions. Intervals of 95 % are over posts, those of the same words as "
        "one."
    )
    if found.rejected:
        yield f"{found.rejected:,} rows of the files could not be read."
    yield from _origins(report)
    yield ""
    yield _rows(report.rows)
    if report.uplifts:
        yield ""
        yield _uplifts(report.uplifts)


def _origins(report: Report) -> Iterator[str]:
    if len(report.origins) > 1:
        told = ", ".join(f"{name} {n:,}" for name, n in report.origins.items())
        yield f"Intentions come from: {told}."


def _rows(rows: Sequence[Row]) -> str:
    names = list(rows[0].figures)
    return markdown_table(
        ["Input", *names, "Accuracy of seeds"],
        [
            [
                row.inputs,
                *(_figure(row.figures[n]) for n in names),
                f"{row.least:.3f} to {row.most:.3f}",
            ]
            for row in rows
        ],
    )


def _uplifts(uplifts: Sequence[Uplift]) -> str:
    names = list(uplifts[0].differences)
    return markdown_table(
        ["Intentions added to", *names, "Right only with", "Right only without", "McNemar p"],
        [
            [
                one.before,
                *(_figure(one.differences[name], sign="+") for name in names),
                f"{one.test.gained:,}",
                f"{one.test.lost:,}",
                f"{one.test.p:.2g}",
            ]
            for one in uplifts
        ],
    )


def _figure(one: Estimate, *, sign: str = "") -> str:
    if one.value is None:
        return "none"
    if one.low is None or one.high is None:
        return f"{one.value:{sign}.3f}"
    return f"{one.value:{sign}.3f} [{one.low:{sign}.3f}, {one.high:{sign}.3f}]"
