"""
Which addresses on a list may occur twice, noticed while the list is read.

Few do, and then neither a database nor this program need compare millions of addresses to say so. Only hashes are
kept: in memory at first, and beyond that in temporary files without a name, by their leading bits, so that each file's
can be compared by themselves.
"""

from __future__ import annotations

import tempfile
from array import array
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from contextlib import ExitStack
from itertools import pairwise
from typing import IO

from incident.errors import OutsideError

_BITS = 8
_WIDTH = 1 << (64 - _BITS)
_EDGES = [-(1 << 63) + number * _WIDTH for number in range(1, 1 << _BITS)]
_IN_MEMORY = 250_000  # hashes, of 8 bytes
_MARKS = 1 << 22  # places, of one byte, where a hash that came twice leaves its mark


class Repetition:
    """Addresses go in as they come; afterwards `repeated` tells; `close` removes its files."""

    def __init__(self) -> None:
        self._parts = [array("q") for _ in range(1 << _BITS)]
        self._files: list[IO[bytes]] = []
        self._held = 0
        self._opened = ExitStack()

    def close(self) -> None:
        self._opened.close()

    def add(self, addresses: Iterable[str | None]) -> None:
        """Addresses without blanks around them; large and small letters are alike."""
        # Python's own hash: random from run to run, and two addresses that are the same here are the same to it.
        hashes = array("q", sorted(map(hash, map(str.lower, filter(None, addresses)))))
        start = 0
        for part, edge in zip(self._parts, [*_EDGES, None], strict=True):
            end = len(hashes) if edge is None else bisect_left(hashes, edge, start)
            part.extend(hashes[start:end])
            start = end
        self._held += len(hashes)
        if self._held > _IN_MEMORY:
            self._spill()

    def repeated(self) -> Repeated | None:
        """Which addresses may have been added twice; None where none was."""
        found = None
        for number, part in enumerate(self._parts):
            whole = array("q", part)
            if self._files:
                file = self._files[number]
                file.seek(0)
                whole.frombytes(file.read())
            if len(set(whole)) < len(whole):
                found = found or Repeated()
                found.mark(whole)
        return found

    def _spill(self) -> None:
        try:
            if not self._files:
                open_one = tempfile.TemporaryFile  # closed with the context
                self._files = [self._opened.enter_context(open_one()) for _ in self._parts]
            for file, part in zip(self._files, self._parts, strict=True):
                part.tofile(file)
                del part[:]
        except OSError as error:
            raise no_temporary_file(error.strerror) from error
        self._held = 0


def no_temporary_file(why: str | None) -> OutsideError:
    return OutsideError(
        f"No temporary file can be written in {tempfile.gettempdir()}: {why}.",
        state="Nothing was sealed.",
        next_step="make room there, or name another folder with TMPDIR; then run the same command again",
    )


class Repeated:
    """Holds every address that was added twice, and by chance a few others."""

    def __init__(self) -> None:
        self._marks = bytearray(_MARKS)

    def mark(self, hashes: Sequence[int]) -> None:
        """Those of `hashes` that are there more than once."""
        for before, after in pairwise(sorted(hashes)):
            if before == after:
                self._marks[after % _MARKS] = 1

    def __contains__(self, address: str) -> bool:
        return bool(self._marks[hash(address.lower()) % _MARKS])
