"""Posts whose intentions contradict what they say: glad words, and an author who is not glad."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

import anyio.to_thread

from kg.pages import pages
from kg.pairs import intentions_that_pass
from kg.ranking import FIRST_PAGE, RESULT_LIMIT, Ranking, Window, paged
from kg.sentiment import is_opposite, sentiment
from kg.store import GraphStore
from schema.errors import QueryError
from schema.graph import Filter
from schema.nodes import Intention, NodeKind, Post
from schema.relations import Relation

POSTS_LIMIT: Final = 25_000
"""Most posts whose words are looked at for one ranking."""

PAGE_POSTS: Final = 1_000
DIGITS: Final = 4


@dataclass(frozen=True, slots=True)
class Contradiction:
    """A post, and its intention that contradicts it most.

    Attributes:
        post_id: The post.
        intention_id: The intention.
        said: Estimated sentiment of the post's text, in [-1, 1].
        meant: Estimated sentiment of the intention's, of the other sign.
    """

    post_id: str
    intention_id: str
    said: float
    meant: float

    @property
    def key(self) -> tuple[float | str, ...]:
        """Both sentiments, the post and the intention."""
        return self.said, self.meant, self.post_id, self.intention_id

    @property
    def difference(self) -> float:
        """How far the two lie apart: above 0, at most 2."""
        return round(abs(self.said - self.meant), DIGITS)


async def contradictions(
    store: GraphStore,
    relations: Sequence[Relation],
    *,
    where: Filter,
    window: Window = FIRST_PAGE,
) -> Ranking[Contradiction]:
    """Rank posts by how far the sentiment of an intention lies from that of the post's text.

    Only posts come that say something good and have an intention that is bad, or the other way
    round. By falling difference, ties by rising post id; of a post, its intention of the greatest
    difference, ties by rising id.

    Raises:
        QueryError: More than POSTS_LIMIT posts pass, or the page lies too deep.
        StaleCursorError: The graph has changed since the version of the window.
    """
    where = replace(where, relations=tuple(relations))

    async def ranked(_: int) -> Sequence[Contradiction]:
        passing = await store.count(NodeKind.POST, where)
        if passing > POSTS_LIMIT:
            raise QueryError(
                f"{passing} posts pass, and at most {POSTS_LIMIT} are compared: narrow them by "
                "where, such as by a label"
            )
        found: list[Contradiction] = []
        async for ids in pages(
            lambda after: store.ids(NodeKind.POST, where=where, after=after, limit=PAGE_POSTS)
        ):
            found += await _contradictions(store, ids, where)
        return sorted(found, key=_order)

    return await paged(store, window, RESULT_LIMIT, ranked, is_whole=True)


async def _contradictions(
    store: GraphStore, post_ids: Sequence[str], where: Filter
) -> list[Contradiction]:
    posts = [post for post in await store.posts(post_ids) if post is not None]
    held = await intentions_that_pass(store, post_ids, where)
    return await anyio.to_thread.run_sync(_greatest, posts, held)


def _greatest(
    posts: Sequence[Post], held: Mapping[str, Sequence[Intention]]
) -> list[Contradiction]:
    """Return each post's greatest contradiction, where it has one."""
    found: list[Contradiction] = []
    for post in posts:
        said = sentiment(post.text)
        every = [
            Contradiction(post.id, intention.id, said, sentiment(intention.text))
            for intention in held[post.id]
        ]
        opposite = [one for one in every if is_opposite(one.said, one.meant)]
        if opposite:
            found.append(min(opposite, key=_order))
    return found


def _order(one: Contradiction) -> tuple[float, str, str]:
    return -one.difference, one.post_id, one.intention_id
