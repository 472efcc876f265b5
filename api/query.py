"""The fields of the query: what can be asked."""

from typing import Annotated, TypeAlias

import strawberry

from api import (
    contradicting,
    counting,
    diverging,
    faceting,
    grouping,
    listing,
    predicting,
    searching,
    sharing,
    traversing,
)
from api.concepts import Concept
from api.context import Info
from api.contradicting import ContradictionConnection
from api.counting import RelationSummary, Stats
from api.diverging import DivergenceConnection
from api.examples import Like, Unlike, UnlikeWeight, direction_of, found_by_example
from api.faceting import Comparison, FacetTable, LiftTable
from api.filters import Where, filter_of
from api.grouping import Grouping, IntentionGroups
from api.intentions import Intention
from api.likely import LikelyIntentions, likely_intentions
from api.node import Node
from api.pages import Connection, EvidenceConnection, PostListConnection
from api.posts import Post
from api.predicting import CommonsensePrediction
from api.relations import relations_asked
from api.searching import Paging
from api.sharing import IntentionLikeConnection, PostLikeConnection
from api.traversing import Neighborhood, Paths, Reach, Wanted
from kg import groups, prediction
from kg.by_example import UNLIKE_WEIGHT
from kg.diversity import Spread
from kg.facets import Subject
from kg.fusion import Scheme
from kg.motive import Part
from kg.sharing import Differ
from schema.facets import Facet
from schema.graph import RelationshipType
from schema.nodes import NodeKind
from schema.relations import Relation, Side
from schema.search import Mode

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
OnePerPost: TypeAlias = Annotated[
    bool,
    described(
        description="Of the first 200, leave out what shares a post with a better one that stays."
    ),
]
Conditions: TypeAlias = Annotated[
    Where | None, described(description="Only what passes; null for everything.")
]
First: TypeAlias = Annotated[int, described(description="Most results, 1 to 100.")]
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
    int, described(description="Most nodes carried from one hop to the next, 1 to 5000.")
]


