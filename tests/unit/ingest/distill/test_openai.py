"""The adapter of chat endpoints, against a scripted one that misbehaves."""

import json
from collections.abc import AsyncIterator, Callable
from dataclasses import replace

import anyio
import pytest
from pydantic import SecretStr
from starlette.responses import JSONResponse, Response, StreamingResponse
from unit.ingest.distill.endpoint import MODEL, Asked, Endpoint, Reply, completion, good

from ingest.distill.chat import Response as Seen
from ingest.distill.generator import Answer, Prompt
from ingest.distill.openai import openai_generator
from ingest.distill.retries import FAILURE_LIMIT, REFUSAL_LIMIT, Health
from ingest.distill.settings import DistillSettings
from schema.errors import (
    GeneratorDeniedError,
    GeneratorNotFoundError,
    GeneratorUnreachableError,
    NoAnswerError,
)

pytestmark = pytest.mark.anyio

Settings = Callable[..., DistillSettings]
PROMPT = Prompt("extract", "Extract.", '<post>\n{"text": "Meet Rex"}\n</post>', {"type": "object"})


async def asked(settings: DistillSettings, prompt: Prompt = PROMPT) -> Answer:
    async with openai_generator(settings) as generator:
        return await generator.answer(prompt)


def at_first(bad: Callable[[], Reply]) -> Callable[[Asked], Reply]:
    """Return a script that misbehaves once."""
    return lambda asked: good(asked) if asked.before else bad()


async def cut_off() -> AsyncIterator[bytes]:
    yield b'{"choices": [{"mess'
    raise ConnectionAbortedError


async def endless() -> AsyncIterator[bytes]:
    for _ in range(100):  # the limit is far below
        yield b"word " * 1000
        await anyio.sleep(0.001)


async def dripping() -> AsyncIterator[bytes]:
    for _ in range(40):  # two seconds, the limit is far below
        yield b" "
        await anyio.sleep(0.05)


async def test_a_prompt_is_asked_with_its_schema_and_the_post_last(
    endpoint: Endpoint, settings: Settings
) -> None:
    prompt = Prompt("extract", "Extract.", PROMPT.user, PROMPT.schema, ("data:image/jpeg;base64,",))

    answer = await asked(settings(temperature=0.5, max_tokens=77), prompt)

    body = endpoint.asked[0].body
    assert [message["role"] for message in body["messages"]] == ["system", "user"]
    assert [part["type"] for part in body["messages"][1]["content"]] == ["image_url", "text"]
    assert body["response_format"]["json_schema"] == {"name": "extract", "schema": PROMPT.schema}
    assert (body["model"], body["temperature"], body["max_tokens"]) == (MODEL, 0.5, 77)
    assert (answer.prompt_tokens, answer.output_tokens, answer.is_cut) == (100, 40, False)
    assert answer.engine == "vllm 0.0-scripted"


@pytest.mark.parametrize(
    "bad",
    [
        lambda: Response(status_code=500),
        lambda: Response(status_code=522),
        lambda: Response("no JSON", 200),
        lambda: JSONResponse({"choices": []}),
        lambda: StreamingResponse(cut_off()),
        lambda: Response(b"\x1f\x8b", headers={"content-encoding": "gzip"}),
        lambda: Response("[" * 100_000),
    ],
    ids=["500", "gateway", "no JSON", "no choice", "cut off", "packed", "nested"],
)
async def test_passing_trouble_is_waited_out(
    endpoint: Endpoint, settings: Settings, bad: Callable[[], Reply]
) -> None:
    endpoint.script = at_first(bad)

    answer = await asked(settings())

    assert "adoption" in answer.text
    assert len(endpoint.asked) == 2


async def test_a_pause_that_is_asked_for_is_kept(endpoint: Endpoint, settings: Settings) -> None:
    endpoint.script = at_first(lambda: Response(status_code=429, headers={"retry-after": "1"}))
    start = anyio.current_time()

    await asked(settings())

    assert 1 <= anyio.current_time() - start < 5


