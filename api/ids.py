"""Global ids, as Relay wants them: base64 of the kind, a colon and the domain's own id."""

import base64
import binascii

from schema.errors import UnknownIdError
from schema.nodes import NodeKind, key_as, kind_of


def global_id(kind: NodeKind, key: str) -> str:
    """Return the global id of a node: ``Post`` and ``mmsd:8231`` give ``UG9zdDptbXNkOjgyMzE=``."""
    return base64.b64encode(f"{kind.value}:{key}".encode()).decode()


def key_of(given: str) -> str:
    """Return the domain's id that a client means: a global id's, or the text as it stands.

    The two never meet: a global id begins with an upper-case letter and holds no colon.
    """
    try:
        kind, colon, key = base64.b64decode(given, validate=True).decode().partition(":")
    except (binascii.Error, ValueError):
        return given
    return key if colon and _has_kind(key, kind) else given


def is_of(kind: NodeKind, key: str) -> bool:
    """Whether a domain id has the form of a kind's."""
    return _has_kind(key, kind.value)


def key_of_kind(kind: NodeKind, given: str) -> str:
    """Return the domain's id that a client means, of a node of a kind.

    Raises:
        UnknownIdError: It has the form of no id.
        WrongKindError: It has the form of another kind's.
    """
    return key_as(kind, key_of(given))


def _has_kind(key: str, kind: str) -> bool:
    try:
        return kind_of(key).value == kind
    except UnknownIdError:
        return False
