"""Every async test runs on asyncio; what a test of any kind may ask for."""

import os
import signal
from pathlib import Path

import pytest
from hypothesis import settings
from neo4j_servers import neo4j_server as neo4j_server

settings.register_profile("any machine", deadline=None)
settings.load_profile("any machine")

DEFAULT_DATA = Path(__file__).parents[2] / "shared" / "data"


def pytest_configure() -> None:
    """Let what tests start be interrupted: a shell has what it runs behind it ignore Ctrl-C."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session")
def data() -> Path:
    """Return the folder of the real files, which cannot be published."""
    folder = Path(os.environ.get("MIKO_DATA", DEFAULT_DATA))
    if folder.is_dir():
        return folder
    reason = f"the real files are not at {folder}: set MIKO_DATA to their folder"
    if os.environ.get("CI"):
        pytest.fail(reason)
    pytest.skip(reason)


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"
