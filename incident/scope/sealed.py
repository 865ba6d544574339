"""
The sealed list: who was affected, one segment of up to 1000 people a line, each chained to the line before.

    {"form":"incident-scope-1","columns":["key","email",…]}
    {"segment":0,"people":[["10","ada@example.com",…],…],"previous":"<64 hex>","hash":"<64 hex>"}
    {"same_address":["77",…],"previous":"…","hash":"…"}
    {"accounts":1234,"segments":2,"same_address":1,"previous":"…","hash":"…"}

A line's hash is SHA-256 over the line up to its hash, closed with "}"; the first `previous` is SHA-256 of the first
line. JSON is written without blanks and with every character as itself, so one list has one spelling. Nothing but the
people enters: the same people give the same digest, which is the last line's hash, on any machine and any engine.

The file holds personal data: it is private (0600), encrypted line by line (`frames.py`) with a key of its own
(`vault.py`), and appears under its name only when it and its key are whole and on disk. The digest knows nothing of
the key. Lists of earlier versions lie there in plain, and are read by the same functions.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO

import orjson

from incident.errors import OutsideError, RecordIntegrityError, UsageError
from incident.scope.frames import DamagedFrame, FrameWriter, is_encrypted, list_id_in, read_frames
from incident.scope.sql import COLUMNS
from incident.scope.vault import Vault, flush_folder, new_key

FORM = "incident-scope-1"
SEGMENT = 1000
UNFINISHED = ".part"
_TAIL = len(',"hash":""}') + 64
_LONGEST_FIRST_LINE = 1000
_NO_BEGINNING = "line 1 is not how a sealed list begins"
_LINE_CHANGED = "line {} was changed, or a line before it is missing"
_HEADER = orjson.dumps({"form": FORM, "columns": COLUMNS})


@dataclass(frozen=True, slots=True)
class Person:
    """
    One account on the list; position is 0-based over the whole list.

    All values are text as the database gave it, times `2026-11-21T07:40:00Z`, birth_date `2001-02-03`.
    categories: only where a map says that what was touched depends on the person; else empty.
    """

    position: int
    key: str
    email: str | None
    name: str | None
    locale: str | None
    country: str | None
    birth_date: str | None
    created_at: str | None
    deleted_at: str | None
    last_seen_at: str | None
    categories: tuple[str, ...] = ()


@dataclass(frozen=True)
class Segment:
    """The people of one line; index is 0-based, hash 64 hex digits."""

    index: int
    people: tuple[Person, ...]
    hash: str


@dataclass(frozen=True)
class Seal:
    """What a finished list is known by."""

    digest: str
    accounts: int
    segments: int
    same_address: int


def chain_start() -> str:
    """What the first segment is chained to."""
    return hashlib.sha256(_HEADER).hexdigest()


def linked(content: bytes, previous: str) -> tuple[bytes, str]:
    """
    One line behind `previous`, without its line end, and its hash.

    content: the line's own keys as JSON, without the outer braces.
    """
    body = b'{%b,"previous":"%b"' % (content, previous.encode())
    digest = hashlib.sha256(body + b"}").hexdigest()
    return b'%b,"hash":"%b"}' % (body, digest.encode()), digest


def hash_in(line: bytes, previous: str) -> str | None:
    """The hash that a line (without its end) carries; None where it is not what `linked` writes behind `previous`."""
    body, digest = line[:-_TAIL], line[-66:-2].decode("ascii", "replace")
    follows = body.endswith(b',"previous":"%b"' % previous.encode())
    holds = hashlib.sha256(body + b"}").hexdigest() == digest and line.endswith(b',"hash":"%b"}' % digest.encode())
    return digest if follows and holds else None


class Sealer:
    """
    Writes one list: `add` segments in key order, then `same_address`, then `finish`. Leaves nothing behind on failure.

    folder: where the list will lie; made private.
    """

    def __init__(self, folder: Path) -> None:
        self._segments = self._accounts = self._shared = 0
        self._hash = chain_start()
        self._last_key: str | None = None
        self._kept = self._named = False
        self._id, self._key = new_key()  # until the list has its name the key is nowhere else: a part is noise
        self._vault = Vault(folder)
        self._file = folder / f"{self._id}{UNFINISHED}"
        try:
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            self._out = os.fdopen(os.open(self._file, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb", 1 << 20)
            self._frames = FrameWriter(self._out, self._id, self._key)
            self._frames.write(_HEADER + b"\n")
        except OSError as error:
            raise _unwritable(folder, error) from error

    def __enter__(self) -> Sealer:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        with suppress(OSError):  # `finish` has brought everything to the disk; what else is unwritten is thrown away
            self._out.close()
        # After Ctrl-C the journal may name the list already; where it does not, the next run removes it.
        is_doubtful = self._named and kind is not None and not issubclass(kind, Exception)
        if not self._kept and not is_doubtful:
            self._file.unlink(missing_ok=True)
            if self._named:
                with suppress(OSError):  # a key without its list harms nobody, and goes with the next list of that name
                    self._vault.destroy(ids=[self._id])

    def add(self, people: Sequence[Sequence[Any]]) -> None:
        """One segment: up to 1000 rows as `COLUMNS`. Raises UsageError where a key does not name one row."""
        self._check_keys([row[0] for row in people])
        self._write(b'"segment":%d,"people":%b' % (self._segments, orjson.dumps(people)))
        self._segments += 1
        self._accounts += len(people)

    def people_so_far(self) -> Iterator[list[list[Any]]]:
        """The rows that were added, a segment at a time, read back from the disk; more may be added meanwhile."""
        try:
            self._out.flush()
            with self._file.open("rb") as stored:
                lines = islice(read_frames(stored, stored.readline(_LONGEST_FIRST_LINE), self._key), 1, None)
                for line in islice(lines, self._segments):
                    yield orjson.loads(line)["people"]
        except DamagedFrame as damage:
            raise _damaged(self._file, _LINE_CHANGED.format(damage.number + 1)) from None
        except OSError as error:
            raise _unwritable(self._file.parent, error) from error

    def same_address(self, keys: Iterable[str]) -> None:
        """The accounts whose address belongs to an earlier account; any number, streamed."""
        source = iter(keys)
        while part := list(islice(source, SEGMENT)):
            self._write(b'"same_address":%b' % orjson.dumps(part))
            self._shared += len(part)

    def finish(self) -> Seal:
        """Write the last line and bring everything to the disk."""
        counts = (self._accounts, self._segments, self._shared)
        self._write(b'"accounts":%d,"segments":%d,"same_address":%d' % counts, last=True)
        try:
            self._out.flush()
            os.fsync(self._out.fileno())
        except OSError as error:
            raise _unwritable(self._file.parent, error) from error
        return Seal(f"sha256:{self._hash}", *counts)

    def name(self, file: Path) -> None:
        """Give the finished list its name, at once and durably; again with another name where the first was taken."""
        try:
            self._named = True
            self._vault.keep(self._id, file.name, self._key)  # first, so that no list is ever named without its key
            self._file.replace(file)
            self._file = file
            flush_folder(file.parent)
        except OSError as error:
            raise _unwritable(file.parent, error) from error

    def keep(self) -> None:
        """The journal names the list now: leave it where it is."""
        self._kept = True

    def _write(self, content: bytes, *, last: bool = False) -> None:
        try:
            line, self._hash = linked(content, self._hash)
            self._frames.write(line + b"\n", last=last)
        except OSError as error:
            raise _unwritable(self._file.parent, error) from error

    def _check_keys(self, keys: list[Any]) -> None:
        where = f"accounts {self._accounts + 1} to {self._accounts + len(keys)} of the list"
        if None in keys:
            raise _wrong_key(f"an account has no key (among {where})")
        if len(set(keys)) < len(keys) or self._last_key == keys[0]:
            raise _wrong_key(f"two rows have the same key (among {where})")
        if sorted(keys) != keys or (self._last_key is not None and self._last_key > keys[0]):
            raise OutsideError(
                "The database did not return the accounts in the order of their keys.",
                state="Nothing was sealed.",
                next_step="report this with the name and version of the database",
            )
        self._last_key = keys[-1]


def check_sealed(file: Path, digest: str) -> None:
    """
    Read the whole list once and compare it with `digest`, in constant memory.

    Raises RecordIntegrityError, naming the line, where it is not that list.
    """
    newest = ""
    for _, found in _lines(file):
        newest = found
    if f"sha256:{newest}" != digest:
        raise _damaged(file, "it is whole in itself, and it is another list")


def read_segments(file: Path) -> Iterator[Segment]:
    """The people, segment by segment; raises RecordIntegrityError at the first line that does not hold."""
    position = 0
    for line, digest in _lines(file):
        if not line.startswith(b'{"segment":'):
            continue
        content = orjson.loads(line)
        rows = enumerate(content["people"], start=position)
        people = tuple(Person(at, *row[: len(COLUMNS)], *map(tuple, row[len(COLUMNS) :])) for at, row in rows)
        position += len(people)
        yield Segment(content["segment"], people, digest)


def same_address(file: Path) -> frozenset[str]:
    """The keys of accounts whose address belongs to an earlier account on the list; they get no second letter."""
    return frozenset(
        key
        for line, _ in _lines(file)
        if line.startswith(b'{"same_address":')
        for key in orjson.loads(line)["same_address"]
    )


def plain_lines(file: Path) -> Iterator[bytes]:
    """The list as it was hashed: JSON Lines with their ends, from the first; checked as they come, to the very end."""
    yield _HEADER + b"\n"
    for line, _ in _lines(file):
        yield line + b"\n"


def list_id_of(file: Path) -> str | None:
    """The id under which the vault has the list's key; None for a list in plain, and where it cannot be read."""
    try:
        with file.open("rb") as stored:
            return list_id_in(stored.readline(_LONGEST_FIRST_LINE))
    except OSError:
        return None


