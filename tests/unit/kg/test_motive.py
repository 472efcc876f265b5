"""The motive and the topic of an intention, as parts of its embedding."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from kg.motive import Part, Parted, topic_parts

whole_numbers = st.integers(-5, 5).map(float)
embeddings = arrays(np.float64, (3, 6), elements=whole_numbers)
spans = arrays(np.float64, (3, 2, 6), elements=whole_numbers)


@given(embeddings, spans)
def test_the_motive_has_nothing_of_the_concepts(
    whole: np.ndarray[tuple[int, int], np.dtype[np.float64]],
    span: np.ndarray[tuple[int, int, int], np.dtype[np.float64]],
) -> None:
    motive = Parted(whole, whole, topic_parts(whole, span)).motive

    assert np.abs(span @ motive[:, :, np.newaxis]).max() < 1e-6


def test_the_topic_is_what_the_concepts_can_say() -> None:
    whole = np.array([[3.0, 4.0, 5.0]])
    skew = np.array([[[2.0, 0.0, 0.0], [1.0, 1.0, 0.0]]])

    assert topic_parts(whole, skew) == pytest.approx(np.array([[3.0, 4.0, 0.0]]))


def test_a_concept_that_repeats_another_adds_nothing() -> None:
    whole = np.array([[3.0, 4.0, 5.0]])
    twice = np.array([[[2.0, 0.0, 0.0], [6.0, 0.0, 0.0]]])

    assert topic_parts(whole, twice) == pytest.approx(np.array([[3.0, 0.0, 0.0]]))


@pytest.mark.parametrize("concepts", [0, 2])
def test_without_concepts_all_is_motive(concepts: int) -> None:
    whole = np.array([[3.0, 4.0], [4.0, 3.0]])
    parted = Parted(whole, whole, topic_parts(whole, np.zeros((2, concepts, 2))))

    (itself, other) = parted.likeness(0)

    assert [itself.of(part) for part in Part] == [1.0, 1.0, 0.0]
    assert [other.of(part) for part in Part] == [0.96, 0.96, 0.0]
