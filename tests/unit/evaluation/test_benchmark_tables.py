"""The table as text: it says what the figures are, whatever a system is called."""

import json

import pytest

from evaluation.benchmark.measures import BERT_SCORE
from evaluation.benchmark.report import PairedDifference, Row, Table
from evaluation.benchmark.tables import written
from evaluation.benchmark.terms import TableFormat
from evaluation.bootstrap import Estimate, Resampling

NAME = r"a|b_100%\{x}~^&#$"
FIGURE = Estimate(0.5, 0.25, 0.75, 2)
ROW = Row(NAME, ["m"], 3, {BERT_SCORE: FIGURE}, {"xWant": FIGURE})
BARE = Row("bare", [], 20, {BERT_SCORE: Estimate(0.0, None, None, 1)}, {"xWant": FIGURE})
PAIR = PairedDifference(NAME, "bare", BERT_SCORE, Estimate(0.5, 0.25, 0.75, 2), 0.01, 0.02)
TABLE = Table(2, 20, 15, Resampling(100), {BERT_SCORE: "by a_model"}, [ROW, BARE], [PAIR])


def test_markdown_has_figures_relations_differences_and_notes() -> None:
    text = written(TABLE, TableFormat.MARKDOWN)

    assert r"| a\|b_100%\{x}~^&#$ | 3 of 20 | 50.0 [25.0, 75.0] |" in text
    assert "| bare | 20 of 20 | 0.0 |" in text
    assert "| xWant | 50.0 [25.0, 75.0] | 50.0 [25.0, 75.0] |" in text
    assert "| BERTScore | 50.0 [25.0, 75.0] | 0.0100 | 0.0200 |" in text
    assert "- BERTScore: by a_model." in text
    assert "15 of 20 slots of 2 posts" in text


def test_latex_escapes_what_is_special_there() -> None:
    text = written(TABLE, TableFormat.LATEX)

    escaped = (
        r"a|b\_100\%\textbackslash{}\{x\}\textasciitilde{}\textasciicircum{}\&\#\$ "
        r"& 3 of 20 & 50.0 [25.0, 75.0] \\"
    )
    assert escaped in text
    assert text.count(r"\begin{tabular}") == text.count(r"\end{tabular}") == 3
    assert "\n% BERTScore: by a_model." in text


def test_json_has_everything_that_is_known() -> None:
    told = json.loads(written(TABLE, TableFormat.JSON))

    assert told["rows"][0]["figures"][BERT_SCORE] == {
        "value": 0.5,
        "low": 0.25,
        "high": 0.75,
        "posts": 2,
    }
    assert told["compared"][0]["q"] == 0.02
    assert told["resampling"] == {"resamples": 100, "seed": 0}


@pytest.mark.parametrize("form", [TableFormat.MARKDOWN, TableFormat.LATEX])
def test_one_system_is_compared_with_none(form: TableFormat) -> None:
    alone = Table(2, 20, 15, Resampling(100), {BERT_SCORE: "by a_model"}, [ROW], [])

    assert "Difference" not in written(alone, form)
