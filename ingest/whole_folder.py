"""A folder that is replaced as a whole, by one that was written beside it.

At every moment the files of the old one or those of the new one are there, all of them. Where a
crash fell between the two, the old one stands aside; whoever comes next puts it back.
"""

import os
import shutil
from collections.abc import Set
from pathlib import Path
from threading import Lock

from schema.errors import InputError


class WholeFolder:
    """A folder, and the draft that is to take its place. Every method blocks."""

    def __init__(self, folder: Path, names: Set[str]) -> None:
        """Take the folder that a symbolic link leads to; it may hold files of these names only."""
        self._place = Path(os.path.realpath(folder))
        self._names = names
        self.draft = self._beside("draft")
        self._old = self._beside("old")
        self._moving = Lock()

    def begin(self) -> None:
        """Make an empty draft.

        Raises:
            InputError: A folder is of something else, or cannot be replaced.
        """
        if self._place.is_mount():
            raise InputError(
                f"the folder {self._place} is where a disk is mounted, and cannot be replaced: "
                "name a new folder in it"
            )
        for folder in (self._place, self.draft, self._old):
            self._check_ours(folder)
        if self._old.exists() and not self._place.exists():
            self._old.rename(self._place)
        for folder in (self.draft, self._old):
            shutil.rmtree(folder, ignore_errors=True)
        self.draft.mkdir(parents=True)

    def take_place(self) -> None:
        """Put the draft in its place; where that fails, what was there is there again."""
        with self._moving:
            if self._place.exists():
                self._place.rename(self._old)
            try:
                self.draft.rename(self._place)
            except OSError:
                if self._old.exists():
                    self._old.rename(self._place)
                raise
            shutil.rmtree(self._old, ignore_errors=True)

    def give_up(self) -> None:
        """Remove the draft, unless it is in its place."""
        with self._moving:
            shutil.rmtree(self.draft, ignore_errors=True)

    def _beside(self, ending: str) -> Path:
        return self._place.parent / f"{self._place.name}.{ending}"

    def _check_ours(self, folder: Path) -> None:
        """Refuse to remove what is no export."""
        if folder.is_dir():
            others = {path.name for path in folder.iterdir()} - self._names
            if others:
                raise InputError(
                    f"the folder {folder} holds something else ({min(others)}): name a new one"
                )
        elif folder.exists():
            raise InputError(f"{folder} is a file: name a folder")
