"""The options that searching and counting share: the filters, and how many results."""

from typing import Annotated

import typer

from kg.filters import meant_filter
from schema.errors import QueryError
from schema.graph import Filter
from schema.relations import Relation

FILTERS = "Filters (the same in every command; a repeated relation or source means any of them)"

First = Annotated[int, typer.Option("--first", "-k", min=1, max=1000, help="Most results.")]
Explain = Annotated[
    bool,
    typer.Option("--explain", help="Say on standard error how the search by meaning was planned."),
]
Relations = Annotated[
    list[Relation] | None,
    typer.Option("--relation", "-r", help="Intentions of this relation.", rich_help_panel=FILTERS),
]
OneRelation = Annotated[
    list[Relation], typer.Option("--relation", "-r", help="The relation of the intention; once.")
]
Sources = Annotated[
    list[str] | None,
    typer.Option("--source", help="Posts of this source.", rich_help_panel=FILTERS),
]
Labels = Annotated[
    list[str] | None,
    typer.Option(
        "--label", help="Posts with this label.", metavar="NAME=VALUE", rich_help_panel=FILTERS
    ),
]
Hashtags = Annotated[
    list[str] | None,
    typer.Option("--hashtag", help="Posts with this hashtag.", rich_help_panel=FILTERS),
]
Concepts = Annotated[
    list[str] | None,
    typer.Option(
        "--concept",
        help="What mentions or is about this concept: words, or a URI such as /c/en/dog.",
        rich_help_panel=FILTERS,
    ),
]
Emotions = Annotated[
    list[str] | None,
    typer.Option("--emotion", help="Posts with this emotion.", rich_help_panel=FILTERS),
]


def where(
    relations: list[Relation] | None,
    sources: list[str] | None,
    labels: list[str] | None,
    hashtags: list[str] | None,
    concepts: list[str] | None,
    emotions: list[str] | None,
) -> Filter:
    """Return the filter that the options say.

    Raises:
        BadParameter: A value can be none.
    """
    given = Filter(
        tuple(relations or ()),
        tuple(sources or ()),
        tuple(_label(label) for label in labels or ()),
        tuple(hashtags or ()),
        tuple(concepts or ()),
        tuple(emotions or ()),
    )
    try:
        return meant_filter(given)
    except QueryError as error:
        raise typer.BadParameter(str(error)) from error


def once(relations: list[Relation]) -> Relation:
    """Return the relation that is the question.

    Raises:
        BadParameter: There are several.
    """
    if len(relations) != 1:
        raise typer.BadParameter("--relation is the question here: give it once, and ask for each")
    return relations[0]


def _label(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals:
        raise typer.BadParameter(f"{text!r} is no NAME=VALUE, as in --label sarcastic=1")
    return name, value
