"""The query: what can be asked."""

import strawberry

from api.asking_commonsense import CommonsenseFields
from api.asking_counts import CountFields
from api.asking_motives import MotiveFields
from api.asking_nodes import NodeFields
from api.asking_searches import SearchFields


@strawberry.type(description="What can be asked of the graph.")
class Query(NodeFields, SearchFields, MotiveFields, CountFields, CommonsenseFields):
    """Every field is null where it fails, beside an error that says why."""
