"""What asks a language model: prompts in, answers out. An adapter is one more file."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Protocol

from schema.text import digest

JsonSchema = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Prompt:
    """What a model is asked.

    Attributes:
        step: The step that asks.
        system: The instruction, the same for every post: servers keep what they computed of it.
        user: The post, and what is known of it.
        schema: JSON Schema of the answer.
        images: JPEG images as data URLs.
        sample: Which answer to the same is asked for, from 0.
    """

    step: str
    system: str
    user: str
    schema: JsonSchema
    images: tuple[str, ...] = ()
    sample: int = 0


@dataclass(frozen=True, slots=True)
class Answer:
    """What the model wrote: any text at all, valid or not.

    Attributes:
        text: As it came, of a bounded size; it may hold characters that are no text.
        prompt_tokens: As the engine counted them, 0 where it does not say.
        output_tokens: Likewise.
        is_cut: The model was out of tokens before it was done.
        engine: Engine and version that answered; empty where unknown.
    """

    text: str
    prompt_tokens: int = 0
    output_tokens: int = 0
    is_cut: bool = False
    engine: str = ""


@dataclass(frozen=True, slots=True)
class ModelUse:
    """Which model answers, and how it samples: what a run is named by, besides its prompt."""

    model: str
    revision: str
    sampling: str

    @property
    def id(self) -> str:
        """A hash: other answers are to be expected of any other."""
        return _id_of(self)


@lru_cache(maxsize=16)
def _id_of(use: ModelUse) -> str:
    return digest("model-use", use.model, use.revision, use.sampling)


class Generator(Protocol):
    """A language model. Calls may overlap."""

    @property
    def use(self) -> ModelUse:
        """The model that answers, the same from the first answer to the last."""
        ...

    async def answer(self, prompt: Prompt) -> Answer:
        """Ask once; passing trouble is waited out inside, within a limit.

        Raises:
            NoAnswerError: There is none to this prompt; others may be answered.
            GeneratorError: Any other: nothing can be asked.
        """
        ...
