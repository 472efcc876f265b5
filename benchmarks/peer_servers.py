"""The servers that are compared: MIKO's, @neo4j/graphql's, txtai's; each a process of its own."""

import shutil
import subprocess
import sys
import time
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

import httpx

from benchmarks.loading import FOLDER
from benchmarks.ports import free_port
from benchmarks.server_peers import SCRIPTS, UV

PLACE: Final = FOLDER / "api-peers"
QUERIES: Final = PLACE / "queries.npy"
NODE: Final = PLACE / "neo4j_graphql"
TXTAI: Final = (UV, "run", "--quiet", "--script", str(SCRIPTS / "txtai_service.py"), str(PLACE))
READY_S: Final = 600


@dataclass(frozen=True, slots=True)
class Server:
    """A server that was started.

    Attributes:
        process: Its process.
        root: Its address.
        alive: Path of a page that is there once it answers.
        path: Path of what is asked.
    """

    process: subprocess.Popen[bytes]
    root: str
    alive: str
    path: str

    def ready(self) -> str:
        """Wait until it answers, and return the address of what is asked."""
        deadline = time.monotonic() + READY_S
        while not _answers(self.root + self.alive):
            if time.monotonic() > deadline or self.process.poll() is not None:
                raise RuntimeError(f"{self.process.args} did not start")
            time.sleep(0.2)
        return self.root + self.path


@contextmanager
def miko(store: str) -> Generator[Server]:
    """Serve a graph by MIKO."""
    port = free_port()
    command = [sys.executable, "-m", "benchmarks.served", store, str(QUERIES), str(port)]
    with _started(command, port, alive="/health", path="/graphql") as server:
        yield server


@contextmanager
def neo4j_graphql(neo4j: str) -> Generator[Server]:
    """Serve a graph in Neo4j by @neo4j/graphql."""
    shutil.copytree(SCRIPTS / NODE.name, NODE, dirs_exist_ok=True)
    install = ["npm", "install", "--no-audit", "--no-fund", "--silent"]
    subprocess.run(install, cwd=NODE, check=True)
    port = free_port()
    command = ["node", str(NODE / "server.js"), neo4j, str(port)]
    with _started(command, port, alive="/?query=%7B__typename%7D", path="/") as server:
        yield server


def is_indexed(probes: int) -> bool:
    """Whether txtai's indexes were made before."""
    return (PLACE / f"txtai-{probes}").exists()


def index_for_txtai(probes: int) -> None:
    """Make txtai's indexes of the rows: with the lists searched that it chooses, and so many."""
    subprocess.run([*TXTAI, "index", str(probes)], check=True)


@contextmanager
def txtai(probes: int) -> Generator[Server]:
    """Serve the rows by txtai. With probes of 0 it chooses how many lists it searches."""
    port = free_port()
    command = [*TXTAI, str(port), str(probes)]
    with _started(command, port, alive="/openapi.json", path="/search") as server:
        yield server


@contextmanager
def _started(command: Sequence[str], port: int, *, alive: str, path: str) -> Generator[Server]:
    """Start a server, and end it at the end."""
    process = subprocess.Popen(command)
    try:
        yield Server(process, f"http://127.0.0.1:{port}", alive, path)
    finally:
        process.terminate()
        process.wait()


def _answers(url: str) -> bool:
    headers = {"apollo-require-preflight": "1"}
    try:
        return httpx.get(url, headers=headers).is_success
    except httpx.TransportError:
        return False
