"""Arguments that several fields of the query have, each described once."""

from typing import Annotated, TypeAlias

import strawberry

from api.among import Among
from api.filters import Where
from schema.facets import Facet
from schema.graph import RelationshipType
from schema.nodes import NodeKind
from schema.search import Mode, Order

described = strawberry.argument

Id: TypeAlias = Annotated[
    strawberry.ID, described(description="Global id, or the domain's own (the node's key).")
]
Text: TypeAlias = Annotated[
    str, described(description="What to look for: any text of at most 20,000 characters.")
]
Ranking: TypeAlias = Annotated[Mode, described(description="How to rank.")]
MeaningWeight: TypeAlias = Annotated[
    float,
    described(
        description="Of a hybrid search, the weight of meaning against that of words, 0 to 1: at "
        "0.5 both weigh alike, at 1 meaning alone ranks."
    ),
]
Diversity: TypeAlias = Annotated[
    float,
    described(
        description="How much being unlike the results above counts against fitting best, 0 to 1; "
        "above 0 the first 200 are put in that order."
    ),
]
ShownBy: TypeAlias = Annotated[
    Order,
    described(
        description="In which order the first 200 are shown; by plausibility, the greatest of the "
        "pairs that pass counts."
    ),
]
OnePerPost: TypeAlias = Annotated[
    bool,
    described(
        description="Of the first 200, leave out what shares a post with a better one that stays."
    ),
]
Conditions: TypeAlias = Annotated[
    Where | None, described(description="Only what passes; null for everything.")
]
Hits: TypeAlias = Annotated[
    Among | None,
    described(description="Count the best hits of a search only; null for all that passes."),
]
First: TypeAlias = Annotated[int, described(description="Most results, 1 to 100.")]
FirstOfThem: TypeAlias = Annotated[int, described(description="Most of them, 1 to 100.")]
After: TypeAlias = Annotated[
    str | None, described(description="Cursor of the result to continue behind.")
]
By: TypeAlias = Annotated[Facet, described(description="What to count by.")]
Counted: TypeAlias = Annotated[NodeKind, described(description="What to count: POST or INTENTION.")]
Least: TypeAlias = Annotated[
    int,
    described(description="Compare values that so many nodes have, of all that are compared."),
]
HopCount: TypeAlias = Annotated[int, described(description="Most hops, 1 to 6.")]
Types: TypeAlias = Annotated[
    list[RelationshipType] | None,
    described(description="Follow these types only; null for all."),
]
Relations: TypeAlias = Annotated[
    list[str] | None,
    described(description="Follow RELATED along these relations only; null for all."),
]
FanOut: TypeAlias = Annotated[
    int,
    described(
        description="Most relationships of one type and direction followed from a node, the "
        "surest first, 1 to 1000."
    ),
]
Frontier: TypeAlias = Annotated[
    int,
    described(
        description="Most nodes carried from one hop to the next, and looked at after the last, "
        "the surest first, 1 to 5000."
    ),
]
