"""A model of transformers in this process as a generator: what waits together is one batch.

For small models, a student of `miko train-student` among them, where vLLM is not at hand. Answers
keep to their JSON Schema by a grammar, and models of texts alone are taken.
"""

import math
import os
import threading
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Final

import anyio
import anyio.to_thread
import orjson
from anyio.lowlevel import checkpoint
from jinja2 import TemplateError

from ingest.distill.chat import error_line, messages_of
from ingest.distill.generator import Answer, JsonSchema, Prompt
from ingest.distill.retries import TOO_LONG_REASON
from ingest.distill.settings import DistillSettings
from schema.errors import GeneratorNotFoundError, GeneratorUnreachableError, NoAnswerError

BATCH: Final = 16
"""Most prompts at a time."""

NO_IMAGES: Final = (
    "models of transformers see no images here: leave out the step describe, or use another engine"
)


@dataclass(slots=True)
class _Call:
    """A prompt on its way; in the end it holds its answer, or why there is none."""

    prompt: Prompt
    is_done: anyio.Event = field(default_factory=anyio.Event)
    outcome: Answer | NoAnswerError | GeneratorUnreachableError | None = None


@asynccontextmanager
async def transformers_generator(
    settings: DistillSettings,
) -> AsyncGenerator["TransformersGenerator"]:
    """Load the model of the settings.

    Raises:
        GeneratorNotFoundError: What runs it is not installed, or it cannot be loaded.
    """
    model = await anyio.to_thread.run_sync(CausalModel, settings)
    generator = TransformersGenerator(model, settings)
    async with anyio.create_task_group() as group:
        group.start_soon(generator.serve)
        try:
            yield generator
        finally:
            model.stop()
            group.cancel_scope.cancel()


class TransformersGenerator:
    """Asks a model of transformers in this process."""

    def __init__(self, model: "CausalModel", settings: DistillSettings) -> None:
        self.use: Final = settings.use
        self._model = model
        self._send, self._receive = anyio.create_memory_object_stream[_Call](math.inf)

    async def answer(self, prompt: Prompt) -> Answer:
        """Ask once.

        Raises:
            NoAnswerError: The prompt shows an image, has no room in the model's context or no
                place in its chat template, or the answer takes longer than the limit.
            GeneratorUnreachableError: The model fails.
        """
        if prompt.images:
            raise NoAnswerError(NO_IMAGES)
        if not await anyio.to_thread.run_sync(self._model.has_room, prompt):
            raise NoAnswerError(TOO_LONG_REASON)
        call = _Call(prompt)
        await self._send.send(call)
        await call.is_done.wait()
        if isinstance(call.outcome, Answer):
            return call.outcome
        raise call.outcome or GeneratorUnreachableError("the model was stopped")

    async def serve(self) -> None:
        """Answer what comes, for ever."""
        with self._send, self._receive:
            async for first in self._receive:
                await checkpoint()  # who was answered together asks together
                await self._serve([first, *self._waiting()])

    def _waiting(self) -> list[_Call]:
        some: list[_Call] = []
        while len(some) < BATCH - 1 and self._receive.statistics().current_buffer_used:
            some.append(self._receive.receive_nowait())
        return some

    async def _serve(self, calls: Sequence[_Call]) -> None:
        prompts = [call.prompt for call in calls]
        try:
            answers = await anyio.to_thread.run_sync(self._model.answers, prompts)
            for call, answer in zip(calls, answers, strict=True):
                call.outcome = answer
        except (RuntimeError, ValueError, IndexError) as error:
            for call in calls:
                call.outcome = GeneratorUnreachableError(f"the model failed ({error_line(error)})")
        for call in calls:
            call.is_done.set()


