"""What a model may answer: the right thing in many forms, and nothing else."""

import json
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel
from unit.ingest.distill.endpoint import inferred
from unit.ingest.written import FRAMED

from ingest.distill.answers import (
    DESCRIPTION_LIMIT,
    TAIL_LIMIT,
    Description,
    Extracted,
    Inferred,
    read,
)
from ingest.distill.generator import Answer
from schema.errors import RecordError
from schema.relations import RELATIONS, Relation
from schema.text import normalize

KEY = {
    "concept": "pet adoption",
    "action": "",
    "object": "dog",
    "emotion": "hope",
    "keywords": ["dog", "shelter", "home"],
}


def answer(value: Any, *, is_cut: bool = False) -> Answer:
    return Answer(value if isinstance(value, str) else json.dumps(value), is_cut=is_cut)


def test_ten_tails_come_in_the_order_of_miko() -> None:
    shuffled = dict(reversed(inferred().items()))

    tails = read(answer(shuffled), Inferred).intentions()

    assert [tail.relation for tail in tails] == list(RELATIONS)


def test_a_repeated_frame_is_no_part_of_a_tail() -> None:
    framed = dict(zip(map(str, RELATIONS), FRAMED, strict=True))

    tails = read(answer(framed), Inferred).root

    assert list(tails.values()) == [
        "find a home for Rex",
        "smile at the dog",
        "fond of dogs",
        "promote the shelter",
        "hopeful",
        "touched",
        "visit the shelter",
        "answer questions",
        "take a photo",
        "they want Rex to be adopted",
    ]


@pytest.mark.parametrize("thought", ['<think>Say {"xWant": 1}?</think>\n', 'Or {"a": {}}</think>'])
def test_what_a_model_thought_before_is_passed_over(thought: str) -> None:
    tails = read(answer(thought + json.dumps(inferred())), Inferred).root

    assert list(tails) == list(RELATIONS)


def test_words_that_hold_braces_may_follow() -> None:
    said = f"```json\n{json.dumps(inferred())}\n``` Hope {{this}} helps"

    assert list(read(answer(said), Inferred).root) == list(RELATIONS)


def test_what_ends_thoughts_may_stand_in_a_tail() -> None:
    said = inferred(xWant="close the </think> at last", open="they write {x}")

    assert read(answer(said), Inferred).root[Relation.X_WANT] == "close the </think> at last"


def test_a_to_that_the_frame_has_is_dropped() -> None:
    tails = read(answer(inferred(xWant="to find  a home.", oReact="to be touched")), Inferred).root

    assert tails[Relation.X_WANT] == "find a home"
    assert tails[Relation.O_REACT] == "to be touched"


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"xWant": None}, "xWant: Input should be a valid string"),
        ({"xWant": ""}, "xWant: "),
        ({"xWant": "After posting this Tweet, the user wants to"}, "no words besides its frame"),
        ({"xWant": "follow @rex_the_dog"}, "xWant names an account"),
        ({"xWant": "a\x00b"}, "holds a NUL character"),
        ({"xWant": "long " * TAIL_LIMIT}, f"at most {TAIL_LIMIT}|the limit is {TAIL_LIMIT}"),
        ({"Rex": "find a home"}, "Input should be 'xWant'"),
        (dict.fromkeys(("xWant", "oWant", "xNeed", "open"), "Go  home."), "the same 4 times"),
    ],
)
def test_what_are_no_ten_tails_is_refused(changed: dict[str, Any], reason: str) -> None:
    with pytest.raises(RecordError, match=reason) as caught:
        read(answer(inferred() | changed), Inferred)

    assert "rex" not in str(caught.value).lower()


def test_a_relation_that_is_missing_is_named() -> None:
    nine = {name: tail for name, tail in inferred().items() if name != "oReact"}

    with pytest.raises(RecordError, match="lacks oReact"):
        read(answer(nine), Inferred)


