"""The command ``serve``, as far as it goes without a model."""

import socket
from contextlib import closing
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from api.command import listening_at, register
from schema.errors import StoreUnreadableError

APP = typer.Typer(rich_markup_mode="rich")
register(APP)
RUNNER = CliRunner()


def test_its_help_has_examples() -> None:
    result = RUNNER.invoke(APP, ["serve", "--help"])

    assert result.exit_code == 0
    assert "miko serve --port 9000" in result.output


def test_a_taken_port_is_an_error_with_the_way_out() -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as taken:
        port = taken.getsockname()[1]
        result = RUNNER.invoke(APP, ["serve", "--port", str(port)])

    assert result.exit_code == 1
    assert f"port {port} is taken: name another by --port" in result.output


def test_an_address_of_another_machine_is_an_error() -> None:
    result = RUNNER.invoke(APP, ["serve", "--host", "192.0.2.1", "--port", "0"])

    assert result.exit_code == 1
    assert "cannot listen at 192.0.2.1" in result.output


@pytest.mark.parametrize(("host", "is_warned"), [("127.0.0.1", False), ("0.0.0.0", True)])  # noqa: S104
def test_listening_to_other_machines_is_warned_of(
    host: str, is_warned: bool, tmp_path: Path
) -> None:
    store = f"sqlite:///{tmp_path}/gone.db"

    result = RUNNER.invoke(APP, ["serve", "--host", host, "--port", "0", "--store", store])

    assert ("there is no login" in result.output) is is_warned
    assert isinstance(result.exception, StoreUnreadableError)


@pytest.mark.parametrize(("token", "is_warned"), [("", False), ("0123456789abcdef", True)])
def test_a_token_that_crosses_the_network_is_warned_of(
    token: str, is_warned: bool, tmp_path: Path
) -> None:
    store = f"sqlite:///{tmp_path}/gone.db"

    result = RUNNER.invoke(
        APP,
        ["serve", "--host", "0.0.0.0", "--port", "0", "--store", store],  # noqa: S104
        env={"MIKO_API_WRITE_TOKEN": token},
    )

    assert ("in the clear" in result.output) is is_warned


def test_an_answer_is_not_held_back_until_its_first_part_is_acknowledged() -> None:
    with (
        closing(listening_at("127.0.0.1", 0)) as listener,
        closing(socket.create_connection(listener.getsockname())),
        closing(listener.accept()[0]) as accepted,
    ):
        assert accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
