"""The tree of errors, as it is drawn and as it is."""

import inspect
import re
from collections.abc import Iterator

import pytest

from schema import errors
from schema.errors import MikoError

BRANCH_WIDTH = 4
CLASSES = [member for _, member in inspect.getmembers(errors, inspect.isclass)]
DRAWN = re.findall(r"^([│├└─ ]*)(\w+Error)\b", errors.__doc__ or "", re.MULTILINE)


def drawn() -> Iterator[tuple[str, str]]:
    """Yield each error of the tree with the one that it hangs from."""
    above = ["Exception"]
    for branch, name in DRAWN:
        del above[len(branch) // BRANCH_WIDTH + 1 :]
        yield name, above[-1]
        above.append(name)


def test_the_tree_is_drawn_as_it_is() -> None:
    assert sorted(drawn()) == [(c.__name__, c.__base__.__name__) for c in CLASSES if c.__base__]


@pytest.mark.parametrize(
    ("error", "way_out"),
    [
        (errors.UnknownIdError("dog"), "a concept '/c/en/word'"),
        (errors.StaleCursorError(1, 2), "ask for the first page again"),
        (errors.NodeNotFoundError("pets:1"), "write it first"),
        (errors.EmbeddingModelError("one", "another"), "miko embed --replace"),
    ],
)
def test_a_message_says_the_way_out(error: MikoError, way_out: str) -> None:
    assert way_out in str(error)


@pytest.mark.parametrize(("field", "message"), [("text", "text: is empty"), ("", "is empty")])
def test_a_record_error_names_its_field_where_it_has_one(field: str, message: str) -> None:
    assert str(errors.RecordError(field, "is empty")) == message
