"""What is tried again, and for how long."""

from collections.abc import Callable, Iterator

import pytest

from kg.neo4j import retries
from kg.neo4j.retries import Patience, persistent
from schema.errors import StoreBusyError, StoreError, StoreUnreachableError

pytestmark = pytest.mark.anyio

SHORT = Patience(busy_s=0.05, outage_s=0.5)


@pytest.fixture(autouse=True)
def fast(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make the pauses short."""
    monkeypatch.setattr(retries, "FIRST_PAUSE_S", 0.01)


class Failing:
    """Fails by these errors, one after the other, then succeeds."""

    def __init__(self, errors: Iterator[StoreError]) -> None:
        self._errors = errors
        self.attempts = 0

    async def __call__(self) -> str:
        self.attempts += 1
        if error := next(self._errors, None):
            raise error
        return "done"


def endless(kind: type[StoreError]) -> Failing:
    return Failing(iter(lambda: kind("no"), None))


@pytest.mark.parametrize("kind", [StoreBusyError, StoreUnreachableError])
async def test_what_may_help_is_tried_until_it_succeeds(kind: Callable[[str], StoreError]) -> None:
    work = Failing(iter([kind("no"), kind("no")]))

    assert await persistent(work, SHORT) == "done"
    assert work.attempts == 3


async def test_what_cannot_help_is_not_tried_again() -> None:
    work = endless(StoreError)

    with pytest.raises(StoreError):
        await persistent(work, SHORT)

    assert work.attempts == 1


async def test_an_outage_is_borne_for_longer_and_neither_for_ever() -> None:
    busy, silent = endless(StoreBusyError), endless(StoreUnreachableError)

    with pytest.raises(StoreBusyError):
        await persistent(busy, SHORT)
    with pytest.raises(StoreUnreachableError):
        await persistent(silent, SHORT)

    assert 1 < busy.attempts < silent.attempts < 12


async def test_those_who_failed_together_do_not_return_together(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    paused: list[float] = []

    async def note(pause_s: float) -> None:
        paused.append(pause_s)

    monkeypatch.setattr(retries.anyio, "sleep", note)
    for _ in range(8):
        await persistent(Failing(iter([StoreBusyError("no")])), SHORT)

    assert len(set(paused)) == 8


async def test_an_outage_is_told_once(caplog: pytest.LogCaptureFixture) -> None:
    with pytest.raises(StoreUnreachableError):
        await persistent(endless(StoreUnreachableError), SHORT)

    assert [record.message for record in caplog.records] == ["no; trying again"]
