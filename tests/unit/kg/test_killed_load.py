"""A load killed at random moments, then run to its end: the graph of one load."""

from pathlib import Path

import pytest

from benchmarks.killing import kill_at_random, state, timed_load, write_records

pytestmark = pytest.mark.anyio


async def test_nothing_is_lost_and_nothing_doubled(tmp_path: Path) -> None:
    records = tmp_path / "records.jsonl"
    write_records(records, 3000)
    whole_s = timed_load(records, tmp_path / "whole.db")

    kill_at_random(records, tmp_path / "killed.db", kills=6, within_s=whole_s)
    timed_load(records, tmp_path / "killed.db")

    assert await state(tmp_path / "killed.db") == await state(tmp_path / "whole.db")
