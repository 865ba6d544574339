"""
Working days by country: the `holidays` library, and dated corrections of our own in `incident/law/holidays/*.toml`.

Where a year or a country is not covered, every day is counted as worked, which can only make a deadline earlier: not
every weekend is Saturday and Sunday, and some Saturdays are worked. `gap` then says so, and the reading repeats it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache, partial
from importlib import resources
from importlib.resources.abc import Traversable
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Protocol

from incident.clock.cache import keep, kept
from incident.clock.places import is_country
from incident.datafile import Section, read_datafile

_SATURDAY = 5


class Calendar(Protocol):
    """Which days are worked, and what is not known about that."""

    def is_working(self, day: date) -> bool: ...

    def gap(self, first: date, last: date) -> str | None:
        """What is not known of the days from `first` to `last`, in words; None where all is."""
        ...


CalendarOf = Callable[[str | None], Calendar]


@dataclass(frozen=True)
class Correction:
    """One day that the library has wrong. working: whether it is worked."""

    day: date
    working: bool
    why: str
    source: str
    checked_on: date


@dataclass(frozen=True)
class WeekendsOnly:
    """No country is known, so no public holidays are."""

    def is_working(self, day: date) -> bool:
        return day.weekday() < _SATURDAY

    def gap(self, first: date, last: date) -> str | None:
        return "No country's public holidays are known here: only Saturdays and Sundays are left out."


class CountryCalendar:
    """
    The working days of one country.

    library: the country's object from `holidays`, or None where the library does not have it.
    """

    def __init__(self, country: str, library: Any | None, corrections: Mapping[date, Correction]) -> None:
        self.country = country
        self._library = library
        self._corrections = corrections

    def is_working(self, day: date) -> bool:
        if correction := self._corrections.get(day):
            return correction.working
        if self._library is None or not self._covers(day.year):
            return True
        return bool(self._library.is_working_day(day))

    def gap(self, first: date, last: date) -> str | None:
        missing = [str(year) for year in range(first.year, last.year + 1) if not self._covers(year)]
        if not missing:
            return None
        return (
            f"The days off of {self.country} in {' and '.join(missing)} are not known here: "
            "every day is counted as worked, so it may fall due later. Look them up."
        )

    def _covers(self, year: int) -> bool:
        return self._library is not None and self._library.start_year <= year <= self._library.end_year


@cache
def calendar_of(country: str | None) -> Calendar:
    """The calendar of a country or a part of one ("EE", "US-TX"); of none where `country` is None."""
    return _calendar(country, all_corrections())


def calendars_with(corrections: Mapping[str, tuple[Correction, ...]]) -> Callable[[str | None], Calendar]:
    """`calendar_of` with corrections of another release."""
    return cache(partial(_calendar, corrections=corrections))


def _calendar(country: str | None, corrections: Mapping[str, tuple[Correction, ...]]) -> Calendar:
    if country is None:
        return WeekendsOnly()
    library = LibraryYears(country)
    days = {entry.day: entry for entry in corrections.get(country, ())}
    return CountryCalendar(country, library if library.known else None, days)


class LibraryYears:
    """
    The public holidays of one country, a year at a time, as the library has them; a year once asked for is kept.

    Importing the library takes a fifth of a second, so it is asked only for years that no earlier run has asked for.
    known: whether the library has the country. years: by year, a "1" for each day that is worked and a "0" for others.
    """

    def __init__(self, country: str) -> None:
        self._country = country
        self._name = f"days-{country}"
        self._made_from = _library_files()
        about = kept(self._name, self._made_from, dict) or self._about()
        self.known: bool = about["known"]
        self.start_year: int = about["first"]
        self.end_year: int = about["last"]
        self._years: dict[int, str] = about["years"]

    def is_working_day(self, day: date) -> bool:
        if day.year not in self._years:
            self._years[day.year] = _days_of(_from_library(self._country), day.year)
            about = {"known": True, "first": self.start_year, "last": self.end_year, "years": self._years}
            keep(self._name, self._made_from, about)
        return self._years[day.year][day.timetuple().tm_yday - 1] == "1"

    def _about(self) -> dict[str, Any]:
        library = _from_library(self._country)
        if library is None:
            about: dict[str, Any] = {"known": False, "first": 0, "last": 0, "years": {}}
        else:
            about = {"known": True, "first": library.start_year, "last": library.end_year, "years": {}}
        keep(self._name, self._made_from, about)
        return about


def _days_of(library: Any, year: int) -> str:
    first = date(year, 1, 1)
    days = (date(year + 1, 1, 1) - first).days
    return "".join("1" if library.is_working_day(first + timedelta(days=number)) else "0" for number in range(days))


@cache
def _library_files() -> tuple[Path, ...]:
    """Files of the library that change with each of its releases; found without importing it."""
    found = find_spec("holidays")
    home = Path(found.origin).parent if found is not None and found.origin else Path()
    return (home / "__init__.py", home / "version.py", Path(__file__))


def _from_library(country: str) -> Any | None:
    import holidays

    head, _, part = country.partition("-")
    try:
        return holidays.country_holidays(head, subdiv=part or None)
    except NotImplementedError:  # the library's word for a country or a part of one that it does not have
        return None


@cache
def all_corrections() -> dict[str, tuple[Correction, ...]]:
    folder = Path(__file__).parents[1] / "law" / "holidays"
    if not folder.is_dir():  # the package is inside an archive
        return read_corrections(resources.files("incident.law").joinpath("holidays"))
    made_from = (folder, Path(__file__))
    found = kept("corrections", made_from, dict)
    if found is None:
        found = read_corrections(folder)
        keep("corrections", made_from, found)
    return found


def read_corrections(folder: Traversable) -> dict[str, tuple[Correction, ...]]:
    """Corrections by country; raises UsageError naming file, line and key of whatever is wrong."""
    found: dict[str, tuple[Correction, ...]] = {}
    for file in sorted(folder.iterdir(), key=lambda file: file.name):
        if not file.name.endswith(".toml"):
            continue
        root = read_datafile(file, name=f"law/holidays/{file.name}")
        country = root.text("country")
        if not is_country(country):
            root.wrong("country", "must be a two-letter country code in capitals, such as EE")
        entries = tuple(_correction(entry) for entry in root.sections("day"))
        root.finish()
        found[country] = (*found.get(country, ()), *entries)
    return found


def _correction(entry: Section) -> Correction:
    correction = Correction(
        day=entry.day("date"),
        working=entry.flag("working"),
        why=entry.text("why"),
        source=entry.text("source"),
        checked_on=entry.day("checked_on"),
    )
    if "working" not in entry:
        entry.wrong("working", "is missing: say true or false")
    entry.finish()
    return correction
