"""The writing in images, read by the real RapidOCR."""

import io
from pathlib import Path

import pytest
from PIL import Image, ImageDraw, ImageFont
from unit.ingest.distill.endpoint import Endpoint
from unit.ingest.distill.folder import Distill, image, posts, records
from unit.ingest.written import record

from ingest.distill import ocr


def sign(words: str) -> bytes:
    """Return a picture of a sign with these words."""
    drawn = Image.new("RGB", (640, 160), "white")
    ImageDraw.Draw(drawn).text((20, 40), words, "black", ImageFont.load_default(60))
    file = io.BytesIO()
    drawn.save(file, "PNG")
    return file.getvalue()


def test_the_writing_in_an_image_is_told_to_every_step(
    endpoint: Endpoint, distill: Distill
) -> None:
    Path("sign.png").write_bytes(sign("ADOPT REX TODAY"))
    posts(record(images=[{"uri": "sign.png"}]))

    distill()

    (distilled,) = records()
    assert distilled.images[0].text.split() == ["ADOPT", "REX", "TODAY"]
    assert distilled.images[0].text_engine.startswith("rapidocr ")
    assert [asked.post["image_text"] for asked in endpoint.asked] == [
        [distilled.images[0].text] for _ in range(3)
    ]


def test_an_image_without_writing_has_no_text(endpoint: Endpoint, distill: Distill) -> None:
    Path("rex.png").write_bytes(image())
    posts(record(images=[{"uri": "rex.png"}]))

    distill()

    assert records()[0].images[0].text == ""
    assert "image_text" not in endpoint.asked[0].post


def test_what_was_read_is_not_read_again(distill: Distill, monkeypatch: pytest.MonkeyPatch) -> None:
    Path("sign.png").write_bytes(sign("ADOPT REX TODAY"))
    posts(record(images=[{"uri": "sign.png"}]))
    distill()
    first = Path("records.jsonl").read_bytes()

    monkeypatch.setattr(ocr.Ocr, "_read", None)
    result = distill()

    assert result.exit_code == 0
    assert Path("records.jsonl").read_bytes() == first


def test_writing_need_not_be_read(endpoint: Endpoint, distill: Distill) -> None:
    Path("sign.png").write_bytes(sign("ADOPT REX TODAY"))
    posts(record(images=[{"uri": "sign.png"}]))

    distill("--no-ocr")

    assert "image_text" not in endpoint.asked[0].post


def test_an_image_that_the_reader_fails_at_has_no_text(
    endpoint: Endpoint, distill: Distill, monkeypatch: pytest.MonkeyPatch
) -> None:
    Path("sign.png").write_bytes(sign("ADOPT REX TODAY"))
    posts(record(images=[{"uri": "sign.png"}]))
    with monkeypatch.context() as broken:
        broken.setattr("rapidocr.RapidOCR.__call__", _failing)
        assert distill().exit_code == 0
    assert "image_text" not in endpoint.asked[0].post

    distill()

    assert "REX" in (records()[0].images[0].text or "")


@pytest.mark.parametrize("size", [(1, 2000), (2000, 1), (30, 1024)])
def test_a_strip_is_not_read(
    endpoint: Endpoint, distill: Distill, monkeypatch: pytest.MonkeyPatch, size: tuple[int, int]
) -> None:
    Image.new("RGB", size).save("strip.png")
    posts(record(images=[{"uri": "strip.png"}]))
    monkeypatch.setattr("rapidocr.RapidOCR.__call__", None)

    assert distill().exit_code == 0
    assert "image_text" not in endpoint.asked[0].post


def _failing(*_: object) -> None:
    raise ZeroDivisionError
