"""
Reading and writing moments: what a tired person types, turned into one instant, and back.

Inside the program a moment is an aware `datetime` in UTC. Zones are kept beside it only where a rule counts in
days, because a day begins somewhere.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from zoneinfo import ZoneInfo, available_timezones

from incident.errors import UsageError

EXAMPLES = (
    "now",
    '"20 min ago"',
    '"in 3 days"',
    "02:40",
    '"2026-11-21 02:40"',
    '"2026-11-21 02:40 Asia/Almaty"',
    "2026-11-21T02:40+05:00",
    "2026-11-21T02:40+05:00[Asia/Almaty]",
)

_AGO = re.compile(r"(\d{1,5})\s*(m|min|mins|minutes?|h|hours?|d|days?)\s+ago", re.IGNORECASE)
_AHEAD = re.compile(r"in\s+(\d{1,5})\s*(m|min|mins|minutes?|h|hours?|d|days?)", re.IGNORECASE)
_CLOCK = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)(?::([0-5]\d))?")
_BRACKET = re.compile(r"(?P<stamp>[^\[\]]+)\[(?P<critical>!?)(?P<zone>[^\[\]]+)\]")
_STAMP = re.compile(
    r"(?P<day>\d{4}-\d{2}-\d{2})"
    r"(?:[T ](?P<clock>\d{2}:\d{2}(?::\d{2}(?:[.,]\d{1,6})?)?))?"
    r"\s*(?P<offset>Z|[+-]\d{2}:?\d{2})?"
    r"(?:\s+(?P<zone>[A-Za-z][A-Za-z0-9_+\-]*(?:/[A-Za-z0-9_+\-]+)*))?",
    re.IGNORECASE,
)
_STEP = {"m": timedelta(minutes=1), "h": timedelta(hours=1), "d": timedelta(days=1)}


@dataclass(frozen=True)
class Moment:
    """
    One instant as a person gave it.

    at: the instant, aware, UTC.
    zone: the IANA zone, or fixed offset such as "+05:00", it was read in.
    note: what had to be decided to understand it, or None ("02:30 came twice that night; the earlier was taken").
    """

    at: datetime
    zone: str
    note: str | None = None


def read_zone(name: str) -> ZoneInfo:
    """Return the IANA zone called `name`; raises UsageError with an example for any other word, "EST" included."""
    # Three-letter abbreviations are ambiguous between countries, so only names with a place (and UTC) are zones here.
    if name.upper() in {"UTC", "Z"}:
        return ZoneInfo("UTC")
    if "/" in name and name in available_timezones():
        return ZoneInfo(name)
    raise UsageError(
        f'"{name}" is not a time zone this program knows.',
        state="Nothing was recorded.",
        next_step="use a place name such as Europe/Tallinn or Asia/Almaty, or an offset such as +05:00",
    )


def read_moment(text: str, *, now: datetime, zone: ZoneInfo) -> Moment:
    """
    Understand WHEN as the contract defines it.

    Args:
        text: one of the forms in `EXAMPLES`. A date alone means its first instant.
        now: aware; "now", "ago", "in" and a bare clock time are relative to it.
        zone: the zone of times that name none, the organisation's.

    A local time that came twice is the earlier one, since the earlier defensible instant sets every clock.
    Raises UsageError, with examples, for anything else, and for a local time that the clocks skipped.
    """
    words = " ".join(text.split())
    if words.lower() == "now":
        return Moment(now.astimezone(UTC), str(zone))
    if ago := _AGO.fullmatch(words):
        step = _STEP[ago[2][0].lower()]
        return Moment(_moved(now, -int(ago[1]) * step, text), str(zone))
    if ahead := _AHEAD.fullmatch(words):
        return Moment(_moved(now, int(ahead[1]) * _STEP[ahead[2][0].lower()], text), str(zone))
    if clock := _CLOCK.fullmatch(words):
        return _most_recent(time(int(clock[1]), int(clock[2]), int(clock[3] or 0)), now, zone)
    return _read_stamp(words, text, zone)


def stamp(at: datetime) -> str:
    """`at` in UTC as the contract writes it, `2026-11-21T07:40:00Z`; fractions only where there are any."""
    utc = at.astimezone(UTC)
    return utc.replace(tzinfo=None).isoformat(timespec="microseconds" if utc.microsecond else "seconds") + "Z"


def from_stamp(text: str) -> datetime:
    """The inverse of `stamp`; aware, UTC. Raises ValueError for text without an offset."""
    at = datetime.fromisoformat(text)
    if at.tzinfo is None:
        raise ValueError(f"a stored time has no zone: {text}")
    return at.astimezone(UTC)


def local(at: datetime, zone: tzinfo) -> str:
    """`at` for people: weekday, date, clock time and offset in `zone`, such as "Sat 2026-11-21 02:40 +05:00"."""
    there = at.astimezone(zone)
    offset = there.strftime("%z")
    return f"{there:%a %Y-%m-%d %H:%M} {offset[:3]}:{offset[3:5]}"


def span(left: timedelta) -> str:
    """A stretch of time in two units at most: "2 d 4 h", "6 h 12 min", "40 min"; minus where it has passed."""
    minutes = int(abs(left).total_seconds()) // 60
    days, rest = divmod(minutes, 24 * 60)
    hours, minutes = divmod(rest, 60)
    if days:
        words = f"{days} d {hours} h"
    elif hours:
        words = f"{hours} h {minutes:02d} min"
    else:
        words = f"{minutes} min"
    return f"-{words}" if left < timedelta(0) else words


def _read_stamp(words: str, text: str, zone: ZoneInfo) -> Moment:
    named: str | None = None
    if bracket := _BRACKET.fullmatch(words):
        words, named = bracket["stamp"].strip(), bracket["zone"]
    found = _STAMP.fullmatch(words)
    if found is None:
        raise _not_understood(text)
    named = named or found["zone"]
    try:
        day = date.fromisoformat(found["day"])
        clock = time.fromisoformat((found["clock"] or "00:00").replace(",", "."))
    except ValueError:
        raise _not_understood(text) from None
    note = None if found["clock"] else "no time of day was given; the start of that day was taken"
    naive = datetime.combine(day, clock)
    place = read_zone(named) if named else zone
    if found["offset"]:
        return _with_offset(naive, found["offset"], named, note, text)
    return _in_zone(naive, place, note, text)


def _with_offset(naive: datetime, offset: str, named: str | None, note: str | None, text: str) -> Moment:
    suffix = "+00:00" if offset in "Zz" else offset
    try:
        aware = datetime.fromisoformat(naive.isoformat() + suffix)
        at = aware.astimezone(UTC)
    except (ValueError, OverflowError):
        raise _not_understood(text) from None
    if named is None:
        return Moment(at, "UTC" if aware.utcoffset() == timedelta(0) else suffix, note)
    there = at.astimezone(read_zone(named))
    if there.utcoffset() != aware.utcoffset():
        # RFC 9557 section 3.4: an offset and a zone that contradict each other must not be guessed between.
        raise UsageError(
            f'"{text}" contradicts itself: {named} was at {there:%z} then, not at {suffix}.',
            state="Nothing was recorded.",
            next_step="leave out the offset, or the zone, or correct one of them",
        )
    return Moment(at, named, note)


def _in_zone(naive: datetime, place: ZoneInfo, note: str | None, text: str) -> Moment:
    first, second = (naive.replace(tzinfo=place, fold=fold) for fold in (0, 1))
    try:
        at, later = first.astimezone(UTC), second.astimezone(UTC)
        exists = at.astimezone(place).replace(tzinfo=None) == naive
    except OverflowError:
        raise _not_understood(text) from None
    if not exists:
        raise UsageError(
            f'"{text}" did not happen in {place}: the clocks were put forward over that time.',
            state="Nothing was recorded.",
            next_step=f"give the time with its offset, for example {naive:%Y-%m-%dT%H:%M}+00:00",
        )
    if at != later:
        twice = f"{naive:%H:%M} came twice that night in {place}; the earlier one was taken"
        note = twice if note is None else f"{note}; {twice}"
    return Moment(at, str(place), note)


def _most_recent(clock: time, now: datetime, zone: ZoneInfo) -> Moment:
    """The last time the clock on the wall showed `clock`, today or yesterday."""
    today = now.astimezone(zone).date()
    for day in (today, today - timedelta(days=1), today - timedelta(days=2)):
        try:
            found = _in_zone(datetime.combine(day, clock), zone, None, f"{clock:%H:%M}")
        except UsageError:  # skipped by a clock change on that day, so it was last shown the day before
            continue
        if found.at <= now:
            return found
    raise _not_understood(f"{clock:%H:%M}")


def _moved(now: datetime, by: timedelta, text: str) -> datetime:
    try:
        return now.astimezone(UTC) + by
    except OverflowError:
        raise _not_understood(text) from None


def _not_understood(text: str) -> UsageError:
    return UsageError(
        f'"{text}" is not a time this program understands.',
        state="Nothing was recorded.",
        next_step="write one of: " + ", ".join(EXAMPLES),
    )
