"""All ids that a store gives page by page."""

from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence

from kg.store import Page


async def pages(ask: Callable[[str], Awaitable[Page]]) -> AsyncGenerator[Sequence[str]]:
    """Yield the ids of each page, rising; none is empty.

    Args:
        ask: Gives the page behind an id, the first behind "".
    """
    after, more = "", True
    while more:
        page = await ask(after)
        if page.ids:
            yield page.ids
            after = page.ids[-1]
        more = page.more
