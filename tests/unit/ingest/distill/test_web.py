"""Images from the web: public addresses alone, and never without end."""

import ipaddress
import os
from collections.abc import AsyncGenerator, Generator
from pathlib import Path

import anyio
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response, StreamingResponse
from starlette.routing import Route
from unit.ingest.distill.folder import Distill, image, posts, records, rejects
from unit.ingest.distill.on_loopback import on_loopback
from unit.ingest.written import record

from ingest.distill import web as web_module
from ingest.distill.web import Address, Web, is_public, web
from schema.errors import RecordError

pytestmark = pytest.mark.anyio

FAR = 10_000


class Host:
    """A host of images, with what hosts do."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.url = ""

    def app(self) -> Starlette:
        return Starlette(routes=[Route("/{what}", self._answer)])

    async def _answer(self, request: Request) -> Response:
        what = request.path_params["what"]
        self.asked.append(what)
        if what == "loop":
            return RedirectResponse("/loop")
        if what == "elsewhere":
            return RedirectResponse("/rex.png")
        if what == "private":
            return RedirectResponse(self.url.replace("127.0.0.1", "127.0.0.2") + "/rex.png")
        if what == "file":
            return RedirectResponse("file:///etc/hostname")
        if what == "torn":
            return Response(status_code=302, headers={"location": "http://["})
        if what == "slow":
            await anyio.sleep(FAR)
        if what == "endless":
            return StreamingResponse(_endless())
        if what == "packed":
            return Response(b"", headers={"content-encoding": "gzip"})
        if what == "page":
            return Response("<h1>Rex</h1>")
        return Response(image() if what == "rex.png" else b"", 200 if what == "rex.png" else 404)


async def _endless() -> AsyncGenerator[bytes]:
    for _ in range(FAR):
        yield b"\x00" * 65_536


@pytest.fixture
def host() -> Generator[Host]:
    host = Host()
    with on_loopback(host.app()) as url:
        host.url = url
        yield host


@pytest.fixture
def short_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(web_module, "TIMEOUT_S", 0.3)
    monkeypatch.setattr(web_module, "BYTES_LIMIT", 1_000_000)


def _is_first(address: Address) -> bool:
    return str(address) == "127.0.0.1"


async def fetched(url: str, folder: Path, *, allows_private: bool = True) -> bytes:
    async with web(folder, allows_private=allows_private) as fetching:
        return (await fetching.fetch(url)).read_bytes()


async def test_an_image_is_fetched_once(host: Host, tmp_path: Path) -> None:
    first = await fetched(f"{host.url}/elsewhere", tmp_path / "kept")

    second = await fetched(f"{host.url}/elsewhere", tmp_path / "kept")

    assert first == second == image()
    assert host.asked == ["elsewhere", "rex.png"]


async def test_images_that_were_not_used_for_longest_make_room(host: Host, tmp_path: Path) -> None:
    urls = [f"{host.url}/rex.png?{number}" for number in range(4)]
    limit_bytes = 3 * len(image())

    async with web(tmp_path, allows_private=True, limit_bytes=limit_bytes) as fetching:
        paths = [await fetching.fetch(url) for url in urls[:3]]
        for age_s, path in enumerate(paths):
            os.utime(path, (age_s, age_s))
        await fetching.fetch(urls[0])
        paths.append(await fetching.fetch(urls[3]))

    assert [path.exists() for path in paths] == [True, False, False, True]
    assert len(host.asked) == 4


@pytest.mark.parametrize(
    ("what", "reason"),
    [
        ("loop", "leads elsewhere over 5 times"),
        ("slow", "not fetched within"),
        ("endless", "over 1000000 bytes"),
        ("packed", "is packed"),
        ("gone", "status 404"),
        ("file", "no address of the web"),
        ("torn", "no address of the web"),
    ],
)
@pytest.mark.usefixtures("short_waits")
async def test_a_host_that_misbehaves_is_left(
    host: Host, tmp_path: Path, what: str, reason: str
) -> None:
    with pytest.raises(RecordError, match=reason):
        await fetched(f"{host.url}/{what}", tmp_path / "kept")

    assert not (tmp_path / "kept").exists()


@pytest.mark.parametrize("name", ["127.0.0.1", "localhost", "0.0.0.0", "[::1]", "2130706433"])  # noqa: S104
async def test_a_private_address_is_not_asked(host: Host, tmp_path: Path, name: str) -> None:
    url = host.url.replace("127.0.0.1", name)

    with pytest.raises(RecordError, match="private address"):
        await fetched(f"{url}/rex.png", tmp_path / "kept", allows_private=False)

    assert host.asked == []


async def test_a_way_to_a_private_address_is_not_followed(
    host: Host, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(web_module, "is_public", _is_first)

    with pytest.raises(RecordError, match="private address"):
        await fetched(f"{host.url}/private", tmp_path / "kept", allows_private=False)

    assert host.asked == ["private"]


@pytest.mark.parametrize(
    "url",
    [
        "http://",
        "http://a b/",
        "http://[::1/",
        "http://bücher.example/",
        "http://u:p@example.org/",
        f"http://example.org/{'a' * 2000}",
        "http://example.org:0/",
        "http://example.org\n/",
    ],
)
async def test_an_address_that_is_none_is_refused(tmp_path: Path, url: str) -> None:
    with pytest.raises(RecordError, match="address"):
        await fetched(url, tmp_path / "kept")


async def test_a_host_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(RecordError, match="there is no answer"):
        await fetched("http://127.0.0.1:9/rex.png", tmp_path / "kept")


async def test_the_same_image_may_be_asked_for_twice_at_a_time(host: Host, tmp_path: Path) -> None:
    found: list[Path] = []

    async def ask(fetching: Web) -> None:
        found.append(await fetching.fetch(f"{host.url}/rex.png"))

    async with (
        web(tmp_path / "kept", allows_private=True) as fetching,
        anyio.create_task_group() as group,
    ):
        for _ in range(20):
            group.start_soon(ask, fetching)

    assert [path.read_bytes() for path in found] == [image()] * 20
    assert host.asked == ["rex.png"]
    assert len(list((tmp_path / "kept").iterdir())) == 1


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("93.184.215.14", True),
        ("2606:2800:21f:cb07:6820:80da:af6b:8b2c", True),
        ("10.0.0.1", False),
        ("169.254.169.254", False),
        ("100.64.0.1", False),
        ("224.0.0.1", False),
        ("255.255.255.255", False),
        ("::1", False),
        ("fd00::1", False),
        ("fe80::1", False),
        ("fec0::1", False),
        ("::ffff:127.0.0.1", False),
        ("::ffff:10.0.0.1", False),
        ("2002:7f00:1::", False),
        ("64:ff9b::7f00:1", False),
        ("64:ff9b::5db8:d70e", True),
    ],
)
def test_what_is_public_is_known(address: str, expected: bool) -> None:
    assert is_public(ipaddress.ip_address(address)) is expected


def test_a_post_may_name_an_image_of_the_web(host: Host, distill: Distill) -> None:
    posts(record(images=[{"uri": f"{host.url}/rex.png"}]))

    refused = distill()
    reason = rejects()[0]["reason"]
    allowed = distill("--allow-private")

    assert (refused.exit_code, allowed.exit_code) == (3, 0)
    assert "--allow-private" in reason
    assert len(records()[0].images[0].sha256 or "") == 64
    assert len(list(Path("records.jsonl.images").iterdir())) == 1


def test_what_is_no_image_is_not_kept(host: Host, distill: Distill) -> None:
    posts(record(images=[{"uri": f"{host.url}/page"}]))

    distill("--allow-private")

    assert "no image" in rejects()[0]["reason"]
    assert list(Path("records.jsonl.images").iterdir()) == []
