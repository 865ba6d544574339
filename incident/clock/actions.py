"""Use cases of the clock that leave something behind: reminders and calendar files. Read, decide, append."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from incident.actions import duties
from incident.clock.alarms import alarms_of
from incident.clock.evidence import Evidence, as_duties, evidence_named, evidence_of, kind_meant
from incident.clock.judging import Duty
from incident.clock.moved import Moved, moved
from incident.clock.reminders import Reminder, due_reminders, given_reminders, happening_of
from incident.errors import OutsideError, UsageError
from incident.moments import Moment
from incident.record.chronology import check_past
from incident.record.events import EvidencePreserved, Happening
from incident.record.timeline import Incident, replay
from incident.workspace import Workspace

Notify = Callable[[Incident, Sequence[Reminder]], bool]


@dataclass(frozen=True)
class Given:
    """The reminders of one incident that this run gave. delivered: whether each that was to get them did."""

    incident: Incident
    reminders: tuple[Reminder, ...]
    delivered: bool = True


def evidence(workspace: Workspace, incident: Incident) -> list[Evidence]:
    """The evidence of an incident that disappears, as of now."""
    return evidence_of(incident, workspace.organisation, now=workspace.now())


def preserve(
    workspace: Workspace, incident: str | None, what: str, because: str, *, at: Moment | None = None
) -> Evidence:
    """
    Record that evidence was put away; returns it as it stands then.

    what: as the profile calls it, or in any words. because: how, and where it lies. at: when; None for now. Raises
    UsageError for what looks like a slip of a kind the profile names, and RefusedError for a time that has not come.
    """
    if not because.strip():
        raise UsageError(
            "It is not said how it was put away.", state="Nothing was recorded.", next_step='add --because "…"'
        )
    when = at.at if at else workspace.now()
    check_past("at", when, now=workspace.now())
    found = workspace.incident(incident)
    kind = kind_meant(what, evidence(workspace, found))
    after = workspace.record(found.id, lambda _: [EvidencePreserved(kind, when, because.strip())])[0]
    return evidence_named(kind, evidence(workspace, after))


def _with_due_times(workspace: Workspace, incident: Incident, *, after: datetime | None = None) -> list[Duty]:
    """What rings (see `alarms_of`), and what is to be put away before it is lost."""
    return [*alarms_of(duties(workspace, incident), after=after), *as_duties(evidence(workspace, incident))]


def what_moved(workspace: Workspace, incident: Incident) -> list[Moved]:
    """What the last event of `incident` moved on its clock."""
    before = replay(incident.events[:-1])
    return moved(duties(workspace, before), duties(workspace, incident))


def remind(workspace: Workspace, incident: str | None, notify: Notify | None = None) -> list[Given]:
    """
    Take up every reminder that is due, of one incident or of all that are open, and send it where `notify` is given.

    The journal decides who gives one: of two machines that share it, the second to append finds it taken. A message
    is noted as begun before it is sent; one that fails, or whose run is cut short, is given again.
    """
    found = [workspace.incident(incident)] if incident else workspace.incidents()
    given = [_take_up(workspace, open_one.id, notify) for open_one in found if open_one.closed is None]
    return [one for one in given if one.reminders]


def export_calendar(workspace: Workspace, incident: str | None) -> tuple[bytes, int]:
    """The calendar file of an incident, and how many due times run in it. Recorded where it says something new."""
    from incident.clock import calendar_file  # its library costs a tenth of a second

    now = workspace.now()
    text: list[tuple[bytes, int]] = []

    def decide(found: Incident) -> list[Happening]:
        owed, before = _with_due_times(workspace, found, after=now), calendar_file.exported(found)
        entries = calendar_file.entries_of(owed, before, closed=found.closed is not None)
        running = sum(entry.status != calendar_file.CANCELLED for entry in entries.values())
        text[:] = [(calendar_file.calendar_text(found, owed, entries, now=now), running)]
        return [calendar_file.happening_of(entries)] if entries != before else []

    workspace.record(incident, decide)
    return text[0]


def write_calendar(text: bytes, file: Path) -> None:
    """Put `text` in place of `file` at once, readable by its owner only; raises OutsideError where it cannot be."""
    draft = file.with_name(f".{file.name}.{os.getpid()}")
    try:
        with os.fdopen(os.open(draft, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600), "wb") as out:
            out.write(text)
        draft.replace(file)
    except OSError as error:
        draft.unlink(missing_ok=True)
        raise OutsideError(
            f"The calendar file {file} could not be written: {error.strerror}.",
            state="An earlier file of that name is as it was.",
            next_step="choose another place for it, or --ics - to print it",
        ) from error


def _take_up(workspace: Workspace, incident: str, notify: Notify | None) -> Given:
    taken: list[Reminder] = []
    sends: list[bool] = []

    def decide(found: Incident) -> list[Happening]:
        now = workspace.now()
        # A rehearsal's reminders stay on the screen: nothing of it may reach a person by another way.
        sends[:] = [notify is not None and not found.exercise]
        taken[:] = due_reminders(_with_due_times(workspace, found), given_reminders(found, now=now), now=now)
        return [happening_of(taken, "begun" if sends[0] else "delivered")] if taken else []

    found = workspace.record(incident, decide)[0]
    if notify is None or not taken or not sends[0]:
        return Given(found, tuple(taken))
    delivered = notify(found, taken)
    workspace.record(incident, lambda _: [happening_of(taken, "delivered" if delivered else "failed")])
    return Given(found, tuple(taken), delivered)
