"""
What the country's column of an account database says: the one reading that the list, the facts, a letter's number of
people and its list of them go by. Pure; the countries are those that CLDR has.

What is there may be a code that can be read, nothing, or something that no rule here reads ("Russia", "de-AT"). The
last two are both "unknown" in counts. They are kept apart, since whoever has "Germany" there most likely lives there,
and of whom nothing is stored nobody can say where.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from functools import cache, lru_cache

UNKNOWN = "unknown"
UNREADABLE = "unreadable"
# What CLDR names beside the countries: single islands, unions, stand-ins for "unknown" and for tests.
_NO_COUNTRIES = frozenset(("AC", "CP", "CQ", "DG", "EA", "EU", "EZ", "IC", "QO", "TA", "UN", "XA", "XB", "ZZ"))
# The first two are written in the EU and mean nothing else; Kosovo has no code of three letters in ISO 3166 either.
_OTHER_SPELLINGS = {"UK": "GB", "EL": "GR", "XKX": "XK"}
# Codes that say "not known" (CLDR, passports; T1 is what some proxies write), and words that programs write.
_SAYS_NOTHING = frozenset(("", "-", "?", "N/A", "NONE", "NULL", "T1", "UNDEFINED", "UNKNOWN", "XX", "XXX", "ZZ", "ZZZ"))
_PART = re.compile(r"([A-Z]{2})-[A-Z0-9]{1,3}")  # ISO 3166-2
# Berlin. Of what is a language tag as well, only this is more likely a part: nobody's country is "German of Belgium".
_NO_LANGUAGES = frozenset(("DE-BE",))


@lru_cache(maxsize=1000)
def country_of(stored: str | None) -> str:
    """
    A country's code of ISO 3166-1, or XK for Kosovo, which has none; UNKNOWN where nothing is stored; else UNREADABLE.

    Three letters are brought down to two, and a part to its country: RUS, RU-MOW and RU are RU. "et-EE" is a language,
    and no part of Ethiopia; what could be either is not read. Names are not read, in no language.
    """
    text = _spelled(stored)
    if text in _SAYS_NOTHING:
        return UNKNOWN
    if part := _PART.fullmatch(text):
        text = UNREADABLE if text in _languages() else _OTHER_SPELLINGS.get(part[1], part[1])
    elif len(text) == 3:
        text = _three_letters().get(text, UNREADABLE)
    return text if text in _countries() else UNREADABLE


def place_of(stored: str | None, parts: Collection[str]) -> str:
    """As `country_of`, but a part of a country that is among `parts`, such as US-CA, is itself."""
    text = _spelled(stored)
    return text if text in parts else country_of(stored)


def _spelled(stored: str | None) -> str:
    text = (stored or "").strip(" ").upper()
    return _OTHER_SPELLINGS.get(text, text)


@cache
def _countries() -> frozenset[str]:
    from babel import Locale  # 0.05 s, which commands that count nothing need not wait for

    return frozenset(code for code in map(str, Locale("en").territories) if len(code) == 2) - _NO_COUNTRIES


@cache
def _three_letters() -> dict[str, str]:
    """Those that became one country; YUG became several."""
    from babel.core import get_global

    aliases = get_global("territory_aliases").items()
    return {code: names[0] for code, names in aliases if len(code) == 3 and code.isalpha() and len(names) == 1}


@cache
def _languages() -> frozenset[str]:
    """Tags of a language of two letters and a country, in capitals: ET-EE. As CLDR has them, the script left out."""
    from babel.core import get_global
    from babel.localedata import locale_identifiers

    tags = (tag.split("_") for tag in (*locale_identifiers(), *get_global("likely_subtags").values()))
    places = ((language, place) for language, *rest in tags if len(language) == 2 for place in rest if len(place) < 4)
    return frozenset(f"{language}-{place}".upper() for language, place in places) - _NO_LANGUAGES
