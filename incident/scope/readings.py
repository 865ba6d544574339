"""
How a stored value is understood, one value at a time.

SQLite asks these functions from inside a query where its own do not reach (zones, networks); PostgreSQL says the same
in its own words (`dialects/`). A test holds the two equal on odd values.
"""

from __future__ import annotations

import ipaddress
import json
import re
import socket
from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

import orjson

# The times in text that are understood. Both engines use this one grammar; anything else is no time.
TIME_PATTERN = (
    r"(?!0000)[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])"
    r"([T ]([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9]([.,][0-9]+)?)?"
    r"( ?(Z|[+-]([01][0-9]|2[0-3])(:?[0-5][0-9])?))?)?"
)
_TIME = re.compile(TIME_PATTERN)
# A time to the second on a day that every month has: whatever has this form is a time, and servers read it themselves.
EVERYDAY = "[12][0-9]{3}-(0[1-9]|1[0-2])-(0[1-9]|1[0-9]|2[0-8])[T ]([01][0-9]|2[0-3])(:[0-5][0-9]){2}"
TO_THE_SECOND = len("2026-11-21 07:40:00")
# PostgreSQL keeps no document with this character in it, wherever it stands.
_NUL = re.compile(r"(?<!\\)(?:\\\\)*\\u0000")


def utc_text(value: object, zone: str) -> str | None:
    """
    A time in text as `2026-11-21T07:40:00Z`, cut to the whole second; None where it is no time.

    zone: of a time without an offset. One that came twice is the earlier; one that was skipped is read with the
    offset before the change.
    """
    if not isinstance(value, str) or _TIME.fullmatch(value) is None:
        return None
    if len(value) >= TO_THE_SECOND and not _OFFSET.search(value, 10) and (day := _day_in_utc(value[:10], zone)):
        ahead, days = day
        hour = int(value[11:13]) - ahead
        return f"{days[hour // 24]}T{hour % 24:02}{value[13:TO_THE_SECOND]}Z"
    return _one_time(value, zone)


_OFFSET = re.compile(r"Z$|[+-]\d\d:?(?:\d\d)?$")


def _one_time(value: str, zone: str) -> str | None:
    try:
        # Day 31 of a shorter month counts on into the next, as SQLite's and PostgreSQL's own reckoning here does.
        day = date(int(value[:4]), int(value[5:7]), 1) + timedelta(days=int(value[8:10]) - 1)
        clock = value[11:19] if value[16:17] == ":" else value[11:16]
        naive = datetime.combine(day, time.fromisoformat(clock or "00:00"))
        offset = _OFFSET.search(value, 10)
        at = naive.replace(tzinfo=_offset(offset[0]) if offset else ZoneInfo(zone)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None
    return at.replace(tzinfo=None).isoformat(timespec="seconds") + "Z"


@lru_cache(maxsize=8192)  # twenty years of days: a trail has millions of times and few days
def _day_in_utc(day: str, zone: str) -> tuple[int, dict[int, str]] | None:
    """
    By how many hours the local clock is ahead of UTC all `day` long, and the dates of the day before (-1), of it (0)
    and of the day after; None where clocks change on it, are ahead by half an hour, or where there is no such day.
    """
    first, last = _one_time(f"{day}T00:00:00", zone), _one_time(f"{day}T23:59:59", zone)
    try:
        begins, ends = datetime.fromisoformat(f"{day}T00:00:00Z"), datetime.fromisoformat(f"{day}T23:59:59Z")
        ahead = {local - datetime.fromisoformat(utc) for local, utc in ((begins, first), (ends, last)) if utc}
        hours, rest = divmod(ahead.pop(), timedelta(hours=1))
        if ahead or rest or first is None or last is None:
            return None
        return hours, {number: (begins + timedelta(days=number)).date().isoformat() for number in (-1, 0, 1)}
    except (ValueError, OverflowError, KeyError):  # 31 February, the calendar's edges, no time at all
        return None


def _offset(text: str) -> timezone:
    if text == "Z":
        return UTC
    digits = text[1:].replace(":", "").ljust(4, "0")
    minutes = int(digits[:2]) * 60 + int(digits[2:])
    return timezone(timedelta(minutes=-minutes if text[0] == "-" else minutes))


def is_address(value: object) -> int:
    """1 for an IPv4 or IPv6 address, 0 for anything else; SQLite has no truth values."""
    return int(isinstance(value, str) and _packed(value) is not None)


def address_within(value: object, networks: str) -> int:
    """1 where it lies in one of `networks` (CIDR, commas between); an IPv4 address inside IPv6 counts as both."""
    packed = _packed(value) if isinstance(value, str) else None
    if packed is None:
        return 0
    ranges = _ranges(networks)
    forms = (packed, packed[12:]) if packed.startswith(_MAPPED) else (packed,)
    return int(any(first <= form <= last for form in forms for first, last in ranges[len(form)]))


_MAPPED = bytes(10) + b"\xff\xff"  # how an IPv4 address inside IPv6 begins (RFC 4291, 2.5.5.2)


def _packed(value: str) -> bytes | None:
    """Its 4 or 16 bytes. The system's own reading, at a tenth of what `ipaddress` takes: it is asked of every row."""
    words = value.strip(" ")
    if "%" in words:  # an interface of some machine, not a place on the network
        return None
    try:
        return socket.inet_pton(socket.AF_INET6 if ":" in words else socket.AF_INET, words)
    except (OSError, ValueError):  # a NUL, or half of a character, is a ValueError
        return None


@lru_cache(maxsize=16)
def _ranges(text: str) -> dict[int, list[tuple[bytes, bytes]]]:
    """The first and the last address of each network, by their length."""
    found: dict[int, list[tuple[bytes, bytes]]] = {4: [], 16: []}
    for network in map(ipaddress.ip_network, text.split(",")):
        first, last = network.network_address.packed, network.broadcast_address.packed
        found[len(first)].append((first, last))
    return found


def json_text(document: object, path: str) -> str | None:
    """
    The scalar at `path` inside a JSON document, as text; None where there is none or the text is no JSON (RFC 8259).

    path: names of members from the outside in, as a JSON list. Of two members by one name the last counts. Numbers
    keep their digits, written out without an exponent; true and false are those words.
    """
    if not isinstance(document, str) or (_names(path)[-1] not in document and "\\" not in document):
        return None  # most documents that lack it, unread
    return _remembered(document, path) if len(document) <= _SHORT else _scalar(document, path)


_SHORT = 4000  # letters; longer documents are not worth the memory


def _scalar(document: str, path: str) -> str | None:
    names = _names(path)
    try:
        found = _member(orjson.loads(document), names)
        if "\\u0000" in document and _NUL.search(document):
            return None
        if isinstance(found, int | float) and not isinstance(found, bool):
            exact = _member(json.loads(document, parse_int=Decimal, parse_float=Decimal), names)
            return format(exact or abs(exact), "f")  # a zero has no sign
    except (ValueError, RecursionError):
        return None
    if isinstance(found, bool):
        return "true" if found else "false"
    return found if isinstance(found, str) else None


# One statement asks for the same value dozens of times, one row after another: is it a number, is it in the window.
_remembered = lru_cache(maxsize=16)(_scalar)


def _member(value: Any, names: Sequence[str]) -> Any:
    for name in names:
        value = value.get(name) if isinstance(value, dict) else None
    return value


@lru_cache(maxsize=64)
def _names(path: str) -> tuple[str, ...]:
    return tuple(json.loads(path))
