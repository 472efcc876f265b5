"""Settings of distilling: MIKO_DISTILL_* variables, read once at the entry point."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated, Final, cast
from urllib.parse import urlsplit

import orjson
from pydantic import AfterValidator, BeforeValidator, Field, JsonValue, SecretStr
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from ingest.distill.generator import ModelUse
from kg.settings import settings_of
from schema.errors import InputError, OptionError
from schema.text import flaw

CONCURRENCY_LIMIT: Final = 1024
TOKEN_LIMIT: Final = 32_768
TEMPERATURE_LIMIT: Final = 2.0
SAMPLES_LIMIT: Final = 20
IMAGES_LIMIT_BYTES: Final = 10_000_000_000
NO_ADDRESS: Final = "is no address of an API: as http://127.0.0.1:8000/v1"


ANSWERING: Final = frozenset(
    {
        *("chat_template", "dtype", "hf_overrides", "quantization", "tokenizer", "tokenizer_mode"),
        *("generation_config", "override_generation_config"),  # the sampling's defaults
        *("kv_cache_dtype", "mm_processor_kwargs", "tokenizer_revision"),
    }
)
"""Arguments of vLLM's engine with which it answers otherwise."""


class Engine(StrEnum):
    """What asks the model."""

    OPENAI = "openai"
    VLLM = "vllm"
    TRANSFORMERS = "transformers"


def _name(text: str) -> str:
    if reason := flaw(text):
        raise ValueError(reason)
    return text.strip()


def _json(told: object) -> object:
    try:
        read: object = orjson.loads(told or "{}") if isinstance(told, str) else told
    except orjson.JSONDecodeError:
        raise ValueError("is no JSON") from None
    if not isinstance(read, dict):
        raise ValueError("is no JSON object")  # noqa: TRY004 pydantic takes no TypeError
    return cast("dict[str, JsonValue]", read)


def _arguments(arguments: dict[str, JsonValue]) -> dict[str, JsonValue]:
    for name, place in {"model": "--model", "revision": "MIKO_DISTILL_REVISION"}.items():
        if name in arguments:
            raise ValueError(f"holds {name!r}: give it by {place}")
    return arguments


def _key(key: SecretStr) -> SecretStr:
    text = key.get_secret_value().strip()
    if not (text.isascii() and text.isprintable()):
        raise ValueError("holds a character that no key has")
    return SecretStr(text)


def _address(url: str) -> str:
    try:
        parts = urlsplit(url)
        is_whole = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
        is_plain = url.isascii() and url.isprintable() and not set(" ?#\\") & set(url)
    except ValueError:
        raise ValueError(NO_ADDRESS) from None
    if "@" in parts.netloc:
        raise ValueError("the address holds a login: give the key by MIKO_DISTILL_API_KEY")
    if not (is_whole and is_plain):
        raise ValueError(NO_ADDRESS)
    return url.rstrip("/")


class DistillSettings(BaseSettings):
    """Which model distills, and how it is asked. Set by MIKO_DISTILL_* variables."""

    model_config = SettingsConfigDict(env_prefix="MIKO_DISTILL_", frozen=True)

    engine: Annotated[
        Engine,
        Field(
            description="`openai`: any OpenAI-compatible API. `vllm`: vLLM in this process. "
            "`transformers`: a small model in this process."
        ),
    ] = Engine.OPENAI
    engine_args: Annotated[
        dict[str, JsonValue],
        NoDecode,  # `_json` says what is wrong with the variable as with the option
        BeforeValidator(_json),
        AfterValidator(_arguments),
        Field(description="Arguments of vLLM's engine in this process, as JSON."),
    ] = {}
    url: Annotated[
        str,
        AfterValidator(_address),
        Field(description="Address of an OpenAI-compatible API, before /chat/completions."),
    ] = "http://127.0.0.1:8000/v1"
    model: Annotated[
        str, AfterValidator(_name), Field(max_length=200, description="Name of the model there.")
    ] = ""
    revision: Annotated[
        str,
        AfterValidator(_name),
        Field(max_length=200, description="Its revision, which no endpoint tells; goes into runs."),
    ] = ""
    api_key: Annotated[
        SecretStr,
        AfterValidator(_key),
        Field(description="Key of the endpoint; empty for none."),
    ] = SecretStr("")
    concurrency: Annotated[
        int, Field(ge=1, le=CONCURRENCY_LIMIT, description="Posts that are asked for at a time.")
    ] = 32
    temperature: Annotated[
        float, Field(ge=0, le=TEMPERATURE_LIMIT, description="How freely the model samples.")
    ] = 0.7
    max_tokens: Annotated[
        int, Field(ge=1, le=TOKEN_LIMIT, description="Most tokens of one answer.")
    ] = 1024
    samples: Annotated[
        int, Field(ge=1, le=SAMPLES_LIMIT, description="How often intentions are asked for.")
    ] = 1
    timeout_s: Annotated[
        float, Field(gt=0, le=3600, description="Longest wait for one answer, to its end.")
    ] = 300.0
    retries: Annotated[
        int,
        Field(ge=0, le=20, description="How often a prompt is sent again in passing trouble."),
    ] = 5
    answer_limit_bytes: Annotated[
        int, Field(ge=1000, le=100_000_000, description="Largest answer that is read.")
    ] = 1_048_576
    images_limit_bytes: Annotated[
        int,
        Field(ge=1_000_000_000, description="Most bytes of images from the web that are kept."),
    ] = IMAGES_LIMIT_BYTES

    @property
    def use(self) -> ModelUse:
        """The model, its revision, and how it samples as canonical JSON.

        Of an engine in this process, it holds what changes its answers.
        """
        sampling: dict[str, JsonValue] = {
            "max_tokens": self.max_tokens,
            "temperature": self.temperature,
        }
        if self.engine is Engine.VLLM:
            sampling |= {n: v for n, v in self.engine_args.items() if n in ANSWERING}
        text = orjson.dumps(sampling, option=orjson.OPT_SORT_KEYS).decode()
        return ModelUse(self.model, self.revision, text)


def settings_to_ask(
    options: Mapping[str, object], names: Mapping[str, str] | None = None
) -> DistillSettings:
    """Read the settings of a command that asks a model, as `settings_of`.

    Raises:
        InputError: No model is named, or an option is wrong.
        ValidationError: A variable is wrong.
    """
    settings = settings_of(DistillSettings, options, names)
    if not settings.model:
        raise InputError("which model is to be asked: name it by --model or MIKO_DISTILL_MODEL")
    if options.get("engine_args") is not None and settings.engine is not Engine.VLLM:
        raise OptionError("--engine-args", "are those of vLLM in this process: add --engine vllm")
    return settings
