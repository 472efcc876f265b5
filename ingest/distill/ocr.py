"""The writing in images, read by RapidOCR on this machine: a signal beside what a model sees."""

from importlib.metadata import version
from typing import TYPE_CHECKING, Any, Final

import anyio
import anyio.to_thread

from ingest.distill.generator import Answer
from ingest.distill.recall import Answers
from schema.text import digest, flaw, squeeze

if TYPE_CHECKING:
    from rapidocr import RapidOCR

STEP: Final = "read"
TEXT_LIMIT: Final = 2000
"""Most characters that are given to a model."""

LONGEST_TO_SHORTEST: Final = 16
"""A longer strip is not read: RapidOCR makes its short side hundreds of pixels."""


class Ocr:
    """Reads images, one at a time; what was read of an image is in the journal."""

    def __init__(self, journal: Answers) -> None:
        self._journal = journal
        self._one = anyio.CapacityLimiter(1)
        self._reader: RapidOCR | None = None
        self.engine: Final = f"rapidocr {version('rapidocr')}"

    async def read(self, sha256: str, jpeg: bytes, size: tuple[int, int]) -> str:
        """Return the writing in an image, line by line, empty where there is none.

        Args:
            sha256: Of the image's file: under it, what is read is kept.
            jpeg: The image, upright.
            size: Its width and height, in pixels.
        """
        if max(size) > LONGEST_TO_SHORTEST * min(size):
            return ""
        key = (STEP, sha256, digest("ocr", self.engine))
        kept = await self._journal.find(key)
        if kept is not None:
            return kept.text
        text = await anyio.to_thread.run_sync(self._read, jpeg, limiter=self._one)
        if text is None:
            return ""
        await self._journal.keep(key, Answer(text, engine=self.engine))
        return text

    def _read(self, jpeg: bytes) -> str | None:
        """Return the writing, None where the reader fails: another run may read it."""
        reader = self._loaded()
        try:
            found: Any = reader(jpeg)  # one of several kinds, by what was asked for
        except Exception:
            # Its engines raise what they like over an odd image: it has then no text.
            return None
        lines = (squeeze(line) for line in found.txts or () if flaw(line) is None)
        return "\n".join(line for line in lines if line)[:TEXT_LIMIT]

    def _loaded(self) -> "RapidOCR":
        """Return the reader, loaded by the first image; its models are a part of the package."""
        if self._reader is None:
            from rapidocr import RapidOCR

            self._reader = RapidOCR(params={"Global.log_level": "critical"})
        return self._reader
