"""Reading gzip so that damage costs no more than what lies behind it."""

import io
import zlib
from typing import Final, cast

PIECE_BYTES: Final = 1 << 14
WITH_HEADER: Final = 31
"""zlib's name for a stream with gzip's header and checksum (zlib.h, inflateInit2)."""

BUFFER_BYTES: Final = 1 << 18


def unpacked(packed: io.BufferedReader) -> io.BufferedReader:
    """Return the bytes that a gzip file holds, in one or several members.

    Where it is cut off or damaged, reading gives all bytes before, then raises EOFError or
    zlib.error: gzip's own reader loses the block in which it meets the damage.
    """
    return io.BufferedReader(cast("io.RawIOBase", _Unpacked(packed)), BUFFER_BYTES)


class _Unpacked(io.RawIOBase):
    def __init__(self, packed: io.BufferedReader) -> None:
        self._packed = packed
        self._left = b""
        self._ready = memoryview(b"")
        self._error: zlib.error | EOFError | None = None
        self._stream: zlib._Decompress | None = None  # pyright: ignore[reportPrivateUsage] typeshed's name

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # pyright: ignore[reportIncompatibleMethodOverride] what BufferedReader gives
        while not self._ready:
            if self._error is not None:
                raise self._error
            if not self._advance():
                return 0
        size = min(len(buffer), len(self._ready))
        buffer[:size] = self._ready[:size]
        self._ready = self._ready[size:]
        return size

    def _advance(self) -> bool:
        """Unpack another piece; say whether there was one."""
        piece = self._left or self._packed.read(PIECE_BYTES)
        self._left = b""
        if self._stream is None:
            piece = piece.lstrip(b"\x00")  # what may pad a member
            if not piece:
                return bool(self._packed.peek(1))
            self._stream = zlib.decompressobj(WITH_HEADER)
        if not piece:
            self._error = EOFError("cut off")
            return True
        before = self._stream.copy()
        try:
            self._ready = memoryview(self._stream.decompress(piece))
        except zlib.error as error:
            self._ready, self._error = memoryview(_until_damage(before, piece)), error
            return True
        if self._stream.eof:
            self._left, self._stream = self._stream.unused_data, None
        return True


def _until_damage(stream: "zlib._Decompress", piece: bytes) -> bytes:  # pyright: ignore[reportPrivateUsage]
    found = bytearray()
    try:
        for byte in piece:
            found += stream.decompress(bytes((byte,)))
    except zlib.error:
        return bytes(found)
    return bytes(found)
