from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from incident.clock.duties import duties_of, duty_document
from incident.clock.regimes import load_laws
from incident.organisation.profile import Authority, Organisation
from incident.record.timeline import Incident

NOW = datetime(2026, 11, 21, 1, 5, tzinfo=UTC)
PEOPLE = {"EE": 3, "ES": 2, "KZ": 1}


def art33(incident: Incident, organisation: Organisation | None) -> dict[str, Any]:
    duties = duties_of(incident, organisation, load_laws(), now=NOW)
    return next(duty_document(duty) for duty in duties if duty.id == "eu-gdpr-art33-sa")


def test_without_an_authority_in_the_profile_that_of_the_seat_is_named(
    incident: Callable[..., Incident], organisation: Callable[..., Organisation]
) -> None:
    duty = art33(incident(people_by_country=PEOPLE), organisation("EE"))
    assert duty["recipient"] == "Andmekaitse Inspektsioon"
    assert [(one["country"], one["role"]) for one in duty["recipients"]] == [("EE", "lead"), ("ES", "concerned")]


def test_the_profile_has_the_last_word_on_its_own_authority(
    incident: Callable[..., Incident], organisation: Callable[..., Organisation]
) -> None:
    mine = Authority("Datenschutzbehörde unserer Wahl", "DE")
    assert art33(incident(), organisation("DE", authority=mine))["recipient"] == "Datenschutzbehörde unserer Wahl"


def test_a_controller_outside_the_eea_is_shown_each_authority_in_one_duty(
    incident: Callable[..., Incident], organisation: Callable[..., Organisation]
) -> None:
    duty = art33(incident(people_by_country=PEOPLE), organisation("KZ"))
    assert duty["recipient"] == "the authority of each of EE, ES"
    assert [(one["country"], one["role"]) for one in duty["recipients"]] == [("EE", "each"), ("ES", "each")]


def test_without_a_profile_nobody_is_made_up(incident: Callable[..., Incident]) -> None:
    duty = art33(incident(), None)
    assert (duty["recipient"], duty["recipients"]) == (None, [])
