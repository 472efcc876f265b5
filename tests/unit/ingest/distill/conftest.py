"""A scripted endpoint, and settings that ask it without long pauses."""

from collections.abc import Callable, Generator

import pytest
from unit.ingest.distill.endpoint import MODEL, Endpoint, serving

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
