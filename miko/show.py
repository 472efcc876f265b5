"""How answers are printed: a table for a person, JSON for a program."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any, TypeVar, cast

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

    from kg.by_intention import PostHit
    from kg.plan import SearchPlan
    from kg.ranking import Ranking, SearchHit
    from kg.store import GraphStore
    from schema.nodes import Concept, Intention, NodeKind, Post

Row = Mapping[str, Any]  # what JSON can say
T = TypeVar("T", bound="DataclassInstance")

NARROW = frozenset({"id", "relation", "similarity", "relevance", "score", "confidence"})
CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
EXCERPT = 120
"""Most characters of a cell; JSON has the whole."""


async def hit_rows(store: "GraphStore", kind: "NodeKind", page: "Ranking[SearchHit]") -> list[Row]:
    """Return a row for each hit: what the node says, and how it ranks."""
    nodes = await _nodes(store, kind, [hit.id for hit in page.hits])
    return [
        _described(node) | _ranked(hit)
        for hit, node in zip(page.hits, nodes, strict=True)
        if node is not None
    ]


async def evidence_rows(store: "GraphStore", page: "Ranking[PostHit]") -> list[Row]:
    """Return a row for each post, with the intention that made it a result."""
    posts = await store.posts([hit.post_id for hit in page.hits])
    return [
        {
            "id": hit.post_id,
            "text": post.text,
            "relation": hit.intention.relation.value,
            "intention": hit.intention.text,
        }
        | ({} if hit.similarity is None else {"similarity": round(hit.similarity, 4)})
        for hit, post in zip(page.hits, posts, strict=True)
        if post is not None
    ]


def figures(found: Sequence[T], row_of: Callable[[T], Row], *, as_json: bool) -> None:
    """Print what was measured: every field of it as JSON, or a row of each."""
    if as_json:
        value([asdict(one) for one in found])
    else:
        rows([row_of(one) for one in found], as_json=False)


def rows(found: Sequence[Row], *, as_json: bool, nothing: str = "Nothing found.") -> None:
    """Print rows of the same columns."""
    if as_json:
        value(found)
    elif not found:
        typer.echo(nothing)
    else:
        Console().print(_table(found))


def value(found: object) -> None:
    """Print a value as JSON."""
    import orjson

    typer.echo(orjson.dumps(found, option=orjson.OPT_INDENT_2).decode())


def counts(found: Mapping[str, Any]) -> None:
    """Print counts, one table for each group of them."""
    console = Console()
    for group, numbers in found.items():
        if isinstance(numbers, dict) and not numbers:
            console.print(f"{group.replace('_', ' ')}: none", markup=False)
        elif isinstance(numbers, dict):
            table = Table(title=group.replace("_", " "), show_header=False, title_justify="left")
            for name, number in cast("dict[str, int]", numbers).items():
                table.add_row(Text(plain(name)), f"{number:,}")
            console.print(table)
        else:
            console.print(f"{group.replace('_', ' ')}: {numbers}", markup=False)


def plan(found: "SearchPlan") -> None:
    """Say on standard error how a search was planned."""
    asked = f", {found.asked:,} asked of the vector index" if found.asked else ""
    typer.echo(
        f"plan: {found.strategy}; about {found.estimated:,} of {found.nodes:,} nodes pass "
        f"({found.share:.2%}){asked}",
        err=True,
    )


def plain(text: str) -> str:
    """Show control characters as a mark: one could give the terminal orders."""
    return CONTROL.sub("\ufffd", text)


def _table(found: Sequence[Row]) -> Table:
    names = list(dict.fromkeys(name for row in found for name in row))
    table = Table()
    for name in names:
        table.add_column(name, overflow="fold", no_wrap=name in NARROW)
    for row in found:
        # Text, not markup: a post may say [red].
        table.add_row(*(Text(plain(_short(str(row.get(name, "")), name))) for name in names))
    return table


def _short(text: str, name: str) -> str:
    return text if name == "path" or len(text) <= EXCERPT else f"{text[: EXCERPT - 1]}…"


async def _nodes(
    store: "GraphStore", kind: "NodeKind", ids: Sequence[str]
) -> "Sequence[Post | Intention | Concept | None]":
    from schema.nodes import NodeKind

    match kind:
        case NodeKind.POST:
            return await store.posts(ids)
        case NodeKind.INTENTION:
            return await store.intentions(ids)
        case NodeKind.CONCEPT:
            return await store.concepts(ids)


def _described(node: "Post | Intention | Concept") -> dict[str, Any]:
    from schema.nodes import Intention, Post

    if isinstance(node, Intention):
        return {"id": node.id, "relation": node.relation.value, "text": node.text}
    if isinstance(node, Post) and not node.text:
        return {"id": node.id, "text": f"(image) {node.image_description}"}
    return {"id": node.id, "text": node.text}


def _ranked(hit: "SearchHit") -> dict[str, Any]:
    ranks = {"similarity": hit.similarity, "relevance": hit.relevance, "score": hit.score}
    return {name: round(number, 4) for name, number in ranks.items() if number is not None}
