"""What is in the graph, in numbers."""

from collections.abc import Mapping

import strawberry

from api.context import Info
from api.cursor import LIST_LIMIT
from kg.store import Counts, EmbeddingModel
from schema.relations import RELATIONS, Relation, RelationInfo, Side


@strawberry.type(description="A number of something.")
class Count:
    """A name and how many it has."""

    name: str = strawberry.field(description="What is counted.")
    count: int = strawberry.field(description="How many there are.")


@strawberry.type(description="One of the ten relations.")
class RelationSummary:
    """How a relation reads, and how often it is used."""

    relation: Relation = strawberry.field(description="The relation.")
    gloss: str = strawberry.field(description="What its tail tells, in a few words.")
    frame: str = strawberry.field(description="The sentence that its tail completes.")
    side: Side = strawberry.field(description="The author's or the audience's.")

    @strawberry.field(description="How many intentions have it.")
    async def count(self, info: Info) -> int:
        counts = await info.context.loaders.counts()
        return counts.intentions_by_relation.get(self.relation, 0)

    @staticmethod
    def of(about: RelationInfo) -> "RelationSummary":
        """Return a relation as GraphQL shows it."""
        return RelationSummary(
            relation=about.relation, gloss=about.gloss, frame=about.frame, side=about.side
        )


@strawberry.type(description="The model that embedded the graph.")
class Model:
    """An embedding model."""

    name: str = strawberry.field(description="Its name.")
    revision: str = strawberry.field(description="Its revision; empty where unknown.")
    dimensions: int = strawberry.field(description="Length of its embeddings.")

    @staticmethod
    def of(model: EmbeddingModel) -> "Model":
        """Return a model as GraphQL shows it."""
        return Model(name=model.name, revision=model.revision, dimensions=model.dimensions)


@strawberry.type(
    description="What is in the graph. Each list has the most frequent first, ties by name."
)
class Stats:
    """The counts of one version of the graph."""

    nodes: list[Count] = strawberry.field(description="Nodes by label. At most 100.")
    relationships: list[Count] = strawberry.field(description="Relationships by type. At most 100.")
    posts_by_source: list[Count] = strawberry.field(description="Posts by source. At most 100.")
    intentions_by_relation: list[Count] = strawberry.field(
        description="Intentions by relation. At most 100."
    )
    has_intention_by_relation: list[Count] = strawberry.field(
        description="Relationships from posts to intentions, by relation. At most 100."
    )
    mentions_by_aspect: list[Count] = strawberry.field(
        description="Relationships from posts to concepts, by aspect. At most 100."
    )
    related_by_source: list[Count] = strawberry.field(
        description="Commonsense by source. At most 100."
    )
    related_by_relation: list[Count] = strawberry.field(
        description="Commonsense by relation. At most 100."
    )
    embedded: list[Count] = strawberry.field(
        description="Nodes that have an embedding, by label. At most 100."
    )
    judgements: int = strawberry.field(description="Human judgements.")

    @strawberry.field(description="Number of the graph's last change; 0 where it is empty.")
    async def version(self, info: Info) -> int:
        return await info.context.source.store.version()

    @strawberry.field(description="What embedded the graph; null where nothing did.")
    async def model(self, info: Info) -> Model | None:
        model = await info.context.source.store.model()
        return None if model is None else Model.of(model)

    @staticmethod
    def of(counts: Counts) -> "Stats":
        """Return counts as GraphQL shows them."""
        return Stats(
            nodes=_listed(counts.nodes),
            relationships=_listed(counts.relationships),
            posts_by_source=_listed(counts.posts_by_source),
            intentions_by_relation=_listed(counts.intentions_by_relation),
            has_intention_by_relation=_listed(counts.has_intention_by_relation),
            mentions_by_aspect=_listed(counts.mentions_by_aspect),
            related_by_source=_listed(counts.related_by_source),
            related_by_relation=_listed(counts.related_by_relation),
            embedded=_listed(counts.embedded),
            judgements=counts.judgements,
        )


def summaries() -> list[RelationSummary]:
    """Return the ten relations in MIKO's order."""
    return [RelationSummary.of(about) for about in RELATIONS.values()]


def _listed(counts: Mapping[str, int]) -> list[Count]:
    ranked = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return [Count(name=name, count=count) for name, count in ranked[:LIST_LIMIT]]
