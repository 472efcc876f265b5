"""Where a server's jars come from, and what is said where they cannot."""

import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from neo4j_servers import cannot_start

from kg.neo4j.jars import jars_of
from schema.errors import ServerStartError

ROOT = Path(__file__).parents[3]
RESOLVE = """
import sys
from pathlib import Path
from kg.neo4j.jars import jars_of
print(len(list(jars_of("5.26.30", Path(sys.argv[1]), Path(sys.argv[2])).glob("*.jar"))))
"""


@pytest.fixture
def maven() -> None:
    """Skip where Maven is not installed."""
    if shutil.which("mvn") is None:
        cannot_start("there is no mvn on the path")


@pytest.mark.parametrize("version", ["5.26.30"])
def test_no_maven_is_told_with_the_way_out(
    java: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", "")
    monkeypatch.delenv("NEO4J_HOME", raising=False)

    with pytest.raises(ServerStartError, match=r"no mvn on the path .* or set NEO4J_HOME"):
        jars_of("5.26.30", tmp_path, java)


@pytest.mark.parametrize("version", ["5.26.30"])
def test_what_maven_says_is_told_and_nothing_half_done_is_taken(
    maven: None, java: Path, tmp_path: Path
) -> None:
    with pytest.raises(
        ServerStartError, match=r"cannot fetch (.|\n)*org.neo4j:neo4j:jar:5.26.9999"
    ):
        jars_of("5.26.9999", tmp_path, java)

    assert not (tmp_path / "5.26.9999").exists()


@pytest.mark.parametrize("version", ["5.26.30"])
def test_a_cache_that_cannot_be_written_is_told(java: Path, tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    with pytest.raises(ServerStartError, match="name another folder by MIKO_NEO4J_CACHE"):
        jars_of("5.26.9999", tmp_path / "file", java)


def test_an_installed_neo4j_of_that_version_goes_first(
    version: str, jars: Path, java: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "neo4j").touch()
    (tmp_path / "lib").symlink_to(jars)
    monkeypatch.setenv("NEO4J_HOME", str(tmp_path))

    assert jars_of(version, tmp_path / "cache", java) == tmp_path / "lib"


@pytest.mark.parametrize("version", ["5.26.30"])
def test_two_processes_at_once_resolve_them_once(maven: None, java: Path, tmp_path: Path) -> None:
    command = [sys.executable, "-c", RESOLVE, str(tmp_path), str(java)]
    both = [
        subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) for _ in range(2)
    ]

    first, second = (process.communicate(timeout=300)[0] for process in both)

    assert int(first) > 100
    assert first == second
    assert sorted(path.name for path in tmp_path.iterdir()) == ["5.26.30", "5.26.30.lock"]


def test_the_wheel_names_the_jars_too(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)]

    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)

    (wheel,) = tmp_path.glob("*.whl")
    assert "kg/neo4j/pom.xml" in zipfile.ZipFile(wheel).namelist()
