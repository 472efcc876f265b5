"""What a Neo4j server is started with: its configuration, and the command of its JVM."""

import os
import subprocess
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from filelock import FileLock, Timeout

from kg.neo4j.admin_tables import ARGUMENTS
from kg.neo4j.jars import jars_of, main_class_of
from kg.neo4j.java import java_for
from kg.settings import Neo4jSettings
from schema.errors import ServerStartError

CONF: Final = """\
# Written anew at each start.
server.bolt.listen_address={address}
server.bolt.advertised_address={address}
server.http.enabled=false
server.https.enabled=false
server.memory.pagecache.size={pagecache}
server.directories.import=import
dbms.security.auth_enabled={has_login}
# Nothing is told to anyone, nor is this server made known on the network.
dbms.usage_report.enabled=false
server.fleet_discovery.enabled=false
# A log of 256 MB for each database is not laid out before it is needed.
db.tx_log.preallocate=false
# Else it waits ten seconds for new connections when all data is written and closed.
internal.dbms.bolt.netty_server_shutdown_quiet_period=0
internal.dbms.bolt.netty_server_shutdown_quiet_period_duration=0s
# A version that does not know one of these settings starts all the same.
server.config.strict_validation.enabled=false
"""
# What of Java's inside Neo4j reaches into, as its own launcher opens it.
OPENED: Final = ("java.nio", "java.io", "sun.nio.ch", "java.util.concurrent")

IMPORT: Final = ("org.neo4j.cli.AdminTool", *"database import full neo4j".split(), f"@{ARGUMENTS}")
"""What `neo4j-admin` runs, in the folder of an export."""


def command_of(settings: Neo4jSettings, home: Path) -> list[str]:
    """Return the command that runs a server, after finding Java and the jars.

    Raises:
        ServerStartError: One of them is missing.
    """
    java = java_for(settings.version, settings.java_home)
    main_class = main_class_of(jars_of(settings.version, settings.cache, java), settings.version)
    return [*_jvm_of(settings), main_class, f"--home-dir={home}", f"--config-dir={home}/conf"]


def run_import(settings: Neo4jSettings, home: Path, folder: Path) -> None:
    """Run the import tool of a version on an export, as the command that `miko export` prints.

    Args:
        settings: The version, and the memory of its JVM.
        home: The folder of a server that is not there yet.
        folder: The export's.

    Raises:
        ServerStartError: Java or the jars are missing, or the tool fails.
    """
    home = home.absolute()
    (home / "conf").mkdir(parents=True)
    homes = {"NEO4J_HOME": str(home), "NEO4J_CONF": str(home / "conf")}
    command = [*_jvm_of(settings), *IMPORT]
    run = subprocess.run(  # noqa: S603 nothing in it comes from outside
        command, cwd=folder, env=os.environ | homes, capture_output=True, text=True, check=False
    )
    if run.returncode != 0:
        raise ServerStartError(f"the import failed: {run.stdout}{run.stderr}")


def _jvm_of(settings: Neo4jSettings) -> list[str]:
    """Return what comes before the class to run: Java with the jars of a version.

    Raises:
        ServerStartError: Java or the jars are missing.
    """
    java = java_for(settings.version, settings.java_home)
    jars = jars_of(settings.version, settings.cache, java)
    return [
        str(java),
        f"-Xms{settings.heap}",
        f"-Xmx{settings.heap}",
        "-cp",
        f"{jars}/*",
        *(f"--add-opens=java.base/{package}=ALL-UNNAMED" for package in OPENED),
        "--add-modules=jdk.incubator.vector",
        "--enable-native-access=ALL-UNNAMED",
    ]


@contextmanager
def home_of_its_own(
    home: Path, *, address: str, pagecache: str, has_login: bool
) -> Generator[None]:
    """Make a server's folder and write its configuration; keep other servers out of it.

    Args:
        home: Its folder.
        address: Host and port of Bolt.
        pagecache: Memory for pages of files, as in 512m.
        has_login: It asks for a user and a password.

    Raises:
        ServerStartError: The folder cannot be written to, or is another server's.
    """
    lock = FileLock(home / "miko.lock", timeout=0)
    text = CONF.format(address=address, pagecache=pagecache, has_login=str(has_login).lower())
    try:
        for name in ("conf", "logs"):
            (home / name).mkdir(parents=True, exist_ok=True)
        lock.acquire()
        # Where a start fails, the end of this log is shown: it is to be of that start.
        (home / "logs" / "neo4j.log").unlink(missing_ok=True)
        (home / "conf" / "neo4j.conf").write_text(text, "utf-8")
    except Timeout as error:
        raise ServerStartError(
            f"a Neo4j server is running on {home}: end it, or name another folder"
        ) from error
    except OSError as error:
        raise ServerStartError(
            f"the folder {home} cannot be written to ({error.strerror}): name another"
        ) from error
    try:
        yield
    finally:
        lock.release()
