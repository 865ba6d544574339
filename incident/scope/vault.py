"""
The keys of an incident's sealed lists: one private file in the folder of the lists, one random key for each list.

    scopes/keys.json   {"form":"incident-list-keys-1","keys":{"<id>":{"list":"s1.jsonl","key":"<64 hex>"}}}

Forgetting a list is taking its key out of this file; a copy of the list that lies elsewhere is then noise as well. All
keys are in one file so that one rename changes them and one path keeps them out of a backup. What is taken out is also
overwritten where it stood, which a disk may do elsewhere: `docs/scope.md` says what that is worth.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import re
import secrets
from collections.abc import Collection, Iterator
from pathlib import Path

from incident.errors import RecordIntegrityError

KEYS_FILE = "keys.json"
_FORM = "incident-list-keys-1"
_DRAFT = "keys.draft"
_KEY = re.compile("[0-9a-f]{64}")
_Entries = dict[str, dict[str, str]]


def new_key() -> tuple[str, bytes]:
    """A new list's id and its key; both random."""
    return secrets.token_hex(16), secrets.token_bytes(32)


class Vault:
    """The keys of the lists in `folder`. Every change is on the disk when the method returns; OSError where not."""

    def __init__(self, folder: Path) -> None:
        self._folder, self.file = folder, folder / KEYS_FILE

    def key_of(self, list_id: str) -> bytes | None:
        """The key; None where it was never here or was destroyed. Raises RecordIntegrityError for a broken file."""
        entry = self._read().get(list_id)
        return bytes.fromhex(entry["key"]) if entry else None

    def holds(self, name: str) -> bool:
        """Whether there is a key for the list in the file `name`."""
        return any(entry["list"] == name for entry in self._read().values())

    @property
    def lists(self) -> frozenset[str]:
        """The file names of the lists there is a key for."""
        return frozenset(entry["list"] for entry in self._read().values())

    def keep(self, list_id: str, name: str, key: bytes) -> None:
        """Keep the key of the list that will lie in the file `name`; one that a killed run left for it is dropped."""
        with self._alone():
            others = {known: entry for known, entry in self._read().items() if entry["list"] != name}
            self._write({**others, list_id: {"list": name, "key": key.hex()}})

    def destroy(self, *, names: Collection[str] = (), ids: Collection[str] = ()) -> int:
        """Destroy the keys of the lists with these file names or ids; how many there were. The last takes the file."""
        with self._alone():
            known = self._read()
            left = {
                list_id: entry for list_id, entry in known.items() if list_id not in ids and entry["list"] not in names
            }
            if len(left) < len(known) or (self._folder / _DRAFT).exists():
                self._write(left)
        return len(known) - len(left)

    def _read(self) -> _Entries:
        for _ in range(3):  # a reader may hold the old file just while it is overwritten
            try:
                document = json.loads(self.file.read_bytes())
                keys: _Entries = document["keys"]
                if document["form"] == _FORM and all(_is_entry(entry) for entry in keys.values()):
                    return keys
            except FileNotFoundError:
                return {}
            except (ValueError, KeyError, TypeError, AttributeError):
                continue
        raise RecordIntegrityError(
            f"The file of keys {self.file} is damaged.",
            state="The lists it belongs to cannot be read. Nothing was changed.",
            next_step="restore it from a backup; without one the lists are lost, and incident scope run makes new ones",
        )

    def _write(self, entries: _Entries) -> None:
        """Replace the file by one with `entries`, or remove it for none, and overwrite what stood there."""
        draft = self._folder / _DRAFT  # one name, so that what a killed process left in it does not stay
        text = json.dumps({"form": _FORM, "keys": entries}, separators=(",", ":"), sort_keys=True).encode()
        before = os.open(self.file, os.O_RDWR) if self.file.exists() else None
        try:
            if entries:
                handle = os.open(draft, os.O_CREAT | os.O_TRUNC | os.O_WRONLY, 0o600)
                with os.fdopen(handle, "wb") as out:
                    out.write(text)
                    out.flush()
                    os.fsync(handle)
                draft.replace(self.file)
            else:
                draft.unlink(missing_ok=True)
                self.file.unlink(missing_ok=True)
            flush_folder(self._folder)
            if before is not None:
                _overwrite(before)
        finally:
            if before is not None:
                os.close(before)

    @contextlib.contextmanager
    def _alone(self) -> Iterator[None]:
        """One change at a time. A folder of another machine may know no locks; the run has one of its own."""
        handle = os.open(self._folder, os.O_RDONLY)
        try:
            with contextlib.suppress(OSError):
                fcntl.flock(handle, fcntl.LOCK_EX)
            yield
        finally:
            os.close(handle)


def flush_folder(folder: Path) -> None:
    """Bring the names in `folder` to the disk."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _is_entry(entry: dict[str, str]) -> bool:
    return isinstance(entry["list"], str) and _KEY.fullmatch(entry["key"]) is not None


def _overwrite(handle: int) -> None:
    with contextlib.suppress(OSError):  # the file has no name any more; this is the better half of a try
        os.pwrite(handle, bytes(os.fstat(handle).st_size), 0)
        os.fsync(handle)
