"""Many at a time, in order, within a window."""

from collections.abc import Iterator

import anyio
import pytest

from ingest.in_order import READ_ROWS, WINDOW, in_order
from schema.errors import InputError

pytestmark = pytest.mark.anyio


async def test_results_come_in_the_order_of_the_items() -> None:
    given: list[int] = []

    async def work(number: int) -> int:
        await anyio.sleep(0.001 * (number * 7 % 5))
        return number

    async def done(number: int) -> None:
        given.append(number)

    await in_order(iter(range(1000)), work, done, concurrency=16)

    assert given == list(range(1000))


async def test_so_many_are_worked_on_at_a_time() -> None:
    working: list[int] = [0]

    async def work(number: int) -> int:
        working.append(working[-1] + 1)
        await anyio.sleep(0.001)
        working.append(working[-1] - 1)
        return number

    async def done(_number: int) -> None:
        pass

    await in_order(iter(range(100)), work, done, concurrency=5)

    assert max(working) == 5


async def test_one_that_takes_long_holds_the_window(monkeypatch: pytest.MonkeyPatch) -> None:
    read = 0
    started = anyio.Event()

    def items() -> Iterator[int]:
        nonlocal read
        while read < 10 * READ_ROWS:
            read += 1
            yield read - 1

    async def work(number: int) -> int:
        if number == 0:
            await started.wait()
        elif number == 2 * WINDOW - 1:
            await anyio.sleep(0.05)
            assert read < 2 * WINDOW + READ_ROWS
            started.set()
        return number

    async def done(_number: int) -> None:
        pass

    with anyio.fail_after(5):
        await in_order(items(), work, done, concurrency=2)


@pytest.mark.parametrize("fails_in", ["work", "done"])
async def test_an_error_ends_it_and_is_raised_bare(fails_in: str) -> None:
    async def work(number: int) -> int:
        if fails_in == "work" and number == 7:
            raise InputError("enough")
        await anyio.sleep(0.001)
        return number

    async def done(number: int) -> None:
        if fails_in == "done" and number == 7:
            raise InputError("enough")

    with anyio.fail_after(5), pytest.raises(InputError, match="enough"):
        await in_order(iter(range(10**9)), work, done, concurrency=4)


async def test_nothing_is_nothing() -> None:
    async def work(number: int) -> int:
        return number

    async def done(_number: int) -> None:
        pass

    await in_order(iter(()), work, done, concurrency=4)
