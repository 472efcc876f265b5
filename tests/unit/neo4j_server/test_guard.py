"""The process that runs a server while a pipe is open; what it runs here is no server."""

import signal
import subprocess
import sys

import psutil
import pytest

from kg.neo4j import guard

READY = "print('ready', flush=True); time.sleep(60)"
WILLING = f"import time; {READY}"
STUBBORN = f"import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); {READY}"
IMPATIENT = (
    "import sys; from kg.neo4j import guard; guard.END_S = 0.3; sys.exit(guard.main(sys.argv[1:]))"
)


def guarding(*command: str, by: tuple[str, ...] = (guard.__file__,)) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, *by, *command], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )


def guarded_by(process: subprocess.Popen[bytes]) -> psutil.Process:
    """Return what a guard runs, once it says that it is ready."""
    assert process.stdout is not None
    assert process.stdout.readline() == b"ready\n"
    (child,) = psutil.Process(process.pid).children()
    return child


@pytest.mark.parametrize(
    ("code", "by"), [(WILLING, (guard.__file__,)), (STUBBORN, ("-c", IMPATIENT))]
)
def test_what_it_runs_ends_when_the_pipe_closes(code: str, by: tuple[str, ...]) -> None:
    with guarding(sys.executable, "-c", code, by=by) as process:
        child = guarded_by(process)

        assert process.stdin is not None
        process.stdin.close()

        process.wait(10)
    assert not child.is_running()


def test_what_it_runs_ends_when_it_is_ended_itself() -> None:
    with guarding(sys.executable, "-c", WILLING) as process:
        child = guarded_by(process)

        process.send_signal(signal.SIGTERM)

        process.wait(10)
    assert not child.is_running()


def test_it_ends_as_what_it_runs_ends_while_the_pipe_is_open() -> None:
    with guarding("sh", "-c", "exit 7") as process:
        assert process.wait(10) == 7
