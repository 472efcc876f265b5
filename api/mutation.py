"""The mutation: what can be changed, by who has the server's token."""

import strawberry

from api import deleting
from api.arguments import Id
from api.context import Info
from api.cost import LOOKS_AT_ALL
from api.deleting import DeletionReceipt
from api.writes import require_writer


@strawberry.type(
    description="What can be changed: nothing (`WRITES_OFF`), unless the server's operator has set "
    "a token, and then by who sends it (`FORBIDDEN`)."
)
class Mutation:
    """Every field is null where it fails, beside an error that says why."""

    @strawberry.mutation(
        description="Delete a post everywhere, with what nothing else holds, for good; it stays "
        "deleted when its files are loaded again. Once: a second time is the error `DELETED`.",
        directives=[LOOKS_AT_ALL],
    )
    async def delete_post(self, info: Info, id: Id) -> DeletionReceipt | None:  # noqa: A002 Relay's name
        require_writer(info.context)
        return await deleting.deleted_post(info.context, id)
