"""vLLM in this process as a generator: prompts join its batch as they come.

One thread owns the engine. It adds what waits, takes one step of the engine, and gives out what
is done: a prompt never waits for another to end. The instruction comes first in every prompt, so
that vLLM's prefix cache computes it once.
"""

import os
import queue
import threading
from collections.abc import AsyncGenerator, Iterator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, cast

import anyio
import anyio.from_thread
import anyio.to_thread
from anyio.lowlevel import current_token

from ingest.distill.chat import error_line, messages_of
from ingest.distill.generator import Answer, Prompt
from ingest.distill.retries import TOO_LONG, TOO_LONG_REASON, Health
from ingest.distill.settings import DistillSettings
from schema.errors import (
    EngineEndedError,
    GeneratorNotFoundError,
    GeneratorUnreachableError,
)

if TYPE_CHECKING:
    from vllm import LLM, RequestOutput, SamplingParams

ENVIRONMENT: Final = {"VLLM_LOGGING_LEVEL": "ERROR", "VLLM_NO_USAGE_STATS": "1"}
"""What holds where nothing else is set: quiet, and nothing is reported to anyone."""

OUT_OF_TOKENS: Final = "length"
STOP_LIMIT_S: Final = 30.0
LOOK_S: Final = 1.0
"""While an answer is waited for, how often it is looked whether the engine lives: when its process
dies, vLLM's step waits for ever (0.32, ``SyncMPClient.get_output``)."""


@dataclass(slots=True)
class _Call:
    """A prompt on its way; in the end it holds its answer, or why there is none."""

    prompt: Prompt
    is_done: anyio.Event = field(default_factory=anyio.Event)
    outcome: Answer | GeneratorUnreachableError | str | None = None


@asynccontextmanager
async def in_process_generator(settings: DistillSettings) -> AsyncGenerator["InProcessGenerator"]:
    """Start an engine with the model of the settings, and end it at the end.

    Raises:
        GeneratorNotFoundError: vLLM is not installed, or the model cannot be loaded.
    """
    engine = await anyio.to_thread.run_sync(_started, settings)
    generator = InProcessGenerator(engine, settings)
    generator.start()
    try:
        yield generator
    finally:
        with anyio.CancelScope(shield=True):
            await anyio.to_thread.run_sync(generator.stop)


class InProcessGenerator:
    """Asks vLLM's engine in this process."""

    def __init__(self, engine: "VllmEngine", settings: DistillSettings) -> None:
        self.engine = engine
        self.use: Final = settings.use
        self._settings = settings
        self._health = Health("vLLM in this process", settings.concurrency)
        self._waiting: queue.SimpleQueue[_Call | None] = queue.SimpleQueue()
        self._token = current_token()
        self._ended: GeneratorUnreachableError | None = None
        # A daemon: a step in which the engine died may wait for ever.
        self._thread = threading.Thread(target=self._serve, name="vllm", daemon=True)

    async def answer(self, prompt: Prompt) -> Answer:
        """Ask once.

        Raises:
            NoAnswerError: The engine refuses the prompt, or takes longer than the limit.
            EngineEndedError: The engine has ended.
            GeneratorUnreachableError: It had no answer to many in a row.
        """
        call = _Call(prompt)
        self._waiting.put(call)
        if self._ended is not None:
            raise self._ended
        with anyio.move_on_after(self._settings.timeout_s):
            await self._done(call)
        if isinstance(call.outcome, Answer):
            self._health.answered()
            return call.outcome
        if isinstance(call.outcome, GeneratorUnreachableError):
            raise call.outcome
        reason = call.outcome or f"no answer within {self._settings.timeout_s:g} s"
        raise self._health.failed(reason, is_refusal=call.outcome is not None)

    async def _done(self, call: _Call) -> None:
        """Wait until a call is done, or the engine is dead."""
        while not call.is_done.is_set():
            with anyio.move_on_after(LOOK_S):
                await call.is_done.wait()
            if not call.is_done.is_set() and not self.engine.is_alive:
                raise _ended("its process was killed")

    def start(self) -> None:
        """Begin to answer."""
        self._thread.start()

    def stop(self) -> None:
        """End the engine after the step at which it is; it blocks, for a bounded time."""
        self._waiting.put(None)
        self._thread.join(STOP_LIMIT_S if self.engine.is_alive else 0)
        self.engine.close()

    def _serve(self) -> None:
        asked: dict[str, _Call] = {}
        ended = GeneratorUnreachableError("the engine was stopped")
        try:
            while (some := self._taken(wait=not asked)) is not None:
                done = [call for call in some if not self._added(call, asked)]
                done += self._stepped(asked) if asked else []
                self._tell(done)
        except Exception as error:
            # Whatever ends the engine ends the run: vLLM raises what its parts raise.
            ended = _ended(error_line(error))
        self._ended = ended
        rest = [*asked.values(), *self._left()]
        for call in rest:
            call.outcome = ended
        self._tell(rest)

    def _taken(self, *, wait: bool) -> list[_Call] | None:
        """Return the calls that wait, None at the end."""
        some: list[_Call] = []
        while wait or not self._waiting.empty():
            call = self._waiting.get()
            if call is None and some:
                self._waiting.put(None)  # after these
                return some
            if call is None:
                return None
            some.append(call)
            wait = False
        return some

    def _left(self) -> Iterator[_Call]:
        while not self._waiting.empty():
            call = self._waiting.get()
            if call is not None:
                yield call

    def _added(self, call: _Call, asked: dict[str, _Call]) -> bool:
        """Add a prompt to the batch; where it is refused, the call is done."""
        try:
            asked[self.engine.add(call.prompt)] = call
        except (ValueError, TypeError) as error:
            is_long = any(words in str(error).lower() for words in TOO_LONG)
            call.outcome = TOO_LONG_REASON if is_long else f"refused ({type(error).__name__})"
            return False
        return True

    def _stepped(self, asked: dict[str, _Call]) -> list[_Call]:
        answers = self.engine.step()
        for name, answer in answers.items():
            asked[name].outcome = answer
        return [asked.pop(name) for name in answers]

    def _tell(self, calls: list[_Call]) -> None:
        if calls:
            with suppress(RuntimeError):  # the loop has ended, and nobody waits
                anyio.from_thread.run_sync(_set, calls, token=self._token)


