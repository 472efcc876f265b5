"""A worker by itself, in a process that is no actor of a cluster."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import NoReturn

import anyio
import pytest

from ingest.distill import worker
from ingest.distill.connect import DistillPlan
from ingest.distill.posts import PostLine
from ingest.distill.recall import Tally
from ingest.distill.settings import DistillSettings, Engine
from ingest.distill.steps import Step
from ingest.distill.worker import ROW, Worker, column
from kg.settings import EmbedderSettings
from schema.errors import EngineEndedError, GeneratorNotFoundError
from schema.records import Record

pytestmark = pytest.mark.anyio

LOST = PostLine(1, Record(id="pets:1", text="the engine ends over this"))
OTHER = PostLine(2, Record(id="pets:2", text="on its way meanwhile"))
LATE = PostLine(3, Record(id="pets:3", text="comes when it ends"))


class ExitedError(Exception):
    """The process would be no more."""


class Distilling:
    """A distiller that loses its engine over one post; any other meets what is closed."""

    def __init__(self) -> None:
        self.begun: list[PostLine] = []
        self.is_closed = anyio.Event()
        self.may_close = anyio.Event()

    async def distilled(self, post: PostLine) -> Record:
        self.begun.append(post)
        if post is LOST:
            raise EngineEndedError("the engine has ended")
        await self.is_closed.wait()
        raise RuntimeError("the client has been closed")

    @asynccontextmanager
    async def opened(self, *_: object) -> AsyncGenerator[tuple["Distilling", Tally]]:
        try:
            yield self, Tally()
        finally:
            self.is_closed.set()
            with anyio.CancelScope(shield=True):
                await self.may_close.wait()


async def may_begin_anew(*_: object) -> bool:
    return True


KEPT = SimpleNamespace(may_begin_anew=SimpleNamespace(remote=may_begin_anew))


@asynccontextmanager
async def not_found(*_: object) -> AsyncGenerator[NoReturn]:
    raise GeneratorNotFoundError("there is no such model")
    yield


def ended(code: int) -> NoReturn:
    raise ExitedError(code)


def plan(engine: Engine) -> DistillPlan:
    settings = DistillSettings(engine=engine, model="any")
    here = Path()
    return DistillPlan(
        settings,
        (Step.EXTRACT,),
        here,
        here,
        EmbedderSettings(),
        has_ocr=False,
        allows_private=False,
    )


async def test_nothing_comes_of_other_posts_while_a_worker_ends(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    distilling = Distilling()
    monkeypatch.setattr(worker, "distilling", distilling.opened)
    monkeypatch.setattr(worker, "this_actor", lambda: "one")
    monkeypatch.setattr(worker.os, "_exit", ended)
    one = Worker(plan(Engine.VLLM), KEPT)
    told: list[object] = []
    is_told = anyio.Event()

    async def batch(post: PostLine) -> None:
        try:
            told.append(await one({ROW: column([post])}))
        except (ExitedError, RuntimeError, ExceptionGroup) as error:
            told.append(error)
        is_told.set()

    async with anyio.create_task_group() as group:
        group.start_soon(batch, OTHER)
        await anyio.wait_all_tasks_blocked()
        group.start_soon(batch, LOST)
        await distilling.is_closed.wait()
        group.start_soon(batch, LATE)
        await anyio.wait_all_tasks_blocked()
        told.append("it may close")
        distilling.may_close.set()
        await is_told.wait()
        group.cancel_scope.cancel()

    assert [type(one) for one in told] == [str, ExitedError]
    assert distilling.begun == [OTHER, LOST]


async def test_an_engine_that_a_second_process_cannot_load_is_lost(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(worker, "distilling", not_found)
    monkeypatch.setattr(worker, "is_begun_anew", lambda: True)
    monkeypatch.setattr(worker, "this_actor", lambda: "one")
    monkeypatch.setattr(worker.os, "_exit", ended)

    with pytest.raises(ExitedError):
        await Worker(plan(Engine.VLLM), KEPT)({ROW: column([OTHER])})


async def test_an_endpoint_that_a_second_process_does_not_find_ends_the_run(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(worker, "distilling", not_found)
    monkeypatch.setattr(worker, "is_begun_anew", lambda: True)

    told = await Worker(plan(Engine.OPENAI), KEPT)({ROW: column([OTHER])})

    assert [type(row) for row in told[ROW]] == [GeneratorNotFoundError]
