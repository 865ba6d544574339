"""
The sums of one scope while its accounts come in, by the thousand.

What the rows of the list say is counted from them, the same for every database; what they do not (which columns are
filled) the database counts in the same snapshot.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from typing import Any

from incident.scope.countries import UNKNOWN, UNREADABLE, place_of
from incident.scope.reachable import cannot_be_reached, how_many_cannot_be_reached
from incident.scope.sql import COLUMNS

UNREADABLE_COUNTRY = "unreadable country"  # of `Tally.sums`: those of by_country["unknown"] who have something stored
_ADULT_YEARS = 18
_LOCALE = re.compile(r"([A-Za-z]{2,3})(?:[-_][A-Za-z0-9]{1,8})*(?:\.[A-Za-z0-9-]+)?(?:@[a-z]+)?")
_PLACE = {name: place for place, name in enumerate(COLUMNS)}
_TIMES = ("created_at", "deleted_at", "last_seen_at")


@dataclass
class Tally:
    """
    The sums of accounts, until `take_back` leaves those of people.

    adult_born_by: the birth date, as text, of whoever is 18 just now. parts: of countries, counted by themselves, as
    US-CA. by_country, by_locale: codes and tags that there are, and "unknown". also_in: countries of accounts
    that were taken back and that no earlier account with their address is in: somebody may live there all the same, and
    be owed what its law says.
    """

    adult_born_by: str
    parts: Collection[str] = frozenset()
    accounts: int = 0
    by_country: Counter[str] = field(default_factory=Counter)
    by_locale: Counter[str] = field(default_factory=Counter)
    also_in: Counter[str] = field(default_factory=Counter)
    sums: Counter[str] = field(default_factory=Counter)

    def add_accounts(self, columns: Sequence[Sequence[Any]]) -> None:
        """Some accounts of the list, column by column as `COLUMNS`."""
        accounts = len(columns[0])
        self.accounts += accounts
        for country, there in Counter(columns[_PLACE["country"]]).items():
            self._count_country(country, there)
        for locale, there in Counter(columns[_PLACE["locale"]]).items():
            self.by_locale[locale_of(locale)] += there
        self.sums["broken"] += how_many_cannot_be_reached(columns[_PLACE["email"]])
        born = columns[_PLACE["birth_date"]]
        if (unaged := born.count(None)) < accounts:
            self.sums["aged"] += accounts - unaged
            self.sums["minors"] += sum(map(self._is_minor, born))
        for name in _TIMES:
            self.sums[f"read {name}"] += accounts - columns[_PLACE[name]].count(None)

    def take_back(self, account: Sequence[Any], *, new_country: bool, new_birth_date: bool) -> None:
        """
        Take an account out of what counts people: an earlier one with the same address stands for the person.

        account: address, country, locale, birth date. new_country, new_birth_date: whether no earlier account with
        the address has the same. Another birth date is another person, and a child at its parents' address counts.
        """
        address, country, locale, born = account
        self.sums["same address"] += 1
        self.sums["broken"] -= cannot_be_reached(address)
        self._count_country(country, -1)
        self.by_locale[locale_of(locale)] -= 1
        if not new_birth_date:
            self.sums["minors"] -= self._is_minor(born)
        elif self._is_minor(born):
            self.sums["minors at an address"] += 1
        if new_country:
            self.also_in[self.place_of(country)] += 1

    def add(self, other: Tally) -> None:
        """Add another's sums; what was taken back may stand below zero until then."""
        self.accounts += other.accounts
        # `update` adds, and unlike `+` keeps what is below zero.
        self.by_country.update(other.by_country)
        self.by_locale.update(other.by_locale)
        self.also_in.update(other.also_in)
        self.sums.update(other.sums)

    def place_of(self, country: str | None) -> str:
        """What a stored country counts as: its code, or that of a part of it, or "unknown"."""
        place = place_of(country, self.parts)
        return UNKNOWN if place == UNREADABLE else place

    def _count_country(self, stored: str | None, accounts: int) -> None:
        self.by_country[self.place_of(stored)] += accounts
        if place_of(stored, self.parts) == UNREADABLE:
            self.sums[UNREADABLE_COUNTRY] += accounts

    def _is_minor(self, born: str | None) -> bool:
        return born is not None and born > self.adult_born_by


def adult_born_by(day: date) -> str:
    """The birth date, as text, of whoever becomes 18 on `day`; 29 February becomes the 28th."""
    try:
        return day.replace(year=day.year - _ADULT_YEARS).isoformat()
    except ValueError:
        return day.replace(year=day.year - _ADULT_YEARS, day=28).isoformat()


@lru_cache(maxsize=1000)
def locale_of(stored: str | None) -> str:
    """A language tag as BCP 47 writes it ("et-EE"); "unknown" for anything else."""
    found = _LOCALE.fullmatch((stored or "").strip(" "))
    if not found:
        return UNKNOWN
    language, *rest = re.split(r"[-_]", re.split(r"[.@]", found[0])[0])
    return "-".join([language.lower(), *(part.upper() if len(part) == 2 else part for part in rest)])
