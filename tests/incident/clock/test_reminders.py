from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from incident.clock.alarms import alarms_of
from incident.clock.judging import Duty
from incident.clock.reminders import (
    HOURS_BEFORE,
    due_reminders,
    given_reminders,
    happening_of,
    reminder_lines,
)
from incident.record.chain import event_of, link
from incident.record.events import Happening
from incident.record.timeline import Incident

NOW = datetime(2026, 11, 21, 1, 5, tzinfo=UTC)
TALLINN = ZoneInfo("Europe/Tallinn")


def duty_due(
    due_at: datetime | None, duty: str = "eu-gdpr-art33-sa", state: str = "running", reached: bool | None = True
) -> Duty:
    return Duty(
        id=duty,
        law="eu-gdpr",
        name="Notify the supervisory authority",
        owed_to="supervisory_authority",
        recipient=None,
        state=state,
        starts_with="awareness",
        starts_at=NOW - timedelta(hours=48),
        period="72 hours",
        due_at=due_at,
        cite="Regulation (EU) 2016/679, art. 33(1)",
        reasons=(),
        missing=(),
        confidence="verified",
        checked_on=None,
        reached=reached,
    )


def recorded(incident: Incident, at: datetime, *happenings: Happening) -> Incident:
    """`incident` after `happenings`, recorded at `at`."""
    last = (incident.events[-1].sequence, incident.events[-1].hash) if incident.events else (0, "0" * 64)
    rows = link(happenings, incident=incident.id, actor="cron", now=at, last=last)
    return replace(incident, events=(*incident.events, *map(event_of, rows)))


def stages(incident: Incident, duties: Sequence[Duty], *, now: datetime) -> list[int]:
    given = given_reminders(incident, now=now)
    return [reminder.hours_before for reminder in due_reminders(duties, given, now=now)]


def test_nothing_is_due_before_the_first_stage_and_each_stage_on_its_moment(
    incident: Callable[..., Incident],
) -> None:
    due_at = NOW + timedelta(hours=24)
    assert stages(incident(), [duty_due(due_at)], now=NOW - timedelta(seconds=1)) == []
    for hours in HOURS_BEFORE:
        assert stages(incident(), [duty_due(due_at)], now=due_at - timedelta(hours=hours)) == [hours]


def test_what_was_delivered_is_not_given_again_and_the_next_stage_is(incident: Callable[..., Incident]) -> None:
    duty = duty_due(NOW + timedelta(hours=6))
    first = due_reminders([duty], {}, now=NOW)
    after = recorded(incident(), NOW, happening_of(first, "delivered"))
    assert stages(after, [duty], now=NOW + timedelta(hours=4)) == []
    assert stages(after, [duty], now=NOW + timedelta(hours=5)) == [1]


def test_a_late_run_gives_the_most_urgent_stage_once_and_the_earlier_ones_are_covered(
    incident: Callable[..., Incident],
) -> None:
    duty = duty_due(NOW - timedelta(hours=30), state="late")
    first = due_reminders([duty], {}, now=NOW)
    assert [reminder.hours_before for reminder in first] == [0]
    after = recorded(incident(), NOW, happening_of(first, "delivered"))
    assert stages(after, [duty], now=NOW + timedelta(days=9)) == []


def test_a_due_time_that_moved_is_a_new_one(incident: Callable[..., Incident]) -> None:
    duty = duty_due(NOW + timedelta(hours=5))
    after = recorded(incident(), NOW, happening_of(due_reminders([duty], {}, now=NOW), "delivered"))
    assert stages(after, [replace(duty, due_at=NOW + timedelta(hours=4))], now=NOW) == [6]


def test_a_message_that_failed_is_given_again_at_once(incident: Callable[..., Incident]) -> None:
    duty = duty_due(NOW + timedelta(hours=5))
    due = due_reminders([duty], {}, now=NOW)
    after = recorded(incident(), NOW, happening_of(due, "begun"), happening_of(due, "failed"))
    assert stages(after, [duty], now=NOW) == [6]


def test_a_message_another_run_is_sending_is_left_to_it_for_ten_minutes(incident: Callable[..., Incident]) -> None:
    duty = duty_due(NOW + timedelta(hours=5))
    after = recorded(incident(), NOW, happening_of(due_reminders([duty], {}, now=NOW), "begun"))
    assert stages(after, [duty], now=NOW + timedelta(minutes=9)) == []
    assert stages(after, [duty], now=NOW + timedelta(minutes=10)) == [6]


