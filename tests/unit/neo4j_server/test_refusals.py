"""What a server with limits, with TLS, read-only or without disk says, in this project's words."""

import subprocess
from collections.abc import AsyncGenerator, Callable, Generator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Final, LiteralString

import anyio
import pytest
from contract.small_graph import BATCH, DOG_POST
from neo4j_servers import VERSIONS, cannot_start, small

from kg.connect import connect
from kg.neo4j import launch
from kg.neo4j.database import Address, open_database
from kg.neo4j.retries import Patience
from kg.neo4j.server import Server, running_server
from kg.settings import StoreSettings
from schema.errors import ServerStartError, StoreError, StoreUnreachableError, TimeLimitError
from schema.graph import Batch
from schema.nodes import NodeKind, Post

pytestmark = pytest.mark.anyio

HEAVY: Final[LiteralString] = "UNWIND range(1, 1000000000) AS x WITH x WHERE x < 0 RETURN x"
BIG: Final = Batch(posts=tuple(Post(f"a:{n}", "x " * 500, "a") for n in range(5_000)))
LIMITED: Final = """\
db.memory.transaction.max=8m
server.bolt.tls_level=OPTIONAL
dbms.ssl.policy.bolt.enabled=true
dbms.ssl.policy.bolt.base_directory=certificates/bolt
dbms.ssl.policy.bolt.client_auth=NONE
"""
READ_ONLY: Final = "server.databases.default_to_read_only=true\n"

Serving = Callable[[str], AbstractAsyncContextManager[Server]]


@pytest.fixture
def serving(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Serving:
    """Return what starts a server on one folder, with more in its configuration."""
    conf = launch.CONF

    @asynccontextmanager
    async def started(more: str) -> AsyncGenerator[Server]:
        monkeypatch.setattr(launch, "CONF", conf + more)
        try:
            async with running_server(small(VERSIONS[0]), tmp_path / "server") as server:
                yield server
        except ServerStartError as error:
            cannot_start(error)

    return started


def signed_by_itself(folder: Path) -> Path:
    """Make a key and its certificate for 127.0.0.1; return the certificate."""
    folder.mkdir(parents=True)
    key, certificate = folder / "private.key", folder / "public.crt"
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=miko"]
    command += ["-addext", "subjectAltName=IP:127.0.0.1", "-keyout", str(key)]
    subprocess.run([*command, "-out", str(certificate)], check=True, capture_output=True)
    return certificate


async def test_tls_memory_time_and_read_only(
    serving: Serving, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    certificate = signed_by_itself(tmp_path / "server" / "certificates" / "bolt")

    async with serving(LIMITED) as server:
        await a_certificate_is_believed_or_not(server.url, certificate, monkeypatch)
        await a_batch_that_is_too_large_is_told_and_leaves_nothing(server.url)
        await a_question_past_its_limit_is_ended(server.url)
    async with serving(READ_ONLY) as server:
        await a_read_only_database_is_asked_and_not_written(server.url)


async def a_certificate_is_believed_or_not(
    url: str, certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for scheme in ("bolt+ssc", "neo4j+ssc"):
        async with connect(StoreSettings(url=url.replace("bolt", scheme))) as store:
            await store.put(BATCH)
            assert await store.posts([DOG_POST.id]) == [DOG_POST]
    for scheme in ("bolt+s", "neo4j+s"):
        settings = StoreSettings(url=url.replace("bolt", scheme))
        with pytest.raises(StoreUnreachableError, match=r"write \+ssc for \+s"):
            async with connect(settings):
                pass
        with monkeypatch.context() as trusting:
            trusting.setenv("SSL_CERT_FILE", str(certificate))
            async with connect(settings) as store:
                assert await store.posts([DOG_POST.id]) == [DOG_POST]


async def a_batch_that_is_too_large_is_told_and_leaves_nothing(url: str) -> None:
    async with connect(StoreSettings(url=url)) as store:
        before = await store.version()

        with pytest.raises(StoreError, match=r"raise its db\.memory\.transaction\.max"):
            await store.put(BIG)

        assert await store.posts(["a:0", DOG_POST.id]) == [None, DOG_POST]
        assert await store.version() == before


async def a_question_past_its_limit_is_ended(url: str) -> None:
    address = Address(url, None, None, 0.5, Patience(1.0, 1.0))
    async with open_database(address) as database:
        with pytest.raises(TimeLimitError, match="longer than its time limit"):
            await database.read(lambda t: t.rows(HEAVY))


async def a_read_only_database_is_asked_and_not_written(url: str) -> None:
    with pytest.raises(StoreError, match="read-only"):
        async with connect(StoreSettings(url=url)):
            pass
    async with connect(StoreSettings(url=url), create=False) as store:
        assert [hit.id for hit in await store.match(NodeKind.POST, "home", 5)] == [DOG_POST.id]
        with pytest.raises(StoreError, match="read-only"):
            await store.put(BIG)


@pytest.fixture
def small_disk(tmp_path: Path) -> Generator[Path]:
    disk = tmp_path / "server"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=16m", "tmpfs", str(disk)]
    if subprocess.run(mount, capture_output=True, check=False).returncode != 0:
        pytest.skip("a small disk can be mounted by root only: run the tests as root to see this")
    yield disk
    subprocess.run(["umount", str(disk)], check=True)


async def test_a_full_disk_keeps_what_was_committed_and_nothing_half(
    small_disk: Path, serving: Serving
) -> None:
    async with serving("") as server, connect(StoreSettings(url=server.url)) as store:
        await store.put(BATCH)

        with pytest.raises(StoreError, match="where its disk is full"):
            await store.put(BIG)

    await anyio.run_process(["mount", "-o", "remount,size=200m", str(small_disk)])
    async with serving("") as server, connect(StoreSettings(url=server.url)) as store:
        assert await store.count(NodeKind.POST) in {3, 3 + len(BIG.posts)}
        await store.put(BIG)
        assert await store.count(NodeKind.POST) == 3 + len(BIG.posts)
