"""
The people of one scope on their way to the list, from one database or from several.

With several databases a key alone names nobody: it is written `store/key`, and the stores follow each other in the
order of their names, so that the whole list stays in the order of its keys.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence
from hashlib import blake2b
from secrets import token_bytes
from typing import Any

from incident.scope.countries import UNKNOWN
from incident.scope.keylist import small_letters
from incident.scope.sealed import SEGMENT, Sealer
from incident.scope.sql import COLUMNS
from incident.scope.tally import Tally

_EMAIL, _LOCALE, _COUNTRY, _BORN = (COLUMNS.index(name) for name in ("email", "locale", "country", "birth_date"))


class People:
    """Where rows go that were read. This one is for one database: they go to the list as they are."""

    def __init__(self, sealer: Sealer) -> None:
        self._sealer = sealer

    def begin(self, store: str) -> None:
        """What is added from now on is of `store`; stores come in the order of `order_of_stores`."""

    def add(self, batch: Sequence[Sequence[Any]], tally: Tally) -> None:
        """Up to 1000 rows as `COLUMNS`, in key order. tally: of the database they come from."""
        self._sealer.add(batch)

    def share_addresses(self, keys: Iterable[str]) -> None:
        """Keys of accounts whose address an earlier account of the same database has."""
        self._sealer.same_address(keys)

    def finish(self) -> None:
        """Everything was read."""

    def close(self) -> None:
        """Whether it was or not, nothing more is added."""


class PeopleOfSeveral(People):
    """
    For several databases: keys get their store's name in front, and an address that an earlier store has is one person.

    Which addresses there were is kept in a temporary file that has no name, as digests with a secret that is never
    written down.
    """

    def __init__(self, sealer: Sealer) -> None:
        super().__init__(sealer)
        self._store, self._number = "", 0
        self._pending: list[list[Any]] = []
        self._secret = token_bytes(32)
        self._seen = sqlite3.connect("", isolation_level=None)  # SQLite's own temporary database, deleted as it is made
        for line in ("PRAGMA journal_mode = OFF", "PRAGMA synchronous = OFF", "PRAGMA cache_size = -16000"):
            self._seen.execute(line)
        self._seen.execute("CREATE TABLE seen (address BLOB PRIMARY KEY, store INTEGER) WITHOUT ROWID")
        self._seen.execute("CREATE TABLE same_address (key TEXT PRIMARY KEY) WITHOUT ROWID")
        self._seen.execute("BEGIN")

    def begin(self, store: str) -> None:
        self._store, self._number = store, self._number + 1

    def add(self, batch: Sequence[Sequence[Any]], tally: Tally) -> None:
        rows = [[f"{self._store}/{row[0]}", *row[1:]] for row in batch]
        for row in rows:
            if row[_EMAIL]:
                self._compare(row, tally)
        self._pending += rows
        while len(self._pending) >= SEGMENT:  # a list is cut every thousand people, whatever store they are of
            self._sealer.add(self._pending[:SEGMENT])
            del self._pending[:SEGMENT]

    def share_addresses(self, keys: Iterable[str]) -> None:
        self._note_same(f"{self._store}/{key}" for key in keys)

    def finish(self) -> None:
        if self._pending:
            self._sealer.add(self._pending)
        self._sealer.same_address(key for (key,) in self._seen.execute("SELECT key FROM same_address ORDER BY key"))

    def close(self) -> None:
        self._seen.close()

    def _compare(self, row: Sequence[Any], tally: Tally) -> None:
        """Whether an earlier store has the address; with the same country, and with the same birth date."""
        address = small_letters(row[_EMAIL])
        there = self._was_in_earlier_store(address)
        place = tally.place_of(row[_COUNTRY])
        country = self._was_in_earlier_store(f"{address}\n{place}")
        born = self._was_in_earlier_store(f"{address}\n{row[_BORN]}")
        if there:
            self._note_same([row[0]])
            account = [row[place] for place in (_EMAIL, _COUNTRY, _LOCALE, _BORN)]
            tally.take_back(account, new_country=not country and place != UNKNOWN, new_birth_date=not born)

    def _note_same(self, keys: Iterable[str]) -> None:
        self._seen.executemany("INSERT OR IGNORE INTO same_address VALUES (?)", ((key,) for key in keys))

    def _was_in_earlier_store(self, text: str) -> bool:
        """Once for each address of a store: the others of the same store are found by the database itself."""
        address = blake2b(text.encode(), key=self._secret, digest_size=16).digest()
        found = self._seen.execute("SELECT store FROM seen WHERE address = ?", (address,)).fetchone()
        if found is None or found[0] < self._number:
            self._seen.execute("REPLACE INTO seen VALUES (?, ?)", (address, self._number))
        return found is not None and found[0] < self._number


def order_of_stores(names: Iterable[str]) -> list[str]:
    """The order in which `name/key` sorts by its bytes."""
    return sorted(names, key=lambda name: f"{name}/".encode())
