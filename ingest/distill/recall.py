"""A generator that asks for what the journal does not know, and for each thing once."""

from dataclasses import dataclass
from typing import Final, Protocol

import anyio

from ingest.distill.generator import Answer, Generator, Prompt
from ingest.distill.journal import Key, key_of


class Answers(Protocol):
    """Where answers are kept: the journal, or another process that has it."""

    async def find(self, key: Key) -> Answer | None:
        """Return the answer that is kept, None where there is none."""
        ...

    async def keep(self, key: Key, answer: Answer) -> Answer:
        """Keep an answer, unless there is one; return the one that is kept.

        It is kept also where the call is cancelled: it was paid for.
        """
        ...


@dataclass(slots=True)
class Tally:
    """What was asked, and what it took.

    Attributes:
        asked: Prompts that the model answered.
        recalled: Prompts whose answer was in the journal.
        prompt_tokens: Of all of these answers, recalled ones included.
        output_tokens: Likewise.
        new_output_tokens: Of those that were asked.
    """

    asked: int = 0
    recalled: int = 0
    prompt_tokens: int = 0
    output_tokens: int = 0
    new_output_tokens: int = 0

    def recall(self, answer: Answer) -> None:
        """Count an answer that was in the journal."""
        self.recalled += 1
        self._add(answer)

    def ask(self, answer: Answer) -> None:
        """Count an answer that the model gave."""
        self.asked += 1
        self.new_output_tokens += answer.output_tokens
        self._add(answer)

    def _add(self, answer: Answer) -> None:
        self.prompt_tokens += answer.prompt_tokens
        self.output_tokens += answer.output_tokens


class RecallingGenerator:
    """Answers from the journal where it can; else asks, and keeps the answer at once."""

    def __init__(self, generator: Generator, journal: Answers) -> None:
        self._generator = generator
        self._journal = journal
        self._asking: dict[Key, anyio.Event | None] = {}  # an event where others wait
        self.use: Final = generator.use
        self.tally = Tally()

    async def answer(self, prompt: Prompt) -> Answer:
        """Answer, as a generator does; of equal prompts at a time, one is asked."""
        key = key_of(prompt, self.use)
        while key in self._asking:
            self._asking[key] = other = self._asking[key] or anyio.Event()
            await other.wait()
        self._asking[key] = None
        try:
            answer = await self._journal.find(key)
            if answer is None:
                return await self._asked(key, prompt)
        finally:
            waited_for = self._asking.pop(key)
            if waited_for is not None:
                waited_for.set()
        self.tally.recall(answer)
        return answer

    async def _asked(self, key: Key, prompt: Prompt) -> Answer:
        answer = await self._generator.answer(prompt)
        answer = await self._journal.keep(key, answer)
        self.tally.ask(answer)
        return answer
