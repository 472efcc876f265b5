"""Every async test runs on asyncio; what a test of any kind may ask for."""

import pytest


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"
