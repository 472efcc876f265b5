"""From an intention's words to the concepts that it speaks of."""

import pytest

from ingest.link import MOST_LINKS, links
from schema.graph import About

VOCABULARY = frozenset(
    f"/c/en/{words}"
    for words in (
        "dog",
        "walk",
        "walk_dog",
        "shelter",
        "share",
        "share_news",
        "in_life",
        "life",
        "proud",
        "proud_of",
        "user",
        "walk_dog_in_park",
        "jump_up",
    )
)


@pytest.mark.parametrize(
    ("text", "concepts"),
    [
        ("take their dogs to a shelter", ["dog", "shelter"]),
        ("walking the dog", ["walk_dog"]),
        ("walk their dogs in the park", ["walk_dog_in_park"]),
        ("share the news with a user", ["share_news"]),
        ("share it with a user", []),
        ("proud of a life in life", ["proud", "life"]),
        ("jump up", ["jump_up"]),
        ("dog, dogs and the Dog's", ["dog"]),
        ("", []),
        ("🐶", []),
    ],
)
def test_the_longest_runs_that_tell_something_are_linked(text: str, concepts: list[str]) -> None:
    found = [link.concept_id.removeprefix("/c/en/") for link in links("id", text, VOCABULARY)]

    assert found == concepts


def test_a_run_of_words_is_surer_than_one_word() -> None:
    assert links("id", "walk the dog to the shelter", VOCABULARY) == [
        About("id", "/c/en/walk_dog", "lemma", 0.9),
        About("id", "/c/en/shelter", "lemma", 0.7),
    ]


def test_an_intention_has_a_bounded_number_of_links() -> None:
    words = [f"word{number}" for number in range(50)]
    vocabulary = frozenset(f"/c/en/{word}" for word in words)

    assert len(links("id", " ".join(words), vocabulary)) == MOST_LINKS
