"""A scripted chat endpoint on loopback: no model, it answers what a test tells it to.

It counts what it was asked, so that a test can say what was asked twice.
"""

import hashlib
import json
import re
from collections import Counter
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import anyio
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from unit.ingest.distill.on_loopback import on_loopback

from schema.relations import RELATIONS

MODEL = "scripted-model"
POST = re.compile(r"<post>\n(.*?)\n</post>", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Asked:
    """A request: the body, and how often a request for the same post and step came before."""

    body: dict[str, Any]
    before: int

    @property
    def step(self) -> str:
        return self.body["response_format"]["json_schema"]["name"]

    @property
    def user(self) -> str:
        content = self.body["messages"][1]["content"]
        return content if isinstance(content, str) else content[-1]["text"]

    @property
    def post(self) -> dict[str, Any]:
        found = POST.search(self.user)
        assert found
        return json.loads(found[1])

    @property
    def images(self) -> list[str]:
        content = self.body["messages"][1]["content"]
        return [] if isinstance(content, str) else [p["image_url"]["url"] for p in content[:-1]]


Reply = Response | str | dict[str, Any]
Script = Callable[[Asked], Reply]


def good(asked: Asked) -> dict[str, Any]:
    """Answer rightly, by a hash of the post: the same post gives the same answer."""
    mark = hashlib.sha256(json.dumps(asked.post).encode()).hexdigest()[:6]
    if asked.step == "describe":
        return {"description": f"A dog behind a fence, number {mark}."}
    if asked.step == "extract":
        return {
            "concept": f"adoption {mark}",
            "action": "showing a dog",
            "object": "dog",
            "emotion": "hope",
            "keywords": ["shelter", "dog", "home"],
        }
    return inferred(mark)


def inferred(mark: str = "", **changed: str) -> dict[str, Any]:
    """Return ten tails by relation."""
    tails = {r.value: f"find home {place} {mark}".strip() for place, r in enumerate(RELATIONS)}
    return tails | changed


def completion(text: str, finish: str = "stop") -> dict[str, Any]:
    """Return a chat completion, as such endpoints write it."""
    return {
        "id": "scripted",
        "object": "chat.completion",
        "choices": [
            {"index": 0, "message": {"role": "assistant", "content": text}, "finish_reason": finish}
        ],
        "usage": {"prompt_tokens": 100, "completion_tokens": 40, "total_tokens": 140},
    }


@dataclass
class Endpoint:
    """What the endpoint is told and what it saw."""

    script: Script = good
    delay_s: float = 0.0
    key: str = ""
    url: str = ""
    asked: list[Asked] = field(default_factory=list[Asked])
    seen: Counter[str] = field(default_factory=Counter[str])
    in_flight: int = 0
    peak: int = 0

    def app(self) -> Starlette:
        return Starlette(
            routes=[
                Route("/v1/chat/completions", self._chat, methods=["POST"]),
                Route("/v1/models", self._models),
                Route("/version", self._version),
            ]
        )

    async def _chat(self, request: Request) -> Response:
        if self.key and request.headers.get("authorization") != f"Bearer {self.key}":
            return JSONResponse({"error": {"message": "wrong key"}}, 401)
        body = json.loads(await request.body())
        if body["model"] != MODEL:
            return JSONResponse({"error": {"message": "The model does not exist."}}, 404)
        asked = Asked(body, 0)
        name = json.dumps([asked.step, asked.post])
        asked = Asked(body, self.seen[name])
        self.seen[name] += 1
        self.asked.append(asked)
        self.in_flight += 1
        self.peak = max(self.peak, self.in_flight)
        try:
            await anyio.sleep(self.delay_s)
        finally:
            self.in_flight -= 1
        reply = self.script(asked)
        if isinstance(reply, Response):
            return reply
        return JSONResponse(completion(reply if isinstance(reply, str) else json.dumps(reply)))

    async def _models(self, _request: Request) -> Response:
        return JSONResponse({"data": [{"id": MODEL, "owned_by": "vllm"}]})

    async def _version(self, _request: Request) -> Response:
        return JSONResponse({"version": "0.0-scripted"})


@contextmanager
def serving(endpoint: Endpoint) -> Generator[Endpoint]:
    """Serve it on a free port of loopback, in a thread."""
    with on_loopback(endpoint.app()) as url:
        endpoint.url = f"{url}/v1"
        yield endpoint
