"""A folder for results is made, or the option is named that says another."""

from pathlib import Path

import pytest

from evaluation.folders import claim, make_folder
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


def test_a_file_is_no_folder_to_learn_into(tmp_path: Path) -> None:
    place = tmp_path / "encoder"
    place.write_text("mine", "utf-8")

    with pytest.raises(InputError, match="cannot be made"):
        claim(place, "these examples", "--tuned")

    assert place.read_text("utf-8") == "mine"
