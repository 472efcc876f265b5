"""``attempt``: questions of the query again, each answered by a union of its result and problems.

The fields are those of the query, with their arguments: each is made of the query's own, so that
neither can be changed without the other. Why they are not the query's: decision 18.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import wraps
from typing import Annotated, Any, Final, Union

import strawberry
from strawberry.tools import create_type
from strawberry.types.base import get_object_definition
from strawberry.types.field import StrawberryField
from strawberry.utils.str_converters import to_camel_case

from api.asking_commonsense import CommonsenseFields
from api.asking_motives import MotiveFields
from api.asking_nodes import NodeFields
from api.asking_searches import SearchFields
from api.concepts import Concept
from api.contradicting import ContradictionConnection
from api.cost import CALLS
from api.diverging import DivergenceConnection
from api.ids import key_of
from api.intentions import Intention
from api.pages import Connection, EvidenceConnection, PostListConnection
from api.posts import Post
from api.predicting import CommonsensePrediction
from api.problems import (
    GraphMovedOn,
    ModelMismatch,
    Problem,
    Refused,
    Unavailable,
    UnknownNode,
    WrongKind,
    problem_of,
)
from api.sharing import IntentionLikeConnection, PostLikeConnection
from api.traversing import Neighborhood, Paths
from schema.errors import MikoError, UnknownIdError

Resolver = Callable[..., Awaitable[Any]]
"""A resolver of the query; its arguments and its answer are of any type here."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a field is answered by.

    Attributes:
        name: Of the answer, before ``Outcome``.
        answers: Types of the answer.
        problems: What a caller may be told instead, beside what may always be.
    """

    name: str
    answers: tuple[type, ...]
    problems: tuple[type[Problem], ...] = ()

    @property
    def every_problem(self) -> tuple[type[Problem], ...]:
        """All that a caller may be told; ids may stand in any filter."""
        return *self.problems, UnknownNode, WrongKind, Refused, Unavailable

    @property
    def union(self) -> Any:
        """The union, as Strawberry takes it: an annotation that is made at run time."""
        described = strawberry.union(
            f"{self.name}Outcome", description="The answer, or why there is none."
        )
        return Annotated[Union[(*self.answers, *self.every_problem)], described]


RANKED: Final = (GraphMovedOn, ModelMismatch)
INTENTIONS: Final = Outcome("IntentionConnection", (Connection[Intention],), RANKED)
POSTS: Final = Outcome("PostConnection", (Connection[Post],), RANKED)
CONCEPTS: Final = Outcome("ConceptConnection", (Connection[Concept],), RANKED)

OUTCOMES: Final[dict[type, dict[str, Outcome]]] = {
    NodeFields: {
        "node": Outcome("Node", (Post, Intention, Concept)),
        "posts": Outcome("PostListConnection", (PostListConnection,)),
    },
    SearchFields: {
        "search_intentions": INTENTIONS,
        "search_posts": POSTS,
        "search_concepts": CONCEPTS,
        "similar_intentions": INTENTIONS,
        "similar_posts": POSTS,
        "intentions_by_example": INTENTIONS,
        "posts_by_example": POSTS,
        "concepts_by_example": CONCEPTS,
        "posts_by_intention": Outcome("EvidenceConnection", (EvidenceConnection,), RANKED),
    },
    MotiveFields: {
        "intentions_sharing": Outcome(
            "IntentionLikeConnection", (IntentionLikeConnection,), (GraphMovedOn,)
        ),
        "posts_sharing": Outcome("PostLikeConnection", (PostLikeConnection,), (GraphMovedOn,)),
        "posts_by_divergence": Outcome(
            "DivergenceConnection", (DivergenceConnection,), (GraphMovedOn,)
        ),
        "posts_by_contradiction": Outcome(
            "ContradictionConnection", (ContradictionConnection,), (GraphMovedOn,)
        ),
    },
    CommonsenseFields: {
        "neighborhood": Outcome("Neighborhood", (Neighborhood,)),
        "paths": Outcome("Paths", (Paths,)),
        "commonsense_prediction": Outcome(
            "CommonsensePrediction", (CommonsensePrediction,), (ModelMismatch,)
        ),
    },
}
"""What is asked page by page, or starts from an id, and by what it is answered."""


def _attempted(resolve: Resolver, outcome: Outcome) -> Resolver:
    """Return a resolver that answers with the problem where the other raises it."""

    @wraps(resolve)
    async def attempted(*args: Any, **named: Any) -> Any:
        try:
            answer = await resolve(*args, **named)
            if answer is None:  # so says ``node`` that there is none
                raise UnknownIdError(key_of(named["id"]))
        except MikoError as error:
            problem = problem_of(error)
            if not isinstance(problem, outcome.every_problem):
                raise
            return problem
        return answer

    return attempted


def _fields() -> list[StrawberryField]:
    return [
        _field(field, outcomes[field.python_name])
        for of, outcomes in OUTCOMES.items()
        for field in get_object_definition(of, strict=True).fields
        if field.python_name in outcomes
    ]


def _field(field: StrawberryField, outcome: Outcome) -> StrawberryField:
    resolver: Any = field.base_resolver  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType] its own
    return strawberry.field(
        resolver=_attempted(resolver.wrapped_func, outcome),
        graphql_type=outcome.union | None,
        description=f"As the query's `{to_camel_case(field.python_name)}`, with problems as types.",
        directives=field.directives or [CALLS],
    )


Attempt: Final = create_type(
    "Attempt",
    _fields(),
    description="Questions of the query again, with the same arguments, each answered by a union: "
    "its answer there, or a problem that a caller may act on. A field is null where it fails in "
    "any other way, beside an error.",
)
