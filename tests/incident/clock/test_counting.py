from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from incident.clock.counting import ends_at, every_day_works
from incident.clock.judging import counted
from incident.clock.places import ClockPlace
from incident.clock.regimes import load_laws
from incident.clock.rules import Period, Way

# A busy machine is no failure of the program.
unhurried = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])

TALLINN = ZoneInfo("Europe/Tallinn")
NEW_YORK = ZoneInfo("America/New_York")
ALMATY = ZoneInfo("Asia/Almaty")
WAYS = load_laws().ways


def weekdays(day: date) -> bool:
    return day.weekday() < 5


def at(text: str) -> datetime:
    return datetime.fromisoformat(text)


def way(name: str, unit: str) -> Way:
    return WAYS[name, unit]


def test_the_first_day_counts_where_a_law_says_so() -> None:
    event, period = at("2026-02-10T09:00+02:00"), Period(30, "calendar_days")
    assert ends_at(event, period, way("days", "calendar_days"), TALLINN, weekdays) == at("2026-03-13T00:00+02:00")
    counted_in = way("days-first-counted", "calendar_days")
    assert ends_at(event, period, counted_in, TALLINN, weekdays) == at("2026-03-12T00:00+02:00")


def test_days_after_the_end_of_the_calendar_year_know_leap_years() -> None:
    period, after = Period(60, "calendar_days"), way("days-after-year-end", "calendar_days")
    assert ends_at(at("2026-05-04T12:00-04:00"), period, after, NEW_YORK, weekdays) == at("2027-03-02T00:00-05:00")
    assert ends_at(at("2027-05-04T12:00-04:00"), period, after, NEW_YORK, weekdays) == at("2028-03-01T00:00-05:00")


def test_the_year_of_the_event_is_the_one_on_the_local_clock() -> None:
    period, after = Period(60, "calendar_days"), way("days-after-year-end", "calendar_days")
    eve = at("2027-01-01T02:00+00:00")  # still 31 December in New York
    assert ends_at(eve, period, after, NEW_YORK, weekdays) == at("2027-03-02T00:00-05:00")


def test_a_working_day_from_the_moment_stands_still_over_the_weekend() -> None:
    one, frozen = Period(1, "working_days"), way("working-days-from-the-moment", "working_days")
    assert ends_at(at("2026-02-13T17:20+05:00"), one, frozen, ALMATY, weekdays) == at("2026-02-16T17:20+05:00")
    assert ends_at(at("2026-02-10T17:20+05:00"), one, frozen, ALMATY, weekdays) == at("2026-02-11T17:20+05:00")


def test_a_working_day_from_a_moment_on_a_day_off_lasts_to_the_end_of_the_next_working_day() -> None:
    one, frozen = Period(1, "working_days"), way("working-days-from-the-moment", "working_days")
    assert ends_at(at("2026-02-14T09:00+05:00"), one, frozen, ALMATY, weekdays) == at("2026-02-17T00:00+05:00")


def test_a_last_day_may_close_before_midnight() -> None:
    closing = Way("closing", "working_days", "why", closes=time(17, 30))
    four = Period(4, "working_days")
    assert ends_at(at("2026-02-10T09:00-05:00"), four, closing, NEW_YORK, weekdays) == at("2026-02-16T17:30-05:00")
    assert ends_at(at("2026-02-14T09:00-05:00"), four, closing, NEW_YORK, weekdays) == at("2026-02-19T17:30-05:00")


def test_hours_that_end_on_a_day_off_may_run_to_noon_of_the_next_working_day() -> None:
    noon = Way("noon", "hours", "why", rolls_over=True, roll_over_until=time(12))
    three_days = Period(72, "hours")
    assert ends_at(at("2026-02-12T09:00+02:00"), three_days, noon, TALLINN, weekdays) == at("2026-02-16T12:00+02:00")
    assert ends_at(at("2026-02-10T09:00+02:00"), three_days, noon, TALLINN, weekdays) == at("2026-02-13T09:00+02:00")


def test_a_day_that_begins_in_a_clock_change_begins_at_the_change() -> None:
    cairo = ZoneInfo("Africa/Cairo")  # clocks go forward at 00:00 on Friday 24 April 2026
    day = ends_at(
        at("2026-04-22T09:00+02:00"), Period(1, "calendar_days"), way("days", "calendar_days"), cairo, weekdays
    )
    assert day == datetime(2026, 4, 23, 22, tzinfo=UTC)


def test_the_hour_is_dropped_on_a_clock_with_a_fixed_offset_too() -> None:
    nepal = timezone(timedelta(hours=5, minutes=45))
    dropped = way("eu-1182-71", "hours")
    end = ends_at(at("2026-02-10T14:10+05:45"), Period(72, "hours"), dropped, nepal, weekdays)
    assert end == at("2026-02-13T15:00+05:45")


def test_a_working_day_that_begins_with_the_period_is_a_whole_one() -> None:
    whole = way("two-working-days", "hours")
    end = ends_at(at("2026-02-12T23:30+02:00"), Period(72, "hours"), whole, TALLINN, weekdays)
    assert end == at("2026-02-17T00:00+02:00")  # Friday from its first minute, and Monday


def test_a_calendar_is_loaded_where_a_reading_with_one_may_be_the_earliest() -> None:
    sooner = Way("sooner", "calendar_days", "why", event_day_counted=True, rolls_over=True)
    event, period, place = at("2026-02-11T09:00+02:00"), Period(3, "calendar_days"), ClockPlace(TALLINN, "EE")
    plain = way("days", "calendar_days")
    due_at = counted(event, period, (plain, sooner), place, lambda country: NoHolidays()).due_at
    assert due_at == at("2026-02-14T00:00+02:00")  # Wednesday is day one: until the end of Friday
    due_at = counted(event + timedelta(days=1), period, (plain, sooner), place, lambda country: NoHolidays()).due_at
    assert due_at == at("2026-02-16T00:00+02:00")  # Saturday rolls over to Monday; Sunday's end comes first


