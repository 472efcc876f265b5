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


def address(backend: str, folder: Path) -> str:
    """Return the address of an empty graph of a backend's own."""
    return {"sqlite": f"sqlite:///{folder}/graph.db"}[backend]


@pytest.fixture(scope="session", params=["sqlite"])
def backend(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture
def reopen(backend: str, tmp_path: Path) -> Opener:
    settings = StoreSettings(url=address(backend, tmp_path), timeout_s=1.0)
    return lambda: connect(settings)


@pytest.fixture
async def store(reopen: Opener) -> AsyncGenerator[GraphStore]:
    async with reopen() as opened:
        yield opened
