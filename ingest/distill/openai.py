"""Any OpenAI-compatible chat endpoint as a generator: a vLLM server, or a provider."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Final

import anyio
import httpx
import orjson

from ingest.distill.chat import (
    Json,
    Response,
    answer_of,
    models_of,
    plain,
    repeats,
    request_of,
    said_of,
    version_of,
)
from ingest.distill.generator import Answer, Prompt
from ingest.distill.retries import TOO_LONG, TOO_LONG_REASON, Health, Trouble, pause_s
from ingest.distill.settings import DistillSettings
from schema.errors import (
    GeneratorDeniedError,
    GeneratorError,
    GeneratorNotFoundError,
    GeneratorUnreachableError,
)

CONNECT_TIMEOUT_S: Final = 10.0
OK: Final = 200
PASSING: Final = frozenset({408, 409, 425, 429})
SERVER_FAULT: Final = 500
"""These, and all from here on, are statuses after which the same request may succeed: gateways have
numbers of their own (Cloudflare 520 to 530)."""

DENIED: Final = frozenset({401, 402, 403})
"""The key is wrong, or of an account without credit: it would be so for each post."""

ELSEWHERE: Final = frozenset({301, 302, 303, 307, 308})
NOT_FOUND: Final = 404


@asynccontextmanager
async def openai_generator(settings: DistillSettings) -> AsyncGenerator["OpenAIGenerator"]:
    """Give the generator behind an endpoint; nothing is asked yet."""
    key = settings.api_key.get_secret_value()
    login = {"Authorization": f"Bearer {key}"} if key else {}
    async with httpx.AsyncClient(
        headers={"Accept-Encoding": "identity"} | login,  # a packed answer may be a bomb
        timeout=httpx.Timeout(settings.timeout_s, connect=CONNECT_TIMEOUT_S),
        limits=httpx.Limits(max_connections=None, max_keepalive_connections=settings.concurrency),
    ) as client:
        yield OpenAIGenerator(client, settings)


class OpenAIGenerator:
    """Asks a chat endpoint; every wait, size and number of tries is bounded."""

    def __init__(self, client: httpx.AsyncClient, settings: DistillSettings) -> None:
        self._client = client
        self._settings = settings
        self.use: Final = settings.use
        self._sampling = orjson.loads(self.use.sampling)
        self._health = Health(settings.url, settings.concurrency)
        self._engine: str | None = None
        self._naming = anyio.Lock()

    async def answer(self, prompt: Prompt) -> Answer:
        """Ask once; passing trouble is waited out.

        Raises:
            NoAnswerError: There is none to this prompt.
            GeneratorDeniedError: The endpoint wants another key.
            GeneratorNotFoundError: No such endpoint, or no such model.
            GeneratorUnreachableError: It does not answer, or fails at everything.
        """
        body = orjson.dumps(request_of(prompt, self._settings.model) | self._sampling)
        trouble = Trouble("")
        for tries in range(self._settings.retries + 1):
            if tries:
                await anyio.sleep(pause_s(tries, trouble))
            found = await self._asked(body, prompt)
            if isinstance(found, Answer):
                return found
            trouble = found
        if trouble.is_unreachable:
            raise GeneratorUnreachableError(
                f"there is no answer at {self._settings.url} ({trouble.reason}): start the "
                "endpoint, or name another by --url; then run the same command again"
            )
        raise self._health.failed(trouble.reason, is_refusal=False)

    async def _asked(self, body: bytes, prompt: Prompt) -> Answer | Trouble:
        """Return the answer, or what passes; raise what does not."""
        response = await self._sent("POST", f"{self._settings.url}/chat/completions", body)
        if isinstance(response, Trouble):
            return response
        if response.status != OK:
            return await self._refused(response, prompt)
        if response.body is None:
            limit = self._settings.answer_limit_bytes
            raise self._health.failed(f"the answer has over {limit} bytes", is_refusal=True)
        answer = answer_of(response.json())
        if answer is None:
            return Trouble("the answer is no chat completion")
        self._health.answered()
        return replace(answer, engine=await self._engine_name())

    async def _sent(self, method: str, url: str, body: bytes | None = None) -> Response | Trouble:
        """Send a request, and read at most so many bytes in at most so much time."""
        timeout_s = self._settings.timeout_s
        try:
            with anyio.fail_after(timeout_s):
                return await self._exchanged(method, url, body)
        except (httpx.ConnectError, httpx.ConnectTimeout) as error:
            return Trouble(plain(str(error)) or "no connection", is_unreachable=True)
        except (TimeoutError, httpx.TimeoutException):
            return Trouble(f"no answer within {timeout_s:g} s")
        except httpx.TransportError:
            return Trouble("the connection was lost in mid-answer")

    async def _exchanged(self, method: str, url: str, body: bytes | None) -> Response | Trouble:
        headers = {"Content-Type": "application/json"} if body else {}
        read = bytearray()
        async with self._client.stream(method, url, content=body, headers=headers) as response:
            if response.headers.get("content-encoding", "identity") != "identity":
                return Trouble("the answer is packed, which was not asked for")
            async for chunk in response.aiter_raw():
                read += chunk
                if len(read) > self._settings.answer_limit_bytes:
                    return Response(response.status_code, response.headers, None)
        return Response(response.status_code, response.headers, bytes(read))

    async def _refused(self, response: Response, prompt: Prompt) -> Trouble:
        status, url = response.status, self._settings.url
        if status in PASSING or status >= SERVER_FAULT:
            reason = f"status {status}{self._words(response, prompt)}"
            return Trouble(reason, response.retry_after_s)
        if status in DENIED:
            raise GeneratorDeniedError(
                f"{url} refuses the key ({status}{self._words(response, prompt)}): set "
                f"MIKO_DISTILL_API_KEY to one that may use {self._settings.model!r}, with credit"
            )
        if status == NOT_FOUND:
            raise await self._not_found()
        if status in ELSEWHERE:
            raise GeneratorNotFoundError(
                f"{url} leads elsewhere ({status}), and is not followed: name the other by --url"
            )
        if any(words in said_of(response.json()).lower() for words in TOO_LONG):
            raise self._health.failed(TOO_LONG_REASON, is_refusal=True)
        reason = f"the endpoint refuses it (status {status}{self._words(response, prompt)})"
        raise self._health.failed(reason, is_refusal=True)

    def _words(self, response: Response, prompt: Prompt) -> str:
        """Return what the endpoint says, unless it repeats the prompt; without the key."""
        said, key = said_of(response.json()), self._settings.api_key.get_secret_value()
        if not said or repeats(said, prompt.user):
            return ""
        return f": {said.replace(key, '…') if key else said}"

    async def _not_found(self) -> GeneratorError:
        url, model, models = self._settings.url, self._settings.model, await self._models()
        if models and model not in models:
            names = ", ".join(sorted(models)[:10])
            return GeneratorNotFoundError(
                f"{url} has no model {model!r}: name one that it has ({names})"
            )
        return GeneratorNotFoundError(
            f"{url} is no chat endpoint, or has no model {model!r} (404): --url is what stands "
            "before /chat/completions, and mostly ends in /v1"
        )

    async def _engine_name(self) -> str:
        """Return who answers there, asked for once; vLLM tells its version."""
        async with self._naming:
            if self._engine is None:
                owner = (await self._models()).get(self._settings.model, "")
                version = await self._vllm_version() if owner == "vllm" else ""
                self._engine = f"{owner} {version}".strip()
        return self._engine

    async def _models(self) -> dict[str, str]:
        response = await self._sent("GET", f"{self._settings.url}/models")
        return models_of(_json_of(response))

    async def _vllm_version(self) -> str:
        response = await self._sent("GET", f"{self._settings.url.removesuffix('/v1')}/version")
        return version_of(_json_of(response))


def _json_of(response: Response | Trouble) -> Json:
    if isinstance(response, Trouble) or response.status != OK:
        return None
    return response.json()
