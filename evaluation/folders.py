"""Folders that results are written into."""

from pathlib import Path

from schema.errors import InputError


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
