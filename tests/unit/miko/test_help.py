"""What `miko --help` says, how soon, and whether its examples are right."""

import re
import shlex

import pytest
from command_line import COMMANDS, TOP, parted
from unit.miko.asking import miko, python

EXAMPLE = re.compile(r"^ *(?:[A-Z_]+=\S+ )?miko (?P<call>[a-z0-9].*)$", re.MULTILINE)
EXAMPLES = [
    parted(shlex.split(found["call"]))
    for command in (*COMMANDS.values(), *TOP.values())
    for found in EXAMPLE.finditer(command.help or "")
]
HEAVY = (
    "PIL anyio faiss httpx neo4j numpy orjson pydantic sentence_transformers starlette strawberry "
    "tantivy torch"
)


def test_the_commands_are_those_of_the_readme() -> None:
    assert " ".join(TOP) == (
        "demo setup distill load embed search similar posts paths plausibility eval-search "
        "bench-models train-student sarcasm stats reindex copy export subgraph delete purge neo4j "
        "serve query annotate"
    )


@pytest.mark.parametrize("name", COMMANDS)
def test_the_help_of_a_command_shows_an_example(name: str) -> None:
    result = miko(*name.split(), "--help")

    assert result.exit_code == 0
    assert re.search(rf"Examples? *\n\s+.*miko {name}\b", result.stdout)


@pytest.mark.parametrize(("name", "arguments"), EXAMPLES)
def test_an_example_is_a_right_call(name: str, arguments: list[str]) -> None:
    # Options are read, the command is not run.
    assert COMMANDS[name].make_context(name, arguments).params


@pytest.mark.parametrize("name", COMMANDS)
def test_every_option_and_argument_says_what_it_is_for(name: str) -> None:
    assert [p.name for p in COMMANDS[name].params if not getattr(p, "help", None)] == []


def test_the_exit_codes_are_told() -> None:
    assert "3 loaded but some rows were rejected" in miko("--help").stdout


def test_without_a_command_there_is_help() -> None:
    result = miko()

    assert result.exit_code == 2
    assert "Usage: miko" in result.output


def test_help_waits_for_nothing_heavy() -> None:
    code = f"import sys, miko.cli; print(sorted(set({HEAVY.split()}) & sys.modules.keys()))"

    result = python("-c", code)

    assert (result.stdout, result.stderr) == ("[]\n", "")


def test_the_package_runs_as_a_module() -> None:
    result = python("-m", "miko", "--help")

    assert result.returncode == 0
    assert "Usage: python -m miko" in result.stdout
