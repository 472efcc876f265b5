"""The folder of images from the web: so many bytes, of which those that were used last stay."""

import hashlib
import os
import threading
import uuid
from contextlib import suppress
from pathlib import Path
from typing import Final

from ingest.distill.draft import unwritable

LEFT: Final = 0.9
"""Share of the limit to which the folder is brought, so that it is gone through seldom."""


class Folder:
    """Files by the address that they came from. Its calls block, and may overlap."""

    def __init__(self, path: Path, limit_bytes: int) -> None:
        self._path = path
        self._limit_bytes = limit_bytes
        self._size_bytes: int | None = None
        self._counting = threading.Lock()

    def place(self, url: str) -> Path:
        """Return where the image of an address is, or would be."""
        return self._path / hashlib.sha256(url.encode()).hexdigest()

    def has(self, path: Path) -> bool:
        """Whether an image is there; it is then the one that was used last."""
        try:
            os.utime(path)
        except OSError:
            return path.is_file()
        return True

    def keep(self, path: Path, content: bytes) -> None:
        """Keep an image; where there are too many, the ones go that were not used for longest.

        Raises:
            StoreFullError, InputError: It cannot be kept.
        """
        draft = path.with_name(f"{uuid.uuid4().hex}.draft")
        try:
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            draft.write_bytes(content)
            draft.replace(path)
        except OSError as error:
            raise unwritable(path.parent, error) from error
        finally:
            with suppress(OSError):
                draft.unlink(missing_ok=True)
        self._bound(path, len(content))

    def _bound(self, newest: Path, size_bytes: int) -> None:
        with self._counting:
            if self._size_bytes is not None:
                self._size_bytes += size_bytes
            if self._size_bytes is None or self._size_bytes > self._limit_bytes:
                self._size_bytes = self._swept(newest)

    def _swept(self, newest: Path) -> int:
        """Remove what is too much, but not the newest; return how many bytes are left."""
        files = sorted(self._files())
        total = sum(size for _, size, _ in files)
        if total <= self._limit_bytes:
            return total
        for _, size, path in files:
            if total <= LEFT * self._limit_bytes:
                break
            if path != newest:
                with suppress(OSError):
                    path.unlink()
                    total -= size
        return total

    def _files(self) -> list[tuple[int, int, Path]]:
        """Return when each was used last, its size in bytes, and its path."""
        found: list[tuple[int, int, Path]] = []
        for path in self._path.iterdir():
            with suppress(OSError):  # another process may have removed it
                stat = path.stat()
                found.append((stat.st_mtime_ns, stat.st_size, path))
        return found
