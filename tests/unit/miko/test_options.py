"""What the options of a command stand for."""

import pytest
import typer

from miko.options import once, where
from schema.graph import EVERYTHING, Filter
from schema.relations import Relation


def test_no_option_asks_for_nothing() -> None:
    assert where(None, None, None, None, None, None) == EVERYTHING


def test_options_are_a_filter() -> None:
    found = where(
        [Relation.OPEN],
        ["pets"],
        ["split=train", "note=a=b"],
        ["#AdoptDontShop", " ##adoptdontshop"],
        ["walking the dogs", "/c/de/hund"],
        ["Joy"],
    )

    assert found == Filter(
        relations=(Relation.OPEN,),
        sources=("pets",),
        labels=(("note", "a=b"), ("split", "train")),
        hashtags=("adoptdontshop",),
        concepts=("/c/de/hund", "/c/en/walk_dog"),
        emotions=("/c/en/joy",),
    )


@pytest.mark.parametrize("label", ["sarcastic", "", "sarcastic:1"])
def test_a_label_without_a_value_is_refused(label: str) -> None:
    with pytest.raises(typer.BadParameter, match="is no NAME=VALUE, as in --label sarcastic=1"):
        where(None, None, [label], None, None, None)


def test_a_second_relation_of_posts_is_refused() -> None:
    assert once([Relation.OPEN]) is Relation.OPEN
    with pytest.raises(typer.BadParameter, match="give it once"):
        once([Relation.X_WANT, Relation.OPEN])
