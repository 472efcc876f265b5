"""Many at a time, and yet in order: a window over a stream."""

from collections.abc import Awaitable, Callable, Iterator
from itertools import islice
from typing import Final, Generic, TypeVar

import anyio
import anyio.to_thread

READ_ROWS: Final = 256
"""Items that are read at a time, in a thread."""

WINDOW: Final = 32
"""Items within the window, for each that is worked on: one that takes long holds up no other."""

T = TypeVar("T")
R = TypeVar("R")


async def in_order(
    items: Iterator[T],
    work: Callable[[T], Awaitable[R]],
    done: Callable[[R], Awaitable[None]],
    *,
    concurrency: int,
) -> None:
    """Work on items, so many at a time, and give the results in the order of the items.

    At most ``WINDOW * concurrency`` items and results are held. What the first of the functions
    raises ends it all, and is raised.
    """
    window = _Window(items, done, WINDOW * concurrency)

    async def worker() -> None:
        while (taken := await window.take()) is not None:
            place, item = taken
            await window.give(place, await work(item))

    try:
        async with anyio.create_task_group() as group:
            for _ in range(concurrency):
                group.start_soon(worker)
    except BaseExceptionGroup as group:
        raise group.exceptions[0] from None


class _Window(Generic[T, R]):
    """Hands items out and takes results back, in order."""

    def __init__(self, items: Iterator[T], done: Callable[[R], Awaitable[None]], size: int) -> None:
        self._items = items
        self._done = done
        self._room = anyio.Semaphore(size, fast_acquire=True)
        self._read: Iterator[T] = iter(())
        self._reading = anyio.Lock(fast_acquire=True)
        self._is_giving = False
        self._taken = 0
        self._given = 0
        self._results: dict[int, R] = {}

    async def take(self) -> tuple[int, T] | None:
        """Return the next item and its place, None at the end; waits while the window is full."""
        await self._room.acquire()
        for item in self._read:
            return self._next(item)
        async with self._reading:
            for item in self._read:
                return self._next(item)
            some = await anyio.to_thread.run_sync(lambda: list(islice(self._items, READ_ROWS)))
            self._read = iter(some)
            for item in self._read:
                return self._next(item)
        self._room.release()
        return None

    async def give(self, place: int, result: R) -> None:
        """Take a result; it is passed on when all before it are, by one worker for all."""
        self._results[place] = result
        if self._is_giving:
            return
        self._is_giving = True
        while self._given in self._results:
            await self._done(self._results.pop(self._given))
            self._given += 1
            self._room.release()
        self._is_giving = False

    def _next(self, item: T) -> tuple[int, T]:
        self._taken += 1
        return self._taken - 1, item
