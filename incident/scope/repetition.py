"""
Whether any address on a list may occur twice, noticed while the list is read.

Nearly always none does, and then the database need not group millions of addresses to say so. Only hashes are kept:
in memory at first, and beyond that in temporary files without a name, by their leading bits, so that each file's can
be compared by themselves.
"""

from __future__ import annotations

import tempfile
from array import array
from bisect import bisect_left
from collections.abc import Iterable
from contextlib import ExitStack
from typing import IO

from incident.errors import OutsideError

_BITS = 8
_WIDTH = 1 << (64 - _BITS)
_EDGES = [-(1 << 63) + number * _WIDTH for number in range(1, 1 << _BITS)]
_IN_MEMORY = 250_000  # hashes, of 8 bytes


class Repetition:
    """Addresses go in as they come; afterwards `may_occur` tells. A context: it closes its files."""

    def __init__(self) -> None:
        self._parts = [array("q") for _ in range(1 << _BITS)]
        self._files: list[IO[bytes]] = []
        self._held = 0
        self._opened = ExitStack()

    def __enter__(self) -> Repetition:
        return self

    def __exit__(self, *_: object) -> None:
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

    def may_occur(self) -> bool:
        """Whether an address may have been added twice; where this says no, none was."""
        for number, part in enumerate(self._parts):
            whole = array("q", part)
            if self._files:
                file = self._files[number]
                file.seek(0)
                whole.frombytes(file.read())
            if len(set(whole)) < len(whole):
                return True
        return False

    def _spill(self) -> None:
        try:
            if not self._files:
                open_one = tempfile.TemporaryFile  # closed with the context
                self._files = [self._opened.enter_context(open_one()) for _ in self._parts]
            for file, part in zip(self._files, self._parts, strict=True):
                part.tofile(file)
                del part[:]
        except OSError as error:
            raise OutsideError(
                f"No temporary file can be written in {tempfile.gettempdir()}: {error.strerror}.",
                state="Nothing was sealed.",
                next_step="make room there, or name another folder with TMPDIR; then run the same command again",
            ) from error
        self._held = 0
