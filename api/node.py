"""What every node has: the interface behind ``node(id:)``."""

import strawberry

from api.ids import global_id
from schema.nodes import kind_of


@strawberry.interface(description="A node of the graph.")
class Node:
    """A node, by its domain's own id and a global one."""

    key: strawberry.ID = strawberry.field(
        description="The domain's own id: 'mmsd:8231' of a post, '/c/en/dog' of a concept, "
        "16 letters and digits of an intention. Arguments take either id."
    )

    @strawberry.field(description="Global id: opaque, and another for each node of any kind.")
    def id(self) -> strawberry.ID:
        return strawberry.ID(global_id(kind_of(self.key), self.key))
