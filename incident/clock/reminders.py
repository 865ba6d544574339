"""
Which reminders are due: 24 h, 6 h, 1 h and 0 before each due time, once each. Pure.

A run that comes late gives the most urgent stage it finds passed; the stages before that one are then covered too.
A due time that moves is a new one, and is reminded of anew.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo

from incident.clock.alarms import AIM, PERHAPS
from incident.clock.judging import Duty
from incident.clock.show import both
from incident.moments import span, stamp
from incident.record.canonical import Json
from incident.record.events import INCIDENT_KINDS, Reminded, happening_in
from incident.record.timeline import Incident

HOURS_BEFORE = (24, 6, 1, 0)
_LEASE = timedelta(minutes=10)  # how long a message that was begun may take before another run takes it over
_STATES = ("late", "running", "possible")

# A duty and its due time as stamped -> the most urgent stage given, in hours before.
Given = Mapping[tuple[str, str], int]


@dataclass(frozen=True)
class Reminder:
    """hours_before: the stage, of HOURS_BEFORE. due_at: aware, UTC."""

    duty: Duty
    due_at: datetime
    hours_before: int


def given_reminders(incident: Incident, *, now: datetime) -> Given:
    """What people have been reminded of, and what another run is sending at this moment."""
    given: dict[tuple[str, str], int] = {}
    begun: dict[tuple[str, str], tuple[int, datetime]] = {}
    for event in incident.events:
        reminded = happening_in(event, INCIDENT_KINDS) if event.kind == Reminded.kind else None
        if reminded is None:
            continue
        for item in reminded.reminders:
            key, hours = (str(item["duty"]), str(item["due_at"])), int(item["hours_before"])
            begun.pop(key, None)
            if reminded.state == "begun":
                begun[key] = hours, event.recorded_at
            elif reminded.state == "delivered":
                given[key] = min(hours, given.get(key, hours))
    for key, (hours, since) in begun.items():
        if now - since < _LEASE:
            given[key] = min(hours, given.get(key, hours))
    return given


def due_reminders(duties: Sequence[Duty], given: Given, *, now: datetime) -> list[Reminder]:
    """The reminders that are due and not given yet, in the order of `duties`; now: aware."""
    found = []
    for duty in duties:
        if duty.due_at is None or duty.state not in _STATES:
            continue
        passed = [hours for hours in HOURS_BEFORE if duty.due_at - now <= timedelta(hours=hours)]
        if passed and passed[-1] < given.get((duty.id, stamp(duty.due_at)), HOURS_BEFORE[0] + 1):
            found.append(Reminder(duty, duty.due_at, passed[-1]))
    return found


def happening_of(reminders: Sequence[Reminder], state: str) -> Reminded:
    """What the journal keeps: which duty, which due time, which stage."""
    return Reminded(
        [
            {"duty": reminder.duty.id, "due_at": stamp(reminder.due_at), "hours_before": reminder.hours_before}
            for reminder in reminders
        ],
        state,
    )


def reminder_lines(incident: Incident, reminders: Sequence[Reminder], *, now: datetime, zone: tzinfo) -> list[str]:
    """
    A line for each duty that is owed or aimed at, and one for those that may be; those whose law may not apply are one.

    Says the incident's id and not its title, since these lines also go out to chats and telephones.
    """
    head = f"{'EXERCISE. ' if incident.exercise else ''}{incident.id}: "
    owed = [reminder for reminder in reminders if reminder.duty.state != "possible"]
    folded = [reminder for reminder in reminders if reminder.duty.law == PERHAPS]
    perhaps = [reminder for reminder in reminders if reminder.duty.state == "possible" and reminder not in folded]
    lines = [head + _line(reminder, now, zone) for reminder in owed]
    if perhaps:
        first = min(perhaps, key=lambda reminder: reminder.due_at)
        others = f", and {len(perhaps) - 1} more" if len(perhaps) > 1 else ""
        lines.append(f"{head}perhaps owed: {_line(first, now, zone)}{others} (incident clock)")
    for one in folded:
        due = "is" if one.due_at >= now else "would have been"
        words = f"{one.duty.name}; the first {due} due {both(one.due_at, zone)}"
        lines.append(f"{head}perhaps owed: {words}; incident clock says what decides")
    return lines


def reminder_document(incident: Incident, reminder: Reminder) -> dict[str, Json]:
    return {
        "incident": incident.id,
        "duty": reminder.duty.id,
        "name": reminder.duty.name,
        "recipient": reminder.duty.recipient,
        "state": reminder.duty.state,
        "hours_before": reminder.hours_before,
        "due_at": stamp(reminder.due_at),
    }


def _line(reminder: Reminder, now: datetime, zone: tzinfo) -> str:
    duty = reminder.duty
    left = reminder.due_at - now
    if left > timedelta(0):
        words = f"{span(left)} left"
    elif left == timedelta(0):
        words = "NOW"
    elif duty.state == "possible":  # nothing is late before it is known to be owed
        words = f"{span(-left)} ago"
    else:
        words = f"{span(-left)} {'past' if duty.law == AIM else 'LATE'}"
    to = f": {duty.recipient}" if duty.recipient else ""
    due = "at" if duty.law == AIM else "due"
    return f"{words}: {duty.name}{to}; {due} {both(reminder.due_at, zone)}; {duty.cite}"
