"""
What one step moved on the clock: due times that went elsewhere, duties that run no longer, duties that run now. Pure.

A fact or a decision may silently take a duty off the clock; whoever records it is told so in the same breath.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo

from incident.clock.judging import Duty
from incident.clock.rules import AS_SOON_AS_POSSIBLE
from incident.clock.show import both
from incident.moments import stamp
from incident.record.canonical import Json

_RUNS = {"running", "late"}
_HEADS = {"stopped": "No longer running", "moved": "This moves", "started": "Now running"}  # in this order
_MOST = 3  # of each kind in words; JSON has all


@dataclass(frozen=True)
class Moved:
    """
    One duty that stands otherwise than before.

    how: "moved", "stopped" or "started". due_before, due_now: aware, UTC; None for "as soon as possible", and where it
    does not run. because: why it stands so now.
    """

    duty: Duty
    how: str
    due_before: datetime | None
    due_now: datetime | None
    because: str


def moved(before: Sequence[Duty], after: Sequence[Duty]) -> list[Moved]:
    """What stands otherwise in `after`, what stopped first; in each kind the order of the clock that it is seen on."""
    ran = {duty.id: duty for duty in before if duty.state in _RUNS}
    run = {duty.id: duty for duty in after if duty.state in _RUNS}
    now = {duty.id: duty for duty in after}
    stopped = [
        Moved(now.get(duty.id, duty), "stopped", duty.due_at, None, _why(now.get(duty.id)))
        for duty in ran.values()
        if duty.id not in run
    ]
    changed = [
        Moved(duty, "moved", ran[duty.id].due_at, duty.due_at, duty.because)
        for duty in run.values()
        if duty.id in ran and duty.due_at != ran[duty.id].due_at
    ]
    started = [Moved(duty, "started", None, duty.due_at, duty.because) for duty in run.values() if duty.id not in ran]
    return [*stopped, *changed, *started]


def moved_lines(found: Sequence[Moved], *, zone: tzinfo) -> list[str]:
    """A handful of lines, the rest of each kind counted; empty where nothing moved. zone: the reader's."""
    lines = []
    for how, head in _HEADS.items():
        of_kind = [one for one in found if one.how == how]
        lines += [_line(one, zone) for one in of_kind[:_MOST]]
        if (rest := len(of_kind) - _MOST) > 0:
            lines.append(f"{head}: {rest} more (incident clock --all).")
    return lines


def moved_document(found: Sequence[Moved]) -> list[Json]:
    return [
        {
            "duty": one.duty.id,
            "name": one.duty.name,
            "change": one.how,
            "state": one.duty.state,
            "due_before": stamp(one.due_before) if one.due_before else None,
            "due_now": stamp(one.due_now) if one.due_now else None,
            "because": one.because,
        }
        for one in found
    ]


def _line(one: Moved, zone: tzinfo) -> str:
    head = f"{_HEADS[one.how]}: {one.duty.name} ({one.duty.id})"
    if one.how == "stopped":
        return f"{head}, because: {one.because}"
    late = ", LATE" if one.duty.state == "late" else ""
    if one.how == "moved":
        return f"{head}: was due {_at(one.due_before, zone)}, now due {_at(one.due_now, zone)}{late}."
    return f"{head}, due {_at(one.due_now, zone)}{late}."


def _at(at: datetime | None, zone: tzinfo) -> str:
    return both(at, zone) if at else AS_SOON_AS_POSSIBLE


def _why(duty: Duty | None) -> str:
    """The first reason decides; the others say how it was counted."""
    if duty is not None and duty.state == "possible":
        return f"it is only perhaps owed now; this would decide it: {', '.join(duty.missing)}."
    if duty is None:
        return "it is not on the clock any more."
    return duty.reasons[0] if duty.reasons else "it is not owed."
