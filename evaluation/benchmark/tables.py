"""The table as text: Markdown, LaTeX, JSON."""

import re
from collections.abc import Callable, Sequence
from dataclasses import asdict
from typing import Final

import orjson

from evaluation.benchmark.measures import BERT_SCORE
from evaluation.benchmark.report import PairedDifference, Row, Table
from evaluation.benchmark.terms import TableFormat
from evaluation.bootstrap import Estimate
from evaluation.markdown import markdown_table

SPECIAL: Final = re.compile(r"[&%$#_{}~^\\]")
LATEX: Final = {"~": r"\textasciitilde{}", "^": r"\textasciicircum{}", "\\": r"\textbackslash{}"}


def written(table: Table, form: TableFormat) -> str:
    """Return the table as text."""
    forms: dict[TableFormat, Callable[[Table], str]] = {
        TableFormat.MARKDOWN: _markdown,
        TableFormat.LATEX: _latex,
        TableFormat.JSON: _json,
    }
    return forms[form](table)


def _json(table: Table) -> str:
    return orjson.dumps(asdict(table), option=orjson.OPT_INDENT_2).decode()


def _markdown(table: Table) -> str:
    grids = (_grid(rows) for rows in _grids(table))
    parts = [markdown_table(head, rows) for head, *rows in grids]
    notes = [f"- {name}: {note}." for name, note in _notes(table)]
    return "\n\n".join([*parts, "\n".join(notes)])


def _latex(table: Table) -> str:
    parts = [_tabular(_grid(rows)) for rows in _grids(table)]
    notes = [f"% {name}: {note}." for name, note in _notes(table)]
    return "\n\n".join([*parts, "\n".join(notes)])


def _tabular(cells: Sequence[Sequence[str]]) -> str:
    lines = [" & ".join(_escaped(cell) for cell in row) + r" \\" for row in cells]
    columns = "l" * len(cells[0])
    body = "\n".join([r"\toprule", lines[0], r"\midrule", *lines[1:], r"\bottomrule"])
    return f"\\begin{{tabular}}{{{columns}}}\n{body}\n\\end{{tabular}}"


def _escaped(cell: str) -> str:
    return SPECIAL.sub(lambda found: LATEX.get(found[0], f"\\{found[0]}"), cell)


def _grid(rows: Sequence[dict[str, str]]) -> list[list[str]]:
    return [list(rows[0]), *(list(row.values()) for row in rows)]


def _grids(table: Table) -> list[list[dict[str, str]]]:
    """Return the figures, BERTScore by relation, and the differences where there are two rows."""
    grids = [
        [_figures(row, table) for row in table.rows],
        _by_relation(table.rows),
        [_difference(one) for one in table.compared],
    ]
    return [grid for grid in grids if grid]


def _figures(row: Row, table: Table) -> dict[str, str]:
    counts = {"System": row.name, "Empty slots": f"{row.empty:,} of {table.slots:,}"}
    return counts | {name: _percent(found) for name, found in row.figures.items()}


def _by_relation(rows: Sequence[Row]) -> list[dict[str, str]]:
    return [
        {f"{BERT_SCORE} in": name} | {row.name: _percent(row.relations[name]) for row in rows}
        for name in rows[0].relations
    ]


def _difference(one: PairedDifference) -> dict[str, str]:
    return {
        "Difference": f"{one.first} less {one.second}",
        "in": one.measure,
        "is": _percent(one.difference),
        "p": f"{one.p:.4f}",
        "q": f"{one.q:.4f}",
    }


def _percent(estimate: Estimate) -> str:
    if estimate.value is None:
        return "-"
    value = f"{100 * estimate.value:.1f}"
    if estimate.low is None or estimate.high is None:
        return value
    return f"{value} [{100 * estimate.low:.1f}, {100 * estimate.high:.1f}]"


def _notes(table: Table) -> list[tuple[str, str]]:
    draws = f"{table.resampling.resamples:,} draws, seed {table.resampling.seed}"
    return [
        (
            "References",
            f"{table.references:,} of {table.slots:,} slots of {table.posts:,} posts, those whose "
            "tail people accepted; an empty slot counts 0",
        ),
        *table.measures.items(),
        ("Figures", f"times 100, with intervals of 95 % from resamples of posts ({draws})"),
        (
            "p",
            "two-sided, by approximate randomisation over posts, as often; q is p corrected for "
            f"all {len(table.compared)} comparisons (Benjamini and Hochberg)",
        ),
    ]
