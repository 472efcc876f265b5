"""The `miko` command, as the tests run it."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from typer.testing import CliRunner, Result

from miko.cli import app

ROOT = Path(__file__).parents[3]


def miko(*arguments: str, **environment: str) -> Result:
    """Run a command in this process, on a terminal that is wide enough for any line."""
    return CliRunner().invoke(app, arguments, env={"COLUMNS": "400", **environment})


def answered(*arguments: str) -> Any:
    """Return the JSON that a command prints, and nothing else with it."""
    return json.loads(miko(*arguments, "--json").stdout)


def python(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run a Python of its own in this folder, with the repository's packages."""
    return subprocess.run(
        [sys.executable, *arguments],
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
        env={"PYTHONPATH": str(ROOT), "PATH": "", "HOME": str(Path.cwd())},
    )
