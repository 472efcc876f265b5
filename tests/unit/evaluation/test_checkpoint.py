"""A checkpoint comes back as it was, or is told to be none; nothing that it holds is run."""

from pathlib import Path
from typing import Any, cast

import pytest
import torch

from evaluation.checkpoint import keep, kept
from schema.errors import InputError


class Running:
    """Makes a folder when it is read by pickle."""

    def __init__(self, place: Path) -> None:
        self._place = place

    def __reduce__(self) -> tuple[Any, tuple[Path]]:
        """Say to pickle what is to be run."""
        return Path.mkdir, (self._place,)


def test_what_was_kept_comes_back(tmp_path: Path) -> None:
    keep(tmp_path / "one.pt", {"weights": torch.ones(3), "step": 1})
    keep(tmp_path / "one.pt", {"weights": torch.arange(3), "step": 2})

    found = kept(tmp_path / "one.pt")

    assert found is not None
    assert (found["weights"].tolist(), found["step"]) == ([0, 1, 2], 2)
    assert [path.name for path in tmp_path.iterdir()] == ["one.pt"]


def test_where_nothing_was_kept_there_is_none(tmp_path: Path) -> None:
    assert kept(tmp_path / "none.pt") is None


@pytest.mark.parametrize("share", [0, 0.5, 0.99])
def test_a_torn_file_is_told_with_the_way_out(share: float, tmp_path: Path) -> None:
    place = tmp_path / "torn.pt"
    keep(place, {"weights": torch.ones(1000)})
    place.write_bytes(place.read_bytes()[: int(share * place.stat().st_size)])

    with pytest.raises(InputError, match="remove it to begin anew"):
        kept(place)


def test_a_file_of_something_else_is_told(tmp_path: Path) -> None:
    keep(tmp_path / "list.pt", cast("dict[str, Any]", [1, 2]))

    with pytest.raises(InputError, match="is no checkpoint"):
        kept(tmp_path / "list.pt")


def test_code_in_a_file_is_not_run(tmp_path: Path) -> None:
    keep(tmp_path / "code.pt", {"step": Running(tmp_path / "made")})

    with pytest.raises(InputError, match="cannot be read"):
        kept(tmp_path / "code.pt")

    assert not (tmp_path / "made").exists()


def test_a_place_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot be written"):
        keep(tmp_path / "gone" / "one.pt", {})
