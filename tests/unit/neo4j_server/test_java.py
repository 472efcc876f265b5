"""Which Java is taken, and what is said where there is none that fits."""

from contextlib import suppress
from pathlib import Path

import pytest
from neo4j_servers import cannot_start

from kg.neo4j.java import FOLDERS, java_for
from schema.errors import ServerStartError


@pytest.fixture
def nowhere(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave no Java on the path."""
    monkeypatch.setenv("PATH", "")
    monkeypatch.delenv("JAVA_HOME", raising=False)


@pytest.fixture
def java_17() -> Path:
    """Return the home of a Java that is too old for Neo4j 2026."""
    javas = [java for folder in FOLDERS for java in folder.glob("*/bin/java")]
    with suppress(ServerStartError):
        javas.append(java_for("5.26.30"))
    homes = [home for java in javas if is_17(home := java.resolve().parent.parent)]
    return homes[0] if homes else cannot_start("no Java 17 is here", "install it beside the other")


def is_17(home: Path) -> bool:
    release = home / "release"
    return release.exists() and 'JAVA_VERSION="17' in release.read_text()


@pytest.mark.parametrize(
    ("version", "majors"), [("5.26.30", "17 or 21"), ("2026.08.1", "21 or 25")]
)
def test_no_java_is_told_with_those_that_fit(nowhere: None, version: str, majors: str) -> None:
    with pytest.raises(ServerStartError, match=f"on Java {majors}, and here is no Java"):
        java_for(version, folders=())


def test_a_java_is_found_in_a_folder_of_them(nowhere: None, java: Path, version: str) -> None:
    home = java.resolve().parent.parent

    assert java_for(version, folders=(home.parent,)).exists()


def test_the_java_of_java_home_goes_before_those_of_folders(
    nowhere: None, java: Path, version: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = java.resolve().parent.parent
    monkeypatch.setenv("JAVA_HOME", str(home))

    assert java_for(version) == home / "bin" / "java"


def test_a_java_that_is_too_old_is_passed_over(
    nowhere: None, java_17: Path, tmp_path: Path
) -> None:
    (tmp_path / "java").symlink_to(java_17)

    with pytest.raises(ServerStartError, match="and here is Java 17: install one"):
        java_for("2026.08.1", folders=(tmp_path,))


def test_a_java_that_is_named_and_too_old_is_refused(java_17: Path) -> None:
    with pytest.raises(
        ServerStartError, match=r"is Java 17, and Neo4j 2026.08.1 needs 21 or newer"
    ):
        java_for("2026.08.1", java_17)


def test_a_folder_without_java_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ServerStartError, match="is no Java: correct MIKO_NEO4J_JAVA_HOME"):
        java_for("2026.08.1", tmp_path)
