"""The command ``miko neo4j``, as it is used at a terminal."""

import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from unit.miko.asking import ROOT, miko


@pytest.fixture
def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]


@pytest.mark.parametrize("version", ["2026.08.1"])
def test_it_says_where_the_server_is_and_ctrl_c_stops_it_in_order(
    version: str, jars: Path, tmp_path: Path, free_port: int
) -> None:
    options = ["--heap", "512m", "--pagecache", "128m", "--port", str(free_port)]
    command = [sys.executable, "-m", "miko", "neo4j", "--folder", str(tmp_path), *options]
    with subprocess.Popen(
        command,
        cwd=ROOT,
        env=os.environ | {"MIKO_NEO4J_PASSWORD": "tea and cake"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
        text=True,
    ) as process:
        assert process.stdout is not None
        line = process.stdout.readline()

        # Ctrl-C at a terminal goes to each process of the command's group.
        os.killpg(process.pid, signal.SIGINT)
        _, notes = process.communicate(timeout=60)

    assert line == f"export MIKO_STORE_URL=bolt://127.0.0.1:{free_port}\n"
    assert (process.returncode, notes.splitlines()[-1]) == (0, "stopped")
    assert "tea and cake" not in notes
    assert "Stopped." in (tmp_path / "logs" / "neo4j.log").read_text()


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("heap", "lots", "'lots' is no size: as 512m or 2g"),
        ("version", "4.4.1", "'4.4.1' is no version that MIKO knows"),
        ("password", "short", "Neo4j wants 8 characters or more"),
    ],
)
def test_a_wrong_value_is_told_by_the_name_of_its_option_or_setting(
    tmp_path: Path, name: str, value: str, message: str
) -> None:
    setting = f"MIKO_NEO4J_{name.upper()}"
    option = miko("neo4j", "--folder", str(tmp_path / "data"), f"--{name}", value)
    variable = miko("neo4j", "--folder", str(tmp_path / "data"), **{setting: value})

    assert (option.exit_code, variable.exit_code) == (2, 1)
    assert f"Invalid value for --{name}: {message[:30]}" in option.stderr
    assert variable.stderr.startswith(f"miko: {setting}: {message}")
    assert not (tmp_path / "data").exists()


def test_a_taken_port_is_told_in_one_line(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        result = miko("neo4j", "--folder", str(tmp_path / "data"), "--port", port)

    assert (result.exit_code, result.stdout) == (1, "")
    assert f"port {port} cannot be listened at" in result.stderr
    assert not (tmp_path / "data").exists()
