"""Which Java runs a Neo4j server."""

import os
import re
import shutil
import subprocess
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

from schema.errors import ServerStartError

# Neo4j's operations manual, "System requirements".
JAVA_OF_5: Final = (17, 21)
JAVA_OF_2025_AND_LATER: Final = (21, 25)
FOLDERS: Final = (Path("/usr/lib/jvm"), Path("/Library/Java/JavaVirtualMachines"))
ANSWER_S: Final = 20.0


def java_for(
    version: str, java_home: Path | None = None, folders: Iterable[Path] = FOLDERS
) -> Path:
    """Return the `java` program that is to run a version of Neo4j.

    Args:
        version: As Neo4j names it: 5.26.30, 2026.08.1.
        java_home: The one to take; it may be newer than those that Neo4j was tested with.
        folders: Where to look after JAVA_HOME and the path; each holds one folder a Java.

    Raises:
        ServerStartError: None is there that fits.
    """
    majors = JAVA_OF_5 if version.startswith("5.") else JAVA_OF_2025_AND_LATER
    if java_home is not None:
        return _checked(java_home / "bin" / "java", version, least=majors[0])
    seen: list[int] = []
    for java in _places(folders):
        major = _major(java)
        if major in majors:
            return java
        seen += [major] if major else []
    here = f"Java {', '.join(map(str, sorted(set(seen))))}" if seen else "no Java"
    raise ServerStartError(
        f"Neo4j {version} runs on Java {majors[0]} or {majors[1]}, and here is {here}: "
        "install one, or name its folder by MIKO_NEO4J_JAVA_HOME"
    )


def _checked(java: Path, version: str, *, least: int) -> Path:
    major = _major(java)
    if major is None:
        raise ServerStartError(f"{java} is no Java: correct MIKO_NEO4J_JAVA_HOME, or unset it")
    if major < least:
        raise ServerStartError(
            f"{java} is Java {major}, and Neo4j {version} needs {least} or newer: "
            "correct MIKO_NEO4J_JAVA_HOME, or unset it"
        )
    return java


def _places(folders: Iterable[Path]) -> Iterator[Path]:
    if home := os.environ.get("JAVA_HOME"):
        yield Path(home) / "bin" / "java"
    if found := shutil.which("java"):
        yield Path(found)
    for folder in folders:
        yield from sorted(folder.glob("*/bin/java"))
        yield from sorted(folder.glob("*/Contents/Home/bin/java"))


def _major(java: Path) -> int | None:
    """Ask a program which Java it is; None where it is none that runs."""
    try:
        run = subprocess.run(  # noqa: S603 the user's own Java
            [java, "-version"], capture_output=True, text=True, timeout=ANSWER_S, check=True
        )
    except (OSError, subprocess.SubprocessError):
        return None
    found = re.search(r'version "(?:1\.)?(\d+)', run.stderr)
    return int(found[1]) if found else None