def test_a_calendar_without_working_days_is_refused_and_not_searched_for_ever() -> None:
    with pytest.raises(ValueError, match="without working days"):
        ends_at(
            at("2026-02-10T09:00+02:00"),
            Period(1, "working_days"),
            way("working-days", "working_days"),
            TALLINN,
            lambda day: False,
        )


# Properties

moments = st.integers(1_527_200_000, 2_050_000_000).map(lambda seconds: datetime.fromtimestamp(seconds, UTC))
zones = st.sampled_from(
    [
        "UTC",
        "Europe/Tallinn",
        "Europe/Lisbon",
        "Asia/Kolkata",
        "Asia/Almaty",
        "America/New_York",
        "Australia/Lord_Howe",
        "Africa/Cairo",
        "Pacific/Kiritimati",
    ]
).map(ZoneInfo)
all_ways = st.sampled_from(sorted(WAYS.values(), key=lambda one: (one.name, one.unit)))
days_off = st.frozensets(st.integers(0, 60), max_size=20)


@unhurried
@given(event=moments, zone=zones, one=all_ways, count=st.integers(1, 90))
def test_nothing_ends_before_it_begins(event: datetime, zone: ZoneInfo, one: Way, count: int) -> None:
    assert ends_at(event, Period(count, one.unit), one, zone, weekdays) > event or one.event_day_counted


@unhurried
@given(event=moments, zone=zones, one=all_ways, count=st.integers(1, 40), off=days_off, more=days_off)
def test_more_days_off_never_end_a_period_earlier(
    event: datetime, zone: ZoneInfo, one: Way, count: int, off: frozenset[int], more: frozenset[int]
) -> None:
    first = event.astimezone(zone).date()
    period = Period(count, one.unit)

    def fewer_off(day: date) -> bool:
        return (day - first).days not in off

    def more_off(day: date) -> bool:
        return (day - first).days not in off | more

    none_off = ends_at(event, period, one, zone, every_day_works)
    assert none_off <= ends_at(event, period, one, zone, fewer_off) <= ends_at(event, period, one, zone, more_off)


@unhurried
@given(event=moments, zone=zones, hours=st.integers(1, 200))
def test_dropping_the_hour_gives_at_most_an_hour_more(event: datetime, zone: ZoneInfo, hours: int) -> None:
    period = Period(hours, "hours")
    elapsed = ends_at(event, period, way("elapsed", "hours"), zone, weekdays)
    dropped = ends_at(event, period, way("eu-1182-71", "hours"), zone, weekdays)
    assert elapsed - event == timedelta(hours=hours)
    assert timedelta(0) < dropped - elapsed <= timedelta(hours=1)


@unhurried
@given(event=moments, zone=zones, one=all_ways, count=st.integers(1, 40), sooner=st.integers(0, 200_000))
def test_a_later_event_never_ends_earlier(event: datetime, zone: ZoneInfo, one: Way, count: int, sooner: int) -> None:
    if one.frozen:  # an event on a day off has until 24:00, later than one in the small hours of the working day
        return
    period = Period(count, one.unit)
    earlier = event - timedelta(seconds=sooner)
    assert ends_at(earlier, period, one, zone, weekdays) <= ends_at(event, period, one, zone, weekdays)


class NoHolidays:
    def is_working(self, day: date) -> bool:
        return weekdays(day)

    def gap(self, first: date, last: date) -> str | None:
        return None


@unhurried
@given(event=moments, zone=zones, count=st.integers(1, 90))
def test_the_due_moment_is_the_earliest_reading(event: datetime, zone: ZoneInfo, count: int) -> None:
    ways = tuple(WAYS[name, "hours"] for name in ("two-working-days", "eu-1182-71", "elapsed"))
    end = counted(event, Period(count, "hours"), ways, ClockPlace(zone, "EE"), lambda country: NoHolidays())
    assert end.due_at == min(reading.due_at for reading in end.readings())


def test_no_calendar_is_loaded_where_it_cannot_move_the_due_moment() -> None:
    ways = tuple(WAYS[name, "hours"] for name in ("elapsed", "eu-1182-71", "two-working-days"))

    def none_to_give(country: str | None) -> NoHolidays:
        raise AssertionError("a calendar was asked for")

    end = counted(at("2026-02-10T09:00+02:00"), Period(72, "hours"), ways, ClockPlace(TALLINN, "EE"), none_to_give)
    assert end.due_at == at("2026-02-13T09:00+02:00")


def test_office_hours_stand_still_outside_them() -> None:
    office = way("office-hours", "working_days")
    one = Period(1, "working_days")
    cases = {
        "2026-02-10T07:30+02:00": "2026-02-10T18:00+02:00",  # before it opens: its closing on the same day
        "2026-02-10T09:00+02:00": "2026-02-11T09:00+02:00",
        "2026-02-10T17:59+02:00": "2026-02-11T17:59+02:00",
        "2026-02-10T18:00+02:00": "2026-02-11T18:00+02:00",  # after hours: its closing on the next working day
        "2026-02-13T22:00+02:00": "2026-02-16T18:00+02:00",
        "2026-02-14T10:00+02:00": "2026-02-16T18:00+02:00",
    }
    for event, end in cases.items():
        assert ends_at(at(event), one, office, TALLINN, weekdays) == at(end)
