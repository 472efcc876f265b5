"""What pydantic finds wrong with what comes from outside, in words."""

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

OWN: Final = "Value error, "
"""What pydantic puts before a message of this project's."""


def reason_of(fault: "ErrorDetails") -> str:
    """Return what is wrong, without what was given; it names no field."""
    return fault["msg"].removeprefix(OWN)
