"""Fields that are read at once give what graphql-core gives, errors and order included."""

from enum import Enum
from typing import Any

import pytest
import strawberry

from api.executor import PlainFieldsExecutor

pytestmark = pytest.mark.anyio


@strawberry.enum
class Colour(Enum):
    """A name that is not its value."""

    RED = "r"
    BLUE = "b"


@strawberry.type
class Thing:
    """A field of each kind."""

    id: strawberry.ID
    text: str
    colour: Colour
    count: int
    share: float
    is_new: bool
    note: str | None
    tags: list[str]
    within: "Thing | None" = None

    @strawberry.field
    def shout(self) -> str:
        return self.text.upper()

    @strawberry.field
    def ratio(self) -> float:
        return 1 / self.share

    @strawberry.field
    async def later(self) -> str:
        return f"{self.text} later"


def thing(**changes: Any) -> Thing:
    fields: dict[str, Any] = {
        "id": strawberry.ID("1"),
        "text": "a",
        "colour": Colour.RED,
        "count": 3,
        "share": 0.5,
        "is_new": True,
        "note": None,
        "tags": ["x", "y"],
    }
    return Thing(**fields | changes)


THINGS: dict[str, Thing] = {
    "whole": thing(),
    "nested": thing(within=thing(note="here")),
    "wrong enum": thing(colour="r"),
    "int for float": thing(share=2),
    "error": thing(share=0.0),
    "infinite": thing(share=float("inf")),
    "long int": thing(count=2**40),
    "None where none may be": thing(text=None),
    "None in a nested one": thing(within=thing(count=None)),
    "number for text": thing(text=5),
    "bool for int": thing(count=True),
}
FIELDS = "id text colour count share isNew note tags"
QUERIES = [
    f"{{ things {{ __typename {FIELDS} shout ratio later within {{ {FIELDS} later }} }} }}",
    f"{{ things {{ {FIELDS} }} }}",
    "{ things { later b: text a: text shout within { text } count } }",
    "{ things { ...Some ... on Thing { share } } } fragment Some on Thing { text within { id } }",
    "query ($no: Boolean = false) { things { text @skip(if: true) id note @include(if: $no) } }",
]


@pytest.mark.parametrize("query", QUERIES)
@pytest.mark.parametrize("name", THINGS)
async def test_the_answer_is_graphql_cores(name: str, query: str) -> None:
    @strawberry.type
    class Query:
        @strawberry.field
        async def things(self) -> list[Thing | None]:
            return [thing(), THINGS[name]]

    expected = await strawberry.Schema(Query).execute(query)
    found = await strawberry.Schema(Query, execution_context_class=PlainFieldsExecutor).execute(
        query
    )

    assert found.data == expected.data
    assert repr(found.data) == repr(expected.data)  # the order of fields too
    assert [(e.message, e.path, e.locations) for e in found.errors or ()] == [
        (e.message, e.path, e.locations) for e in expected.errors or ()
    ]
