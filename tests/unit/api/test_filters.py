"""What a ``where`` stands for, and how ids are read."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.filters import LabelInput, Where, filter_of
from api.ids import global_id, key_of
from schema.errors import QueryError
from schema.graph import EVERYTHING, Filter
from schema.nodes import NodeKind
from schema.relations import Relation, Side


def test_no_where_asks_for_nothing() -> None:
    assert filter_of(None) == filter_of(Where()) == EVERYTHING


def test_words_become_what_the_graph_holds() -> None:
    where = Where(
        relations=[Relation.X_WANT, Relation.O_REACT, Relation.X_WANT],
        sources=["pets"],
        labels=[LabelInput(name="sarcastic", value="1")],
        hashtags=["#AdoptDontShop", "adoptdontshop"],
        concepts=["Drink Coffee", "/c/en/dog"],
        emotions=["Anger"],
        annotators=["ann"],
        choices=["accepted"],
        models=["some-model"],
        prompts=["0123"],
        runs=["4567"],
        plausibility=0.5,
    )

    assert filter_of(where) == Filter(
        relations=(Relation.O_REACT, Relation.X_WANT),
        sources=("pets",),
        labels=(("sarcastic", "1"),),
        hashtags=("adoptdontshop",),
        concepts=("/c/en/dog", "/c/en/drink_coffee"),
        emotions=("/c/en/anger",),
        annotators=("ann",),
        choices=("accepted",),
        runs=("4567",),
        models=("some-model",),
        prompts=("0123",),
        plausibility=0.5,
    )


def test_a_side_stands_for_its_relations() -> None:
    audience = (Relation.O_EFFECT, Relation.O_REACT, Relation.O_WANT)

    assert filter_of(Where(side=Side.AUDIENCE)) == Filter(relations=audience)
    assert filter_of(
        Where(side=Side.AUDIENCE, relations=[Relation.O_WANT, Relation.X_WANT])
    ) == Filter(relations=(Relation.O_WANT,))


def test_a_side_without_relations_is_refused() -> None:
    with pytest.raises(QueryError, match="side of the audience"):
        filter_of(Where(side=Side.AUDIENCE, relations=[Relation.X_WANT]))


@pytest.mark.parametrize(
    "where",
    [
        Where(sources=[""]),
        Where(hashtags=[" # "]),
        Where(concepts=["a" * 600]),
        Where(emotions=["\x00"]),
        Where(labels=[LabelInput(name="", value="1")]),
        Where(sources=[str(n) for n in range(101)]),
        Where(annotators=[""]),
        Where(plausibility=1.01),
        Where(plausibility=float("nan")),
    ],
)
def test_values_that_can_be_none_are_refused(where: Where) -> None:
    with pytest.raises(QueryError, match="the filter"):
        filter_of(where)


@pytest.mark.parametrize("key", ["mmsd:8231", "/c/en/dog", "abcdefgh234567ab", "nonsense", ""])
def test_a_domain_id_is_read_as_it_stands(key: str) -> None:
    assert key_of(key) == key


def test_a_global_id_is_made_of_kind_and_key() -> None:
    assert global_id(NodeKind.POST, "mmsd:8231") == "UG9zdDptbXNkOjgyMzE="


def test_a_global_id_of_the_wrong_kind_is_nobodys() -> None:
    wrong = global_id(NodeKind.POST, "/c/en/dog")

    assert key_of(wrong) == wrong


@given(st.text(st.characters(exclude_characters="\x00", exclude_categories=["Cs"])))
def test_a_post_survives_its_global_id(text: str) -> None:
    key = f"source:{text}"

    assert key_of(global_id(NodeKind.POST, key)) == key


@given(st.text(alphabet="abcdefghijklmnopqrstuvwxyz234567", min_size=16, max_size=16))
def test_no_intention_looks_like_a_global_id(key: str) -> None:
    assert key_of(key) == key
