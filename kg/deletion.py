"""What a store says of a post that it deleted, and how it remembers that it did."""

import hashlib
import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final

from schema.errors import DeletedPostError, UnknownIdError
from schema.graph import Batch
from schema.nodes import NodeKind, kind_of

SALT_BYTES: Final = 16
DIGEST_BYTES: Final = 16


@dataclass(frozen=True, slots=True)
class Stayed:
    """An intention or a concept that the post had, and what else holds it in the graph.

    Attributes:
        id: The node.
        posts: Other posts that have, judge or mention it.
        intentions: Intentions, other than those that went, that are about it.
        related: Commonsense relationships from and to it.
    """

    id: str
    posts: int
    intentions: int = 0
    related: int = 0

    @property
    def is_held(self) -> bool:
        """Whether anything holds it."""
        return bool(self.posts or self.intentions or self.related)


@dataclass(frozen=True, slots=True)
class Deletion:
    """What went with a post, and what stayed of what it had.

    Attributes:
        time: When, ISO 8601, UTC.
        version_before: The graph's, before.
        version: The graph's, afterwards.
        removed: The post, its relationships, and the intentions, concepts and runs that nothing
            else holds, with what these intentions were about.
        embeddings: How many went with them.
        stayed: By rising id.
    """

    time: str
    version_before: int
    version: int
    removed: Batch
    embeddings: int
    stayed: Sequence[Stayed]


def now() -> str:
    """Return the time, ISO 8601, UTC, to the second."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


@dataclass(frozen=True, slots=True)
class DeletionRequest:
    """One call to delete a post: a store may have to carry it out twice to know that it did.

    Attributes:
        post_id: The post.
        time: When it was given, ISO 8601, UTC.
        number: Tells it from every other.
    """

    post_id: str
    time: str = field(default_factory=now)
    number: str = field(default_factory=lambda: secrets.token_hex(8))

    @staticmethod
    def of(post_id: str) -> "DeletionRequest":
        """Return a request for a post.

        Raises:
            UnknownIdError: The id has not the form of a post's.
        """
        require_post_id(post_id)
        return DeletionRequest(post_id)


def parted(found: Iterable[Stayed]) -> tuple[list[Stayed], list[Stayed]]:
    """Part what a post had in what something else holds and what goes with it, by rising id."""
    ordered = sorted(found, key=lambda one: one.id)
    return [one for one in ordered if one.is_held], [one for one in ordered if not one.is_held]


def refuse_deleted(post_ids: Sequence[str], times: Sequence[str | None]) -> None:
    """Refuse posts of which a store says when they were deleted (GraphStore.deleted).

    Raises:
        DeletedPostError: One was; it tells of the first.
    """
    for post_id, time in zip(post_ids, times, strict=True):
        if time is not None:
            raise DeletedPostError(post_id, time)


def require_post_id(post_id: str) -> None:
    """Refuse what has not the form of a post's id.

    Raises:
        UnknownIdError: It has not.
    """
    if kind_of(post_id) is not NodeKind.POST:
        raise UnknownIdError(post_id)


def new_salt() -> str:
    """Return what a graph mixes into the hashes of the ids that it deletes, in hex."""
    return secrets.token_hex(SALT_BYTES)


def tombstone(salt: str, post_id: str) -> str:
    """Return what stands for the id of a deleted post: BLAKE2b keyed with the graph's salt.

    Ids can be listed, so whoever has the graph and an id can still ask whether it was deleted;
    nobody can without the graph, nor from one graph for another (docs/decisions/0017).
    """
    key = bytes.fromhex(salt)
    return hashlib.blake2b(post_id.encode(), key=key, digest_size=DIGEST_BYTES).hexdigest()