def _lines(file: Path) -> Iterator[tuple[bytes, str]]:
    """Every line after the first, without its end, and its hash; checked as it comes, to the very end."""
    try:
        with file.open("rb") as stored:
            lines = _in_plain(file, stored)
            if next(lines, b"") != _HEADER + b"\n":
                raise _damaged(file, _NO_BEGINNING)
            previous, line = chain_start(), b""
            segments = 0
            for number, read in enumerate(lines, start=2):
                line = read.removesuffix(b"\n")
                found = hash_in(line, previous) if read.endswith(b"\n") else None
                if found is None:
                    raise _damaged(file, _LINE_CHANGED.format(number))
                if line.startswith(b'{"segment":'):
                    if not line.startswith(b'{"segment":%d,' % segments):
                        raise _damaged(file, f"line {number} is out of place")
                    segments += 1
                previous = found
                yield line, found
            if not line.startswith(b'{"accounts":'):
                raise _damaged(file, "its end is missing")
    except OSError as error:
        raise RecordIntegrityError(
            f"The sealed list {file} cannot be read: {error.strerror}.",
            state="Nothing was changed.",
            next_step="restore the file from a backup; incident scope list shows the digest it must have",
        ) from error


def _in_plain(file: Path, stored: BinaryIO) -> Iterator[bytes]:
    """The lines of an encrypted list, and of one of an earlier version, which lies there in plain."""
    first = stored.readline(_LONGEST_FIRST_LINE)
    if not is_encrypted(first):
        yield first
        yield from stored
        return
    list_id = list_id_in(first)
    if list_id is None:
        raise _damaged(file, _NO_BEGINNING)
    key = Vault(file.parent).key_of(list_id)
    if key is None:
        raise _without_key(file)
    try:
        yield from read_frames(stored, first, key)
    except DamagedFrame as damage:
        where = _LINE_CHANGED.format(damage.number + 1) if damage.number else _NO_BEGINNING
        raise _damaged(file, "its end is missing" if damage.is_missing else where) from None


def _damaged(file: Path, why: str) -> RecordIntegrityError:
    return RecordIntegrityError(
        f"The sealed list {file} is not the one that was sealed: {why}.",
        state="Nothing was changed, nothing was sent.",
        next_step="restore the file from a backup, or run the scope again; do not send from it",
    )


def _without_key(file: Path) -> RecordIntegrityError:
    return RecordIntegrityError(
        f"The sealed list {file} cannot be read: its key is not in {Vault(file.parent).file}.",
        state="Nothing was changed, nothing was sent.",
        next_step="restore the file of keys from a backup, or run the scope again",
    )


def _wrong_key(why: str) -> UsageError:
    return UsageError(
        f"The key does not name one account: {why}.",
        state="Nothing was sealed.",
        next_step="name the table's primary key as accounts.key in the map",
    )


def _unwritable(folder: Path, error: OSError) -> OutsideError:
    return OutsideError(
        f"The sealed list cannot be written in {folder}: {error.strerror}.",
        state="Nothing was sealed.",
        next_step="make room there, or choose another folder with --workspace DIR; then run the same command again",
    )
