"""A small graph on disk, that the commands of these tests read."""

from pathlib import Path

import anyio
import pytest
from contract.small_graph import BATCH, embed_intentions

from kg.connect import connect
from kg.settings import StoreSettings


@pytest.fixture(scope="session")
def graph(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Return the address of the contract suite's small graph, its intentions embedded."""
    url = f"sqlite:///{tmp_path_factory.mktemp('miko')}/graph.db"
    anyio.run(_fill, url)
    return url


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Work in an empty folder, so that no command finds or leaves a graph elsewhere."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("MIKO_STORE_URL", raising=False)
    return tmp_path


async def _fill(url: str) -> None:
    async with connect(StoreSettings(url=url)) as store:
        await store.put(BATCH)
        await embed_intentions(store)
        await store.refresh()
