"""Concepts, and how a post or an intention comes to them."""

import strawberry

from api.context import Info
from api.node import Node
from api.runs import Run, run_of
from kg.store import LinkedConcept, MentionedConcept
from schema import nodes
from schema.graph import Aspect
from schema.nodes import ConceptKind


@strawberry.type(description="A concept by ConceptNet's URI.")
class Concept(Node):
    """A concept; other languages have URIs of their own."""

    text: str = strawberry.field(description="Its words: 'drink coffee' of '/c/en/drink_coffee'.")
    kind: ConceptKind = strawberry.field(description="What it is.")

    @staticmethod
    def of(concept: nodes.Concept) -> "Concept":
        """Return a concept as GraphQL shows it."""
        return Concept(
            key=strawberry.ID(concept.id),
            text=concept.text,
            kind=concept.kind,
        )


@strawberry.type(description="A concept as a post mentions it.")
class Mention:
    """One MENTIONS relationship of a post."""

    concept: Concept = strawberry.field(description="What is mentioned.")
    aspect: Aspect = strawberry.field(
        description="Which part of the post's key information it comes from."
    )
    raw: str = strawberry.field(description="The string as it was found, before normalising.")
    run_id: strawberry.Private[str]

    @strawberry.field(description="What found it; null where no model did.")
    async def run(self, info: Info) -> Run | None:
        return await run_of(info, self.run_id)

    @staticmethod
    def of(held: MentionedConcept) -> "Mention":
        """Return a mention as GraphQL shows it."""
        mentions = held.mentions
        return Mention(
            concept=Concept.of(held.concept),
            aspect=mentions.aspect,
            raw=mentions.raw,
            run_id=mentions.run_id,
        )


@strawberry.type(description="A concept that an intention is about.")
class Topic:
    """One ABOUT relationship of an intention."""

    concept: Concept = strawberry.field(description="What the intention is about.")
    method: str = strawberry.field(description="How the two were linked.")
    confidence: float = strawberry.field(description="How surely, above 0 to 1.")

    @staticmethod
    def of(held: LinkedConcept) -> "Topic":
        """Return a link as GraphQL shows it."""
        about = held.about
        return Topic(
            concept=Concept.of(held.concept), method=about.method, confidence=about.confidence
        )
