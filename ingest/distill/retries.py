"""When to send a prompt again, and when it is no use to go on at all."""

import random
from dataclasses import dataclass
from typing import Final

from schema.errors import GeneratorUnreachableError, NoAnswerError

FIRST_PAUSE_S: Final = 0.5
LONGEST_PAUSE_S: Final = 60.0
"""Bounds what an endpoint may ask for by Retry-After, too."""

FAILURE_LIMIT: Final = 10
"""Prompts without an answer, one after the other, that are taken for an outage."""

REFUSAL_LIMIT: Final = 1000
"""Prompts that an endpoint refuses, one after the other, once it has answered others."""

TOO_LONG: Final = (
    "context length",
    "context_length",
    "context window",
    "max_model_len",
    "too long",
)
"""What vLLM and others say of a prompt that, with the tokens of its answer, has no room."""
TOO_LONG_REASON: Final = "with --max-tokens, the prompt is longer than the model's context"


@dataclass(frozen=True, slots=True)
class Trouble:
    """Why a request had no answer, where the next may have one.

    Attributes:
        reason: In a few words.
        pause_s: The pause that the endpoint asked for.
        is_unreachable: There was no connection at all.
    """

    reason: str
    pause_s: float | None = None
    is_unreachable: bool = False


def pause_s(tries: int, trouble: Trouble) -> float:
    """Return how long to wait after so many tries, at random: others wait as well."""
    if trouble.pause_s is not None:
        return min(trouble.pause_s, LONGEST_PAUSE_S) + random.uniform(0, FIRST_PAUSE_S)  # noqa: S311
    longest = min(FIRST_PAUSE_S * 2**tries, LONGEST_PAUSE_S)
    return random.uniform(longest / 2, longest)  # noqa: S311 no secret hangs on it


class Health:
    """Counts prompts without an answer, to tell a bad prompt from a bad endpoint.

    Args:
        url: The endpoint, as messages name it.
        at_a_time: How many prompts are on their way at a time.
    """

    def __init__(self, url: str, at_a_time: int) -> None:
        self._url = url
        self._first_limit = max(FAILURE_LIMIT, 2 * at_a_time)
        self._has_answered = False
        self._failed_in_a_row = self._refused_in_a_row = 0

    def answered(self) -> None:
        """Note an answer."""
        self._has_answered = True
        self._failed_in_a_row = self._refused_in_a_row = 0

    def failed(self, reason: str, *, is_refusal: bool) -> NoAnswerError | GeneratorUnreachableError:
        """Note a prompt without an answer, and return what to raise.

        Args:
            reason: Why there is none; holds nothing of the prompt.
            is_refusal: The endpoint refuses this prompt. Once it has answered others, more may
                follow one another (REFUSAL_LIMIT): posts that are too long, say.
        """
        if is_refusal:
            self._refused_in_a_row += 1
        else:
            self._failed_in_a_row += 1
        in_a_row = self._failed_in_a_row + self._refused_in_a_row
        # To refuse is quicker than to answer: at first, many may while the others are worked on.
        refusals = REFUSAL_LIMIT if self._has_answered else self._first_limit
        if self._failed_in_a_row < FAILURE_LIMIT and self._refused_in_a_row < refusals:
            return NoAnswerError(reason)
        return GeneratorUnreachableError(
            f"{self._url} had no answer to {in_a_row} prompts in a row, at last: {reason}. "
            "What was answered before is kept: see to the endpoint, and run the same command again"
        )
