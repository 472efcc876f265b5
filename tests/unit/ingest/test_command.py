"""The commands `load` and `embed`, as a person runs them."""

import json
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner
from unit.ingest.written import record, written

from ingest.command import REJECTED, embed, load
from ingest.formats.recognise import FORMATS
from schema.errors import FormatError

app = typer.Typer()
app.command()(load)
app.command()(embed)


@pytest.fixture
def graph(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Work in an empty folder, whose graph the commands are to fill."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_load_says_what_it_did_and_what_is_next(graph: Path) -> None:
    written(graph / "posts.jsonl", record())

    result = CliRunner().invoke(app, ["load", "posts.jsonl"])

    assert result.exit_code == 0
    assert result.stdout.splitlines() == [
        "posts.jsonl (record): 1 loaded",
        "Added or changed: 1 Post",
        "Next: `miko embed`, so that what was loaded is found by its meaning",
    ]


def test_load_prints_json(graph: Path) -> None:
    written(graph / "facts.txt", "IsA\tdog\tpet", "IsA\tdog\tdogs", "IsA\tdog")

    result = CliRunner().invoke(app, ["load", "facts.txt", "--json", "--rejects", "bad.jsonl"])

    assert result.exit_code == REJECTED
    assert json.loads(result.stdout) == {
        "files": [
            {
                "file": "facts.txt",
                "format": "cn100k",
                "loaded": 1,
                "rejected": 1,
                "skipped": {"both ends are one concept": 1},
            }
        ],
        "written": {"Concept": 2, "RELATED": 1},
    }
    assert json.loads((graph / "bad.jsonl").read_text())["line"] == 3


def test_a_rejected_row_is_told_with_the_place_to_look(graph: Path) -> None:
    written(graph / "posts.jsonl", record(), "{")

    result = CliRunner().invoke(app, ["load", "posts.jsonl"])

    assert result.exit_code == REJECTED
    assert "1 row or field is malformed: see rejects.jsonl" in result.stderr


def test_an_unknown_format_is_the_callers_to_handle(graph: Path) -> None:
    written(graph / "posts.jsonl", record())

    result = CliRunner().invoke(app, ["load", "posts.jsonl", "--format", "csv"])

    assert isinstance(result.exception, FormatError)
    assert not (graph / "rejects.jsonl").exists()


def test_help_names_every_format() -> None:
    help_text = CliRunner().invoke(app, ["load", "--help"], env={"COLUMNS": "500"}).stdout

    assert [known.name for known in FORMATS if known.name not in help_text] == []
