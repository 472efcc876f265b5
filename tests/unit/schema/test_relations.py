"""MIKO's ten relations."""

import pytest

from schema.relations import RELATIONS, Relation, Side

MIKO_ORDER = "xWant oEffect xAttr xIntent xReact oReact oWant xEffect xNeed open"


def test_relations_stand_in_the_order_of_miko() -> None:
    assert " ".join(Relation) == MIKO_ORDER
    assert " ".join(RELATIONS) == MIKO_ORDER


def test_three_relations_are_about_the_audience() -> None:
    audience = [r.value for r in Relation if r.about.side is Side.AUDIENCE]

    assert audience == ["oEffect", "oReact", "oWant"]


@pytest.mark.parametrize("relation", Relation)
def test_a_relation_describes_itself(relation: Relation) -> None:
    assert relation.about.relation is relation
    assert relation.about.gloss == relation.about.gloss.strip(" .") != ""


@pytest.mark.parametrize(
    ("relation", "sentence"),
    [
        (Relation.X_WANT, "After posting this Tweet, the user wants to walk the dog."),
        (Relation.O_EFFECT, "After viewing this Tweet, others will walk the dog."),
        (Relation.X_ATTR, "The user posts this Tweet because the user is walk the dog."),
        (Relation.X_INTENT, "The user posts this Tweet because the user intended to walk the dog."),
        (Relation.X_REACT, "After posting this Tweet, the user feels walk the dog."),
        (Relation.O_REACT, "After viewing this Tweet, others feel walk the dog."),
        (Relation.O_WANT, "After viewing this Tweet, others want to walk the dog."),
        (Relation.X_EFFECT, "After posting this Tweet, the user will walk the dog."),
        (Relation.X_NEED, "Before posting this Tweet, the user needs to walk the dog."),
        (Relation.OPEN, "The user posts this Tweet because walk the dog."),
    ],
)
@pytest.mark.parametrize("tail", ["walk the dog", "walk the dog."])
def test_a_tail_completes_the_frame_of_its_relation(
    relation: Relation, sentence: str, tail: str
) -> None:
    assert relation.about.sentence(tail) == sentence
