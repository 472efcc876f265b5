"""A Neo4j server of one's own on this machine, without Docker: for development and tests."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import anyio
from anyio.abc import Process
from anyio.to_thread import run_sync

from kg.neo4j import guard
from kg.neo4j.launch import command_of, home_of_its_own
from kg.neo4j.login import answers
from kg.settings import Neo4jSettings
from schema.errors import ServerStartError

HOST: Final = "127.0.0.1"
START_S: Final = 120.0
END_S: Final = guard.END_S + 5.0
PAUSE_S: Final = 0.2
TAIL_LINES: Final = 12
NOISE: Final = ("\t", "WARNING: ")
"""How lines of stack traces begin, and the JVM's notes on its own age."""


@dataclass(frozen=True, slots=True)
class Server:
    """A server that answers.

    Attributes:
        url: Its address, as in bolt://127.0.0.1:7687.
        home: The folder of its data and logs.
        process: The guard that runs it: its pid is not the server's.
    """

    url: str
    home: Path
    process: Process

    async def ended(self) -> None:
        """Wait until it ends by itself, which is a failure.

        Raises:
            ServerStartError: Always, with the last lines of its log.
        """
        await self.process.wait()
        raise ServerStartError(f"the Neo4j server ended by itself:\n{_tail(self.home)}")


@asynccontextmanager
async def running_server(
    settings: Neo4jSettings, folder: Path, *, port: int = 0
) -> AsyncGenerator[Server]:
    """Start a Neo4j server on loopback, wait until it answers, and end it at the end.

    It ends with this process, however that ends.

    Args:
        settings: Version, memory, password, and where Java and the jars are.
        folder: Its home: data, logs and configuration; made where it is not, and kept.
        port: Of Bolt; 0 takes a free one.

    Raises:
        ServerStartError: It cannot be started; the message says why.
    """
    home = Path(await anyio.Path(folder).absolute())
    address = f"{HOST}:{_checked(port)}"
    password = settings.password.get_secret_value()
    # Ctrl-C does not wait for a download; what it leaves is a draft.
    command = await run_sync(command_of, settings, home, abandon_on_cancel=True)
    with home_of_its_own(
        home, address=address, pagecache=settings.pagecache, has_login=bool(password)
    ):
        process = await _start(command, home)
        try:
            server = Server(f"bolt://{address}", home, process)
            await _until_it_answers(server, password)
            yield server
        finally:
            await _end(process)


async def _start(command: list[str], home: Path) -> Process:
    # A session of its own: Ctrl-C at the terminal is for us, who then end the server in order.
    async with await anyio.open_file(home / "logs" / "console.log", "wb") as console:
        return await anyio.open_process(
            [sys.executable, "-I", "-S", guard.__file__, *command],
            stdin=subprocess.PIPE,
            stdout=console.wrapped,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )


async def _until_it_answers(server: Server, password: str) -> None:
    with anyio.move_on_after(START_S):
        while server.process.returncode is None:
            if await answers(server.url, password):
                return
            await anyio.sleep(PAUSE_S)
    said = "ended" if server.process.returncode is not None else f"is silent after {START_S:g} s"
    raise ServerStartError(f"the Neo4j server {said}:\n{_tail(server.home)}")


async def _end(process: Process) -> None:
    """Close the pipe, on which the guard ends the server, and wait for both."""
    with anyio.move_on_after(END_S, shield=True):
        if process.stdin is not None:
            await process.stdin.aclose()
        await process.wait()
    if process.returncode is None:
        os.killpg(process.pid, signal.SIGKILL)
    with anyio.CancelScope(shield=True):
        await process.aclose()


def _checked(port: int) -> int:
    """Return a port that is free: this one, or any where it is 0."""
    try:
        with socket.create_server((HOST, port)) as listener:
            return listener.getsockname()[1]
    except OSError as error:
        raise ServerStartError(
            f"port {port} cannot be listened at ({error.strerror}): name another"
        ) from error


def _tail(home: Path) -> str:
    """Return the last lines of what the server wrote."""
    logs = [home / "logs" / name for name in ("neo4j.log", "console.log")]
    lines = [
        line
        for log in logs
        if log.exists()
        for line in log.read_text("utf-8", errors="replace").splitlines()
        if line.strip() and not line.startswith(NOISE)
    ]
    return "\n".join(lines[-TAIL_LINES:]) or f"it wrote nothing to {home}/logs"
