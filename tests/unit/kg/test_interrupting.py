"""A statement whose answer nobody waits for any longer does not go on."""

import asyncio
import sqlite3
from pathlib import Path

import pytest

from kg.connect import connect
from kg.settings import StoreSettings
from kg.sqlite import changes
from kg.sqlite.database import AtWork
from schema.errors import StoreError

ENDLESS = "WITH RECURSIVE n (x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT max(x) FROM n"

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


async def test_a_question_that_is_given_up_ends(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Closing a store waits for what reads it: without an interrupt, for ever."""
    ended = asyncio.Event()
    loop = asyncio.get_running_loop()

    def endless(connection: sqlite3.Connection) -> int:
        try:
            connection.execute(ENDLESS).fetchone()
        finally:
            loop.call_soon_threadsafe(ended.set)
        return 0

    async with connect(StoreSettings(url=f"sqlite:///{tmp_path}/miko.db")) as store:
        with monkeypatch.context() as patched:
            patched.setattr(changes, "version", endless)
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(0.2):
                    await store.version()
        await asyncio.wait_for(ended.wait(), 30)

        assert await store.version() == 0


def test_what_was_given_up_before_it_began_does_not_begin() -> None:
    at_work = AtWork()
    at_work.interrupt()

    with (
        pytest.raises(StoreError, match="nobody waits"),
        at_work.on(sqlite3.connect(":memory:")),
    ):
        pass
