"""The subcommands of `miko` by their names: `load`, and `annotate sample` of a group."""

from collections.abc import Sequence
from typing import Any, Final

from typer.core import TyperGroup
from typer.main import get_command

from miko.cli import app

_GROUP: Final = get_command(app)
assert isinstance(_GROUP, TyperGroup)
TOP: Final = _GROUP.commands
"""The commands and the groups of them, as `miko --help` lists them."""

COMMANDS: Final[dict[str, Any]] = {
    name: command
    for first, top in TOP.items()
    for name, command in (
        {f"{first} {second}": command for second, command in top.commands.items()}
        if isinstance(top, TyperGroup)
        else {first: top}
    ).items()
}


def parted(words: Sequence[str]) -> tuple[str, Sequence[str]]:
    """Return a call's command and the arguments for it."""
    pair = " ".join(words[:2])
    return (pair, words[2:]) if pair in COMMANDS else (words[0], words[1:])