class VllmEngine:
    """vLLM's engine, as far as it is used here; for one thread."""

    def __init__(self, llm: "LLM", settings: DistillSettings) -> None:
        import vllm

        self.llm: Final = llm
        self._settings = settings
        self._name = f"vllm {vllm.__version__}"

    @property
    def is_alive(self) -> bool:
        """Whether the engine's process is there, or it has none of its own."""
        client: Any = self.llm.llm_engine.engine_core  # of several classes, one for each setting
        resources = getattr(client, "resources", None)
        return resources is None or not resources.engine_dead

    def add(self, prompt: Prompt) -> str:
        """Add a prompt, rendered by the model's own template; return what it is called."""
        (name,) = self.llm.enqueue_chat(  # pyright: ignore[reportUnknownMemberType] its own
            [messages_of(prompt)], self._sampling(prompt), use_tqdm=False
        )
        return name.partition("-")[0]  # what follows is vLLM's own, and not in its outputs

    def step(self) -> Mapping[str, Answer]:
        """Take one step; return what is done by it."""
        outputs = cast("list[RequestOutput]", self.llm.llm_engine.step())
        return {o.request_id: self._answer(o) for o in outputs if o.finished}

    def close(self) -> None:
        """End the engine's process."""
        self.llm.llm_engine.engine_core.shutdown()

    def _answer(self, output: "RequestOutput") -> Answer:
        (written,) = output.outputs
        return Answer(
            written.text[: self._settings.answer_limit_bytes],
            len(output.prompt_token_ids or ()),
            len(written.token_ids),
            is_cut=written.finish_reason == OUT_OF_TOKENS,
            engine=self._name,
        )

    def _sampling(self, prompt: Prompt) -> "SamplingParams":
        """Return the model's own defaults with what the settings say, as vLLM's server does."""
        from vllm.sampling_params import StructuredOutputsParams

        sampling = self.llm.get_default_sampling_params()
        sampling.temperature = self._settings.temperature
        sampling.max_tokens = self._settings.max_tokens
        sampling.structured_outputs = StructuredOutputsParams(json=dict(prompt.schema))
        return sampling


def _started(settings: DistillSettings) -> VllmEngine:
    for name, value in ENVIRONMENT.items():
        os.environ.setdefault(name, value)
    try:
        from vllm import LLM
    except ImportError as error:
        raise GeneratorNotFoundError(
            "vLLM is not installed: `pip install 'miko[vllm]'`, or name an endpoint by --url"
        ) from error
    options: dict[str, Any] = {"revision": settings.revision or None, **settings.engine_args}
    try:
        return VllmEngine(LLM(settings.model, **options), settings)
    except (OSError, ValueError, TypeError, RuntimeError) as error:
        raise GeneratorNotFoundError(
            f"vLLM cannot load {settings.model!r} ({error_line(error)}): name a folder or a model "
            "that is here by --model, and see to --engine-args"
        ) from error


def _ended(why: str) -> EngineEndedError:
    return EngineEndedError(
        f"the engine has ended ({why}): what was answered before is kept; run the same command "
        "again"
    )


def _set(calls: list[_Call]) -> None:
    for call in calls:
        call.is_done.set()