class CausalModel:
    """A causal language model with a chat template; it blocks. What is in it has no types."""

    def __init__(self, settings: DistillSettings) -> None:
        self._settings = settings
        self._stopped = threading.Event()
        # A tokenizer holds how it pads: asked by two threads, one is given the other's rows.
        self._cutting = threading.Lock()
        self._torch, transformers, grammars, self._processor = _libraries()
        self._device = "cuda" if self._torch.cuda.is_available() else "cpu"
        self._engine = f"transformers {transformers.__version__}"
        self._tokenizer, self._model = _loaded(settings, self._torch, transformers)
        self._model.to(self._device).eval()
        vocabulary = grammars.TokenizerInfo.from_huggingface(
            self._tokenizer, vocab_size=self._model.config.vocab_size
        )
        self._compiler: Any = grammars.GrammarCompiler(vocabulary)

    def stop(self) -> None:
        """End what is being written at its next token."""
        self._stopped.set()

    def has_room(self, prompt: Prompt) -> bool:
        """Whether a prompt and the longest answer fit the model's context.

        Raises:
            NoAnswerError: The model's chat template has no place for it.
        """
        room: int = getattr(self._model.config, "max_position_embeddings", 1 << 30)
        with self._cutting:
            size = len(self._tokenizer(self._text(prompt), add_special_tokens=False).input_ids)
        return size + self._settings.max_tokens <= room

    def answers(self, prompts: Sequence[Prompt]) -> list[Answer | NoAnswerError]:
        """Answer prompts as one batch; what the limit of time cuts off is no answer."""
        texts = [self._text(prompt) for prompt in prompts]
        with self._cutting:
            asked = self._tokenizer(
                texts, add_special_tokens=False, padding=True, return_tensors="pt"
            ).to(self._device)
        with self._torch.inference_mode():
            written = self._model.generate(**asked, **self._options(prompts))
        start = asked.input_ids.shape[1]
        sizes: list[int] = asked.attention_mask.sum(dim=1).tolist()
        rows: list[list[int]] = written[:, start:].tolist()
        return [self._answer(row, size) for row, size in zip(rows, sizes, strict=True)]

    def _text(self, prompt: Prompt) -> str:
        try:
            return self._tokenizer.apply_chat_template(
                messages_of(prompt), add_generation_prompt=True, tokenize=False
            )
        except TemplateError as error:
            raise NoAnswerError(f"the model's chat template refuses it ({error})") from error

    def _options(self, prompts: Sequence[Prompt]) -> dict[str, Any]:
        grammars = [self._compiled(prompt.schema) for prompt in prompts]
        temperature = self._settings.temperature
        sampling = {"do_sample": True, "temperature": temperature} if temperature else {}
        return {
            "do_sample": False,
            "max_new_tokens": self._settings.max_tokens,
            "max_time": self._settings.timeout_s,
            "pad_token_id": self._tokenizer.pad_token_id,
            "eos_token_id": self._tokenizer.eos_token_id,
            "logits_processor": [self._processor(grammars)],
            "stopping_criteria": [self._is_stopped],
            **sampling,
        }

    def _compiled(self, schema: JsonSchema) -> Any:
        """Return a schema's grammar, JSON as a student learns it; the compiler keeps it."""
        text = orjson.dumps(schema).decode()
        return self._compiler.compile_json_schema(text, any_whitespace=False)

    def _is_stopped(self, tokens: Any, *_: Any, **__: Any) -> Any:
        return self._torch.full((len(tokens),), self._stopped.is_set(), device=tokens.device)

    def _answer(self, row: Sequence[int], prompt_tokens: int) -> Answer | NoAnswerError:
        end: int = self._tokenizer.eos_token_id
        if end not in row and len(row) < self._settings.max_tokens:
            return NoAnswerError(f"no answer within {self._settings.timeout_s:g} s")
        size = row.index(end) if end in row else len(row)
        text: str = self._tokenizer.decode(row[:size], skip_special_tokens=True)
        return Answer(
            text[: self._settings.answer_limit_bytes],
            prompt_tokens,
            size,
            is_cut=end not in row,
            engine=self._engine,
        )


def _libraries() -> tuple[Any, Any, Any, Any]:
    os.environ.setdefault("HF_HUB_OFFLINE", "1")  # nothing is downloaded, unless one asks for it
    try:
        import torch
        import transformers
        import xgrammar
        from xgrammar.contrib.hf import LogitsProcessor
    except ImportError as error:
        raise GeneratorNotFoundError(
            "xgrammar is not installed: `pip install 'miko[student]'`, or use another --engine"
        ) from error
    transformers.utils.logging.disable_progress_bar()
    return torch, transformers, xgrammar, LogitsProcessor


def _loaded(settings: DistillSettings, torch: Any, transformers: Any) -> tuple[Any, Any]:
    revision = settings.revision or "main"  # of a name; a folder has none
    try:
        tokenizer = transformers.AutoTokenizer.from_pretrained(
            settings.model, revision=revision, padding_side="left"
        )
        model = transformers.AutoModelForCausalLM.from_pretrained(
            settings.model, revision=revision, dtype=torch.bfloat16
        )
    except Exception as error:  # whatever its many parts raise of a broken file
        raise GeneratorNotFoundError(
            f"transformers cannot load {settings.model!r} ({error_line(error)}): name a folder of "
            "a causal language model by --model"
        ) from error
    if tokenizer.pad_token_id is None:
        tokenizer.pad_token = tokenizer.eos_token
    if not tokenizer.chat_template:
        raise GeneratorNotFoundError(
            f"{settings.model!r} has no chat template: name a model that was taught to answer"
        )
    return tokenizer, model
