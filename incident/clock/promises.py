"""
What the organisation bound itself to, as duties: a sentence in its privacy policy, a contract, an insurer's terms.

Each is quoted; no risk threshold is read into it.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, tzinfo

from incident.clock.calendars import CalendarOf
from incident.clock.circumstances import start_of
from incident.clock.judging import Duty, counted, with_done
from incident.clock.places import ClockPlace
from incident.clock.rules import AS_SOON_AS_POSSIBLE, Laws, Period
from incident.organisation.profile import Contract, Organisation, Promise
from incident.record.timeline import Incident

LAW = "promise"
CONTRACT = "contract"
_NAMES = {
    "people": "As promised: tell the people concerned",
    "supervisory_authority": "As promised: notify the supervisory authority",
}


def promised(
    promise: Promise,
    to: str,
    incident: Incident,
    organisation: Organisation,
    laws: Laws,
    *,
    place: ClockPlace,
    calendar_of: CalendarOf,
    now: datetime,
) -> Duty:
    """The duty that `promise` is towards `to`; its hours count as they pass."""
    authority = organisation.authority if to == "supervisory_authority" else None
    published = f", {promise.published}" if promise.published else ""
    duty = Duty(
        id=f"promise-{promise.id}-{to}",
        law=LAW,
        name=_NAMES[to],
        owed_to=to,
        recipient=authority.name if authority else None,
        state="running",
        starts_with=promise.starts_with,
        starts_at=None,
        period=AS_SOON_AS_POSSIBLE,
        due_at=None,
        cite=promise.source,
        reasons=(f"Its own promise: “{promise.quote}” ({promise.source}{published}).",),
        missing=(),
        confidence="verified",
        checked_on=promise.published,
    )
    period = Period(promise.hours, "hours") if promise.hours else None
    return _running(duty, period, incident, laws, place=place, zone=organisation.zone, calendar_of=calendar_of, now=now)


def contracted(
    contract: Contract,
    to: str,
    incident: Incident,
    organisation: Organisation,
    laws: Laws,
    *,
    place: ClockPlace,
    calendar_of: CalendarOf,
    now: datetime,
) -> Duty:
    """The duty that `contract` is towards `to`; hours count as they pass, working days are those of the seat."""
    several = f"-{to}" if len(contract.to) > 1 else ""
    duty = Duty(
        id=f"contract-{contract.id}{several}",
        law=CONTRACT,
        name=f"By contract: tell {contract.with_whom}",
        owed_to=to,
        recipient=contract.with_whom,
        state="running",
        starts_with=contract.starts_with,
        starts_at=None,
        period=AS_SOON_AS_POSSIBLE,
        due_at=None,
        cite=contract.source,
        reasons=(f"By contract with {contract.with_whom}: “{contract.quote}” ({contract.source}).",),
        missing=(),
        confidence="verified",
        checked_on=None,
    )
    period = Period(contract.hours, "hours") if contract.hours else None
    if contract.working_days:
        period = Period(contract.working_days, "working_days")
    return _running(duty, period, incident, laws, place=place, zone=organisation.zone, calendar_of=calendar_of, now=now)


def _running(
    duty: Duty,
    period: Period | None,
    incident: Incident,
    laws: Laws,
    *,
    place: ClockPlace,
    zone: tzinfo,
    calendar_of: CalendarOf,
    now: datetime,
) -> Duty:
    """`duty` with its clock started. zone: the reader's."""
    start = start_of((duty.starts_with,), incident, zone)
    reasons = (*duty.reasons, start.because)
    duty = replace(duty, starts_at=start.at, provisional=start.provisional, reasons=reasons)
    if period is not None:
        way = laws.ways["elapsed" if period.unit == "hours" else "working-days", period.unit]
        end = counted(start.at, period, (way,), place, calendar_of)
        late = now > end.due_at
        state = "late" if late else "running"
        reasons = (*reasons, end.gap) if end.gap else reasons
        duty = replace(duty, period=str(period), due_at=end.due_at, count=end.readings, late=late, state=state)
        duty = replace(duty, reasons=reasons)
    return with_done(duty, incident.duties_done, zone)
