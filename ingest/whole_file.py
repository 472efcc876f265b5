"""A file that is written aside and put in its place: it is there whole, or as it was."""

import os
from pathlib import Path

from schema.errors import InputError


def write_new(path: Path, content: bytes) -> None:
    """Write a file as a whole; one that is there is never lost: it may hold somebody's work.

    Raises:
        InputError: One with other content is there, or it cannot be written.
    """
    try:
        if path.exists() and not _holds(path, content):
            raise InputError(f"{path} is there, with other content: name another file by --out")
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror}") from error
    write_whole(path, content)


def check_new(path: Path) -> None:
    """Refuse what `write_new` would, before the work whose result is to be written.

    Raises:
        InputError: A file is there, or its folder cannot be written into.
    """
    try:
        is_there = path.exists()
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror}") from error
    if is_there:
        raise InputError(f"{path} is there: name another file by --out")
    if not os.access(path.parent, os.W_OK | os.X_OK):
        raise InputError(f"{path} cannot be written: name a file in a folder of yours by --out")


def write_whole(path: Path, content: bytes) -> None:
    """Write a file in one move, for its owner alone: posts are personal data.

    Raises:
        InputError: It cannot be written.
    """
    aside = path.with_name(f"{path.name}.draft")
    try:
        aside.unlink(missing_ok=True)  # what a crash left, or a link to elsewhere
        with os.fdopen(os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(content)
        aside.replace(path)
    except OSError as error:
        raise InputError(f"{path} cannot be written: {error.strerror}") from error


def _holds(path: Path, content: bytes) -> bool:
    return path.stat().st_size == len(content) and path.read_bytes() == content
