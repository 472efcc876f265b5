"""Images of a post as a model is given them: upright, small, without what a camera wrote in."""

import base64
import binascii
import hashlib
import io
import re
import struct
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import anyio
import anyio.to_thread
from PIL import Image, ImageOps

from ingest.distill.web import BYTES_LIMIT, Web, is_web
from schema.errors import RecordError

PIXELS_LIMIT: Final = 40_000_000
"""Most pixels, by what the file says before any is decoded: 160 MB of memory."""

SIDE: Final = 1024
"""Most pixels of a side that a model is given."""

QUALITY: Final = 90
AT_A_TIME: Final = 2
"""Images that are in memory at a time."""

FORMATS: Final = ("JPEG", "PNG", "GIF", "WEBP")
SCHEME: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")
FAULTS: Final = (
    *(OSError, SyntaxError, ValueError, TypeError, LookupError, ArithmeticError, EOFError),
    *(AttributeError, struct.error, zlib.error),
)
"""What Pillow raises over a file that is damaged, or that was made to be."""

Image.MAX_IMAGE_PIXELS = None  # Pillow would warn on standard error; we look for ourselves


@dataclass(frozen=True, slots=True)
class ReadImage:
    """An image, ready for a model.

    Attributes:
        sha256: Of the file's bytes, in hex.
        jpeg: The image.
        size: Its width and height, in pixels.
    """

    sha256: str
    jpeg: bytes
    size: tuple[int, int]

    @property
    def data_url(self) -> str:
        """The image as a model is given it."""
        return f"data:image/jpeg;base64,{base64.b64encode(self.jpeg).decode()}"


class Images:
    """Reads images by path from one folder, fetches them, or takes those that posts held."""

    def __init__(self, folder: Path, web: Web) -> None:
        self._folder = folder
        self._web = web
        self._limiter = anyio.CapacityLimiter(AT_A_TIME)

    async def read(self, uri: str, inline: Mapping[str, bytes]) -> ReadImage:
        """Read an image.

        Args:
            uri: A path, relative to the folder and inside it, an address of the web, or a name in
                ``inline``.
            inline: Bytes of images by name.

        Raises:
            RecordError: It is none that can be read; the reason holds nothing of it.
            StoreFullError, InputError: It was fetched, and cannot be kept.
        """
        if uri not in inline and is_web(uri):
            return await self._fetched(uri)
        return await anyio.to_thread.run_sync(self._read, uri, inline, limiter=self._limiter)

    async def _fetched(self, url: str) -> ReadImage:
        path = await self._web.fetch(url)
        try:
            return await anyio.to_thread.run_sync(_read_image, path, limiter=self._limiter)
        except RecordError:
            path.unlink(missing_ok=True)  # the next run may find an image there
            raise

    def _read(self, uri: str, inline: Mapping[str, bytes]) -> ReadImage:
        return _image_of(inline[uri]) if uri in inline else _read_image(self._path(uri))

    def _path(self, uri: str) -> Path:
        if SCHEME.match(uri):
            raise RecordError("", "is neither a path nor an address of the web")
        try:
            path, folder = (self._folder / uri).resolve(), self._folder.resolve()
            is_file = path.is_file()
        except (OSError, ValueError, RuntimeError) as error:
            raise RecordError("", "is no path that can be read") from error
        if not path.is_relative_to(folder):
            raise RecordError("", "is outside the folder of the images, which --images names")
        if not is_file:
            raise RecordError("", "is no file in the folder of the images, which --images names")
        return path


def bytes_of_data_url(url: str) -> bytes:
    """Return the bytes of a base64 data URL.

    Raises:
        RecordError: It holds none.
    """
    head, _, body = url.partition(",")
    if not head.lower().endswith(";base64"):
        raise RecordError("", "is a data URL that is not in base64")
    try:
        return base64.b64decode(body, validate=True)
    except (binascii.Error, ValueError) as error:
        raise RecordError("", "is a data URL whose base64 is malformed") from error


def _read_image(path: Path) -> ReadImage:
    return _image_of(_bytes_of(path))


def _image_of(content: bytes) -> ReadImage:
    jpeg, size = _as_jpeg(content)
    return ReadImage(hashlib.sha256(content).hexdigest(), jpeg, size)


def _bytes_of(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            content = file.read(BYTES_LIMIT + 1)
    except OSError as error:
        raise RecordError("", f"cannot be read ({error.strerror})") from error
    return content


def _as_jpeg(content: bytes) -> tuple[bytes, tuple[int, int]]:
    if len(content) > BYTES_LIMIT:
        raise RecordError("", f"has over {BYTES_LIMIT} bytes")
    try:
        with Image.open(io.BytesIO(content), formats=FORMATS) as image:
            if image.width * image.height > PIXELS_LIMIT:
                raise RecordError("", f"has over {PIXELS_LIMIT} pixels")
            return _redrawn(image)
    except FAULTS as error:
        raise RecordError("", f"is no image that can be read ({', '.join(FORMATS)})") from error


def _redrawn(image: Image.Image) -> tuple[bytes, tuple[int, int]]:
    """Draw the first frame anew: nothing of the file but its pixels is carried over."""
    mode = "RGBA" if image.has_transparency_data else "RGB"
    image.draft(mode, (SIDE, SIDE))  # a JPEG is decoded at an eighth of its size, where it can be
    small = image if image.mode == mode else image.convert(mode)
    small.thumbnail((SIDE, SIDE))
    upright = ImageOps.exif_transpose(small)
    drawn = Image.new("RGB", upright.size, "white")
    drawn.paste(upright, mask=upright.getchannel("A") if mode == "RGBA" else None)
    file = io.BytesIO()
    drawn.save(file, "JPEG", quality=QUALITY)
    return file.getvalue(), drawn.size