def test_keywords_are_distinct_and_five_at_most() -> None:
    words = ["Dog", " a  b ", "dog.", "c", "d", "e", "f"]

    assert read(answer(KEY | {"keywords": words}), Extracted).keywords == (
        "Dog",
        "a b",
        "c",
        "d",
        "e",
    )


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"keywords": ["dog", "Dog", "dogs"]}, "fewer than 3"),
        ({"keywords": ["dog"] * 51}, "keywords: .*50"),
        ({"concept": " . "}, "concept: holds no words"),
        ({"emotion": ["joy"]}, "emotion: "),
        ({"emotion": "j\0y"}, "the answer holds a NUL"),
        ({"keywords": ["a", "b", "c\0"]}, "the answer holds a NUL"),
        ({"more": "of it"}, "Extra inputs"),
    ],
)
def test_what_is_no_key_information_is_refused(changed: dict[str, Any], reason: str) -> None:
    with pytest.raises(RecordError, match=reason):
        read(answer(KEY | changed), Extracted)


@pytest.mark.parametrize("part", KEY)
def test_key_information_lacks_no_part(part: str) -> None:
    with pytest.raises(RecordError, match=f"{part}: Field required"):
        read(answer({name: value for name, value in KEY.items() if name != part}), Extracted)


@pytest.mark.parametrize(
    "text", ['```json\n{"description": "A dog."}\n```', 'Sure: {"description": " A  dog. "}!']
)
def test_words_around_the_object_are_passed_over(text: str) -> None:
    assert read(answer(text), Description).description == "A dog."


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "the answer is empty"),
        (" \n", "the answer is empty"),
        ("A dog.", "is no JSON: it holds no object"),
        ("[1]", "is no JSON: it holds no object"),
        ("}{", "is no JSON: its object does not end, in 2 characters"),
        ('{"description": "A dog', "is no JSON: its object does not end, in 22 characters"),
        ("{'description': 'A dog'}", "the answer is no JSON$"),
        ('{"description": "\\ud800"}', "the answer holds a lone surrogate"),
        ('{"description": "\\ud800\\u0041"}', "the answer holds a lone surrogate"),
        ('{"description": "\ud800"}', "surrogate"),
        ('{"description": "' + "a" * 20_001, "the limit is 20000"),
        ('{"description": "' + "a" * (DESCRIPTION_LIMIT + 1) + '"}', "4000"),
        ('{"description":' + "[" * 10_000 + '"}', "."),
        ("{" * 10_000 + "}", "."),
    ],
)
def test_what_is_no_description_is_refused(text: str, reason: str) -> None:
    with pytest.raises(RecordError, match=reason):
        read(answer(text), Description)


any_text = st.text(st.characters(exclude_categories=()), max_size=60)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | any_text,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=20,
)
ten = st.fixed_dictionaries({r.value: any_text for r in RELATIONS})
key = st.fixed_dictionaries(
    dict.fromkeys(("concept", "action", "object", "emotion"), any_text)
    | {"keywords": st.lists(any_text, min_size=2, max_size=7)}
)


@given(
    any_text | st.builds(json.dumps, json_values) | st.builds(json.dumps, ten),
    st.sampled_from([Description, Extracted, Inferred]),
)
def test_any_answer_is_read_or_refused(text: str, expected: type[BaseModel]) -> None:
    with suppress(RecordError):
        assert isinstance(read(answer(text), expected), expected)


@given(key)
def test_key_information_that_is_read_fits_a_record(parts: dict[str, Any]) -> None:
    with suppress(RecordError):
        found = read(answer(parts), Extracted)

        assert found.key_information().concept


@given(ten)
def test_tails_that_are_read_have_words(tails: dict[str, str]) -> None:
    with suppress(RecordError):
        found = read(answer(tails), Inferred).intentions()

        assert all(normalize(tail.text) for tail in found)


def test_an_answer_that_was_cut_says_so() -> None:
    with pytest.raises(RecordError, match="cut off"):
        read(answer('{"description": "A dog', is_cut=True), Description)
