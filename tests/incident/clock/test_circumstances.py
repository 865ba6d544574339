"""Where the people live and where the company sits, as far as parts of a country matter."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from incident.clock.duties import Duty, duties_of
from incident.clock.regimes import load_laws
from incident.organisation.profile import Organisation
from incident.record.timeline import Incident

MakeIncident = Callable[..., Incident]
MakeOrganisation = Callable[..., Organisation]
NOW = datetime(2026, 11, 21, 6, 0, tzinfo=UTC)


def clocks(incident: Incident, organisation: Organisation) -> dict[str, Duty]:
    return {duty.id: duty for duty in duties_of(incident, organisation, load_laws(), now=NOW)}


def test_a_company_that_sits_in_canada_may_sit_in_quebec(
    incident: MakeIncident, organisation: MakeOrganisation
) -> None:
    everyone: dict[str, Any] = {"people_by_country": {"FR": 10}, "people_affected": 10, "risk": "high"}
    duties = clocks(incident(**everyone), organisation("CA"))
    assert duties["ca-pipeda-opc"].state == "running"
    assert duties["ca-qc-cai"].state == "possible"
    assert "organisation.country" in duties["ca-qc-cai"].missing
    assert clocks(incident(**everyone), organisation("FR"))["ca-qc-cai"].state == "not_owed"


def test_people_counted_for_canada_may_live_in_quebec_and_people_of_ontario_do_not(
    incident: MakeIncident, organisation: MakeOrganisation
) -> None:
    def of_quebec(**people: int) -> Duty:
        tally = {code.replace("_", "-"): count for code, count in people.items()}
        facts: dict[str, Any] = {"people_by_country": tally, "people_affected": sum(people.values()), "risk": "high"}
        return clocks(incident(**facts), organisation("EE"))["ca-qc-cai"]

    assert of_quebec(CA=4).state == "possible"
    assert of_quebec(CA_ON=4).state == "not_owed"
    assert of_quebec(CA_ON=4, CA_QC=1).state == "running"
