"""No module of kg is left out of the contracts on who may import an engine or an adapter."""

import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
CONTRACTS = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["importlinter"]
FORBIDDEN = {c["name"]: c for c in CONTRACTS["contracts"] if c["type"] == "forbidden"}
MODULES = {f"kg.{path.stem}" for path in (ROOT / "kg").glob("*.py")} - {"kg.__init__"}


@pytest.mark.parametrize(
    ("name", "who_may"),
    [
        ("Only the embedded adapter knows its engines", {"kg.analysis"}),
        ("Only the Neo4j adapter knows its driver", set[str]()),
        ("Only kg.connect and the command know the adapters", {"kg.connect"}),
        ("Only the sentence embedder knows sentence-transformers", {"kg.sentence_embedder"}),
    ],
)
def test_each_module_of_kg_is_kept_from_what_others_import(name: str, who_may: set[str]) -> None:
    assert MODULES - set(FORBIDDEN[name]["source_modules"]) == who_may