async def test_a_pause_that_is_asked_for_is_bounded(
    endpoint: Endpoint, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ingest.distill.retries.LONGEST_PAUSE_S", 0.1)
    endpoint.script = at_first(lambda: Response(status_code=429, headers={"retry-after": "9999"}))

    with anyio.fail_after(5):
        await asked(settings())


@pytest.mark.parametrize("drip", [None, dripping])
async def test_a_slow_answer_is_given_up(
    endpoint: Endpoint, settings: Settings, drip: Callable[[], AsyncIterator[bytes]] | None
) -> None:
    endpoint.delay_s = 0.0 if drip else 30.0
    endpoint.script = lambda asked: StreamingResponse(drip()) if drip else good(asked)

    with anyio.fail_after(5), pytest.raises(NoAnswerError, match=r"no answer within 0\.3 s"):
        await asked(settings(timeout_s=0.3, retries=1))

    assert len(endpoint.asked) == 2


async def test_an_endless_answer_is_cut(endpoint: Endpoint, settings: Settings) -> None:
    endpoint.script = lambda _: StreamingResponse(endless())

    with anyio.fail_after(5), pytest.raises(NoAnswerError, match="over 20000 bytes"):
        await asked(settings(answer_limit_bytes=20_000))

    assert len(endpoint.asked) == 1


async def test_an_answer_that_is_out_of_tokens_says_so(
    endpoint: Endpoint, settings: Settings
) -> None:
    endpoint.script = lambda _: JSONResponse(completion('{"concept": "ado', "length"))

    assert (await asked(settings())).is_cut


@pytest.mark.parametrize("text", [None, 7, "\ud800"], ids=["none", "number", "surrogate"])
async def test_any_text_is_an_answer(endpoint: Endpoint, settings: Settings, text: str) -> None:
    body = completion("")
    body["usage"] = {"prompt_tokens": -1, "completion_tokens": "many"}
    body["choices"][0]["message"]["content"] = text
    endpoint.script = lambda _: Response(json.dumps(body))

    answer = await asked(settings())

    assert answer.text == (text if isinstance(text, str) else "")
    assert (answer.prompt_tokens, answer.output_tokens) == (0, 0)


async def test_a_text_in_parts_is_one_answer(endpoint: Endpoint, settings: Settings) -> None:
    body = completion("")
    parts = [{"type": "reasoning", "text": "{?}"}, *({"type": "text", "text": t} for t in "{}")]
    body["choices"][0]["message"]["content"] = parts
    endpoint.script = lambda _: JSONResponse(body)

    assert (await asked(settings())).text == "{}"


async def test_a_wrong_key_ends_the_run_and_is_not_told(
    endpoint: Endpoint, settings: Settings
) -> None:
    endpoint.key = "right"

    with pytest.raises(GeneratorDeniedError, match="MIKO_DISTILL_API_KEY") as caught:
        await asked(settings(api_key="secret-and-wrong"))

    assert "secret-and-wrong" not in str(caught.value)
    assert "secret-and-wrong" not in repr(settings(api_key="secret-and-wrong"))


@pytest.mark.parametrize("status", [402, 403])
async def test_an_account_that_may_not_ask_ends_the_run(
    endpoint: Endpoint, settings: Settings, status: int
) -> None:
    said = {"error": {"message": "Insufficient credit"}}
    endpoint.script = lambda _: JSONResponse(said, status)

    with pytest.raises(GeneratorDeniedError, match=f"{status}: Insufficient credit"):
        await asked(settings(api_key="mine"))


async def test_a_right_key_is_taken(endpoint: Endpoint, settings: Settings) -> None:
    endpoint.key = "right"

    assert (await asked(settings(api_key="right"))).text


async def test_an_unknown_model_is_told_with_those_that_are_there(
    endpoint: Endpoint, settings: Settings
) -> None:
    with pytest.raises(
        GeneratorNotFoundError, match=r"'other': name one that it has \(scripted-model"
    ):
        await asked(settings(model="other"))


async def test_an_address_without_an_endpoint_is_told(
    endpoint: Endpoint, settings: Settings
) -> None:
    with pytest.raises(GeneratorNotFoundError, match="mostly ends in /v1"):
        await asked(settings(url=endpoint.url.removesuffix("/v1")))


async def test_a_redirect_is_not_followed(endpoint: Endpoint, settings: Settings) -> None:
    endpoint.script = lambda _: Response(status_code=307, headers={"location": "http://10.0.0.1/"})

    with pytest.raises(GeneratorNotFoundError, match="leads elsewhere"):
        await asked(settings())


async def test_an_endpoint_that_is_not_there_is_told(settings: Settings) -> None:
    with pytest.raises(GeneratorUnreachableError, match="start the endpoint"):
        await asked(settings(url="http://127.0.0.1:9/v1", retries=1))


async def test_a_prompt_that_is_too_long_is_refused_alone(
    endpoint: Endpoint, settings: Settings
) -> None:
    error = {"error": {"message": "This model's maximum context length is 2048 tokens: Meet Rex"}}
    endpoint.script = lambda _: JSONResponse(error, 400)

    with pytest.raises(NoAnswerError, match="longer than the model's context") as caught:
        await asked(settings())

    assert "Rex" not in str(caught.value)


@pytest.mark.parametrize("status", [400, 429, 500])
async def test_an_endpoint_is_told_in_its_own_words(
    endpoint: Endpoint, settings: Settings, status: int
) -> None:
    said = "Rate limit\x1b reached\nfor the key s3cret" + "." * 500
    endpoint.script = lambda _: JSONResponse({"error": {"message": said}}, status)

    with pytest.raises(NoAnswerError, match=f"status {status}: Rate limit reached for the") as e:
        await asked(settings(retries=0, api_key="s3cret"))

    assert "s3cret" not in str(e.value)
    assert len(str(e.value)) < 300


@pytest.mark.parametrize("status", [400, 429, 500])
async def test_an_endpoint_that_repeats_the_post_is_not_told(
    endpoint: Endpoint, settings: Settings, status: int
) -> None:
    said = "cannot read: MEET REX, THE DOG"
    endpoint.script = lambda _: JSONResponse({"error": {"message": said}}, status)
    prompt = replace(PROMPT, user='<post>\n{"text": "Meet Rex, the dog"}\n</post>')

    with pytest.raises(NoAnswerError, match=rf"status {status}\)?$"):
        await asked(settings(retries=0), prompt)


@pytest.mark.parametrize("status", [400, 500])
async def test_an_endpoint_that_fails_at_everything_ends_the_run(
    endpoint: Endpoint, settings: Settings, status: int
) -> None:
    error = {"error": {"message": "no\x1b[31m images here"}}
    endpoint.script = lambda _: JSONResponse(error, status)

    async with openai_generator(settings(retries=0, concurrency=1)) as generator:
        for _ in range(FAILURE_LIMIT - 1):
            with pytest.raises(NoAnswerError):
                await generator.answer(PROMPT)
        with pytest.raises(GeneratorUnreachableError) as caught:
            await generator.answer(PROMPT)

    assert "\x1b" not in str(caught.value)
    assert "no [31m images here" in str(caught.value)


async def test_an_endpoint_that_has_answered_may_refuse_many(
    endpoint: Endpoint, settings: Settings
) -> None:
    endpoint.script = lambda asked: Response(status_code=400) if asked.before else good(asked)

    async with openai_generator(settings()) as generator:
        await generator.answer(PROMPT)
        for _ in range(2 * FAILURE_LIMIT):
            with pytest.raises(NoAnswerError):
                await generator.answer(PROMPT)


def test_refusals_that_come_before_slower_answers_do_not_end_the_run() -> None:
    health = Health("http://127.0.0.1:1/v1", 32)

    found = [health.failed("refused", is_refusal=True) for _ in range(64)]

    assert all(isinstance(one, NoAnswerError) for one in found[:-1])
    assert isinstance(found[-1], GeneratorUnreachableError)


def test_refusals_without_an_end_end_the_run() -> None:
    health = Health("http://127.0.0.1:1/v1", 32)
    health.answered()

    found = [health.failed("refused", is_refusal=True) for _ in range(REFUSAL_LIMIT)]

    assert all(isinstance(one, NoAnswerError) for one in found[:-1])
    assert isinstance(found[-1], GeneratorUnreachableError)


@pytest.mark.parametrize(
    ("header", "pause_s"),
    [
        ("7", 7.0),
        ("Wed, 21 Oct 2015 07:28:00 GMT", 0.0),
        ("", None),
        ("-1", None),
        ("soon", None),
        ("٣", None),
        ("Wed, 99 Oct 99999999 07:28:00 GMT", None),
    ],
)
def test_a_pause_is_read_from_any_header(header: str, pause_s: float | None) -> None:
    assert Seen(429, {"retry-after": header}, b"").retry_after_s == pause_s


@pytest.mark.parametrize("key", ["a\nb", "schlüssel", "\x1b"])
def test_a_key_that_is_none_is_refused_and_not_shown(key: str) -> None:
    with pytest.raises(ValueError, match="no key has") as caught:
        DistillSettings(api_key=SecretStr(key))

    assert key not in str(caught.value)


@pytest.mark.parametrize(
    "url",
    [
        "ftp://127.0.0.1",
        "127.0.0.1:8000",
        "http://",
        "http://u:p@host/v1",
        "http://host:99999/v1",
        "http://[::1/v1",
        "http://a b/v1",
        "http://host/v1?a=b",
    ],
)
def test_an_address_that_is_none_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match="address"):
        DistillSettings(url=url, model=MODEL)
