"""A scripted endpoint, and settings that ask it without long pauses."""

from collections.abc import Callable, Generator
from pathlib import Path

import pytest
from typer.testing import Result
from unit.ingest.distill.endpoint import MODEL, Endpoint, serving
from unit.ingest.distill.folder import Distill
from unit.miko.asking import miko

from ingest.distill import retries
from ingest.distill.settings import DistillSettings


@pytest.fixture(autouse=True)
def _short_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retries, "FIRST_PAUSE_S", 0.01)


@pytest.fixture
def endpoint() -> Generator[Endpoint]:
    with serving(Endpoint()) as served:
        yield served


@pytest.fixture
def settings(endpoint: Endpoint) -> Callable[..., DistillSettings]:
    """Return settings for the endpoint."""

    def made(**fields: object) -> DistillSettings:
        return DistillSettings.model_validate({"url": endpoint.url, "model": MODEL} | fields)

    return made


@pytest.fixture
def distill(endpoint: Endpoint, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Distill:
    """Return a call of the command in an empty folder."""
    monkeypatch.chdir(tmp_path)

    def called(*arguments: str, **environment: str) -> Result:
        options = ("--url", endpoint.url, "--model", MODEL)
        return miko("distill", "posts.jsonl", *options, *arguments, **environment)

    return called
