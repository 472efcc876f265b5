"""What makes two nodes one, and what an id says of its node."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schema.errors import UnknownIdError
from schema.nodes import (
    INTENTION_ID,
    Concept,
    ConceptKind,
    Intention,
    NodeKind,
    Run,
    concept_uri,
    kind_of,
)
from schema.relations import Relation

WORDS = st.text(st.characters(exclude_characters="\x00", exclude_categories=["Cs"]))
"""What can be stored as text (schema.text.flaw)."""


@pytest.mark.parametrize(
    "text",
    ["walk the dog", "Walk the dog.", " walk \t the\ndog ...", "WALK THE DOG", "\uff57alk the dog"],
)
def test_texts_of_one_normal_form_are_one_intention(text: str) -> None:
    assert Intention.of(Relation.X_WANT, text) == Intention.of(Relation.X_WANT, "walk the dog")


@pytest.mark.parametrize(
    ("relation", "text"),
    [(Relation.X_NEED, "walk the dog"), (Relation.X_WANT, "walk a dog")],
)
def test_another_relation_or_another_word_is_another_intention(
    relation: Relation, text: str
) -> None:
    assert Intention.of(relation, text).id != Intention.of(Relation.X_WANT, "walk the dog").id


def test_the_id_of_an_intention_stays_as_it_is() -> None:
    # Graphs on disk hold it: another hash would double every intention that is loaded again.
    assert Intention.of(Relation.X_WANT, "walk the dog").id == "5dcnclxgst3ngi5n"


@given(st.sampled_from(Relation), WORDS)
def test_the_id_of_an_intention_has_a_form_of_its_own(relation: Relation, text: str) -> None:
    intention = Intention.of(relation, text)

    assert INTENTION_ID.fullmatch(intention.id)
    assert kind_of(intention.id) is NodeKind.INTENTION


@pytest.mark.parametrize(
    ("node_id", "kind"),
    [
        ("/c/en/dog", NodeKind.CONCEPT),
        ("/c/en/ratio_16:9", NodeKind.CONCEPT),
        ("pets:1", NodeKind.POST),
        ("pets:/c/en/dog", NodeKind.POST),
        ("abcdefghij234567", NodeKind.INTENTION),
    ],
)
def test_an_id_names_the_kind_of_its_node(node_id: str, kind: NodeKind) -> None:
    assert kind_of(node_id) is kind


@pytest.mark.parametrize(
    "node_id", ["", "dog", "/c/en", "/r/IsA", "abcdefghij23456", "ABCDEFGHIJ234567"]
)
def test_an_id_of_no_form_is_refused_with_the_forms_there_are(node_id: str) -> None:
    with pytest.raises(UnknownIdError, match="a post is 'source:id'") as caught:
        kind_of(node_id)

    assert caught.value.node_id == node_id


def test_a_concept_says_the_words_of_its_uri() -> None:
    concept = Concept.of("/c/en/drink_coffee", ConceptKind.ACTION)

    assert (concept.text, concept.kind) == ("drink coffee", ConceptKind.ACTION)


@pytest.mark.parametrize(
    ("text", "uri"),
    [("Drink  Coffee", "/c/en/drink_coffee"), ("and/or", "/c/en/and_or"), ("犬", "/c/en/犬")],
)
def test_words_have_a_uri(text: str, uri: str) -> None:
    assert concept_uri(text) == uri


@given(WORDS)
def test_the_uri_of_any_words_is_a_concepts(text: str) -> None:
    assert kind_of(concept_uri(text)) is NodeKind.CONCEPT


def test_the_same_run_is_one_node() -> None:
    run = Run.of("infer", "some-model", revision="7", time="2024-01-20T12:00:00Z")

    assert run == Run.of("infer", "some-model", time="2024-01-20T12:00:00Z", revision="7")
    assert run.id != Run.of("infer", "some-model", revision="8", time="2024-01-20T12:00:00Z").id
    assert run.id != Run.of("infer", "some-model", engine="7", time="2024-01-20T12:00:00Z").id
