"""The real files, an empty graph, and one small file in each format."""

import os
from collections.abc import AsyncGenerator
from pathlib import Path

import pytest

from kg.connect import connect
from kg.settings import StoreSettings
from kg.store import GraphStore

DEFAULT_DATA = Path(__file__).parents[4] / "shared" / "data"


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
async def store(tmp_path: Path) -> AsyncGenerator[GraphStore]:
    async with connect(StoreSettings(url=f"sqlite:///{tmp_path}/graph.db")) as opened:
        yield opened
