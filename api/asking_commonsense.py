"""What lies around a node, paths between nodes, and what commonsense predicts."""

from typing import Annotated

import strawberry

from api import (
    predicting,
    traversing,
)
from api.arguments import (
    Conditions,
    FanOut,
    First,
    Frontier,
    HopCount,
    Id,
    Relations,
    Types,
    described,
)
from api.context import Info
from api.cost import TRAVERSES
from api.examples import Example
from api.predicting import CommonsensePrediction
from api.traversing import Neighborhood, Paths, Reach, Wanted
from kg import prediction
from kg.hops import Ends
from schema.graph import RelationshipType
from schema.nodes import NodeKind


@strawberry.type(
    description="What lies around a node, paths between nodes, and what commonsense predicts."
)
class CommonsenseFields:
    """Fields of the query; each is null where it fails, beside an error that says why."""

    @strawberry.field(
        description="What lies within some hops of a node; with `where`, only posts and "
        "intentions that pass are seen, the node itself among them.",
        directives=[TRAVERSES],
    )
    async def neighborhood(
        self,
        info: Info,
        id: Id,  # noqa: A002 Relay's name
        hops: HopCount = 1,
        types: Types = None,
        relations: Relations = None,
        fan_out: FanOut = 100,
        frontier: Frontier = 100,
        where: Conditions = None,
    ) -> Neighborhood | None:
        reach = Reach(hops, types, relations, fan_out, frontier, where)
        return await traversing.neighborhood(info.context, id, reach)

    @strawberry.field(
        description="The best paths between two nodes; without `to`, the best path to each node "
        "within reach. With `where`, a path holds only posts and intentions that pass, its ends "
        "among them.",
        directives=[TRAVERSES],
    )
    async def paths(
        self,
        info: Info,
        start: Annotated[
            strawberry.ID, described(name="from", description="Where each path begins: any id.")
        ],
        to: Annotated[
            strawberry.ID | None, described(description="Where each path ends: any id.")
        ] = None,
        to_kind: Annotated[
            NodeKind | None,
            described(description="Without `to`, the kind of node at which a path ends."),
        ] = None,
        last_type: Annotated[
            RelationshipType | None,
            described(
                description="Without `to`, the type of a path's last step: only nodes to which the "
                "best path ends so. Of the last hop, the frontier holds such nodes alone."
            ),
        ] = None,
        hops: HopCount = 3,
        types: Types = None,
        relations: Relations = None,
        fan_out: FanOut = 100,
        frontier: Frontier = 100,
        where: Conditions = None,
        first: First = 10,
        overlap: Annotated[
            float,
            described(
                description="With `to`, the greatest part of its inner nodes that a path may share "
                "with each better path of the answer: 0 for none in common, 1 for any paths."
            ),
        ] = 1.0,
    ) -> Paths | None:
        reach = Reach(hops, types, relations, fan_out, frontier, where)
        wanted = Wanted(to, Ends(to_kind, last_type), first, overlap)
        return await traversing.paths(info.context, start, reach, wanted)

    @strawberry.field(
        description="What ATOMIC would predict for a post, beside the intentions that it has: the "
        "events nearest to it by meaning, where they lead, what of that the post lacks, and the "
        "reverse. For a text, which has no intentions, all is lacking.",
        directives=[TRAVERSES],
    )
    async def commonsense_prediction(
        self,
        info: Info,
        of: Annotated[
            Example, described(description="A post, or a text that is not in the graph.")
        ],
        heads: Annotated[
            int,
            described(
                description="How many events to draw on, 1 to 50; there are fewer where few of the "
                "4096 concepts nearest to the post are events."
            ),
        ] = 10,
        similarity: Annotated[
            float,
            described(description="From which cosine on two texts mean the same, -1 to 1."),
        ] = prediction.SIMILARITY,
    ) -> CommonsensePrediction | None:
        return await predicting.predicted(info.context, of, heads=heads, similarity=similarity)
