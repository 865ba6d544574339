"""WHEN: what people type at night, and the instant it means."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incident.errors import UsageError
from incident.moments import from_stamp, local, read_moment, span, stamp

TALLINN = ZoneInfo("Europe/Tallinn")
NOW = datetime(2026, 11, 21, 1, 5, tzinfo=UTC)
NAIVE_1990, NAIVE_2037 = datetime(1990, 1, 1), datetime(2037, 1, 1)  # noqa: DTZ001 - bounds of local times


def utc(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)  # type: ignore[misc,arg-type]  # a tuple of date parts


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("now", utc(2026, 11, 21, 1, 5)),
        ("20 min ago", utc(2026, 11, 21, 0, 45)),
        ("2 hours ago", utc(2026, 11, 20, 23, 5)),
        ("3 days ago", utc(2026, 11, 18, 1, 5)),
        ("in 3 days", utc(2026, 11, 24, 1, 5)),
        ("02:40", utc(2026, 11, 21, 0, 40)),
        ("03:05", utc(2026, 11, 21, 1, 5)),
        ("03:06", utc(2026, 11, 20, 1, 6)),  # the most recent one was yesterday
        ("2026-11-21 02:40", utc(2026, 11, 21, 0, 40)),
        ("2026-11-21T02:40:30", utc(2026, 11, 21, 0, 40, 30)),
        ("2026-11-21T02:40+05:00", utc(2026, 11, 20, 21, 40)),
        ("2026-11-21T02:40Z", utc(2026, 11, 21, 2, 40)),
        ("2026-11-21 02:40 Asia/Almaty", utc(2026, 11, 20, 21, 40)),
        ("2026-03-20T09:30 Asia/Almaty", utc(2026, 3, 20, 4, 30)),
        ("2026-11-21T02:40+05:00[Asia/Almaty]", utc(2026, 11, 20, 21, 40)),
        ("2026-11-21T02:40[Asia/Almaty]", utc(2026, 11, 20, 21, 40)),
        ("2026-11-21", utc(2026, 11, 20, 22, 0)),
    ],
)
def test_every_form_of_the_contract_is_understood(text: str, at: datetime) -> None:
    assert read_moment(text, now=NOW, zone=TALLINN).at == at


@pytest.mark.parametrize(
    "text",
    ["", "yesterday", "10:30 EST", "2026-11-21 10:00 MSK", "2026-11-21 10:00 UTC+3", "01/02/2026", "25:00",
     "2026-02-30 10:00", "2026-11-21 10:00 Europe/Tallin", "soon", "99999 days ago ago", "2026-11-21T10:00+99:00"],
)  # fmt: skip
def test_anything_else_is_refused_with_examples_and_never_guessed(text: str) -> None:
    with pytest.raises(UsageError) as refusal:
        read_moment(text, now=NOW, zone=TALLINN)
    assert refusal.value.next_step
    assert "Almaty" in refusal.value.next_step or "Tallinn" in refusal.value.next_step


def test_the_hour_that_came_twice_is_the_earlier_one_and_says_so() -> None:
    moment = read_moment("2026-10-25 03:30", now=NOW, zone=TALLINN)
    assert moment.at == utc(2026, 10, 25, 0, 30)
    assert "twice" in str(moment.note)


def test_the_hour_that_was_skipped_did_not_happen() -> None:
    with pytest.raises(UsageError, match="put forward"):
        read_moment("2026-03-29 03:30", now=NOW, zone=TALLINN)


def test_an_offset_that_contradicts_its_zone_is_refused() -> None:
    with pytest.raises(UsageError, match="contradicts itself"):
        read_moment("2026-11-21T02:40+06:00[Asia/Almaty]", now=NOW, zone=TALLINN)


def test_a_time_from_before_the_clocks_are_kept_is_no_traceback() -> None:
    with pytest.raises(UsageError):
        read_moment("0001-01-01 00:00 Asia/Almaty", now=NOW, zone=TALLINN)


@given(st.datetimes(timezones=st.just(UTC), min_value=datetime(1970, 1, 1), max_value=datetime(2100, 1, 1)))  # noqa: DTZ001 - hypothesis wants naive bounds
def test_a_stamp_reads_back_to_the_same_instant(at: datetime) -> None:
    assert from_stamp(stamp(at)) == at
    assert read_moment(stamp(at), now=NOW, zone=TALLINN).at == at


@given(
    st.datetimes(min_value=NAIVE_1990, max_value=NAIVE_2037),
    st.sampled_from(["Europe/Tallinn", "Asia/Almaty", "America/New_York", "Asia/Kolkata"]),
)
def test_a_local_time_that_happened_is_read_as_the_earliest_instant_with_that_face(naive: datetime, name: str) -> None:
    zone = ZoneInfo(name)
    naive = naive.replace(microsecond=0)
    try:
        at = read_moment(f"{naive:%Y-%m-%d %H:%M:%S} {name}", now=NOW, zone=ZoneInfo("UTC")).at
    except UsageError:
        assert naive.replace(tzinfo=zone).astimezone(UTC).astimezone(zone).replace(tzinfo=None) != naive
        return
    assert at.astimezone(zone).replace(tzinfo=None) == naive
    assert (at - timedelta(hours=1)).astimezone(zone).replace(tzinfo=None) != naive


def test_people_read_weekday_offset_and_what_is_left() -> None:
    assert local(NOW, TALLINN) == "Sat 2026-11-21 03:05 +02:00"
    assert span(timedelta(hours=71, minutes=59)) == "2 d 23 h"
    assert span(timedelta(minutes=372)) == "6 h 12 min"
    assert span(-timedelta(minutes=5)) == "-5 min"