@strawberry.type(description="What can be asked of the graph.")
class Query:
    """Every field is null where it fails, beside an error that says why."""

    @strawberry.field(description="The node with an id; null where there is none.")
    async def node(self, info: Info, id: Id) -> Node | None:  # noqa: A002 Relay's name
        return await listing.node_by_id(info.context, id)

    @strawberry.field(
        description="The nodes with these ids, in their order; null where there is none. "
        "At most 100."
    )
    async def nodes(
        self,
        info: Info,
        ids: Annotated[
            list[strawberry.ID],
            described(description="At most 100; each global, or the domain's own."),
        ],
    ) -> list[Node | None] | None:
        return await listing.nodes_by_id(info.context, ids)

    @strawberry.field(description="The post with an id; null where there is none.")
    async def post(self, info: Info, id: Id) -> Post | None:  # noqa: A002 Relay's name
        return await listing.one(searching.posts(info.context), id)

    @strawberry.field(description="The intention with an id; null where there is none.")
    async def intention(self, info: Info, id: Id) -> Intention | None:  # noqa: A002 Relay's name
        return await listing.one(searching.intentions(info.context), id)

    @strawberry.field(description="The concept with an id; null where there is none.")
    async def concept(self, info: Info, id: Id) -> Concept | None:  # noqa: A002 Relay's name
        return await listing.one(searching.concepts(info.context), id)

    @strawberry.field(description="Posts by rising key.")
    async def posts(
        self, info: Info, where: Conditions = None, first: First = 10, after: After = None
    ) -> PostListConnection | None:
        return await listing.listed_posts(info.context, filter_of(where), Paging(first, after))

    @strawberry.field(description="Intentions ranked by a text, best first.")
    async def search_intentions(
        self,
        info: Info,
        text: Text,
        mode: Ranking = Mode.HYBRID,
        meaning_weight: MeaningWeight = 0.5,
        diversity: Diversity = 0.0,
        one_per_post: OnePerPost = False,
        where: Conditions = None,
        first: First = 10,
        after: After = None,
    ) -> Connection[Intention] | None:
        return await searching.searched(
            info.context,
            searching.intentions(info.context),
            text,
            scheme=Scheme(mode, meaning_weight, Spread(diversity, one_per_post)),
            where=filter_of(where),
            paging=Paging(first, after),
        )

    @strawberry.field(description="Posts ranked by a text, best first.")
    async def search_posts(
        self,
        info: Info,
        text: Text,
        mode: Ranking = Mode.HYBRID,
        meaning_weight: MeaningWeight = 0.5,
        diversity: Diversity = 0.0,
        where: Conditions = None,
        first: First = 10,
        after: After = None,
    ) -> Connection[Post] | None:
        return await searching.searched(
            info.context,
            searching.posts(info.context),
            text,
            scheme=Scheme(mode, meaning_weight, Spread(diversity)),
            where=filter_of(where),
            paging=Paging(first, after),
        )

    @strawberry.field(description="Concepts ranked by a text, best first.")
    async def search_concepts(
        self,
        info: Info,
        text: Text,
        mode: Ranking = Mode.HYBRID,
        meaning_weight: MeaningWeight = 0.5,
        diversity: Diversity = 0.0,
        where: Conditions = None,
        first: First = 10,
        after: After = None,
    ) -> Connection[Concept] | None:
        return await searching.searched(
            info.context,
            searching.concepts(info.context),
            text,
            scheme=Scheme(mode, meaning_weight, Spread(diversity)),
            where=filter_of(where),
            paging=Paging(first, after),
        )

    @strawberry.field(description="Intentions similar to one, the most similar first.")
    async def similar_intentions(
        self,
        info: Info,
        id: Id,  # noqa: A002 Relay's name
        where: Conditions = None,
        first: First = 10,
        after: After = None,
    ) -> Connection[Intention] | None:
        return await searching.similar_to(
            info.context,
            searching.intentions(info.context),
            id,
            where=filter_of(where),
            paging=Paging(first, after),
        )

    @strawberry.field(description="Posts similar to one, the most similar first.")
    async def similar_posts(
        self,
        info: Info,
        id: Id,  # noqa: A002 Relay's name
        where: Conditions = None,
        first: First = 10,
        after: After = None,
    ) -> Connection[Post] | None:
        return await searching.similar_to(
            info.context,
            searching.posts(info.context),
            id,
            where=filter_of(where),
            paging=Paging(first, after),
        )

    @strawberry.field(
        description="Intentions like some examples and unlike others, the most similar first; no "
        "example is among them."
    )
    async def intentions_by_example(
        self,
        info: Info,
        like: Like,
        unlike: Unlike = None,
        unlike_weight: UnlikeWeight = UNLIKE_WEIGHT,
        diversity: Diversity = 0.0,
        one_per_post: OnePerPost = False,
        where: Conditions = None,
        first: First = 10,
        after: After = None,
    ) -> Connection[Intention] | None:
        return await found_by_example(
            info.context,
            searching.intentions(info.context),
            direction_of(like, unlike, unlike_weight),
            spread=Spread(diversity, one_per_post),
            where=filter_of(where),
            paging=Paging(first, after),
        )

    @strawberry.field(
        description="Posts like some examples and unlike others, the most similar first; no "
        "example is among them."
    )
    async def posts_by_example(
        self,
        info: Info,
        like: Like,
        unlike: Unlike = None,
        unlike_weight: UnlikeWeight = UNLIKE_WEIGHT,
        diversity: Diversity = 0.0,
        where: Conditions = None,
        first: First = 10,
        after: After = None,
    ) -> Connection[Post] | None:
        return await found_by_example(
            info.context,
            searching.posts(info.context),
            direction_of(like, unlike, unlike_weight),
            spread=Spread(diversity),
            where=filter_of(where),
            paging=Paging(first, after),
        )

    @strawberry.field(
        description="Concepts like some examples and unlike others, the most similar first; no "
        "example is among them."
    )
    async def concepts_by_example(
        self,
        info: Info,
        like: Like,
        unlike: Unlike = None,
        unlike_weight: UnlikeWeight = UNLIKE_WEIGHT,
        diversity: Diversity = 0.0,
        where: Conditions = None,
        first: First = 10,
        after: After = None,
    ) -> Connection[Concept] | None:
        return await found_by_example(
            info.context,
            searching.concepts(info.context),
            direction_of(like, unlike, unlike_weight),
            spread=Spread(diversity),
            where=filter_of(where),
            paging=Paging(first, after),
        )

    @strawberry.field(
        description="What a text that is in no graph is likely meant to do: the intentions of the "
        "posts nearest to it, each with the posts that speak for it."
    )
    async def likely_intentions(
        self,
        info: Info,
        text: Text,
        nearest: Annotated[
            int,
            described(description="How many of the nearest posts that have intentions, 1 to 100."),
        ] = 20,
        where: Conditions = None,
    ) -> LikelyIntentions | None:
        return await likely_intentions(info.context, text, nearest=nearest, where=filter_of(where))

    @strawberry.field(
        description="Posts that have an intention of some relations, each with the intention as "
        "evidence: by its similarity to `about`, or by rising key."
    )
    async def posts_by_intention(
        self,
        info: Info,
        relations: Annotated[
            list[Relation] | None,
            described(description="The intention's relation is any of these; null for all ten."),
        ] = None,
        side: Annotated[
            Side | None,
            described(description="Only relations of the author, or only of the audience."),
        ] = None,
        relation: Annotated[
            Relation | None,
            strawberry.argument(
                description="The intention's relation.", deprecation_reason="Name it by relations."
            ),
        ] = None,
        about: Annotated[
            str | None,
            described(description="What the intention is to mean, in any words; null for any."),
        ] = None,
        where: Conditions = None,
        first: First = 10,
        after: After = None,
    ) -> EvidenceConnection | None:
        return await searching.by_intention(
            info.context,
            relations_asked(relations, side, relation),
            about=about,
            where=filter_of(where),
            paging=Paging(first, after),
        )

    @strawberry.field(
        description="Intentions that share the motive of one, or its topic: of the 1000 nearest, "
        "those first in which that part is most alike."
    )
    async def intentions_sharing(
        self,
        info: Info,
        id: Id,  # noqa: A002 Relay's name
        part: Annotated[Part, described(description="What is to be alike.")] = Part.MOTIVE,
        where: Conditions = None,
        first: First = 10,
        after: After = None,
    ) -> IntentionLikeConnection | None:
        return await sharing.intentions_alike(
            info.context, id, part, where=filter_of(where), paging=Paging(first, after)
        )

    @strawberry.field(
        description="Posts whose intention of a relation is like that of a post, and which differ "
        "from it in something else: a similar motive with another emotion, or about another topic."
    )
    async def posts_sharing(
        self,
        info: Info,
        id: Id,  # noqa: A002 Relay's name
        relation: Annotated[
            Relation, described(description="The relation of the intentions that are compared.")
        ] = Relation.X_INTENT,
        part: Annotated[Part, described(description="What is to be alike.")] = Part.WHOLE,
        differ: Annotated[
            Differ | None,
            described(
                description="Only posts that are known to have such, and share none with the post; "
                "null for any."
            ),
        ] = None,
        where: Conditions = None,
        first: First = 10,
        after: After = None,
    ) -> PostLikeConnection | None:
        return await sharing.posts_alike(
            info.context,
            id,
            sharing.Asked(relation, part, differ),
            where=filter_of(where),
            paging=Paging(first, after),
        )

    @strawberry.field(
        description="Posts whose intentions of two relations are least alike, with both as "
        "evidence: where what the author feels and what others feel diverge most."
    )
    async def posts_by_divergence(
        self,
        info: Info,
        relation: Annotated[
            Relation, described(description="What is compared: unless told, the author's feeling.")
        ] = Relation.X_REACT,
        against: Annotated[
            Relation, described(description="With what: unless told, the feeling of others.")
        ] = Relation.O_REACT,
        where: Conditions = None,
        first: First = 10,
        after: After = None,
    ) -> DivergenceConnection | None:
        return await diverging.diverging(
            info.context,
            (relation, against),
            where=filter_of(where),
            paging=Paging(first, after),
        )

    @strawberry.field(
        description="Posts whose intentions contradict what they literally say, by estimates of "
        "sentiment: glad words and an author who is not, or the other way round."
    )
    async def posts_by_contradiction(
        self,
        info: Info,
        relations: Annotated[
            list[Relation] | None,
            described(
                description="Intentions of any of these are compared with the post's text; null "
                "for what the author feels and intended (xReact, xIntent)."
            ),
        ] = None,
        where: Conditions = None,
        first: First = 10,
        after: After = None,
    ) -> ContradictionConnection | None:
        return await contradicting.contradicting(
            info.context, relations, where=filter_of(where), paging=Paging(first, after)
        )

    @strawberry.field(description="The ten relations, in MIKO's order. At most 10.")
    def relations(self) -> list[RelationSummary]:
        return counting.summaries()

    @strawberry.field(
        description="What lies within some hops of a node; with `where`, only posts and "
        "intentions that pass are seen, the node itself among them."
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
        "among them."
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
                "best path ends so."
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
        wanted = Wanted(to, to_kind, last_type, first, overlap)
        return await traversing.paths(info.context, start, reach, wanted)

    @strawberry.field(
        description="Posts or intentions that pass, counted by a facet: the count of a value is "
        "how many pass `where` and its own condition."
    )
    async def facet(
        self,
        info: Info,
        by: By,
        kind: Counted = NodeKind.POST,
        where: Conditions = None,
        first: First = 10,
    ) -> FacetTable | None:
        return await faceting.facet(info.context, Subject(kind, by), where, first)

    @strawberry.field(
        description="What is more frequent in a group than in the background around it: the group "
        "is what passes `where` and `background` both."
    )
    async def lift(
        self,
        info: Info,
        by: By,
        where: Annotated[Where, described(description="What is in the group.")],
        kind: Counted = NodeKind.POST,
        background: Annotated[
            Where | None,
            described(description="What the group is compared with; null for the whole graph."),
        ] = None,
        least: Least = 5,
        first: First = 10,
    ) -> LiftTable | None:
        return await faceting.lift(
            info.context, Subject(kind, by), where, background=background, least=least, first=first
        )

    @strawberry.field(description="Two groups side by side: what separates them.")
    async def comparison(
        self,
        info: Info,
        by: By,
        a: Annotated[Where, described(description="What is in the first group.")],
        b: Annotated[Where, described(description="What is in the second.")],
        kind: Counted = NodeKind.POST,
        where: Conditions = None,
        least: Least = 5,
        first: First = 10,
    ) -> Comparison | None:
        return await faceting.comparison(
            info.context, Subject(kind, by), (a, b), within=where, least=least, first=first
        )

    @strawberry.field(
        description="The largest groups of similar intentions, each named by its medoid: the same "
        "intentions give the same groups, in whatever order they were written."
    )
    async def intention_groups(
        self,
        info: Info,
        where: Conditions = None,
        similarity: Annotated[
            float,
            described(
                description="Least cosine of a member to the one that its group is built around, "
                "between 0 and 1: greater for smaller, closer groups."
            ),
        ] = groups.SIMILARITY,
        first: First = 10,
    ) -> IntentionGroups | None:
        return await grouping.intention_groups(info.context, where, Grouping(similarity, first))

    @strawberry.field(
        description="What ATOMIC would predict for a post, beside the intentions that it has: the "
        "events nearest to it by meaning, where they lead, what of that the post lacks, and the "
        "reverse. For a text, which has no intentions, all is lacking."
    )
    async def commonsense_prediction(
        self,
        info: Info,
        id: Annotated[  # noqa: A002 Relay's name
            strawberry.ID | None, described(description="A post; null where a text is given.")
        ] = None,
        text: Annotated[
            str | None,
            described(description="A text that is not in the graph: of at most 20,000 characters."),
        ] = None,
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
        return await predicting.predicted(
            info.context, id, text, heads=heads, similarity=similarity
        )

    @strawberry.field(description="What is in the graph.")
    async def stats(self, info: Info) -> Stats | None:
        return Stats.of(await info.context.loaders.counts())
