"""Real servers of both versions: started, asked, ended, killed."""

import os
import socket
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import LiteralString

import anyio
import psutil
import pytest
from filelock import FileLock
from neo4j import AsyncGraphDatabase
from neo4j_servers import StartServer, small

from kg.neo4j.login import answers
from kg.neo4j.server import Server, running_server
from schema.errors import ServerStartError

pytestmark = pytest.mark.anyio

ROOT = Path(__file__).parents[3]
PASSWORD = "tea and cake"  # noqa: S105 of a server that lives for seconds
COMPONENTS = (
    "CALL dbms.components() YIELD name, versions WHERE name = 'Neo4j Kernel' RETURN versions"
)
START_AND_WAIT = """
import sys
from pathlib import Path
import anyio
from kg.neo4j.server import running_server
from neo4j_servers import small

async def main():
    async with running_server(small(sys.argv[1]), Path(sys.argv[2])) as server:
        print(server.url, flush=True)
        await anyio.sleep(600)

anyio.run(main)
"""


async def ask(url: str, query: LiteralString, password: str = "") -> list[object]:
    """Return the first value of each row."""
    auth = ("neo4j", password) if password else None
    async with (
        AsyncGraphDatabase.driver(url, auth=auth) as driver,  # pyright: ignore[reportUnknownMemberType]
        driver.session() as session,  # pyright: ignore[reportUnknownMemberType]
    ):
        return [record.value() async for record in await session.run(query)]


def jvm_of(home: Path) -> psutil.Process:
    """Return the server's own process."""
    return psutil.Process(int((home / "run" / "neo4j.pid").read_text()))


async def test_it_answers_on_loopback_alone_ends_in_order_and_keeps_its_data(
    version: str, jars: Path, tmp_path: Path
) -> None:
    async with running_server(small(version, PASSWORD), tmp_path) as server:
        await ask(server.url, "CREATE (:Post {id: 'pets:1'})", PASSWORD)
        jvm = jvm_of(tmp_path)
        listening = {c.laddr.ip for c in jvm.net_connections() if c.status == psutil.CONN_LISTEN}
    assert listening <= {"127.0.0.1", "::ffff:127.0.0.1"}
    assert not jvm.is_running()
    assert "Stopped." in (tmp_path / "logs" / "neo4j.log").read_text()

    async with running_server(small(version, PASSWORD), tmp_path) as server:
        assert await ask(server.url, "MATCH (p:Post) RETURN p.id", PASSWORD) == ["pets:1"]
        assert await ask(server.url, COMPONENTS, PASSWORD) == [[version]]
        with pytest.raises(ServerStartError, match="has another password"):
            await answers(server.url, "cake and tea")


@pytest.mark.parametrize("version", ["2026.08.1"])
def test_it_does_not_outlive_a_process_that_is_killed(
    version: str, jars: Path, tmp_path: Path
) -> None:
    command = [sys.executable, "-c", START_AND_WAIT, version, str(tmp_path)]
    environment = os.environ | {"PYTHONPATH": f"{ROOT}:{ROOT / 'tests'}"}
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        assert parent.stdout.readline().startswith("bolt://127.0.0.1:")
        jvm = jvm_of(tmp_path)

        parent.kill()

        gone, _ = psutil.wait_procs([jvm], timeout=20)
    assert gone == [jvm]


async def test_one_server_serves_every_test_of_a_session(neo4j_server: StartServer) -> None:
    url = neo4j_server("2026.08.1")

    assert await ask(url, "RETURN 1") == [1]
    assert neo4j_server("2026.08.1") == url


async def test_a_taken_port_is_told(tmp_path: Path) -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as taken:
        port = taken.getsockname()[1]

        with pytest.raises(ServerStartError, match=f"port {port} cannot be listened at"):
            async with running_server(small("2026.08.1"), tmp_path, port=port):
                pass


@pytest.mark.parametrize("version", ["5.26.30"])
async def test_a_folder_that_is_in_use_is_told(version: str, jars: Path, tmp_path: Path) -> None:
    with FileLock(tmp_path / "miko.lock"), pytest.raises(ServerStartError, match="is running on"):
        async with running_server(small(version), tmp_path):
            pass


@pytest.mark.parametrize("version", ["5.26.30"])
async def test_a_folder_that_cannot_be_made_is_told(
    version: str, jars: Path, tmp_path: Path
) -> None:
    (tmp_path / "file").touch()

    with pytest.raises(ServerStartError, match=r"cannot be written to .*: name another"):
        async with running_server(small(version), tmp_path / "file"):
            pass


async def test_a_start_that_fails_shows_what_the_server_said(
    version: str, jars: Path, tmp_path: Path
) -> None:
    settings = small(version).model_copy(update={"heap": "1m"})

    with pytest.raises(ServerStartError, match=r"server ended:\n(.|\n)*heap"):
        async with running_server(settings, tmp_path):
            pass


async def test_a_server_that_ends_by_itself_is_told(tmp_path: Path) -> None:
    process = await anyio.open_process(["true"])

    with pytest.raises(ServerStartError, match="ended by itself:\nit wrote nothing"):
        await Server("bolt://127.0.0.1:7687", tmp_path, process).ended()
