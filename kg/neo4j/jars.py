"""Where the jars of a Neo4j server are: an installed one, or what Maven copied into a folder."""

import os
import shutil
import subprocess
import zipfile
from pathlib import Path
from typing import Final

from filelock import FileLock, Timeout

from schema.errors import ServerStartError

POM: Final = Path(__file__).with_name("pom.xml")
RESOLVE_S: Final = 900.0
"""153 MB: ten seconds on a fast line, minutes on a slow one."""
ERROR: Final = "[ERROR] "
WAY_OUT: Final = "set NEO4J_HOME to the folder of an installed Neo4j of that version"


def jars_of(version: str, cache: Path, java: Path) -> Path:
    """Return the folder with a Neo4j version's jars.

    They are those of NEO4J_HOME, where that is of this version; else those in the cache, put
    there by Maven the first time. Safe to repeat, and in several processes at once.

    Args:
        version: As Neo4j names it.
        cache: Holds one folder a version.
        java: A `java` program; Maven runs on it.

    Raises:
        ServerStartError: They are in neither place and cannot be put there.
    """
    if (installed := _installed(version)) is not None:
        return installed
    folder = cache.expanduser() / version
    if folder.is_dir():
        return folder
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(folder.with_name(f"{version}.lock"), timeout=RESOLVE_S):
            if not folder.is_dir():
                _resolve(version, folder, java)
    except Timeout as error:
        raise ServerStartError(
            f"another process has been fetching the jars of Neo4j {version} for {RESOLVE_S:g} s: "
            "wait until it ends and run this again"
        ) from error
    except OSError as error:
        raise ServerStartError(
            f"the jars of Neo4j cannot be kept in {folder} ({error.strerror or error}): "
            "name another folder by MIKO_NEO4J_CACHE"
        ) from error
    return folder


def main_class_of(jars: Path, version: str) -> str:
    """Return the class that starts the server; it changed its name after 5.26."""
    with zipfile.ZipFile(_main_jar(jars, version)) as jar:
        names = jar.namelist()
    new, old = "org.neo4j.server.Neo4jCommunity", "org.neo4j.server.CommunityEntryPoint"
    return new if f"{new.replace('.', '/')}.class" in names else old


def _main_jar(jars: Path, version: str) -> Path:
    return jars / f"neo4j-{version}.jar"


def _installed(version: str) -> Path | None:
    home = os.environ.get("NEO4J_HOME")
    if home is None:
        return None
    jars = Path(home) / "lib"
    is_that_version = (Path(home) / "bin" / "neo4j").exists() and _main_jar(jars, version).exists()
    return jars if is_that_version else None


def _resolve(version: str, folder: Path, java: Path) -> None:
    """Fill a draft and rename it: a folder that is there is complete."""
    draft = folder.with_name(f"{version}.draft")
    shutil.rmtree(draft, ignore_errors=True)
    _copy_dependencies(version, draft, java)
    draft.rename(folder)


def _copy_dependencies(version: str, folder: Path, java: Path) -> None:
    try:
        subprocess.run(  # noqa: S603 the user's own Maven
            _maven_command(version, folder),
            env=_environment(java),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=RESOLVE_S,
            check=True,
        )
    except subprocess.CalledProcessError as error:
        raise ServerStartError(
            f"Maven cannot fetch the jars of Neo4j {version} ({_reason(str(error.stdout))}): "
            f"see to that, or {WAY_OUT}"
        ) from error
    except subprocess.TimeoutExpired as error:
        raise ServerStartError(
            f"Maven did not fetch the jars of Neo4j {version} within {RESOLVE_S:g} s: "
            f"run it again, it goes on; or {WAY_OUT}"
        ) from error


def _maven_command(version: str, folder: Path) -> list[str]:
    mvn = shutil.which("mvn")
    if mvn is None:
        raise ServerStartError(
            f"the jars of Neo4j {version} are not here, and there is no mvn on the path to fetch "
            f"them: install Maven, or {WAY_OUT}"
        )
    return [
        mvn,
        "--quiet",
        "--batch-mode",
        "--strict-checksums",
        f"--file={POM}",
        "dependency:copy-dependencies",
        "-DincludeScope=runtime",
        f"-Dneo4j.version={version}",
        f"-DoutputDirectory={folder}",
    ]


def _environment(java: Path) -> dict[str, str]:
    """Have Maven run on this Java, unless that is a version manager's script without a home."""
    home = java.resolve().parent.parent
    has_home = (home / "bin" / "java").exists()
    return dict(os.environ) | ({"JAVA_HOME": str(home)} if has_home else {})


def _reason(output: str) -> str:
    """Return the first error that Maven told; what follows is advice on Maven."""
    # Its first line may begin with a terminal's reset of colors, even in batch mode.
    errors = (line.partition(ERROR)[2] for line in output.splitlines())
    return next(filter(None, errors), output.strip() or "it says nothing")
