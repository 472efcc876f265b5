"""A folder for results is made, or the option is named that says another."""

from pathlib import Path

import pytest

from evaluation.folders import make_folder
from schema.errors import InputError


def test_a_folder_is_made_with_those_that_it_is_in(tmp_path: Path) -> None:
    make_folder(tmp_path / "a" / "b", "--out")
    make_folder(tmp_path / "a" / "b", "--out")

    assert (tmp_path / "a" / "b").is_dir()


@pytest.mark.parametrize("name", ["file", "file/in"])
def test_a_file_in_its_place_is_told_with_the_way_out(name: str, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("mine", "utf-8")

    with pytest.raises(InputError, match="name another by --keep"):
        make_folder(tmp_path / name, "--keep")
