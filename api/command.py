"""The commands ``serve`` and ``query``."""

import errno
import socket
import sys
from contextlib import closing
from ipaddress import ip_address
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, cast

import typer

if TYPE_CHECKING:
    from api.settings import ApiSettings
    from kg.settings import StoreSettings


def register(app: typer.Typer) -> None:
    """Add the commands to the command line."""
    app.command()(serve)
    app.command()(query)


def serve(
    host: Annotated[
        str | None,
        typer.Option(help="Address to listen at; else MIKO_API_HOST, or 127.0.0.1."),
    ] = None,
    port: Annotated[
        int | None,
        typer.Option(min=0, max=65_535, help="Port to listen at; else MIKO_API_PORT, or 8000."),
    ] = None,
    store: Annotated[
        str | None,
        typer.Option(help="Address of the graph; else MIKO_STORE_URL, or sqlite:///miko.db."),
    ] = None,
) -> None:
    """Answer GraphQL over HTTP, at /graphql, until Ctrl-C.

    [bold]Examples[/bold]

      miko serve

      miko serve --port 9000 --store sqlite:///pets.db

      curl -G localhost:8000/graphql -d query=%7Bstats%7Bjudgements%7D%7D
    """
    import anyio

    from api.settings import ApiSettings
    from kg.settings import StoreSettings, settings_of

    settings = settings_of(ApiSettings, {"host": host, "port": port})
    stores = settings_of(StoreSettings, {"url": store}, {"url": "--store"})
    _warn_where_open(settings.host, writes=bool(settings.write_token.get_secret_value()))
    with closing(listening_at(settings.host, settings.port)) as listener:
        try:
            anyio.run(_serve, listener, settings, stores)
        except KeyboardInterrupt:
            typer.echo("stopped", err=True)


def query(
    document: Annotated[
        str,
        typer.Argument(metavar="FILE|-|TEXT", help="A GraphQL document; - is standard input."),
    ],
    variables: Annotated[
        str, typer.Option(help="The operation's variables, as a JSON object.")
    ] = "{}",
    operation: Annotated[
        str | None, typer.Option(help="Which operation, where the document has several.")
    ] = None,
    store: Annotated[
        str | None,
        typer.Option(help="Address of the graph; else MIKO_STORE_URL, or sqlite:///miko.db."),
    ] = None,
) -> None:
    """Answer any GraphQL query, without a server; the answer is JSON.

    The exit code is 1 where the answer has errors; what was answered beside them is printed.

    [bold]Examples[/bold]

      miko query '{ stats { version nodes { name count } } }'

      miko query groups.graphql --variables '{"hashtag": "adoptdontshop"}'

      miko query several.graphql --operation Divergence --store sqlite:///pets.db
    """
    import anyio
    import orjson

    from api.once import answered_once
    from kg.settings import StoreSettings, settings_of

    stores = settings_of(StoreSettings, {"url": store}, {"url": "--store"})
    text, given = _document(document), _variables(variables)
    answer = anyio.run(answered_once, text, given, operation, stores)
    typer.echo(orjson.dumps(answer, option=orjson.OPT_INDENT_2).decode())
    for error in answer.get("errors", ()):
        typer.echo(f"miko: {error['message']}", err=True)
    if "errors" in answer:
        raise typer.Exit(1)


def _document(given: str) -> str:
    """Return a document: standard input's, a file's, or the text itself, which has a brace."""
    if given == "-":
        return sys.stdin.read()
    if "{" in given:
        return given
    try:
        return Path(given).read_text("utf-8")
    except (OSError, ValueError) as error:
        raise typer.BadParameter(f"{given!r} is no document and no file of one: {error}") from None


def _variables(given: str) -> dict[str, Any]:
    """Return variables; of what types, the schema checks."""
    import orjson

    try:
        variables = orjson.loads(given)
    except orjson.JSONDecodeError as error:
        raise typer.BadParameter(f"--variables is not JSON: {error}") from None
    if not isinstance(variables, dict):
        raise typer.BadParameter("--variables must be a JSON object")
    return cast("dict[str, Any]", variables)


def listening_at(host: str, port: int) -> socket.socket:
    """Return a socket that listens; where there can be none, say why and exit.

    Raises:
        Exit: The port is taken, or the address is none of this machine's.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        listener = socket.create_server((host, port), family=family)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            message = f"port {port} is taken: name another by --port, or end what listens there"
        else:
            message = f"cannot listen at {host}, port {port}: {error.strerror or error}"
        typer.echo(message, err=True)
        raise typer.Exit(1) from None
    # asyncio sets it on sockets that it made itself only; without it an answer, which goes out in
    # two pieces, waits 40 ms for the client's delayed acknowledgement of the first.
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return listener


async def _serve(listener: socket.socket, settings: "ApiSettings", stores: "StoreSettings") -> None:
    import uvicorn

    from api.app import create_app
    from api.opening import open_source, why_not_ready
    from kg.settings import EmbedderSettings

    typer.echo("loading the embedding model", err=True)
    async with open_source(stores, EmbedderSettings(), settings) as source:
        reason = await why_not_ready(source)
        if reason is not None:
            typer.echo(f"no search by meaning will succeed: {reason}", err=True)
        typer.echo(f"GraphQL at {_address(listener)}/graphql; Ctrl-C stops it", err=True)
        config = uvicorn.Config(
            create_app(source.store, source.embedder, settings),
            log_level="warning",
            access_log=False,
            lifespan="off",
            ws="none",
            server_header=False,
            timeout_graceful_shutdown=5,
        )
        await uvicorn.Server(config).serve([listener])


def _warn_where_open(host: str, *, writes: bool) -> None:
    if _is_loopback(host):
        return
    typer.echo(
        f"{host} can be reached from other machines, and there is no login: whoever can "
        "reach it reads the whole graph",
        err=True,
    )
    if writes:
        typer.echo(
            "whoever has MIKO_API_WRITE_TOKEN deletes posts, and the token crosses the network in "
            "the clear: put TLS in front of it",
            err=True,
        )


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _address(listener: socket.socket) -> str:
    host, port = listener.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
