"""What the journal's events come to: of several records that a duty was met, which one counts."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from incident.record import chain
from incident.record.events import DutyDone, Happening, IncidentOpened, StepTakenBack
from incident.record.timeline import Incident, replay

NOW = datetime(2026, 11, 21, 1, 5, tzinfo=UTC)
DUTY = "ru-152fz-initial"


def after(*happenings: Happening) -> Incident:
    rows = chain.link(
        [IncidentOpened("a test"), *happenings], incident="2026-001", actor="ann", now=NOW, last=(0, chain.GENESIS)
    )
    return replay([chain.event_of(row) for row in rows])


def references(incident: Incident) -> list[str | None]:
    return [each.reference for each in incident.duties_done[DUTY]]


def test_the_earliest_record_of_a_duty_comes_first_in_whatever_order_they_were_written() -> None:
    later = DutyDone(DUTY, NOW + timedelta(days=1), "RKN-2")
    assert references(after(DutyDone(DUTY, NOW, "RKN-1"), later)) == ["RKN-1", "RKN-2"]
    assert references(after(later, DutyDone(DUTY, NOW, "RKN-1"))) == ["RKN-1", "RKN-2"]


def test_a_record_taken_back_leaves_the_next_one_as_the_first() -> None:
    later = DutyDone(DUTY, NOW + timedelta(days=1), "RKN-2")
    assert references(after(DutyDone(DUTY, NOW, "RKN-1"), later, StepTakenBack(2))) == ["RKN-2"]
