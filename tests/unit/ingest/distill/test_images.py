"""Images: small, upright and bare, or refused; whatever the file is."""

import base64
import io
import os
import struct
import zlib
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from ingest.distill.images import SIDE, Images, ReadImage, bytes_of_data_url
from ingest.distill.web import BYTES_LIMIT, web
from schema.errors import RecordError

pytestmark = pytest.mark.anyio

ORIENTATION, GPS, MAKER = 0x0112, 0x8825, 0x010F


def picture(width: int = 40, height: int = 20, mode: str = "RGB") -> Image.Image:
    return Image.linear_gradient("L").resize((width, height)).convert(mode)


def saved(image: Image.Image, kind: str, **options: Any) -> bytes:
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


async def read(folder: Path, uri: str) -> ReadImage:
    async with web(folder / "fetched", allows_private=False) as fetching:
        return await Images(folder, fetching).read(uri, {})


async def shown(folder: Path, content: bytes) -> Image.Image:
    """Return what a model is given of a file."""
    (folder / "image").write_bytes(content)
    url = (await read(folder, "image")).data_url
    image = Image.open(io.BytesIO(bytes_of_data_url(url)))
    assert image.format == "JPEG"
    return image


def bomb(width: int, height: int) -> bytes:
    """Return a small PNG that says it is large, and is."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return (
            struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
        )

    rows = zlib.compress(b"\x00" * 1000)
    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")
    )


@pytest.mark.parametrize(
    ("kind", "mode"),
    [
        *(("JPEG", mode) for mode in ("RGB", "L", "CMYK", "1")),
        *(("PNG", mode) for mode in ("RGB", "L", "LA", "RGBA", "P", "1", "I;16")),
        *(("WEBP", mode) for mode in ("RGB", "RGBA")),
        *(("GIF", mode) for mode in ("RGB", "RGBA", "P", "L")),
    ],
)
async def test_each_kind_of_image_is_shown(tmp_path: Path, kind: str, mode: str) -> None:
    assert (await shown(tmp_path, saved(picture(mode=mode), kind))).size == (40, 20)


async def test_a_large_image_is_made_small(tmp_path: Path) -> None:
    assert (await shown(tmp_path, saved(picture(3000, 1500), "JPEG"))).size == (SIDE, SIDE // 2)


async def test_an_image_stands_upright_and_bare(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[ORIENTATION], exif[MAKER] = 6, "a camera"
    exif.get_ifd(GPS)[1] = "N"
    content = saved(picture(), "JPEG", exif=exif, comment=b"at home", icc_profile=b"profile")
    assert b"a camera" in content

    image = await shown(tmp_path, content)

    assert image.size == (20, 40)
    assert not image.getexif()
    assert set(image.info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density"}


async def test_of_an_animation_the_first_frame_is_shown(tmp_path: Path) -> None:
    black, white = Image.new("RGB", (8, 8)), Image.new("RGB", (8, 8), "white")
    content = saved(black, "GIF", save_all=True, append_images=[white] * 5)

    assert (await shown(tmp_path, content)).getpixel((4, 4)) == (0, 0, 0)


async def test_what_shows_through_is_white(tmp_path: Path) -> None:
    image = await shown(tmp_path, saved(Image.new("RGBA", (8, 8), (0, 0, 0, 0)), "PNG"))

    assert image.getpixel((4, 4)) == (255, 255, 255)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "no image"),
        (b"no image at all", "no image"),
        (saved(picture(), "BMP"), "no image"),
        (saved(picture(400, 400), "JPEG")[:2000], "no image"),
        (saved(picture(400, 400), "PNG")[:200], "no image"),
        (saved(picture(), "GIF")[:30], "no image"),
        (b"\x00" * (BYTES_LIMIT + 1), "bytes"),
        (bomb(50_000, 50_000), "pixels"),
        (bomb(8000, 6250), "pixels"),
        (bomb(4000, 4000), "no image"),
        (
            b"GIF89a\xff\xff\xff\xff\x00\x00\x00,\x00\x00\x00\x00\xff\xff\xff\xff\x00",
            "pixels|no image",
        ),
    ],
    ids=[
        "nothing",
        "text",
        "BMP",
        *("cut JPEG", "cut PNG", "cut GIF"),
        "large file",
        *("2,500 megapixels", "50 megapixels", "fewer pixels than told"),
        "GIF of nothing",
    ],
)
async def test_what_is_no_image_is_refused(tmp_path: Path, content: bytes, reason: str) -> None:
    with pytest.raises(RecordError, match=reason):
        await shown(tmp_path, content)


@pytest.mark.parametrize(
    ("uri", "reason"),
    [
        ("HTTP://169.254.169.254/", "private address"),
        ("file:///etc/passwd", "neither a path nor"),
        ("/etc/passwd", "outside the folder"),
        ("../secret.png", "outside the folder"),
        ("link.png", "outside the folder"),
        ("pipe", "is no file"),
        (".", "is no file"),
        ("gone.png", "is no file"),
        ("a" * 5000, "is no"),
    ],
)
async def test_what_is_no_path_of_the_folder_is_refused(
    tmp_path: Path, uri: str, reason: str
) -> None:
    folder = tmp_path / "posts"
    folder.mkdir()
    (tmp_path / "secret.png").write_bytes(saved(picture(), "PNG"))
    (folder / "link.png").symlink_to(tmp_path / "secret.png")
    os.mkfifo(folder / "pipe")

    with pytest.raises(RecordError, match=reason):
        await read(folder, uri)


@pytest.mark.parametrize(
    "url", ["data:", "data:image/png,abc", "data:;base64,%%%", "data:;base64,é"]
)
def test_a_data_url_that_is_malformed_is_refused(url: str) -> None:
    with pytest.raises(RecordError, match="data URL"):
        bytes_of_data_url(url)


def test_a_data_url_gives_its_bytes() -> None:
    url = "data:image/png;base64," + base64.b64encode(b"abc").decode()

    assert bytes_of_data_url(url) == b"abc"
