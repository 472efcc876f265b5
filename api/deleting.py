"""The receipt of a deletion, as GraphQL shows it."""

from typing import Final

import strawberry

from api.context import Context
from api.counting import Count
from api.ids import global_id, key_of_kind
from kg import deletion, receipt
from schema.nodes import NodeKind, kind_of

STAYED_LIMIT: Final = 1000


@strawberry.type(description="A node that a deleted post had, and what else holds it.")
class StayedNode:
    """Why a node stayed."""

    key: strawberry.ID = strawberry.field(description="The domain's own id.")
    posts: int = strawberry.field(description="Other posts that have, judge or mention it.")
    intentions: int = strawberry.field(
        description="Intentions, other than those that went, that are about it."
    )
    related: int = strawberry.field(description="Commonsense relationships from it and to it.")

    @strawberry.field(description="Global id.")
    def id(self) -> strawberry.ID:
        return strawberry.ID(global_id(kind_of(self.key), self.key))

    @staticmethod
    def of(stayed: deletion.Stayed) -> "StayedNode":
        """Return a node as GraphQL shows it."""
        return StayedNode(
            key=strawberry.ID(stayed.id),
            posts=stayed.posts,
            intentions=stayed.intentions,
            related=stayed.related,
        )


@strawberry.type(description="A way to the deleted post that was tried afterwards.")
class DeletionCheck:
    """A check."""

    name: str = strawberry.field(description="What was looked at, as it should be.")
    passed: bool = strawberry.field(description="Whether it is so.")


@strawberry.type(
    description="What went with a post, what stayed and why, and that nothing finds it. It holds "
    "no text, but the id: keep it as personal data."
)
class DeletionReceipt:
    """A receipt."""

    key: strawberry.ID = strawberry.field(description="The post's own id.")
    time: str = strawberry.field(description="When it was deleted: ISO 8601, UTC.")
    graph: str = strawberry.field(description="What the graph is named; empty where it is not.")
    version_before: int = strawberry.field(description="The graph's version before.")
    version: int = strawberry.field(description="The graph's version afterwards.")
    removed: list[Count] = strawberry.field(
        description="What went, by label and type, and embeddings. At most 10."
    )
    stayed: list[StayedNode] = strawberry.field(
        description="What the post had and something else holds, by rising key. At most 1000."
    )
    text_sha256: str = strawberry.field(description="SHA-256 of the post's text as UTF-8, in hex.")
    sha256: str = strawberry.field(
        description="SHA-256, in hex, of the post's line as a subgraph that was asked for the post "
        "itself holds it, without the line's end: who kept one can show that this is the post."
    )
    verified: bool = strawberry.field(description="Whether all checks passed.")
    checks: list[DeletionCheck] = strawberry.field(
        description="How it was looked for afterwards. At most 10."
    )
    left: list[str] = strawberry.field(
        description="Where bytes of it may be left, each with the way out. At most 10."
    )

    @staticmethod
    def of(given: receipt.Receipt) -> "DeletionReceipt":
        """Return a receipt as GraphQL shows it."""
        return DeletionReceipt(
            key=strawberry.ID(given.post_id),
            time=given.time,
            graph=given.graph,
            version_before=given.version_before,
            version=given.version,
            removed=[Count(name=one.name, count=one.count) for one in given.removed],
            stayed=[StayedNode.of(one) for one in given.stayed[:STAYED_LIMIT]],
            text_sha256=given.text_sha256,
            sha256=given.sha256,
            verified=given.is_verified,
            checks=[DeletionCheck(name=one.name, passed=one.passed) for one in given.checks],
            left=list(given.left),
        )


async def deleted_post(context: Context, post_id: str) -> DeletionReceipt:
    """Delete a post by either of its ids.

    Raises:
        UnknownIdError: There is no such post.
        DeletedPostError: It was deleted before.
    """
    key = key_of_kind(NodeKind.POST, post_id)
    return DeletionReceipt.of(await receipt.delete_post(context.source.store, key))
