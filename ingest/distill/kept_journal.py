"""The journal of a run on a cluster: an actor beside the command, and how workers see it."""

from contextlib import AsyncExitStack
from pathlib import Path
from typing import Final

from ingest.cluster import Remote
from ingest.distill.generator import Answer
from ingest.distill.journal import Key, journal
from ingest.distill.recall import Tally
from ingest.distill.restarts import Restarts
from ingest.distill.steps import Step

STEPS: Final = frozenset(Step)
"""What counts as asking a model; the writing in images is kept in the journal as well."""


class KeptJournal:
    """The journal as an actor on the node of the command; it counts for all workers."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._stack = AsyncExitStack()
        self._tally = Tally()
        self._restarts = Restarts()

    async def open(self) -> None:
        self._journal = await self._stack.enter_async_context(journal(self._path))

    async def find(self, key: Key) -> Answer | None:
        answer = await self._journal.find(key)
        if answer is not None and key[0] in STEPS:
            self._tally.recall(answer)
        return answer

    async def keep(self, key: Key, answer: Answer) -> Answer:
        if key[0] in STEPS:
            self._tally.ask(answer)
        return await self._journal.keep(key, answer)

    async def tally(self) -> Tally:
        return self._tally

    async def may_begin_anew(self, worker: str, answers: int) -> bool:
        return self._restarts.may_begin(worker, answers)

    async def close(self) -> None:
        await self._stack.aclose()


class KeptAnswers:
    """The journal, seen from a worker (ingest.distill.recall.Answers)."""

    def __init__(self, kept: Remote) -> None:
        self._kept = kept

    async def find(self, key: Key) -> Answer | None:
        return await self._kept.find.remote(key)

    async def keep(self, key: Key, answer: Answer) -> Answer:
        return await self._kept.keep.remote(key, answer)
