"""
The words of one language: `phrases/<language>.toml`, and dates, numbers, countries and zones through babel.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from babel import Locale
from babel.core import UnknownLocaleError
from babel.dates import format_date, format_time, get_timezone_location, get_timezone_name
from babel.lists import format_list
from babel.numbers import format_decimal
from babel.units import format_unit

from incident.datafile import Section


@dataclass(frozen=True)
class Consequence:
    """What can happen to a person where data of the kinds in `categories` are out, and the first thing to do."""

    id: str
    categories: tuple[str, ...]
    text: str
    action: str


@dataclass(frozen=True)
class Wording:
    """
    One language's words. locale: babel's. words: single phrases by key. options: fact id -> option -> phrase.
    facts, categories: id -> name. months: the form that stands in a date within a sentence.
    """

    language: str
    locale: Locale
    words: Mapping[str, str]
    dates: Mapping[str, str]
    months: tuple[str, ...]
    options: Mapping[str, Mapping[str, str]]
    facts: Mapping[str, str]
    categories: Mapping[str, str]
    consequences: tuple[Consequence, ...]

    def number(self, value: int) -> str:
        """Grouped as the language does it: 41,207 or 41 207 (with a space that does not break)."""
        return str(format_decimal(value, locale=self.locale))

    def day(self, at: datetime, zone: ZoneInfo) -> str:
        """The date by itself, in babel's long form or by the pattern the phrases have instead."""
        pattern = self.dates.get("day", "long")
        return str(format_date(at.astimezone(zone).date(), format=pattern, locale=self.locale))

    def on_day(self, at: datetime, zone: ZoneInfo) -> str:
        """The date in the form it takes within a sentence: "21. novembril 2026"."""
        there = at.astimezone(zone)
        return self.dates["on_day"].format(day=there.day, month=self.months[there.month - 1], year=there.year)

    def moment(self, at: datetime, zone: ZoneInfo) -> str:
        """Date, time, and the zone by name and offset."""
        there = at.astimezone(zone)
        return self.dates["moment"].format(
            day=self.day(at, zone),
            clock=format_time(there.time(), format="short", locale=self.locale),
            zone=self._zone_name(there),
            offset=_offset(there),
        )

    def span(self, stretch: timedelta) -> str:
        """A stretch of time in hours and minutes, below two days; in days and hours above."""
        minutes = int(abs(stretch).total_seconds()) // 60
        days, hours = divmod(minutes // 60, 24)
        if days >= 2:
            return self._units((days, "duration-day"), (hours, "duration-hour"))
        return self._units((minutes // 60, "duration-hour"), (minutes % 60, "duration-minute"))

    def country(self, code: str) -> str:
        """The country's name, also of a part of it (US-CA); a code that names none is "not known"."""
        country = code.upper().partition("-")[0]
        known = country not in {"ZZ", "XX"} and self.locale.territories.get(country)
        return str(known or self.words["nowhere"])

    def language_name(self, code: str) -> str:
        try:
            return Locale.parse(code).get_language_name(self.locale) or code
        except (UnknownLocaleError, ValueError):
            return code

    def listed(self, items: Iterable[str]) -> str:
        """ "a, b and c" in the language's own way."""
        return str(format_list(list(items), style="standard", locale=self.locale))

    def option(self, fact: str, key: str) -> str:
        return self.categories[key] if key in self.categories else self.options[fact][key]

    def consequences_of(self, categories: Iterable[str]) -> list[tuple[Consequence, list[str]]]:
        """The consequences that `categories` lead to, most urgent first, each with those of them that lead there."""
        chosen = set(categories)
        found = ((entry, [key for key in entry.categories if key in chosen]) for entry in self.consequences)
        return [(entry, [self.short(key) for key in keys]) for entry, keys in found if keys]

    def short(self, category: str) -> str:
        """A category's name without the examples and remarks that follow its comma."""
        return self.categories[category].partition(",")[0]

    def _zone_name(self, there: datetime) -> str:
        name = str(get_timezone_name(there, width="long", locale=self.locale))
        # Some languages have no name for some zones, and the offset is given anyway; the place says more.
        return str(get_timezone_location(there, locale=self.locale)) if name.startswith("GMT") else name

    def _units(self, *parts: tuple[int, str]) -> str:
        kept = [part for part in parts if part[0]] or [parts[-1]]
        return " ".join(self._unit(value, unit) for value, unit in kept)

    def _unit(self, value: int, unit: str) -> str:
        # Where a language's data have no long form, babel prints the unit's key: Kazakh days are such.
        written = str(format_unit(value, unit, locale=self.locale))
        return str(format_unit(value, unit, length="short", locale=self.locale)) if unit in written else written


def _offset(there: datetime) -> str:
    """ "UTC+2", "UTC+5:30", "UTC"."""
    written = there.strftime("%z")
    hours, minutes = written[1:3].lstrip("0") or "0", written[3:5]
    if (hours, minutes) == ("0", "00"):
        return "UTC"
    return f"UTC{written[0]}{hours}" + (f":{minutes}" if minutes != "00" else "")


def read_wording(root: Section, *, language: str) -> Wording:
    """Parse a phrases file. Raises UsageError naming file, line and key of whatever is wrong."""
    date = root.section("date")
    months = date.texts("months_on")
    day = date.text_or_none("day")
    if len(months) != 12:
        date.wrong("months_on", "must name twelve months")
    wording = Wording(
        language=language,
        locale=_locale(root),
        words=_texts(root.section("words")),
        dates={key: date.text(key) for key in ("on_day", "moment")} | ({"day": day} if day else {}),
        months=months,
        options={key: dict(value) for key, value in root.section("option").items()},
        facts=_texts(root.section("fact")),
        categories=_texts(root.section("category")),
        consequences=tuple(_consequence(entry) for entry in root.sections("consequence")),
    )
    date.finish()
    root.finish()
    return wording


def _consequence(entry: Section) -> Consequence:
    consequence = Consequence(entry.text("id"), entry.texts("from"), entry.text("text"), entry.text("action"))
    entry.finish()
    return consequence


def _texts(section: Section) -> dict[str, str]:
    values: dict[str, Any] = dict(section.items())
    for key, value in values.items():
        if not isinstance(value, str) or not value:
            section.wrong(key, "must be a text")
    return values


def _locale(root: Section) -> Locale:
    name = root.text("locale")
    try:
        return Locale.parse(name)
    except (UnknownLocaleError, ValueError):
        root.wrong("locale", f'is "{name}", which babel does not know')
