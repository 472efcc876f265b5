"""vLLM in this process as a generator: prompts join its batch as they come.

One thread owns the engine. It adds what waits, takes one step of the engine, and gives out what
is done: a prompt never waits for another to end. The instruction comes first in every prompt, so
that vLLM's prefix cache computes it once.
"""

import os
import queue
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, cast

import anyio
import anyio.from_thread
import anyio.to_thread

from ingest.distill.chat import messages_of, plain
from ingest.distill.generator import Answer, ModelUse, Prompt
from ingest.distill.settings import DistillSettings
from schema.errors import (
    GeneratorError,
    GeneratorNotFoundError,
    GeneratorUnreachableError,
    NoAnswerError,
)

if TYPE_CHECKING:
    from vllm import LLM, RequestOutput, SamplingParams

ENVIRONMENT: Final = {"VLLM_LOGGING_LEVEL": "ERROR", "VLLM_NO_USAGE_STATS": "1"}
"""What holds where nothing else is set: quiet, and nothing is reported to anyone."""

OUT_OF_TOKENS: Final = "length"


@dataclass(slots=True)
class _Call:
    """A prompt on its way; in the end it holds its answer, or what went wrong."""

    prompt: Prompt
    is_done: anyio.Event = field(default_factory=anyio.Event)
    outcome: Answer | GeneratorError | None = None


@asynccontextmanager
async def in_process_generator(settings: DistillSettings) -> AsyncGenerator["InProcessGenerator"]:
    """Start an engine with the model of the settings, and end it at the end.

    Raises:
        GeneratorNotFoundError: vLLM is not installed, or the model cannot be loaded.
    """
    engine = await anyio.to_thread.run_sync(_started, settings)
    generator = InProcessGenerator(engine, settings)
    async with anyio.create_task_group() as group:
        group.start_soon(generator.serve)
        try:
            yield generator
        finally:
            generator.stop()


class InProcessGenerator:
    """Asks vLLM's engine in this process."""

    def __init__(self, engine: "VllmEngine", settings: DistillSettings) -> None:
        self.engine = engine
        self._settings = settings
        self._waiting: queue.SimpleQueue[_Call | None] = queue.SimpleQueue()

    @property
    def use(self) -> ModelUse:
        """The model, its revision and its sampling as canonical JSON."""
        return self._settings.use

    async def answer(self, prompt: Prompt) -> Answer:
        """Ask once.

        Raises:
            NoAnswerError: The engine refuses the prompt.
            GeneratorUnreachableError: The engine has ended.
        """
        call = _Call(prompt)
        self._waiting.put(call)
        await call.is_done.wait()
        if isinstance(call.outcome, Answer):
            return call.outcome
        raise call.outcome or GeneratorUnreachableError("the engine was stopped")

    async def serve(self) -> None:
        """Run the engine's thread until it is told to stop."""
        with anyio.CancelScope(shield=True):
            await anyio.to_thread.run_sync(self._serve)

    def stop(self) -> None:
        """End the engine's thread after the step at which it is; what is asked has no answer."""
        self._waiting.put(None)

    def _serve(self) -> None:
        asked: dict[str, _Call] = {}
        try:
            while (some := self._taken(wait=not asked)) is not None:
                done = [call for call in some if not self._added(call, asked)]
                done += self._stepped(asked) if asked else []
                if done:
                    anyio.from_thread.run_sync(_tell, done)
        finally:
            self.engine.close()
            rest = list(asked.values())
            anyio.from_thread.run_sync(_tell, rest)

    def _taken(self, *, wait: bool) -> list[_Call] | None:
        """Return the calls that wait, None at the end."""
        some: list[_Call] = []
        while wait or not self._waiting.empty():
            call = self._waiting.get()
            if call is None:
                return None
            some.append(call)
            wait = False
        return some

    def _added(self, call: _Call, asked: dict[str, _Call]) -> bool:
        """Add a prompt to the batch; where it is refused, the call is done."""
        try:
            asked[self.engine.add(call.prompt)] = call
        except (ValueError, TypeError) as error:
            call.outcome = NoAnswerError(f"the engine refuses it ({type(error).__name__})")
            return False
        return True

    def _stepped(self, asked: dict[str, _Call]) -> list[_Call]:
        try:
            answers = self.engine.step()
        except Exception as error:
            words = plain(str(error)) or type(error).__name__
            for call in asked.values():
                call.outcome = GeneratorUnreachableError(
                    f"the engine has ended ({words}): what was answered before is kept; run the "
                    "same command again"
                )
            done = list(asked.values())
            asked.clear()
            return done
        for name, answer in answers.items():
            asked[name].outcome = answer
        return [asked.pop(name) for name in answers]


class VllmEngine:
    """vLLM's engine, as far as it is used here; for one thread."""

    def __init__(self, llm: "LLM", settings: DistillSettings) -> None:
        import vllm

        self._llm = llm
        self._settings = settings
        self._name = f"vllm {vllm.__version__}"

    def add(self, prompt: Prompt) -> str:
        """Add a prompt, rendered by the model's own template; return what it is called."""
        (name,) = self._llm.enqueue_chat(  # pyright: ignore[reportUnknownMemberType] its own
            [messages_of(prompt)], self._sampling(prompt), use_tqdm=False
        )
        return name.partition("-")[0]  # what follows is vLLM's own, and not in its outputs

    def step(self) -> Mapping[str, Answer]:
        """Take one step; return what is done by it."""
        outputs = cast("list[RequestOutput]", self._llm.llm_engine.step())
        return {o.request_id: self._answer(o) for o in outputs if o.finished}

    def close(self) -> None:
        """End the engine's process."""
        self._llm.llm_engine.engine_core.shutdown()

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

        sampling = self._llm.get_default_sampling_params()
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
        words = plain(str(error)) or type(error).__name__
        raise GeneratorNotFoundError(
            f"vLLM cannot load {settings.model!r} ({words}): name a folder or a model that is "
            "here by --model, and see to --engine-args"
        ) from error


def _tell(calls: list[_Call]) -> None:
    for call in calls:
        call.is_done.set()
