"""An empty graph, and one small file in each format."""

from collections.abc import AsyncGenerator
from pathlib import Path

import pytest

from kg.connect import connect
from kg.settings import StoreSettings
from kg.store import GraphStore


@pytest.fixture
async def store(tmp_path: Path) -> AsyncGenerator[GraphStore]:
    async with connect(StoreSettings(url=f"sqlite:///{tmp_path}/graph.db")) as opened:
        yield opened
