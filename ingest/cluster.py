"""A Ray cluster: connected to, and left as it was."""

import logging
import os
import socket
import sys
from collections.abc import Generator
from contextlib import contextmanager, redirect_stdout
from typing import Any, Final

from schema.errors import ClusterError, MikoError

# Ray is Any: half of what it gives has no types.
Remote = Any

LOCAL: Final = "local"
"""The address that starts a cluster of this machine alone, for as long as the command runs."""

GPU: Final = "GPU"
KNOCK_S: Final = 5.0
LOOPBACK: Final = "127.0.0.1"
QUIET: Final[dict[str, Any]] = {"log_to_driver": False, "logging_level": logging.ERROR}
ENVIRONMENT: Final = {"RAY_USAGE_STATS_ENABLED": "0"}
"""What holds where nothing else is set: nothing is reported to anyone."""


@contextmanager
def connected(address: str) -> Generator[None]:
    """Connect to a cluster, and leave it at the end.

    Args:
        address: ``local``, ``auto`` for one that runs on this machine, ``HOST:PORT`` of a head
            node, or ``ray://HOST:PORT``.

    Raises:
        ClusterError: Ray is not installed, or there is no cluster.
    """
    for name, value in ENVIRONMENT.items():
        os.environ.setdefault(name, value)
    ray = library()
    try:
        if address == LOCAL:
            ray.init(LOCAL, _node_ip_address=LOOPBACK, include_dashboard=False, **QUIET)
        else:
            _knock(address)
            ray.init(address, **QUIET)
    except (OSError, ValueError, RuntimeError) as error:
        raise ClusterError(
            f"there is no Ray cluster at {address!r}: start one by `ray start --head`, and name it "
            "as HOST:PORT, or `local` for this machine alone"
        ) from error
    with redirect_stdout(sys.stderr):  # Ray prints there what becomes of workers
        try:
            yield
        finally:
            ray.shutdown()


def library() -> Remote:
    """Return Ray, with Ray Data.

    Raises:
        ClusterError: It is not installed.
    """
    try:
        import ray
        import ray.data  # pyright: ignore[reportUnusedImport] a part of what is returned
    except ImportError as error:
        raise ClusterError("Ray is not installed: `pip install 'miko[ray]'`") from error
    return ray


def here() -> dict[str, str]:
    """Return the label that keeps an actor or a task on the node of this process."""
    return {"ray.io/node-id": library().get_runtime_context().get_node_id()}


def this_actor() -> str:
    """Return the name of the actor that runs in this process; begun anew, it keeps its name."""
    return library().get_runtime_context().get_actor_id()


def is_begun_anew() -> bool:
    """Return whether the actor in this process had another process before."""
    return library().get_runtime_context().was_current_actor_reconstructed


def resources(name: str) -> int:
    """Return how many of a resource the cluster has, ``CPU`` or GPU."""
    return int(library().cluster_resources().get(name, 0))


def nodes() -> int:
    """Return how many machines the cluster has."""
    return sum(1 for node in library().nodes() if node["Alive"])


def cause_of(error: BaseException) -> MikoError:
    """Return what an error of a worker was at first, in the project's words.

    Ray's own is of the same class as what was raised, with a traceback for a message.
    """
    cause: BaseException | None = error
    while cause is not None:
        inner = getattr(cause, "cause", None)
        if isinstance(cause, MikoError) and inner is None:
            return cause
        cause = inner or cause.__cause__
    return ClusterError(
        f"the cluster failed ({type(error).__name__}): what was answered before is kept; see "
        "`ray status`, and run the same command again"
    )


def _knock(address: str) -> None:
    """Look whether anything listens there; Ray itself waits for a minute and more.

    Raises:
        OSError: Nothing does.
    """
    host, _, port = address.removeprefix("ray://").rpartition(":")
    if host and port.isdecimal():
        socket.create_connection((host.strip("[]"), int(port)), KNOCK_S).close()
