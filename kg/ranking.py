"""Pages of a ranking, each of one version of the graph: continued in the same order, or refused."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Final, Generic, Protocol, TypeVar

from kg.store import GraphStore
from schema.errors import QueryError, StaleCursorError
from schema.graph import EVERYTHING, Filter
from schema.nodes import NodeKind
from schema.search import Ranker
from schema.text import digest

RESULT_LIMIT: Final = 1000
"""Deepest rank that semantic and text search, and posts by intention, go to."""

REORDERED_POOL: Final = 200
"""How many results are put in another order, where one is asked for; also the deepest rank then."""

MARK_LENGTH: Final = 12


class Ranked(Protocol):
    """A result of any ranking."""

    @property
    def key(self) -> tuple[float | str, ...]:
        """By what it is known again: its score, and its ids."""
        ...


Hit = TypeVar("Hit", bound=Ranked)


@dataclass(frozen=True, slots=True)
class Place:
    """Where one ranker put a node: its rank, from 1, and its part of the score, if fused."""

    ranker: Ranker
    rank: int
    part: float | None = None


@dataclass(frozen=True, slots=True)
class SearchHit:
    """One result.

    Attributes:
        id: The node.
        rank: Its rank, from 1, before diversity and one result a post.
        places: Where each ranker that found it put it, meaning first.
        similarity: Cosine of query and node, where the search was semantic or hybrid and the
            node was among the nearest.
        relevance: BM25, where the search was text or hybrid and the node was among the matches.
        score: The fused value, where ranks were fused: the sum of the parts.
        redundancy: Greatest cosine to a result above it, where diversity was asked for and there
            is one.
    """

    id: str
    rank: int
    places: tuple[Place, ...]
    similarity: float | None = None
    relevance: float | None = None
    score: float | None = None
    redundancy: float | None = None

    @property
    def key(self) -> tuple[float | str, ...]:
        """What it was ranked by, as the answer shows it, and the node."""
        values = (self.score, self.similarity, self.relevance)
        return next((value for value in values if value is not None), 0.0), self.id


@dataclass(frozen=True, slots=True)
class Ranking(Generic[Hit]):
    """One page of results, of one version of the graph.

    Attributes:
        hits: The page.
        version: The version of the graph before it was ranked; the next page is of the same, or
            refused.
        offset: Rank before the first hit.
        more: Whether a further page exists.
        total: How many results there are on all pages, where that is known.
    """

    hits: tuple[Hit, ...]
    version: int
    offset: int
    more: bool
    total: int | None = None


@dataclass(frozen=True, slots=True)
class Window:
    """Which page of a ranking to give.

    Attributes:
        first: Most results, at least 1.
        offset: How many to pass over, at least 0.
        version: The version of the graph that an earlier page was of, to continue it.
        last: The mark of the last result before the page (``mark_of``); "" where none is known.
    """

    first: int = 10
    offset: int = 0
    version: int | None = None
    last: str = ""

    @property
    def depth(self) -> int:
        """The last rank of the page."""
        return self.offset + self.first


FIRST_PAGE: Final = Window()


@dataclass(frozen=True, slots=True)
class Slice:
    """Which nodes are ranked, and which page of them: those of a kind that pass."""

    kind: NodeKind
    where: Filter = EVERYTHING
    window: Window = FIRST_PAGE


def mark_of(hit: Ranked) -> str:
    """Return a short hash of a result's score and ids, to find its place again."""
    return digest(repr(hit.key))[:MARK_LENGTH]


async def paged(
    store: GraphStore,
    window: Window,
    limit: int,
    rank: Callable[[int], Awaitable[Sequence[Hit]]],
    *,
    is_whole: bool = False,
) -> Ranking[Hit]:
    """Rank, and return the page of a window: its hits, and one more where there is one.

    A page begins behind the last result of the page before, wherever that stands by now: an index
    that is asked for more may find what it had missed, and a result moves down by as much. The
    last page ends at the limit, and none is behind it.

    Args:
        store: What is ranked.
        window: Which page.
        limit: The deepest rank that this ranking goes to.
        rank: Gives the ranking, at least to one rank behind the one that it is asked for.
        is_whole: Whether it gives the whole ranking, whatever it is asked for.

    Raises:
        QueryError: The page is larger than the limit, or begins behind it.
        StaleCursorError: The graph has changed since the version of the window, or the last result
            has no place in the ranking.
    """
    _check(window, limit)
    version = await _version(store, window)
    start, hits = await _found(window, limit, rank)
    if window.version is not None:
        # A write may have come between the two. A first page needs no second look: no page is
        # continued behind the version from before its ranking once anything was written.
        await _version(store, window)
    if start is None:
        why = f"at version {version} of the graph, the cursor's result is no more in the ranking"
        raise StaleCursorError(version, version, why=why)
    end, ranked = min(start + window.first, limit), min(len(hits), limit)
    is_all = is_whole or len(hits) <= end or ranked == limit
    return Ranking(tuple(hits[start:end]), version, start, end < ranked, ranked if is_all else None)


async def _found(
    window: Window, limit: int, rank: Callable[[int], Awaitable[Sequence[Hit]]]
) -> tuple[int | None, Sequence[Hit]]:
    """Return where the page begins, and a ranking that goes to one rank behind it."""
    depth = min(window.depth, limit)
    while True:
        hits = await rank(depth)
        start = _start(window, hits)
        end = 0 if start is None else min(start + window.first, limit)
        if end <= depth:
            return start, hits
        depth = end


def _start(window: Window, hits: Sequence[Ranked]) -> int | None:
    if not window.last:
        return window.offset
    # Nearly always it stands where it stood.
    here = hits[window.offset - 1 : window.offset] if window.offset else ()
    if here and mark_of(here[0]) == window.last:
        return window.offset
    marks = enumerate(map(mark_of, hits), start=1)
    return next((place for place, mark in marks if mark == window.last), None)


def _check(window: Window, limit: int) -> None:
    if window.first < 1 or window.offset < 0:
        raise QueryError(f"asked for {window.first} results from rank {window.offset}: at least 1")
    if max(window.first, window.offset) > limit:
        raise QueryError(f"asked for rank {window.depth}: this search ranks the first {limit}")


async def _version(store: GraphStore, window: Window) -> int:
    now = await store.version()
    if window.version is not None and window.version != now:
        raise StaleCursorError(window.version, now)
    return now
