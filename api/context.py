"""What a resolver is given: the store, the embedder and the loaders of its request."""

from dataclasses import dataclass, field

import strawberry

from api.cursor import Question, question_of
from api.loaders import CountsByVersion, Loaders
from api.settings import ApiSettings
from kg.embedder import Embedder
from kg.store import GraphStore


@dataclass(frozen=True, slots=True)
class Source:
    """What every request is answered from."""

    store: GraphStore
    embedder: Embedder
    settings: ApiSettings
    counted: CountsByVersion

    def context(self, authorization: str = "") -> "Context":
        """Return the context of one request, given its Authorization header."""
        return Context(self, Loaders(self.store, self.counted), authorization)


@dataclass(frozen=True, slots=True)
class Context:
    """The context of one request."""

    source: Source
    loaders: Loaders
    authorization: str = field(default="", repr=False)

    def question(self, *parts: object) -> Question:
        """Return a question to this graph, given all that tells it from others."""
        return question_of(self.source.embedder.model, *parts)


Info = strawberry.Info[Context, None]
