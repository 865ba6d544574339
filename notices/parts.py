"""
The people of an incident who live in certain countries, those who do not, and those of whom nobody knows. Pure.

A notice to one State speaks of that State's people. Whoever's country is not known is never counted among them in
silence, and never dropped. Who lives where is `country_of`'s to say, of a person on a list and of a place in a fact.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from incident.scope.countries import UNKNOWN, UNREADABLE, country_of

BY_COUNTRY = "people_by_country"  # the one fact that says who lives where


@dataclass(frozen=True)
class Part:
    """
    A part of the people. countries: two-letter codes. unknown: whether those belong to it of whose country nothing is
    stored. unreadable: whether those do whose country is stored as something that is no country's code.
    """

    countries: tuple[str, ...]
    unknown: bool = False
    unreadable: bool = False

    def holds(self, country: str | None) -> bool:
        """Whether a person belongs to it, by the country as the account database has it."""
        code = country_of(country)
        if code == UNREADABLE:
            return self.unreadable
        return self.unknown if code == UNKNOWN else code in self.countries


@dataclass(frozen=True)
class Split:
    """
    How many people live in certain countries, how many in others, and of how many the country is not known.

    None: it cannot be told. inside and outside: where the country of nobody is known. unknown: where nobody knows how
    many people there are.
    """

    inside: int | None
    outside: int | None
    unknown: int | None

    @property
    def is_all_inside(self) -> bool:
        return self.inside is not None and self.outside == 0 and self.unknown == 0


def split(by_country: Mapping[str, int], everyone: int | None, countries: Collection[str]) -> Split:
    """
    The people by country, as the fact has them, split at `countries` (two-letter codes).

    by_country: by what `country_of` reads, parts such as US-TX too; all else counts as unknown. everyone: all of them;
    the tally may leave out whoever's country is not known.
    """
    inside = outside = unknown = 0
    for place, number in by_country.items():
        code = country_of(place)
        if code in {UNKNOWN, UNREADABLE}:
            unknown += number
        elif code in countries:
            inside += number
        else:
            outside += number
    if everyone is not None:
        unknown = max(unknown, everyone - inside - outside)
    rest = unknown if everyone is not None else None
    if not inside and not outside and unknown:
        return Split(None, None, rest)
    return Split(inside, outside, rest)
