"""Countries, groups of them, and whose clock and calendar a duty's days follow."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import tzinfo
from functools import cache
from importlib import resources
from zoneinfo import ZoneInfo


@dataclass(frozen=True)
class Places:
    """
    groups: lower-case name -> country codes. aliases: other spellings of codes. zones: country -> IANA zone of the
    place where its authority sits. parts: country -> the parts of it that have a law of their own, each.
    """

    groups: Mapping[str, frozenset[str]]
    aliases: Mapping[str, str]
    zones: Mapping[str, str]
    parts: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def code(self, place: str) -> str:
        """The code of a country or a part of one, in capitals and in one spelling: "uk" -> "GB"."""
        head, dash, rest = place.strip().upper().partition("-")
        return self.aliases.get(head, head) + dash + rest

    def members(self, place: str) -> frozenset[str]:
        """The countries of a group, or the one country that `place` is; empty for a word that is neither."""
        if group := self.groups.get(place.strip().lower()):
            return group
        code = self.code(place)
        return frozenset({code}) if is_country(code) else frozenset()


@dataclass(frozen=True)
class ClockPlace:
    """Where a duty's days begin and end (zone), and whose public holidays count (country, None: none is known)."""

    zone: tzinfo
    country: str | None = None


def is_country(code: str) -> bool:
    """Whether `code` has the form of a country or a part of one: EE, US-TX. ZZ and XX stand for no country."""
    head, _, rest = code.partition("-")
    return (
        len(head) == 2
        and head.isascii()
        and head.isalpha()
        and head not in {"ZZ", "XX"}
        and rest.isalnum() == bool(rest)
    )


def is_part_of(code: str, places: Iterable[str]) -> bool:
    """Whether `code` is one of `places` or lies in one: US-TX in {US}."""
    return code in places or code.partition("-")[0] in places


def country_of_zone(zone: str) -> str | None:
    """The country an IANA zone belongs to, by the time-zone database's own table; None for UTC and fixed offsets."""
    return _zone_table().get(zone)


@cache
def zone_of(name: str) -> ZoneInfo:
    """The zone called `name`; kept, since the library's own memory is shorter than a list of countries."""
    return ZoneInfo(name)


@cache
def _zone_table() -> dict[str, str]:
    text = resources.files("tzdata").joinpath("zoneinfo/zone.tab").read_text(encoding="utf-8")
    rows = (line.split("\t") for line in text.splitlines() if line and not line.startswith("#"))
    return {row[2]: row[0] for row in rows}
