"""Posts that say nearly the same are told, whatever link, account or case they differ in."""

from pathlib import Path

import pytest

from evaluation.benchmark.reading import contents_of
from evaluation.near_duplicates import NearDuplicates, words_of
from schema.nodes import Post

SAID = "Meet Rex, he has waited at the shelter for a year http://pets.example/1"


def post(text: str, post_id: str = "pets:2") -> Post:
    return Post(post_id, text, "pets")


@pytest.mark.parametrize(
    "text",
    [
        "RT @someone: MEET REX, he has waited at the shelter for a year",
        "Meet Rex ! He has waited at the shelter for a year http : // pets.example / 2",
        "Meet Max, he has waited at the shelter for a year",
    ],
)
def test_the_same_with_another_link_account_or_name_is_a_near_duplicate(text: str) -> None:
    assert NearDuplicates([post(SAID, "pets:1")]).holds(post(text))


@pytest.mark.parametrize("text", ["Rex waits for the bus", "", "!!!", "Meet", "😀 😀 😀"])
def test_other_words_are_no_near_duplicate(text: str) -> None:
    assert not NearDuplicates([post(SAID, "pets:1"), post("", "pets:3")]).holds(post(text))


def test_the_same_post_is_one_whatever_its_text() -> None:
    assert NearDuplicates([post(SAID)]).holds(post("quite other words"))


def test_the_same_words_in_another_order_or_case_are_one_group() -> None:
    assert words_of("Rex waits, waits!") == words_of("waits REX") == "rex waits"
    assert words_of("!!!") == ""


def test_ten_posts_of_the_release_are_in_both_of_its_splits(data: Path) -> None:
    test = contents_of(data / "miko-release/test.json").posts
    train = contents_of(data / "miko-release/train.json").posts

    found = NearDuplicates(test.values())

    assert (len(test), len(train)) == (119, 863)
    assert len(test.keys() & train.keys()) == 10
    assert sum(found.holds(one) for one in train.values()) == 10
