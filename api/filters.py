"""The ``where`` of searches and lists, and the filter it stands for."""

import strawberry

from api.ids import key_of_kind
from kg.filters import meant_filter, of_side
from schema.graph import EVERYTHING, Aspect, Filter
from schema.nodes import NodeKind
from schema.relations import Relation, Side


@strawberry.input(description="A gold label that a post must have.")
class LabelInput:
    """A label's name and value."""

    name: str = strawberry.field(description="Name of the label: 'sarcastic'.")
    value: str = strawberry.field(description="Its value: '1'.")


@strawberry.input(description="A concept that a post must mention in an aspect.")
class MentionInput:
    """An aspect of the key information, and what it is to hold."""

    aspect: Aspect = strawberry.field(description="Where: OBJECT.")
    concept: str = strawberry.field(description="A URI ('/c/en/dog') or English words ('dog').")


@strawberry.input(
    description="Which pairs of a post and one of its intentions, as a run said it, an answer may "
    "draw on: all conditions hold, and an empty one asks for nothing. Each takes at most 100 "
    "values, or filters."
)
class Where:
    """Conditions on a post and one of its intentions."""

    relations: list[Relation] = strawberry.field(
        default_factory=list[Relation], description="The intention's relation is any of these."
    )
    side: Side | None = strawberry.field(
        default=None,
        description="The intention is about the author, or about the audience; of `relations`, "
        "those of that side count.",
    )
    sources: list[str] = strawberry.field(
        default_factory=list[str], description="The post's source is any of these."
    )
    labels: list[LabelInput] = strawberry.field(
        default_factory=list[LabelInput], description="The post has all of these gold labels."
    )
    hashtags: list[str] = strawberry.field(
        default_factory=list[str],
        description="The post has all of these hashtags, with or without '#', in any case.",
    )
    concepts: list[str] = strawberry.field(
        default_factory=list[str],
        description="All of these are mentioned by the post or what the intention is about: "
        "URIs ('/c/en/dog') or English words ('dog').",
    )
    emotions: list[str] = strawberry.field(
        default_factory=list[str],
        description="The post expresses all of these emotions: URIs or English words.",
    )
    mentions: list[MentionInput] = strawberry.field(
        default_factory=list[MentionInput],
        description="The post mentions all of these, each in its aspect.",
    )
    about: list[str] = strawberry.field(
        default_factory=list[str],
        description="The intention is about all of these concepts: URIs or English words.",
    )
    kinds_of: list[str] = strawberry.field(
        default_factory=list[str],
        description="All of these are as in `concepts`, or broader than such a concept by at most "
        "three IsA of commonsense ('animal' finds dogs).",
    )
    annotators: list[str] = strawberry.field(
        default_factory=list[str], description="Any of these judged the pair."
    )
    choices: list[str] = strawberry.field(
        default_factory=list[str],
        description="The pair was judged as any of these ('accepted'), by one of `annotators` "
        "where there are any.",
    )
    models: list[str] = strawberry.field(
        default_factory=list[str], description="Any of these models said it, as runs name them."
    )
    prompts: list[str] = strawberry.field(
        default_factory=list[str],
        description="It was said to any of these prompts: a run's promptHash.",
    )
    runs: list[str] = strawberry.field(
        default_factory=list[str], description="Any of these runs said it, by their keys."
    )
    plausibility: float | None = strawberry.field(
        default=None,
        description="It is as plausible as this or more, 0 to 1; what nothing judged is left out.",
    )
    posts: list[strawberry.ID] = strawberry.field(
        default_factory=list[strawberry.ID],
        description="The post is any of these, by id or key.",
    )
    intentions: list[strawberry.ID] = strawberry.field(
        default_factory=list[strawberry.ID],
        description="The intention is any of these, by id or key.",
    )
    all_of: list["Where"] = strawberry.field(
        name="and", default_factory=list["Where"], description="All of these hold as well."
    )
    any_of: list["Where"] = strawberry.field(
        name="or", default_factory=list["Where"], description="At least one of these holds."
    )
    none_of: list["Where"] = strawberry.field(
        name="not", default_factory=list["Where"], description="None of these holds."
    )


def filter_of(where: Where | None) -> Filter:
    """Return the filter that a ``where`` stands for; order and repeats make no difference.

    Raises:
        QueryError: A value is empty, too long, no text or out of bounds, there are too many, or
            nothing can pass.
    """
    if where is None:
        return EVERYTHING
    return meant_filter(_given(where))


def _given(where: Where) -> Filter:
    relations = tuple(where.relations)
    return Filter(
        relations if where.side is None else of_side(where.side, relations),
        tuple(where.sources),
        tuple((label.name, label.value) for label in where.labels),
        tuple(where.hashtags),
        tuple(where.concepts),
        tuple(where.emotions),
        tuple((mention.aspect, mention.concept) for mention in where.mentions),
        tuple(where.about),
        tuple(where.kinds_of),
        tuple(where.annotators),
        tuple(where.choices),
        tuple(where.runs),
        tuple(where.models),
        tuple(where.prompts),
        where.plausibility,
        tuple(key_of_kind(NodeKind.POST, post) for post in where.posts),
        tuple(key_of_kind(NodeKind.INTENTION, intention) for intention in where.intentions),
        *(tuple(map(_given, parts)) for parts in (where.all_of, where.any_of, where.none_of)),
    )
