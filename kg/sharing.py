"""Intentions and posts that share a motive or a topic, and differ in something else."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

from kg.asked import embeddings_of
from kg.motive import Likeness, Part, parted
from kg.ranking import FIRST_PAGE, RESULT_LIMIT, Ranking, Window, paged
from kg.store import GraphStore
from schema.errors import QueryError, UnknownIdError
from schema.graph import EVERYTHING, Aspect, Filter
from schema.nodes import NodeKind
from schema.relations import Relation

POOL: Final = 1000
"""How many of the nearest intentions are compared part by part; of one, so many of its posts."""


class Differ(StrEnum):
    """What two posts are not to share."""

    EMOTION = "emotion"
    TOPIC = "topic"


@dataclass(frozen=True, slots=True)
class Sharing:
    """What posts are to share with one.

    Attributes:
        relation: Of both intentions.
        part: What of the intentions is to be alike.
        differ: Only posts that are known to have such, and share none with the post.
    """

    relation: Relation
    part: Part
    differ: Differ | None = None


@dataclass(frozen=True, slots=True)
class IntentionLike:
    """An intention, and how alike it is to the one that was asked for."""

    id: str
    likeness: Likeness

    @property
    def key(self) -> tuple[float | str, ...]:
        """Its likeness and the intention."""
        return *self.likeness.parts, self.id


@dataclass(frozen=True, slots=True)
class PostLike:
    """A post, and its intention that is most like one of the post that was asked for.

    Attributes:
        post_id: The post.
        intention_id: Its intention.
        asked_id: The intention of the post that was asked for.
        likeness: Of the two intentions.
    """

    post_id: str
    intention_id: str
    asked_id: str
    likeness: Likeness

    @property
    def key(self) -> tuple[float | str, ...]:
        """Its likeness, the post and both intentions."""
        return *self.likeness.parts, self.post_id, self.intention_id, self.asked_id


async def intentions_sharing(
    store: GraphStore,
    intention_id: str,
    part: Part,
    *,
    where: Filter = EVERYTHING,
    window: Window = FIRST_PAGE,
) -> Ranking[IntentionLike]:
    """Rank the POOL intentions nearest to one by a part of their likeness to it, ties by id.

    Raises:
        UnknownIdError: There is no such intention.
        QueryError: It has no embedding, or the page lies too deep.
        StaleCursorError: The graph has changed since the version of the window.
    """

    async def ranked(_: int) -> Sequence[IntentionLike]:
        hits = await _near(store, intention_id, where)
        others = [hit for hit in hits if hit.id != intention_id]
        return sorted(others, key=lambda hit: (-hit.likeness.of(part), hit.id))

    return await paged(store, window, RESULT_LIMIT, ranked, is_whole=True)


async def posts_sharing(
    store: GraphStore,
    post_id: str,
    asked: Sharing,
    *,
    where: Filter = EVERYTHING,
    window: Window = FIRST_PAGE,
) -> Ranking[PostLike]:
    """Rank other posts by a part of the likeness of an intention of theirs to one of a post.

    Those are ranked that have one of the POOL intentions of the relation that are nearest to the
    post's; where it has several, to one of them. A post stands where its best intention does, ties
    by rising ids.

    Args:
        store: Where they are.
        post_id: The post to start from.
        asked: What they are to share.
        where: What passes; its relations do not count.
        window: Which page.

    Raises:
        UnknownIdError: There is no such post.
        QueryError: The post lacks such an intention, or what is to differ.
        StaleCursorError: The graph has changed since the version of the window.
    """
    where = replace(where, relations=(asked.relation,))
    part, differ = asked.part, asked.differ

    async def ranked(_: int) -> Sequence[PostLike]:
        asked_ids = await _intentions(store, post_id, asked.relation)
        best: dict[str, PostLike] = {}
        for asked_id in asked_ids:
            for hit in await _holders(store, asked_id, where):
                held = best.get(hit.post_id)
                if held is None or _order(hit, part) < _order(held, part):
                    best[hit.post_id] = hit
        best.pop(post_id, None)
        hits = sorted(best.values(), key=lambda hit: _order(hit, part))
        if differ is None:
            return hits
        own = [(post_id, asked_id) for asked_id in asked_ids]
        return await _differing(store, own, hits, differ)

    return await paged(store, window, RESULT_LIMIT, ranked, is_whole=True)


def _order(hit: PostLike, part: Part) -> tuple[float, str, str, str]:
    return -hit.likeness.of(part), hit.post_id, hit.intention_id, hit.asked_id


async def _near(store: GraphStore, intention_id: str, where: Filter) -> list[IntentionLike]:
    """Compare an intention with the POOL that are nearest to it, and with itself if it passes."""
    (query,) = await embeddings_of(store, [intention_id])
    near = await store.nearest(NodeKind.INTENTION, query, POOL + 1, where)
    ids = [hit.id for hit in near if hit.id != intention_id][:POOL]
    likeness = (await parted(store, [intention_id, *ids])).likeness(0)
    hits = [IntentionLike(*hit) for hit in zip([intention_id, *ids], likeness, strict=True)]
    return hits if any(hit.id == intention_id for hit in near) else hits[1:]


async def _holders(store: GraphStore, intention_id: str, where: Filter) -> list[PostLike]:
    near = await _near(store, intention_id, where)
    holders = await store.posts_of([hit.id for hit in near], limit=POOL, where=where)
    return [
        PostLike(post_id, hit.id, intention_id, hit.likeness)
        for hit, post_ids in zip(near, holders, strict=True)
        for post_id in post_ids
    ]


async def _intentions(store: GraphStore, post_id: str, relation: Relation) -> list[str]:
    (held,) = await store.intentions_of([post_id], [relation])
    if not held and (await store.posts([post_id]))[0] is None:
        raise UnknownIdError(post_id)
    if not held:
        raise QueryError(f"the post {post_id!r} has no intention of {relation.value}: ask another")
    return list(dict.fromkeys(one.intention.id for one in held))


async def _differing(
    store: GraphStore, own: Sequence[tuple[str, str]], hits: Sequence[PostLike], differ: Differ
) -> list[PostLike]:
    others = [(hit.post_id, hit.intention_id) for hit in hits]
    known = await _known(store, [*own, *others], differ)
    avoided = frozenset[str]().union(*known[: len(own)])
    if not avoided:
        raise QueryError(f"the post {own[0][0]!r} has no {differ} that is known: leave differ out")
    return [
        hit
        for hit, theirs in zip(hits, known[len(own) :], strict=True)
        if theirs and avoided.isdisjoint(theirs)
    ]


async def _known(
    store: GraphStore, pairs: Sequence[tuple[str, str]], differ: Differ
) -> list[frozenset[str]]:
    """Return the emotions, or the topics, of posts with an intention: ids of concepts.

    The topics are what the intention is about, and what the post mentions but for emotions.
    """
    is_emotion = differ is Differ.EMOTION
    mentioned = await store.mentions_of([post_id for post_id, _ in pairs])
    found = [
        {m.concept.id for m in some if (m.mentions.aspect is Aspect.EMOTION) is is_emotion}
        for some in mentioned
    ]
    if not is_emotion:
        about = await store.about_of([intention_id for _, intention_id in pairs])
        for some, links in zip(found, about, strict=True):
            some.update(link.concept.id for link in links)
    return [frozenset(some) for some in found]
