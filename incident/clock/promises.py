"""The organisation's own promises as duties: a sentence in its privacy policy is law to it, and is quoted."""

from __future__ import annotations

from datetime import datetime

from incident.clock.circumstances import start_of
from incident.clock.judging import CalendarOf, Duty, counted, no_readings, with_done
from incident.clock.places import ClockPlace
from incident.clock.rules import AS_SOON_AS_POSSIBLE, Laws, Period
from incident.organisation.profile import Organisation, Promise
from incident.record.timeline import Incident

LAW = "promise"
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
    """The duty that `promise` is towards `to`; its hours count as they pass, and no risk threshold is read into it."""
    start = start_of(promise.starts_with, incident)
    due_at: datetime | None = None
    count = no_readings
    if period := Period(promise.hours, "hours") if promise.hours else None:
        due_at, count = counted(start.at, period, (laws.ways["elapsed", "hours"],), place, calendar_of)
    late = due_at is not None and now > due_at
    authority = organisation.authority if to == "supervisory_authority" else None
    published = f", {promise.published}" if promise.published else ""
    duty = Duty(
        id=f"promise-{promise.id}-{to}",
        law=LAW,
        name=_NAMES[to],
        owed_to=to,
        recipient=authority.name if authority else None,
        state="late" if late else "running",
        starts_with=promise.starts_with,
        starts_at=start.at,
        period=str(period or AS_SOON_AS_POSSIBLE),
        due_at=due_at,
        cite=promise.source,
        reasons=(f"Its own promise: “{promise.quote}” ({promise.source}{published}).", start.because),
        missing=(),
        confidence="verified",
        checked_on=promise.published,
        provisional=start.provisional,
        late=late,
        count=count,
    )
    return with_done(duty, incident.duties_done)
