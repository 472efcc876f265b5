"""Estimates of literal sentiment."""

import pytest

from kg.sentiment import is_opposite, sentiment


@pytest.mark.parametrize("text", ["What a lovely day!", "happy", "Not bad at all :)"])
def test_glad_words_are_good(text: str) -> None:
    assert sentiment(text) > 0.05


@pytest.mark.parametrize("text", ["They are furious", "This is not good", "I hate queues"])
def test_sad_words_are_bad(text: str) -> None:
    assert sentiment(text) < -0.05


@pytest.mark.parametrize("text", ["", "the train", "\ud83d" * 3, "?" * 20_000])
def test_a_text_that_says_neither_is_neutral(text: str) -> None:
    assert abs(sentiment(text)) < 0.05


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [(0.5, -0.5, True), (-0.05, 0.05, True), (0.5, 0.4, False), (0.5, -0.04, False), (0, 0, False)],
)
def test_opposite_are_good_and_bad(one: float, other: float, *, expected: bool) -> None:
    assert is_opposite(one, other) is expected
    assert is_opposite(other, one) is expected
