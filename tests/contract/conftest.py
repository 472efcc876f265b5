"""The contract suite runs over every backend: a new one is a parameter here, and no new test."""

from collections.abc import AsyncGenerator
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Protocol

import pytest

from kg.connect import connect
from kg.settings import StoreSettings
from kg.store import GraphStore


class Opener(Protocol):
    """Opens the same graph each time it is called."""

    def __call__(self) -> AbstractAsyncContextManager[GraphStore]: ...


@pytest.fixture(params=["sqlite"])
def reopen(request: pytest.FixtureRequest, tmp_path: Path) -> Opener:
    addresses = {"sqlite": f"sqlite:///{tmp_path}/graph.db"}
    settings = StoreSettings(url=addresses[request.param], timeout_s=1.0)
    return lambda: connect(settings)


@pytest.fixture
async def store(reopen: Opener) -> AsyncGenerator[GraphStore]:
    async with reopen() as opened:
        yield opened
