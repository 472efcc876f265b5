"""Every async test runs on asyncio; what a test of any kind may ask for."""

import pytest
from neo4j_servers import neo4j_server as neo4j_server


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"
