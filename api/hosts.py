"""Which host names a request may be addressed to.

A web page may point a name of its own at this machine's address (DNS rebinding) and so read
what answers there; a request to an address, or to localhost, was meant for it.
"""

from collections.abc import Collection
from ipaddress import ip_address

from starlette.datastructures import Headers
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from api.errors import UNKNOWN_HOST, refusal, shown


class KnownHosts:
    """Middleware that answers 421 to a request for a host name that is not known."""

    def __init__(self, app: ASGIApp, allowed: Collection[str]) -> None:
        self._app = app
        self._allowed = {name.casefold() for name in allowed}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or refuse it."""
        if scope["type"] == "http" and not self._is_known(Headers(scope=scope).get("host", "")):
            await _refusal()(scope, receive, send)
        else:
            await self._app(scope, receive, send)

    def _is_known(self, host: str) -> bool:
        name = _name(host).casefold()
        return name == "localhost" or name in self._allowed or _is_address(name)


def _name(host: str) -> str:
    """Return a Host header without its port."""
    if host.startswith("["):
        inside, end, _ = host[1:].partition("]")
        return inside if end else ""
    return host.partition(":")[0]


def _is_address(name: str) -> bool:
    try:
        ip_address(name)
    except ValueError:
        return False
    return True


def _refusal() -> JSONResponse:
    message = "this host name is not known here: add it to MIKO_API_ALLOWED_HOSTS"
    return JSONResponse({"errors": [shown(refusal(message, UNKNOWN_HOST))]}, 421)
