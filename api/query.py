"""The query: what can be asked."""

import strawberry

from api.asking_commonsense import CommonsenseFields
from api.asking_counts import CountFields
from api.asking_motives import MotiveFields
from api.asking_nodes import NodeFields
from api.asking_searches import SearchFields
from api.attempt import Attempt


@strawberry.type(description="What can be asked of the graph.")
class Query(NodeFields, SearchFields, MotiveFields, CountFields, CommonsenseFields):
    """Every field is null where it fails, beside an error that says why."""

    @strawberry.field(
        description="What is asked page by page or starts from an id, with errors as types: each "
        "field is answered by a union of what the query answers and of problems that a caller may "
        "act on, such as GraphMovedOn and UnknownNode.",
        graphql_type=Attempt,
    )
    def attempt(self) -> object:
        return Attempt()
