"""Runs a server until standard input closes; started as a program, beside no other module.

Whoever starts a server holds the other end of that pipe. The kernel closes it however that process
ends, `kill -9` included, so no server is left behind. Linux's parent-death signal would not do: it
comes when the *thread* that started the process ends, and needs code between fork and exec.
"""

import os
import signal
import subprocess
import sys
import threading
from types import FrameType

END_S = 60.0
"""A server that does not end in order by then is killed; it repairs its data at the next start."""


def main(command: list[str]) -> int:
    """Run a command to its end, which comes when standard input closes; return its exit code."""
    server = subprocess.Popen(command, stdin=subprocess.DEVNULL)  # noqa: S603 the server's

    def end(_signal: int, _frame: FrameType | None) -> None:
        server.terminate()

    signal.signal(signal.SIGTERM, end)
    threading.Thread(target=_end_with_input, args=(server,), daemon=True).start()
    return server.wait()


def _end_with_input(server: subprocess.Popen[bytes]) -> None:
    while os.read(sys.stdin.fileno(), 1):
        pass
    server.terminate()
    try:
        server.wait(END_S)
    except subprocess.TimeoutExpired:
        server.kill()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
