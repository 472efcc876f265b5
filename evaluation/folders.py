"""Folders that results are written into."""

from pathlib import Path
from typing import Final

from schema.errors import InputError

NOTE: Final = "learnt-from.txt"


def make_folder(folder: Path, option: str) -> None:
    """Make a folder, with those that it is in, where it is not there yet.

    Args:
        folder: It.
        option: Of the command, by which it is named, as ``--out``.

    Raises:
        InputError: It cannot be made, or a file is in its place.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(
            f"the folder {folder} cannot be made ({error.strerror}): name another by {option}"
        ) from error


def claim(folder: Path, learnt_from: str, option: str) -> None:
    """Take a folder for what is learnt, or take up what was learnt there from the same.

    Args:
        folder: It; made where it is not there yet.
        learnt_from: What stands for the model, the recipe and the examples.
        option: Of the command, by which it is named.

    Raises:
        InputError: It holds something else, or cannot be made.
    """
    make_folder(folder, option)
    note = folder / NOTE
    held = note.read_text("utf-8") if note.exists() else None
    if held is None and any(folder.iterdir()):
        raise InputError(f"{folder} is not empty: name a new folder by {option}")
    if held not in (None, learnt_from):
        raise InputError(
            f"what is in {folder} is of another model, or learnt from other examples: name a new "
            f"folder by {option}"
        )
    note.write_text(learnt_from, "utf-8")
