"""The normal form in which key information, hashtags and commonsense meet."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg.concepts import concept_uri_of, lemmas, normal_uri
from schema.text import ID_LIMIT


@pytest.mark.parametrize(
    ("phrase", "uri"),
    [
        ("Walking the dogs", "/c/en/walk_dog"),
        ("to walk a dog", "/c/en/walk_dog"),
        ("PersonX walks PersonX's dog", "/c/en/walk_dog"),
        ("Person X thanks Person Y", "/c/en/thank_persony"),
        ("the neighbour 's dog", "/c/en/neighbour_dog"),
        ("Excited!", "/c/en/excited"),
        ("don't adopt", "/c/en/dont_adopt"),
        ("playing", "/c/en/play"),
        ("social media", "/c/en/social_media"),
        ("their lives", "/c/en/life"),
        ("ﬁsh & chips", "/c/en/fish_chip"),
        ("the", "/c/en/the"),
        ("犬", "/c/en/犬"),
        ("🐶 …", None),
        ("", None),
    ],
)
def test_a_phrase_has_one_normal_form(phrase: str, uri: str | None) -> None:
    assert concept_uri_of(phrase) == uri


@pytest.mark.parametrize(
    ("uri", "normal"),
    [
        ("/c/en/dogs/n/wn/animal", "/c/en/dog"),
        ("/c/en/walk_the_dog", "/c/en/walk_dog"),
        ("/c/de/die_hunde/n", "/c/de/die_hunde"),
        ("/c/en/", None),
        ("/c/en", None),
        ("/c//dog", None),
        ("http://example.org/dog", None),
        ("/r/IsA", None),
    ],
)
def test_a_uri_loses_its_sense_and_keeps_its_language(uri: str, normal: str | None) -> None:
    assert normal_uri(uri) == normal


@given(st.text())
def test_any_text_has_a_short_uri_or_none(text: str) -> None:
    uri = concept_uri_of(text)

    assert uri is None or (uri.startswith("/c/en/") and len(uri) <= ID_LIMIT)
    assert (uri is None) == (not lemmas(text))


@given(st.lists(st.sampled_from(["dog", "walk", "shelter", "excited", "leash"]), min_size=1))
def test_articles_between_words_change_nothing(words: list[str]) -> None:
    assert concept_uri_of(" the ".join(words)) == concept_uri_of("  ".join(words))
