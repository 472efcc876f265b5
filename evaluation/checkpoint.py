"""How far a training is, as a file: one that was stopped goes on from there."""

from pathlib import Path
from pickle import UnpicklingError
from typing import Any, cast

from schema.errors import InputError


def keep(path: Path, state: dict[str, Any]) -> None:
    """Write a checkpoint beside the last, then in its place: one of them is whole at any time.

    Args:
        path: Its place.
        state: Tensors, numbers and texts, in dicts and lists: nothing else is read again.

    Raises:
        InputError: It cannot be written.
    """
    import torch

    draft = path.with_suffix(".draft")
    try:
        torch.save(state, draft)
        draft.replace(path)
    except (OSError, RuntimeError) as error:  # torch's own, where a disk is full
        raise InputError(f"{path} cannot be written ({error}): make room, or move it") from error


def kept(path: Path) -> dict[str, Any] | None:
    """Return what was kept, None where nothing was. No code that a file holds is run.

    Raises:
        InputError: It cannot be read.
    """
    if not path.exists():
        return None
    import torch

    try:
        state: Any = torch.load(path, "cpu", weights_only=True)
    except (OSError, EOFError, RuntimeError, KeyError, UnpicklingError) as error:
        raise InputError(f"{path} cannot be read: remove it to begin anew") from error
    if not isinstance(state, dict):
        raise InputError(f"{path} is no checkpoint: remove it to begin anew")
    return cast("dict[str, Any]", state)
