"""Automatic persisted queries: a client sends a document once, and its hash from then on.

The protocol is Apollo's (Automatic persisted queries, version 1), which clients speak by
themselves: ``{"extensions": {"persistedQuery": {"version": 1, "sha256Hash": …}}}``.
"""

import hashlib
from collections import OrderedDict
from typing import Final

from api.wire import Asked, HttpError

NOT_FOUND: Final = "PERSISTED_QUERY_NOT_FOUND"
KEPT_CHARACTERS: Final = 4_000_000
"""Most characters of documents that are kept, the ones asked for last."""


class PersistedQueries:
    """The documents that clients sent with their hashes, while the server runs."""

    def __init__(self) -> None:
        self._texts: OrderedDict[str, str] = OrderedDict()
        self._characters = 0

    def text_of(self, asked: Asked) -> str:
        """Return the document that is asked, and keep it where it came with its hash.

        Raises:
            HttpError: The hash is of another document, or of none that is kept.
        """
        if asked.sha256 is None:
            return asked.query
        if asked.query:
            self._keep(asked.sha256, asked.query)
            return asked.query
        if asked.sha256 not in self._texts:
            # The message is the protocol's: clients look for it, and send the document.
            raise HttpError(200, "PersistedQueryNotFound", NOT_FOUND)
        self._texts.move_to_end(asked.sha256)
        return self._texts[asked.sha256]

    def _keep(self, sha256: str, text: str) -> None:
        if hashlib.sha256(text.encode()).hexdigest() != sha256:
            raise HttpError(400, "sha256Hash is not that of the query: hash its UTF-8 bytes")
        if sha256 in self._texts:
            self._texts.move_to_end(sha256)
            return
        self._texts[sha256] = text
        self._characters += len(text)
        while self._characters > KEPT_CHARACTERS:
            _, dropped = self._texts.popitem(last=False)
            self._characters -= len(dropped)
