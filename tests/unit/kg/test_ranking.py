"""Pages of a ranking whose index finds more the more it is asked for."""

from collections.abc import Sequence
from typing import Final, cast

import pytest

from kg.ranking import Ranking, SearchHit, Window, mark_of, paged
from kg.store import GraphStore
from schema.errors import QueryError, StaleCursorError

pytestmark = pytest.mark.anyio

ALL: Final = [SearchHit(f"{n:02}", n + 1, (), similarity=1 - n / 100) for n in range(40)]
MISSED: Final = frozenset({"01", "04", "11"})
"""What is found only where at least eight are asked for."""


class StillStore:
    """A graph that nobody writes to."""

    async def version(self) -> int:
        return 7


STORE: Final = cast("GraphStore", StillStore())


async def improving(last: int) -> Sequence[SearchHit]:
    """Rank as an approximate index does: a small answer misses some."""
    found = [hit for hit in ALL if last >= 8 or hit.id not in MISSED]
    return found[: last + 1]


async def forgetting(last: int) -> Sequence[SearchHit]:
    """Rank without the result that the page before ended with."""
    return [hit for hit in ALL if last < 8 or hit.id != "03"][: last + 1]


def behind(page: Ranking[SearchHit], first: int) -> Window:
    """Return the window behind a page, as its last cursor says it."""
    return Window(first, page.offset + len(page.hits), page.version, mark_of(page.hits[-1]))


async def test_what_a_deeper_look_finds_above_a_page_makes_no_result_come_twice() -> None:
    one = await paged(STORE, Window(4), 40, improving)
    two = await paged(STORE, behind(one, 5), 40, improving)

    assert [hit.id for hit in one.hits] == ["00", "02", "03", "05"]
    assert [hit.id for hit in two.hits] == ["06", "07", "08", "09", "10"]
    assert two.offset == 6


async def test_all_pages_together_are_the_ranking_from_the_first_page_on() -> None:
    pages = [await paged(STORE, Window(4), 40, improving)]
    while pages[-1].more:
        pages.append(await paged(STORE, behind(pages[-1], 4), 40, improving))

    found = [hit.id for page in pages for hit in page.hits]
    assert found == [hit.id for hit in ALL if hit.id not in {"01", "04"}]


async def test_a_page_behind_a_result_that_is_gone_is_refused() -> None:
    one = await paged(STORE, Window(4), 40, forgetting)

    with pytest.raises(StaleCursorError, match="no more in the ranking"):
        await paged(STORE, behind(one, 5), 40, forgetting)


async def test_the_last_page_ends_at_the_limit_and_none_is_behind_it() -> None:
    one = await paged(STORE, Window(8), 10, improving)
    two = await paged(STORE, behind(one, 8), 10, improving)
    three = await paged(STORE, behind(two, 8), 10, improving)

    assert ([hit.id for hit in two.hits], two.more) == (["08", "09"], False)
    assert (three.hits, three.offset, three.more, three.total) == ((), 10, False, 10)


@pytest.mark.parametrize("window", [Window(11), Window(1, 11), Window(0), Window(1, -1)])
async def test_a_page_larger_than_the_ranking_or_behind_it_is_refused(window: Window) -> None:
    with pytest.raises(QueryError, match="asked for"):
        await paged(STORE, window, 10, improving)
