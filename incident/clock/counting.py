"""
Counting periods: from the event that starts one to the instant it ends, in each way a law may be read.

Hours are elapsed hours in UTC, so a clock change adds or removes none. Days begin and end at midnight on the clock of
the duty's place; a day ends at 24:00, which is written as the next midnight. How a law counts is data
(`incident/law/counting.toml`); what is here is how to carry that out.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo

from incident.clock.rules import Period, Way

IsWorking = Callable[[date], bool]
_DAY = timedelta(days=1)
_SEARCH_DAYS = 400  # no calendar has so many days off in a row; a longer search means a broken one


@dataclass(frozen=True)
class Reading:
    """
    When a period ends, read in one way.

    due_at: aware, UTC. why: the way of reading, in words, with its article. gap: what is not known of the days off.
    """

    name: str
    due_at: datetime
    why: str
    gap: str | None = None


def every_day_works(day: date) -> bool:
    """The calendar without any day off. More days off never end a period earlier, so it gives the earliest end."""
    return True


def ends_at(start: datetime, period: Period, way: Way, zone: tzinfo, is_working: IsWorking) -> datetime:
    """
    The last moment of `period`, aware, UTC.

    Args:
        start: when the event happened; aware.
        period: its unit is the way's unit.
        zone: the clock on which hours and days begin.
        is_working: whether a day is a working day there.
    """
    if period.unit == "hours":
        return _end_of_hours(start, period.count, way, zone, is_working)
    if way.frozen:
        return _end_from_the_moment(start, period.count, way, zone, is_working)
    first = start.astimezone(zone).date()
    if way.from_year_end:
        first = date(first.year, 12, 31)
    last = _last_day(first, period, way, is_working)
    if way.least_working_days and _days_in(period) >= way.least_working_days:
        # The day of the event is not counted, so the period runs from the start of the next one.
        begin = first if way.event_day_counted else first + _DAY
        last = max(last, _nth_working_day(begin, way.least_working_days, is_working))
    return _close_of(last, way, zone, is_working)


def _end_of_hours(start: datetime, hours: int, way: Way, zone: tzinfo, is_working: IsWorking) -> datetime:
    begin = _next_full_hour(start, zone) if way.event_hour_dropped else start.astimezone(UTC)
    end = begin + timedelta(hours=hours)
    if way.least_working_days and hours >= way.least_working_days * 24:
        first = begin.astimezone(zone).date()
        if way.whole_working_days and _midnight(first, zone) < begin:
            first += _DAY
        last = _nth_working_day(first, way.least_working_days, is_working)
        # A part of that last working day is enough where parts count; the whole of it is needed where they do not.
        inside = _midnight(last + _DAY, zone) <= end if way.whole_working_days else _midnight(last, zone) < end
        if not inside:
            end = _midnight(last + _DAY, zone)
    if way.rolls_over and not is_working(end.astimezone(zone).date()):
        last = _nth_working_day(end.astimezone(zone).date(), 1, is_working)
        end = _at(last, way.roll_over_until, zone)
    return end


def _end_from_the_moment(start: datetime, count: int, way: Way, zone: tzinfo, is_working: IsWorking) -> datetime:
    """The clock stands still on days off; where the way has office hours, outside of those as well."""
    there = start.astimezone(zone)
    before = way.opens is not None and there.time() < way.opens
    after = way.closes is not None and there.time() >= way.closes
    if before or not is_working(there.date()):
        return _at(_nth_working_day(there.date(), count, is_working), way.closes, zone)
    last = _nth_working_day(there.date() + _DAY, count, is_working)
    if after:
        return _at(last, way.closes, zone)
    return _utc(datetime.combine(last, there.time()), zone)


def _last_day(first: date, period: Period, way: Way, is_working: IsWorking) -> date:
    back = _DAY if way.event_day_counted else timedelta(0)
    match period.unit:
        case "calendar_days":
            return first + period.count * _DAY - back
        case "weeks":
            return first + 7 * period.count * _DAY - back
        case "working_days":
            return _nth_working_day(first if way.event_day_counted else first + _DAY, period.count, is_working)
    from dateutil.relativedelta import relativedelta  # costs time to import, and few periods are in months

    # Regulation 1182/71 art. 3(2)(c): the same date, or the last day of a month that has no such date.
    months = period.count * 12 if period.unit == "years" else period.count
    return first + relativedelta(months=months) - back


def _days_in(period: Period) -> int:
    """At least how many days a period has; enough to tell one day from two."""
    return period.count if period.unit in {"calendar_days", "working_days"} else period.count * 7


def _nth_working_day(day: date, count: int, is_working: IsWorking) -> date:
    """The `count`-th working day, `day` included."""
    left = count
    for step in range(_SEARCH_DAYS + 2 * count):
        found = day + step * _DAY
        left -= is_working(found)
        if left <= 0 and is_working(found):
            return found
    raise ValueError(f"a calendar without working days after {day}")


def _close_of(last: date, way: Way, zone: tzinfo, is_working: IsWorking) -> datetime:
    if way.rolls_over and not is_working(last):
        rolled = _nth_working_day(last, 1, is_working)
        return _at(rolled, way.roll_over_until or way.closes, zone)
    return _at(last, way.closes, zone)


def _at(day: date, until: time | None, zone: tzinfo) -> datetime:
    return _midnight(day + _DAY, zone) if until is None else _utc(datetime.combine(day, until), zone)


def _midnight(day: date, zone: tzinfo) -> datetime:
    return _utc(datetime.combine(day, time()), zone)


def _utc(naive: datetime, zone: tzinfo) -> datetime:
    # fold=0: of a local time that comes twice, the earlier; one that is skipped becomes the moment of the change
    # or shortly after, as the clocks before it would have shown.
    return naive.replace(tzinfo=zone).astimezone(UTC)


def _next_full_hour(start: datetime, zone: tzinfo) -> datetime:
    """Regulation 1182/71 art. 3(1): the hour of the event is not counted, an event on the hour included."""
    there = start.astimezone(zone)
    into = timedelta(minutes=there.minute, seconds=there.second, microseconds=there.microsecond)
    return start.astimezone(UTC) - into + timedelta(hours=1)
