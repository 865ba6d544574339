"""
How a sealed list lies on the disk: encrypted, one frame for each of its lines.

    incident-sealed-list-2 <id, 32 hex> …words for whoever opens the file…\n
    <4 bytes: length of the ciphertext, big-endian; the highest bit marks the last frame><ciphertext with its tag>
    …

AES-256-GCM (NIST SP 800-38D). A list has a random key of its own, which encrypts this one file once and from its
beginning to its end; so the number of a frame, with the mark of the last one, is a nonce that never comes twice. The
first line is authenticated with every frame. A frame that was changed, moved, repeated, left out or taken from another
list does not decrypt, and neither does a file that was cut short.
"""

from __future__ import annotations

import errno
import os
import re
import struct
from collections.abc import Iterator
from typing import TYPE_CHECKING, BinaryIO

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

_WORDS = b"encrypted; in plain: incident scope export SCOPE --sealed --out FILE"
_FIRST_LINE = re.compile(rb"incident-sealed-list-2 ([0-9a-f]{32}) [ -~]*\n")
_LENGTH = struct.Struct(">I")
_NONCE = struct.Struct(">IQ")  # 1 for the last frame, else 0; the frame's number
_LAST = 1 << 31
_TAG = 16


class DamagedFrame(Exception):  # noqa: N818 - the caller knows which file it is, and says so
    """A frame does not decrypt. number: 0-based. is_missing: the file ends before it."""

    def __init__(self, number: int, *, is_missing: bool = False) -> None:
        super().__init__(number)
        self.number, self.is_missing = number, is_missing


def first_line(list_id: str) -> bytes:
    """How the file of the list `list_id` (32 hex digits) begins, its line end included."""
    return b"incident-sealed-list-2 %b %b\n" % (list_id.encode(), _WORDS)


def is_encrypted(line: bytes) -> bool:
    """Whether a file that begins with `line` claims to be an encrypted list."""
    return line.startswith(b"incident-sealed-list-")


def list_id_in(line: bytes) -> str | None:
    """The id in a file's first line; None where it is not one that this program writes."""
    found = _FIRST_LINE.fullmatch(line)
    return found[1].decode() if found else None


class FrameWriter:
    """Encrypts lines into `out`, one after another. key: 32 random bytes that no other file was written with."""

    def __init__(self, out: BinaryIO, list_id: str, key: bytes) -> None:
        self._out, self._cipher, self._number = out, _cipher(key), 0
        self._first_line = first_line(list_id)
        out.write(self._first_line)

    def write(self, line: bytes, *, last: bool = False) -> None:
        """One line as one frame; nothing may follow the last. Raises OSError where it cannot be written."""
        if len(line) >= _LAST - _TAG:
            raise OSError(errno.EFBIG, os.strerror(errno.EFBIG))
        sealed = self._cipher.encrypt(_NONCE.pack(last, self._number), line, self._first_line)
        self._number += 1
        self._out.write(_LENGTH.pack(len(sealed) | (_LAST if last else 0)))
        self._out.write(sealed)


def read_frames(file: BinaryIO, line: bytes, key: bytes) -> Iterator[bytes]:
    """The lines as they were written. file: read up to behind its first line, which is `line`. Raises DamagedFrame."""
    from cryptography.exceptions import InvalidTag

    cipher, size, number, last = _cipher(key), os.fstat(file.fileno()).st_size, 0, 0
    while not last:
        prefix = file.read(_LENGTH.size)
        if len(prefix) < _LENGTH.size:
            raise DamagedFrame(number, is_missing=not prefix)
        (length,) = _LENGTH.unpack(prefix)
        last = length & _LAST
        length -= last
        if not _TAG <= length <= size - file.tell():  # before room is made for it
            raise DamagedFrame(number)
        try:
            yield cipher.decrypt(_NONCE.pack(bool(last), number), file.read(length), line)
        except InvalidTag:
            raise DamagedFrame(number) from None
        number += 1
    if file.read(1):
        raise DamagedFrame(number)


def _cipher(key: bytes) -> AESGCM:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM  # a large library, only for who touches a list

    return AESGCM(key)
