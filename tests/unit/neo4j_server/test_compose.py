"""The container for production, as far as it can be judged without running it."""

import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml
from unit.miko.asking import ROOT

from kg.settings import Neo4jSettings

FILE = ROOT / "compose.yaml"
NEO4J: dict[str, Any] = yaml.safe_load(FILE.read_text("utf-8"))["services"]["neo4j"]


def is_there(*command: str) -> bool:
    if shutil.which(command[0]) is None:
        return False
    return subprocess.run([*command, "version"], capture_output=True, check=False).returncode == 0


@pytest.fixture(scope="module")
def compose() -> list[str]:
    """Return the command: a plugin of docker's, or a program of its own."""
    found = [one for one in (["docker", "compose"], ["docker-compose"]) if is_there(*one)]
    if not found:
        pytest.skip(
            "no `docker compose` is here: to run this test, install it; no engine is needed"
        )
    return found[0]


def config(compose: list[str], folder: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    """Have the file read, with no more variables than these and no engine."""
    return subprocess.run(
        [*compose, "-f", str(FILE), "config", "-q"],
        env={"PATH": os.environ["PATH"], "HOME": os.environ["HOME"]} | variables,
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )


def test_compose_takes_it(compose: list[str], tmp_path: Path) -> None:
    result = config(compose, tmp_path, MIKO_NEO4J_PASSWORD="tea and cake")  # noqa: S106 nobody's

    assert (result.returncode, result.stdout, result.stderr) == (0, "", "")


def test_without_a_password_there_is_no_server(compose: list[str], tmp_path: Path) -> None:
    result = config(compose, tmp_path)

    assert result.returncode != 0
    assert "set it to the password" in result.stderr


def test_the_version_is_the_one_that_is_started_without_docker() -> None:
    version = Neo4jSettings.model_fields["version"].default

    assert NEO4J["image"] == f"neo4j:{version}-community"


def test_it_listens_on_loopback_alone() -> None:
    assert [port for port in NEO4J["ports"] if not port.startswith("127.0.0.1:")] == []


def test_the_password_is_in_no_list_of_processes_and_has_no_default() -> None:
    assert NEO4J["environment"]["NEO4J_AUTH"].startswith("neo4j/${MIKO_NEO4J_PASSWORD:?")
    assert "--password" not in " ".join(NEO4J["healthcheck"]["test"])


def test_its_memory_is_within_its_limit() -> None:
    sizes = ("memory_heap_max__size", "memory_pagecache_size")
    heap, pagecache = (int(NEO4J["environment"][f"NEO4J_server_{s}"].rstrip("g")) for s in sizes)

    assert heap + pagecache + 4 <= int(NEO4J["mem_limit"].rstrip("g"))
