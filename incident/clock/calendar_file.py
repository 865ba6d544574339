"""
The due times of one incident as a calendar file (RFC 5545), for telephones and shared calendars. Pure.

What an earlier file said is read from the journal, not from that file: a file may have been moved, or written on
another machine, and a calendar takes an update only where its number (SEQUENCE) has grown since.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from icalendar import Alarm, Calendar, Event

from incident.clock.alarms import AIM, PERHAPS
from incident.clock.judging import Duty
from incident.clock.reminders import HOURS_BEFORE
from incident.moments import from_stamp, stamp
from incident.record.canonical import Json
from incident.record.events import INCIDENT_KINDS, CalendarExported, happening_in
from incident.record.timeline import Incident

_PRODUCT = "-//incident//due times//EN"
_STATUS = {"late": "CONFIRMED", "running": "CONFIRMED", "possible": "TENTATIVE"}
CANCELLED = "CANCELLED"


@dataclass(frozen=True)
class Entry:
    """
    One duty as a calendar shows it. due_at: aware, UTC. status: CONFIRMED, TENTATIVE (perhaps owed) or CANCELLED.

    sequence: 0 in the first file that has it, one more each time its due time or status changed.
    """

    name: str
    due_at: datetime
    status: str
    sequence: int = 0


def exported(incident: Incident) -> dict[str, Entry]:
    """By duty, what the newest calendar file of `incident` says; empty where there was none."""
    for event in reversed(incident.events):
        found = happening_in(event, INCIDENT_KINDS) if event.kind == CalendarExported.kind else None
        if found is not None:
            return {
                duty: Entry(
                    str(entry["name"]), from_stamp(str(entry["due_at"])), str(entry["status"]), int(entry["sequence"])
                )
                for duty, entry in found.entries.items()
            }
    return {}


def entries_of(duties: Sequence[Duty], before: Mapping[str, Entry], *, closed: bool = False) -> dict[str, Entry]:
    """
    By duty, what a calendar is to show now.

    before: the newest export. closed: whether the incident is; then nothing runs any more. What was shown before and
    no longer runs is cancelled, and stays in every later file, since a calendar may have missed one.
    """
    now = {
        duty.id: Entry(duty.name, duty.due_at, _STATUS[duty.state])
        for duty in duties
        if duty.due_at is not None and duty.state in _STATUS and not closed
    }
    gone = {duty: Entry(entry.name, entry.due_at, CANCELLED) for duty, entry in before.items() if duty not in now}
    return {duty: _numbered(entry, before.get(duty)) for duty, entry in sorted({**now, **gone}.items())}


def happening_of(entries: Mapping[str, Entry]) -> CalendarExported:
    body: dict[str, dict[str, Json]] = {
        duty: {
            "name": entry.name,
            "due_at": stamp(entry.due_at),
            "status": entry.status,
            "sequence": entry.sequence,
        }
        for duty, entry in entries.items()
    }
    return CalendarExported(body)


def calendar_text(incident: Incident, duties: Sequence[Duty], entries: Mapping[str, Entry], *, now: datetime) -> bytes:
    """
    The file. Times are in UTC, so that no zone has to be carried along.

    It holds the incident's id and not its title: a calendar has more readers than the record.
    """
    calendar = Calendar()
    calendar.add("prodid", _PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    calendar.add("x-wr-calname", f"{'EXERCISE ' if incident.exercise else ''}incident {incident.id}")
    by_id = {duty.id: duty for duty in duties}
    for duty, entry in entries.items():
        calendar.add_component(_event(incident, duty, entry, by_id.get(duty), now))
    text: bytes = calendar.to_ical()
    return text


def _numbered(entry: Entry, before: Entry | None) -> Entry:
    if before is None:
        return entry
    changed = (entry.due_at, entry.status) != (before.due_at, before.status)
    return Entry(entry.name, entry.due_at, entry.status, before.sequence + changed)


def _event(incident: Incident, duty_id: str, entry: Entry, duty: Duty | None, now: datetime) -> Event:
    event = Event()
    # Two workspaces may each have a 2026-001; the hash of the opening tells their events apart.
    event.add("uid", f"{incident.id}-{duty_id}-{_mark(incident)}@incident.invalid")
    event.add("sequence", entry.sequence)
    event.add("dtstamp", now)
    event.add("dtstart", entry.due_at)
    event.add("status", entry.status)
    event.add("transp", "TRANSPARENT")
    event.add("class", "CONFIDENTIAL")
    event.add("summary", _summary(incident, entry, duty))
    if duty is not None and entry.status != CANCELLED:
        event.add("description", _description(duty))
    if entry.status != CANCELLED:
        for hours in HOURS_BEFORE:
            event.add_component(_alarm(hours, entry))
    return event


def _mark(incident: Incident) -> str:
    return incident.events[0].hash[:12] if incident.events else "new"


def _summary(incident: Incident, entry: Entry, duty: Duty | None) -> str:
    exercise = "EXERCISE " if incident.exercise else ""
    perhaps = "Perhaps: " if entry.status == "TENTATIVE" else ""
    to = f" ({duty.recipient})" if duty is not None and duty.recipient else ""
    return f"{exercise}{incident.id}: {perhaps}{entry.name}{to}"


def _description(duty: Duty) -> str:
    if duty.law == PERHAPS:
        return f"{duty.because} This stands at the first of their due times to come."
    event = duty.starts_with.removeprefix("done:").replace("_", " ")
    lines = [f"{duty.id}: {duty.period} from {event}", f"Rests on {duty.cite} ({duty.confidence})"]
    if duty.law == AIM:
        lines.append("To aim at; no reading of the law. The duty itself has an entry of its own.")
    if duty.missing:
        lines.append(f"Not known yet: {', '.join(duty.missing)}")
    return "\n".join(lines)


def _alarm(hours: int, entry: Entry) -> Alarm:
    alarm = Alarm()
    alarm.add("action", "DISPLAY")
    alarm.add("description", f"{hours} h left: {entry.name}" if hours else f"Due now: {entry.name}")
    alarm.add("trigger", -timedelta(hours=hours))
    return alarm
