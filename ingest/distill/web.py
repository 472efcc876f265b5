"""Images from the web: fetched once, from public addresses, within limits of time and size."""

import ipaddress
from collections.abc import AsyncGenerator, Iterable
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Final, cast
from urllib.parse import urljoin, urlsplit

import anyio
import anyio.to_thread
import httpcore

from ingest.distill.fetched import Folder
from ingest.distill.settings import IMAGES_LIMIT_BYTES
from schema.errors import RecordError

BYTES_LIMIT: Final = 20 * 1024 * 1024
TIMEOUT_S: Final = 30.0
"""Longest that an image may take, redirects included."""

REDIRECTS_LIMIT: Final = 5
URL_LIMIT: Final = 2000
AT_A_TIME: Final = 16
OK: Final = 200
NO_ADDRESS: Final = "is no address of the web"
ELSEWHERE: Final = frozenset({301, 302, 303, 307, 308})
SCHEMES: Final = frozenset({"http", "https"})
HEADERS: Final = [
    (b"Accept", b"image/*"),
    (b"Accept-Encoding", b"identity"),
    (b"User-Agent", b"miko"),
]
NAT64: Final = ipaddress.IPv6Network("64:ff9b::/96")

Address = ipaddress.IPv4Address | ipaddress.IPv6Address


def is_web(uri: str) -> bool:
    """Whether it is an address of the web."""
    return uri[:8].lower().startswith(("http://", "https://"))


class Web:
    """Fetches images into a folder: what is there is not fetched again."""

    def __init__(self, pool: httpcore.AsyncConnectionPool, folder: Folder) -> None:
        self._pool = pool
        self._folder = folder
        self._limiter = anyio.CapacityLimiter(AT_A_TIME)
        self._turns: dict[Path, anyio.Lock] = {}

    async def fetch(self, url: str) -> Path:
        """Fetch what stands at an address; return the file that it is kept in.

        Raises:
            RecordError: It cannot be fetched, or is not to be; the reason holds no address.
            StoreFullError, InputError: It cannot be kept.
        """
        path = self._folder.place(url)
        try:
            async with self._turns.setdefault(path, anyio.Lock()):  # one asks, the others find it
                if not await anyio.to_thread.run_sync(self._folder.has, path):
                    async with self._limiter:
                        content = await self._fetched(url)
                        await anyio.to_thread.run_sync(self._folder.keep, path, content)
        finally:
            self._turns.pop(path, None)
        return path

    async def _fetched(self, url: str) -> bytes:
        try:
            with anyio.fail_after(TIMEOUT_S):
                return await self._followed(url)
        except (TimeoutError, httpcore.TimeoutException):
            raise RecordError("", f"was not fetched within {TIMEOUT_S:g} s") from None
        except (OSError, httpcore.NetworkError, httpcore.ProtocolError) as error:
            raise RecordError("", "cannot be fetched: there is no answer") from error

    async def _followed(self, url: str) -> bytes:
        """Fetch, and go where it leads; each address is checked anew."""
        for _ in range(REDIRECTS_LIMIT + 1):
            found = await self._asked(_checked(url))
            if isinstance(found, bytes):
                return found
            url = _led(url, found)
        raise RecordError("", f"leads elsewhere over {REDIRECTS_LIMIT} times")

    async def _asked(self, url: str) -> bytes | str:
        """Return what stands there, or where it leads."""
        async with self._pool.stream("GET", url, headers=HEADERS) as response:
            headers = {name.lower(): value for name, value in response.headers}
            if response.status in ELSEWHERE and b"location" in headers:
                return headers[b"location"].decode("latin-1")
            if response.status != OK:
                raise RecordError("", f"cannot be fetched: status {response.status}")
            if headers.get(b"content-encoding", b"identity") != b"identity":
                raise RecordError("", "cannot be fetched: it is packed, which was not asked for")
            content = bytearray()
            async for chunk in response.aiter_stream():
                content += chunk
                if len(content) > BYTES_LIMIT:
                    raise RecordError("", f"has over {BYTES_LIMIT} bytes")
        return bytes(content)


@asynccontextmanager
async def web(
    folder: Path, *, allows_private: bool, limit_bytes: int = IMAGES_LIMIT_BYTES
) -> AsyncGenerator[Web]:
    """Give what fetches images into a folder, which is made when there is one.

    Args:
        folder: Where they are kept.
        allows_private: Ask private addresses too, those of this machine included.
        limit_bytes: Most bytes that are kept there; those that were used last are.
    """
    network = cast(httpcore.AsyncNetworkBackend, httpcore.AnyIOBackend())  # its stub is a stand-in
    backend = network if allows_private else PublicNetwork(network)
    async with httpcore.AsyncConnectionPool(
        network_backend=backend, max_connections=AT_A_TIME
    ) as pool:
        yield Web(pool, Folder(folder, limit_bytes))


class PublicNetwork(httpcore.AsyncNetworkBackend):
    """Connects to public addresses alone: a name is looked up once, checked, and used."""

    def __init__(self, network: httpcore.AsyncNetworkBackend) -> None:
        self._network = network

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 as httpcore calls it
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """Connect; the certificate is checked against the name, which the pool holds.

        Raises:
            RecordError: The name has a private address.
        """
        found = await anyio.getaddrinfo(host, port)
        addresses = [str(place[0]) for *_, place in found]
        if not all(is_public(ipaddress.ip_address(a.partition("%")[0])) for a in addresses):
            raise RecordError("", "is at a private address: --allow-private fetches it")
        for address in addresses[:-1]:
            with suppress(httpcore.ConnectError, httpcore.ConnectTimeout):
                return await self._network.connect_tcp(
                    address, port, timeout, local_address, socket_options
                )
        return await self._network.connect_tcp(
            addresses[-1], port, timeout, local_address, socket_options
        )

    async def sleep(self, seconds: float) -> None:
        """Wait."""
        await self._network.sleep(seconds)


def is_public(address: Address) -> bool:
    """Whether an address is one of the public internet, and no other is wrapped in it."""
    if isinstance(address, ipaddress.IPv6Address):
        inner = address.ipv4_mapped or address.sixtofour
        if address in NAT64:
            inner = ipaddress.IPv4Address(int(address) & 0xFFFF_FFFF)
        if inner is not None:
            return is_public(inner)
        if address.teredo is not None or address.is_site_local:
            return False
    return address.is_global and not (address.is_multicast or address.is_reserved)


def _led(url: str, location: str) -> str:
    try:
        return urljoin(url, location)
    except ValueError as error:
        raise RecordError("", NO_ADDRESS) from error


def _checked(url: str) -> str:
    try:
        parts = urlsplit(url)
        is_whole = parts.scheme in SCHEMES and bool(parts.hostname) and parts.port != 0
    except ValueError as error:
        raise RecordError("", NO_ADDRESS) from error
    if not (is_whole and url.isascii() and url.isprintable() and " " not in url):
        raise RecordError("", NO_ADDRESS)
    if len(url) > URL_LIMIT:
        raise RecordError("", f"is an address of over {URL_LIMIT} characters")
    if "@" in parts.netloc:
        raise RecordError("", "is an address with a login, which is not used")
    return url
