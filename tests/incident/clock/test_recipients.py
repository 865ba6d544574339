from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from incident.clock.duties import duties_of, duty_document
from incident.clock.regimes import load_laws
from incident.clock.show import clock_lines
from incident.organisation.profile import Authority, Organisation
from incident.record.events import DutyDone
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


def recorded(*done: tuple[str | None, datetime]) -> tuple[DutyDone, ...]:
    """Records of the notice, each to the authority of a country, the earliest first."""
    return tuple(DutyDone("eu-gdpr-art33-sa", at, f"R-{country}", None, None, country) for country, at in done)


def after(
    incident: Callable[..., Incident], organisation: Organisation, *done: tuple[str | None, datetime]
) -> dict[str, Any]:
    found = replace(incident(people_by_country=PEOPLE), duties_done={"eu-gdpr-art33-sa": recorded(*done)})
    return art33(found, organisation)


def test_where_each_is_notified_no_authority_of_the_profile_makes_it_one(
    incident: Callable[..., Incident], organisation: Callable[..., Organisation]
) -> None:
    mine = organisation("KZ", authority=Authority("Andmekaitse Inspektsioon", "EE"))
    assert art33(incident(people_by_country=PEOPLE), mine)["recipient"] == "the authority of each of EE, ES"


def test_one_of_several_that_was_notified_leaves_the_rest_by_name(
    incident: Callable[..., Incident], organisation: Callable[..., Organisation]
) -> None:
    duty = after(incident, organisation("KZ"), ("EE", NOW))
    assert (duty["state"], duty["recipient"], duty["remaining"]) == ("running", "the authority of ES", ["ES"])
    assert duty["because"].startswith(
        "Done for EE at Sat 2026-11-21 03:05 +02:00, reference R-EE. Still to be notified: ES."
    )


def test_it_is_done_once_each_was_notified_and_late_where_one_was(
    incident: Callable[..., Incident], organisation: Callable[..., Organisation]
) -> None:
    # Aware on the 20th at 22:40 UTC: due on the 23rd at 22:40.
    in_time, too_late = NOW + timedelta(days=2), NOW + timedelta(days=3)
    duty = after(incident, organisation("KZ"), ("EE", NOW), ("ES", in_time), ("EE", too_late))
    assert (duty["state"], duty["remaining"]) == ("done", [])
    assert "That was after it fell due." not in duty["because"]  # the last one follows up what EE had in time
    late = after(incident, organisation("KZ"), ("EE", NOW), ("ES", too_late))
    assert late["state"] == "done"
    assert "That was after it fell due." in late["because"]


def test_a_record_that_names_nobody_meets_it_for_none_of_several(
    incident: Callable[..., Incident], organisation: Callable[..., Organisation]
) -> None:
    duty = after(incident, organisation("KZ"), (None, NOW))
    assert (duty["state"], duty["remaining"]) == ("running", ["EE", "ES"])
    assert "Done, not said for whom, at Sat 2026-11-21 03:05 +02:00" in duty["because"]
    assert after(incident, organisation("EE"), (None, NOW))["state"] == "done"


def test_a_notice_to_another_authority_than_the_one_that_leads_does_not_meet_it(
    incident: Callable[..., Incident], organisation: Callable[..., Organisation]
) -> None:
    duty = after(incident, organisation("EE"), ("ES", NOW))
    assert duty["state"] == "running"
    assert "It is still owed to Andmekaitse Inspektsioon." in duty["because"]
    assert after(incident, organisation("EE"), ("ES", NOW), ("EE", NOW))["state"] == "done"


def test_the_screen_names_who_is_left(
    incident: Callable[..., Incident], organisation: Callable[..., Organisation]
) -> None:
    found = replace(
        incident(people_by_country={**PEOPLE, "FR": 1}), duties_done={"eu-gdpr-art33-sa": recorded(("EE", NOW))}
    )
    duties = duties_of(found, organisation("KZ"), load_laws(), now=NOW)
    screen = "\n".join(clock_lines(duties, now=NOW, zone=UTC))
    assert "Notify the supervisory authority: the authority of each of ES, FR (eu-gdpr-art33-sa)\n" in screen
    assert "Still to be notified: 2. ES: Agencia Española de Protección de Datos; FR: " in screen
