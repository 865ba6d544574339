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
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack
from itertools import pairwise
from typing import IO

from incident.errors import OutsideError

_BITS = 8
_WIDTH = 1 << (64 - _BITS)
_EDGES = [-(1 << 63) + number * _WIDTH for number in range(1, 1 << _BITS)]
_IN_MEMORY = 100_000  # hashes, of 8 bytes
_MARKS = 1 << 22  # places, of one byte, where a hash that came twice leaves its mark


class Repetition:
    """Addresses go in as they come; afterwards `repeated` tells; `close` removes its files."""

    def __init__(self) -> None:
        self._hashes = array("q")
        self._files: list[IO[bytes]] = []
        self._opened = ExitStack()

    def close(self) -> None:
        self._opened.close()

    def add(self, addresses: Iterable[str | None]) -> None:
        """Addresses without blanks around them; large and small letters are alike."""
        # Python's own hash: random from run to run, and two addresses that are the same here are the same to it.
        self._hashes.extend(map(hash, map(str.lower, filter(None, addresses))))
        if len(self._hashes) > _IN_MEMORY:
            self._spill()

    def repeated(self) -> Repeated | None:
        """Which addresses may have been added twice; None where none was."""
        found = None
        for hashes in self._parts():
            if len(set(hashes)) < len(hashes):
                found = found or Repeated()
                found.mark(hashes)
        return found

    def _parts(self) -> Iterator[Sequence[int]]:
        """All hashes, those that are alike in one part."""
        if not self._files:
            yield self._hashes
            return
        self._spill()
        for file in self._files:
            file.seek(0)
            part = array("q")
            part.frombytes(file.read())
            yield part

    def _spill(self) -> None:
        ordered = array("q", sorted(self._hashes))
        del self._hashes[:]
        start = 0
        try:
            if not self._files:
                open_one = tempfile.TemporaryFile  # closed with the context
                self._files = [self._opened.enter_context(open_one()) for _ in range(1 << _BITS)]
            for file, edge in zip(self._files, [*_EDGES, None], strict=True):
                end = len(ordered) if edge is None else bisect_left(ordered, edge, start)
                ordered[start:end].tofile(file)
                start = end
        except OSError as error:
            raise no_temporary_file(error.strerror) from error


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
