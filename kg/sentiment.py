"""What a text says by its words, good or bad: an estimate by VADER (docs/decisions)."""

from functools import lru_cache
from typing import Final

NEUTRAL: Final = 0.05
"""Nearer to 0 than this a text is neither good nor bad (Hutto and Gilbert, ICWSM 2014)."""


@lru_cache(maxsize=100_000)
def sentiment(text: str) -> float:
    """Return the literal sentiment of an English text, from -1 (bad) to 1 (good), to 4 digits.

    It is estimated from a lexicon and rules of grammar: irony is beyond it, which is what it is
    asked for here. A text without a word of the lexicon gives 0.
    """
    from vader import polarity_scores

    return polarity_scores(text)["compound"]


def is_opposite(one: float, other: float) -> bool:
    """Whether of two sentiments one is good and the other bad."""
    return min(one, other) <= -NEUTRAL and max(one, other) >= NEUTRAL
