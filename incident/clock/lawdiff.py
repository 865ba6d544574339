"""
What changed between two releases of the law data, and which due times of open incidents would move. Pure, but for
`read_release`, which reads a folder.
"""

from __future__ import annotations

from collections.abc import Sequence, Set
from dataclasses import dataclass, fields
from datetime import datetime, tzinfo
from pathlib import Path
from typing import Any

from incident.clock import calendars
from incident.clock.calendars import CalendarOf
from incident.clock.duties import duties_of
from incident.clock.judging import Duty
from incident.clock.regimes import SHARED, load_laws, read_laws
from incident.clock.rules import DutyRule, Law, Laws, Version
from incident.clock.show import both
from incident.errors import UsageError
from incident.moments import stamp
from incident.organisation.profile import Organisation
from incident.record.canonical import Json
from incident.record.timeline import Incident

INSTALLED = "installed"
# When somebody last looked is no change of the law.
_NOT_LAW = {"checked_on", "review_by"}


@dataclass(frozen=True)
class Release:
    """The laws of one release, and its working days."""

    laws: Laws
    calendar_of: CalendarOf


@dataclass(frozen=True)
class Change:
    """One duty. how: "added", "removed" or "changed"; parts: what of it changed, by the keys of its file."""

    duty: str
    law: str
    how: str
    parts: tuple[str, ...] = ()


@dataclass(frozen=True)
class Move:
    """A duty of an open incident that stands otherwise under the newer law. A due time is aware, UTC, or None."""

    incident: str
    duty: str
    name: str
    state_from: str | None
    state_to: str | None
    due_from: datetime | None
    due_to: datetime | None


def read_release(folder: str) -> Release:
    """
    The law data in `folder`, or those of this program for "installed".

    Raises UsageError where it is no folder of law files, or one of them is wrong.
    """
    if folder == INSTALLED:
        return Release(load_laws(), calendars.calendar_of)
    path = Path(folder)
    if not (path / SHARED[0]).is_file():
        raise UsageError(
            f"{folder} is no folder of law files: it has no {SHARED[0]}.",
            next_step=f"give the folder incident/law of a release, or the word {INSTALLED}",
        )
    try:
        laws = read_laws(path)
    except UsageError as error:
        raise UsageError(f"In {folder}: {error.what}", next_step=error.next_step) from None
    except FileNotFoundError as error:
        name = Path(str(error.filename)).name
        raise UsageError(f"{folder} has no {name}.", next_step="take the whole folder of a release") from None
    holidays = path / "holidays"
    corrections = calendars.read_corrections(holidays) if holidays.is_dir() else {}
    return Release(laws, calendars.calendars_with(corrections))


def changes(old: Laws, new: Laws) -> list[Change]:
    """The duties that differ, by id."""
    before = {rule.id: (law, rule) for law in old.laws for rule in law.duties}
    after = {rule.id: (law, rule) for law in new.laws for rule in law.duties}
    found = []
    for duty in sorted(before.keys() | after.keys()):
        if duty not in after:
            found.append(Change(duty, before[duty][0].id, "removed"))
        elif duty not in before:
            found.append(Change(duty, after[duty][0].id, "added"))
        elif parts := _parts(before[duty], after[duty]):
            found.append(Change(duty, after[duty][0].id, "changed", parts))
    return found


def moves(
    incidents: Sequence[Incident], organisation: Organisation | None, old: Release, new: Release, *, now: datetime
) -> list[Move]:
    """For each of `incidents` that is open, what would fall due at another time, or be owed otherwise, under `new`."""
    found = []
    for incident in incidents:
        if incident.closed is not None:
            continue
        before, after = (
            {
                duty.id: duty
                for duty in duties_of(incident, organisation, release.laws, now=now, calendar_of=release.calendar_of)
            }
            for release in (old, new)
        )
        pairs = [(duty, before.get(duty), after.get(duty)) for duty in sorted(before.keys() | after.keys())]
        found += [_move(incident, duty, one, other) for duty, one, other in pairs if _stands(one) != _stands(other)]
    return found


def diff_document(changed: Sequence[Change], moved: Sequence[Move]) -> Json:
    return {
        "duties": [{"duty": one.duty, "law": one.law, "change": one.how, "parts": list(one.parts)} for one in changed],
        "incidents": [
            {
                "incident": one.incident,
                "duty": one.duty,
                "state_from": one.state_from,
                "state_to": one.state_to,
                "due_from": stamp(one.due_from) if one.due_from else None,
                "due_to": stamp(one.due_to) if one.due_to else None,
            }
            for one in moved
        ],
    }


def diff_lines(changed: Sequence[Change], moved: Sequence[Move], *, zone: tzinfo) -> list[str]:
    lines = [f"{one.how}: {one.duty}" + (f" ({', '.join(one.parts)})" if one.parts else "") for one in changed]
    lines = lines or ["No duty differs."]
    lines += ["", "Open incidents:" if moved else "No due time of an open incident would move."]
    for one in moved:
        before, after = _words(one.state_from, one.due_from, zone), _words(one.state_to, one.due_to, zone)
        lines.append(f"   {one.incident}: {one.name} ({one.duty}): from {before} to {after}")
    return lines


def _words(state: str | None, due_at: datetime | None, zone: tzinfo) -> str:
    if state is None:
        return "not owed"
    return f"{state}, due {both(due_at, zone)}" if due_at else f"{state}, without a date"


def _move(incident: Incident, duty: str, before: Duty | None, after: Duty | None) -> Move:
    name = next(one.name for one in (after, before) if one is not None)
    (state_from, due_from), (state_to, due_to) = _stands(before), _stands(after)
    return Move(incident.id, duty, name, state_from, state_to, due_from, due_to)


def _stands(duty: Duty | None) -> tuple[str | None, datetime | None]:
    """A duty that is not owed stands as one that is not on file: nothing is to be done."""
    if duty is None or duty.state == "not_owed":
        return None, None
    return duty.state, duty.due_at


def _parts(before: tuple[Law, DutyRule], after: tuple[Law, DutyRule]) -> tuple[str, ...]:
    found = _differing(Law, before[0], after[0], but={"duties", "file", "name"})
    found |= _differing(DutyRule, before[1], after[1], but={"versions"})
    versions = before[1].versions, after[1].versions
    if len(versions[0]) != len(versions[1]):
        found.add("versions")
    for one, other in zip(*versions, strict=False):
        found |= _differing(Version, one, other)
    return tuple(sorted(found))


def _differing(kind: type[Any], one: object, other: object, but: Set[str] = frozenset()) -> set[str]:
    names = {part.name for part in fields(kind)} - _NOT_LAW - but
    return {name for name in names if getattr(one, name) != getattr(other, name)}