def test_a_repeat_that_fails_does_not_undo_what_was_delivered_before(incident: Callable[..., Incident]) -> None:
    duty = duty_due(NOW + timedelta(hours=6))
    first = due_reminders([duty], {}, now=NOW)
    second = due_reminders([duty], {}, now=NOW + timedelta(hours=5))
    after = recorded(incident(), NOW, happening_of(first, "delivered"), happening_of(second, "failed"))
    assert stages(after, [duty], now=NOW + timedelta(hours=1)) == []


def test_duties_done_not_owed_or_without_a_date_are_silent(incident: Callable[..., Incident]) -> None:
    duties = [duty_due(None), duty_due(NOW, state="done"), duty_due(NOW, state="not_owed")]
    assert stages(incident(), duties, now=NOW) == []


def test_what_may_be_owed_is_one_line_however_many(incident: Callable[..., Incident]) -> None:
    duties = [
        duty_due(NOW + timedelta(hours=3), "us-tx-ag", "possible"),
        duty_due(NOW + timedelta(hours=2), "us-ca-ag", "possible"),
        duty_due(NOW + timedelta(hours=6)),
    ]
    lines = reminder_lines(incident(), due_reminders(duties, {}, now=NOW), now=NOW, zone=TALLINN)
    assert lines == [
        "2026-001: 6 h 00 min left: Notify the supervisory authority; due Sat 2026-11-21 09:05 +02:00 (07:05 UTC); "
        "Regulation (EU) 2016/679, art. 33(1)",
        "2026-001: perhaps owed: 2 h 00 min left: Notify the supervisory authority; "
        "due Sat 2026-11-21 05:05 +02:00 (03:05 UTC); Regulation (EU) 2016/679, art. 33(1), "
        "and 1 more (incident clock)",
    ]


def test_laws_that_may_not_apply_are_one_line_and_late_in_none(incident: Callable[..., Incident]) -> None:
    duties = [
        duty_due(NOW - timedelta(days=47), "zm-dpc", "possible", None),
        duty_due(NOW + timedelta(hours=2), "us-ca-ag", "possible", None),
    ]
    lines = reminder_lines(incident(), due_reminders(alarms_of(duties), {}, now=NOW), now=NOW, zone=TALLINN)
    assert lines == [
        "2026-001: perhaps owed: 2 duties of 1 law, should they apply; the first would have been due "
        "Mon 2026-10-05 04:05 +03:00 (01:05 UTC); incident clock says what decides"
    ]


def test_the_entry_of_what_is_perhaps_owed_stands_at_the_first_due_time_to_come(
    incident: Callable[..., Incident],
) -> None:
    duties = [duty_due(NOW + timedelta(hours=hours), f"d{hours}", "possible", None) for hours in (-9, 2, 5)]
    assert [alarm.due_at for alarm in alarms_of(duties, after=NOW)] == [NOW + timedelta(hours=2)]
    assert [alarm.due_at for alarm in alarms_of(duties[:1], after=NOW)] == [NOW - timedelta(hours=9)]


def test_a_line_says_late_and_now(incident: Callable[..., Incident]) -> None:
    for due_at, words in ((NOW, "NOW"), (NOW - timedelta(hours=2), "2 h 00 min LATE")):
        line = reminder_lines(incident(), due_reminders([duty_due(due_at)], {}, now=NOW), now=NOW, zone=TALLINN)[0]
        assert line.startswith(f"2026-001: {words}: Notify")


def test_the_title_is_in_no_line_and_an_exercise_says_so(incident: Callable[..., Incident]) -> None:
    drill = replace(incident(), exercise=True)
    line = reminder_lines(drill, due_reminders([duty_due(NOW)], {}, now=NOW), now=NOW, zone=TALLINN)[0]
    assert line.startswith("EXERCISE. 2026-001: ")
    assert drill.title not in line


@given(st.lists(st.integers(0, 60 * 60), min_size=1, max_size=30))
def test_however_often_it_runs_each_stage_is_given_at_most_once_and_the_last_always(minutes: list[int]) -> None:
    incident = Incident("2026-001", "t", NOW, "ann")
    duty = duty_due(NOW + timedelta(hours=48))
    seen: list[int] = []
    for minute in [*sorted(minutes), 60 * 60]:
        now = NOW + timedelta(minutes=minute)
        due = due_reminders([duty], given_reminders(incident, now=now), now=now)
        seen += [reminder.hours_before for reminder in due]
        if due:
            incident = recorded(incident, now, happening_of(due, "delivered"))
    assert seen == sorted(set(seen), reverse=True)
    assert seen[-1] == 0
