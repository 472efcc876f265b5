"""The Java and the jars of this machine, where there are any."""

from pathlib import Path

import pytest
from neo4j_servers import VERSIONS, cannot_start, small

from kg.neo4j.jars import jars_of
from kg.neo4j.java import java_for
from schema.errors import ServerStartError


@pytest.fixture(params=VERSIONS)
def version(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture
def java(version: str) -> Path:
    """Return a `java` that runs the version."""
    try:
        return java_for(version)
    except ServerStartError as error:
        cannot_start(error)


@pytest.fixture
def jars(version: str, java: Path) -> Path:
    """Return the folder of the version's jars."""
    try:
        return jars_of(version, small(version).cache, java)
    except ServerStartError as error:
        cannot_start(error)
