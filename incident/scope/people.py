"""
The people of one scope on their way to the list, from one database or from several.

With several databases a key alone names nobody: it is written `store/key`, and the stores follow each other in the
order of their names, so that the whole list stays in the order of its keys.

An address is one person, however many accounts have it and in whichever store. Which addresses may occur twice is
noticed on the way; those accounts are then looked at once more, in the list as it lies on the disk.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from hashlib import blake2b
from secrets import token_bytes
from types import TracebackType
from typing import Any

from incident.scope.countries import UNKNOWN
from incident.scope.keylist import small_letters
from incident.scope.repetition import Repeated, Repetition, no_temporary_file
from incident.scope.sealed import SEGMENT, Sealer
from incident.scope.sql import COLUMNS
from incident.scope.tally import Tally

_EMAIL, _LOCALE, _COUNTRY, _BORN = (COLUMNS.index(name) for name in ("email", "locale", "country", "birth_date"))


class People:
    """
    Where rows go that were read. A context: it closes its temporary files.

    several: whether they come from more than one store.
    """

    def __init__(self, sealer: Sealer, *, several: bool) -> None:
        self._sealer, self._several = sealer, several
        self._store = ""
        self._tallies: list[Tally] = []
        self._pending: list[Sequence[Any]] = []
        self._repetition = Repetition()

    def __enter__(self) -> People:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._repetition.close()

    def begin(self, store: str, tally: Tally) -> None:
        """What is added from now on is of `store`, and counted in `tally`; stores come in `order_of_stores`."""
        self._store = store
        self._tallies.append(tally)

    def add(self, batch: Sequence[Sequence[Any]]) -> None:
        """Up to 1000 rows as `COLUMNS`, in key order."""
        columns = list(zip(*batch, strict=True))
        self._tallies[-1].add_accounts(columns)
        self._repetition.add(columns[_EMAIL])
        if not self._several:
            self._sealer.add(batch)
            return
        self._pending += [[f"{self._store}/{row[0]}", *row[1:]] for row in batch]
        while len(self._pending) >= SEGMENT:  # a list is cut every thousand people, whatever store they are of
            self._sealer.add(self._pending[:SEGMENT])
            del self._pending[:SEGMENT]

    def finish(self) -> None:
        """Everything was read: say whose address an earlier account has, and count people in place of accounts."""
        if self._pending:
            self._sealer.add(self._pending)
        if repeated := self._repetition.repeated():
            self._sealer.same_address(self._doubles(repeated))

    def _doubles(self, repeated: Repeated) -> Iterator[str]:
        """The keys of accounts whose address an earlier account on the list has; each is taken back."""
        with closing(_Seen()) as seen:
            for row, tally in self._rows_again():
                if row[_EMAIL] and row[_EMAIL] in repeated and not seen.is_first(row, tally):
                    yield row[0]

    def _rows_again(self) -> Iterator[tuple[Sequence[Any], Tally]]:
        """Every row of the list with the tally of its store."""
        of_each = ((tally, tally.accounts) for tally in self._tallies)
        tally, left = next(of_each)
        for people in self._sealer.people_so_far():
            for row in people:
                while not left:
                    tally, left = next(of_each)
                left -= 1
                yield row, tally


class _Seen:
    """
    Addresses that came by, each with the countries and birth dates that came with it.

    They are kept in a temporary file that has no name, as digests with a secret that is never written down.
    """

    def __init__(self) -> None:
        self._secret = token_bytes(32)
        self._there = sqlite3.connect("", isolation_level=None)  # a temporary database, deleted as it is made
        for line in ("PRAGMA journal_mode = OFF", "PRAGMA synchronous = OFF", "PRAGMA cache_size = -4000"):
            self._there.execute(line)
        self._there.execute("CREATE TABLE seen (digest BLOB PRIMARY KEY) WITHOUT ROWID")
        self._there.execute("BEGIN")

    def close(self) -> None:
        self._there.close()

    def is_first(self, row: Sequence[Any], tally: Tally) -> bool:
        """Whether no earlier row had this address; where one had, the account is taken back from `tally`."""
        address, country, born = small_letters(row[_EMAIL]), row[_COUNTRY], row[_BORN]
        place = tally.place_of(country)
        is_first = self._is_new(address)
        new_country = self._is_new(f"{address}\n{place}") and place != UNKNOWN
        new_birth_date = self._is_new(f"{address}\n\n{born}")
        if not is_first:
            account = (row[_EMAIL], country, row[_LOCALE], born)
            tally.take_back(account, new_country=new_country, new_birth_date=new_birth_date)
        return is_first

    def _is_new(self, text: str) -> bool:
        digest = blake2b(text.encode(), key=self._secret, digest_size=16).digest()
        try:
            return self._there.execute("INSERT OR IGNORE INTO seen VALUES (?)", (digest,)).rowcount == 1
        except sqlite3.Error as error:  # of a file of its own only the disk can be to blame
            raise no_temporary_file(str(error)) from error


def order_of_stores(names: Iterable[str]) -> list[str]:
    """The order in which `name/key` sorts by its bytes."""
    return sorted(names, key=lambda name: f"{name}/".encode())
