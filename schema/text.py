"""Text as the graph compares it: what makes two strings the same, and what is no text at all."""

import base64
import hashlib
import unicodedata
from functools import lru_cache
from typing import Final

TEXT_LIMIT: Final = 20_000
"""Most characters of a post, an intention, a description or a query."""

ID_LIMIT: Final = 512
"""Most characters of a node's id."""


def normalize(text: str) -> str:
    """Return the form under which two texts are one intention.

    NFKC, case folded, whitespace collapsed, without full stops and spaces at the ends.
    """
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split()).strip(" .")


def squeeze(text: str) -> str:
    """Return the text with each run of whitespace made one space, and none at the ends."""
    return " ".join(text.split())


def flaw(text: str) -> str | None:
    """Say why a string cannot be stored as text, or None where it can.

    NUL ends strings in half the tools that would read the graph; a lone surrogate has no
    UTF-8 form.
    """
    if "\x00" in text:
        return "holds a NUL character"
    if len(text) > TEXT_LIMIT:
        return f"has {len(text)} characters, the limit is {TEXT_LIMIT}"
    if not (text.isascii() or _has_utf8(text)):
        return "holds a lone surrogate, which has no UTF-8 form"
    return None


def _has_utf8(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def digest(*parts: str) -> str:
    """Return 16 base-32 characters (80 bits of BLAKE2b) that stand for the parts, in order.

    At 10 billion intentions the chance of one collision is 4e-5.
    """
    joined = "\x1f".join(parts).encode()
    return base64.b32encode(hashlib.blake2b(joined, digest_size=10).digest()).decode().lower()


@lru_cache(maxsize=65_536)
def rank_of(node_id: str) -> int:
    """Return 63 bits of the id's hash: the order among relationships that weigh the same.

    Where a node has more relationships than are followed, the ones with the least rank are:
    a sample that is fair, the same on each store and in whatever order they were written.
    """
    return int.from_bytes(hashlib.blake2b(node_id.encode(), digest_size=8).digest()) >> 1


def label_text(name: str, value: str) -> str:
    """Return a label as one text, ``name=value``; ``%3D`` is an equals sign in its name."""
    return f"{name.replace('%', '%25').replace('=', '%3D')}={value}"


def label_of(text: str) -> tuple[str, str]:
    """Return the name and the value of a label that ``label_text`` wrote."""
    name, _, value = text.partition("=")
    return name.replace("%3D", "=").replace("%25", "%"), value
