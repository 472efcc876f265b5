"""The Java and the jars of this machine, where there are any, and the small graph."""

from pathlib import Path

import pytest
from contract.small_graph import BATCH
from neo4j_servers import VERSIONS, StartServer, cannot_start, small

from kg.neo4j.database import Address, open_database
from kg.neo4j.jars import jars_of
from kg.neo4j.java import java_for
from kg.neo4j.store import open_neo4j
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


@pytest.fixture
async def url(version: str, neo4j_server: StartServer) -> str:
    """Return the address of the small graph."""
    found = neo4j_server(version)
    async with open_database(Address(found)) as database:
        await database.run("MATCH (n) DETACH DELETE n")
    async with open_neo4j(Address(found), create=True) as store:
        await store.put(BATCH)
    return found
