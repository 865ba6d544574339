from __future__ import annotations

from incident.authorities.competence import recipients
from incident.authorities.registry import load_authorities
from incident.clock.regimes import load_laws

EEA = load_laws().places.groups["eea"]
ALL = load_authorities()


def roles(seat: str | None, *people_in: str, law: str = "eu-gdpr") -> list[tuple[str, str]]:
    return [(one.country, one.role) for one in recipients(law, EEA, seat, people_in, ALL)]


def test_the_authority_of_the_main_establishment_leads_and_the_others_are_concerned() -> None:
    assert roles("EE", "EE", "FI", "ES") == [("EE", "lead"), ("ES", "concerned"), ("FI", "concerned")]


def test_it_leads_also_where_nobody_is_known_to_live_anywhere() -> None:
    assert roles("EE") == [("EE", "lead")]


def test_without_an_establishment_in_the_eea_each_authority_is_notified() -> None:
    assert roles("KZ", "EE", "FI", "KZ", "US-TX") == [("EE", "each"), ("FI", "each")]
    found = recipients("eu-gdpr", EEA, "KZ", ["EE"], ALL)
    assert "EDPB Guidelines 9/2022 (2.0), para 73" in found[0].because


def test_spain_says_otherwise_and_both_are_shown() -> None:
    (spain,) = recipients("eu-gdpr", EEA, "US", ["ES"], ALL)
    assert "only where its representative is in Spain" in spain.because
    assert "asks for a notice wherever people live" in spain.because


def test_where_the_seat_is_not_known_no_lead_is_made_up() -> None:
    assert roles(None, "EE", "FI") == []


def test_in_germany_the_land_decides_and_authorities_of_public_bodies_are_left_out() -> None:
    (lead,) = recipients("eu-gdpr", EEA, "DE", [], ALL)
    assert len(lead.authorities) == 16
    assert lead.name == "the competent authority in DE (incident law authority DE)"
    (of_land,) = recipients("eu-gdpr", EEA, "DE-BY", [], ALL)
    assert of_land.name == "Bayerisches Landesamt für Datenschutzaufsicht"


def test_a_country_whose_authority_is_not_on_file_is_still_named() -> None:
    without = [one for one in ALL if one.country != "FI"]
    found = recipients("eu-gdpr", EEA, "KZ", ["FI"], without)
    assert [one.name for one in found] == ["the authority of FI (none on file)"]


def test_another_law_has_its_own_authority_wherever_the_seat_is() -> None:
    assert roles("EE", "GB", law="uk-gdpr") == [("GB", "each")]


def test_a_law_whose_authority_is_not_on_file_has_no_recipient() -> None:
    assert roles("EE", law="eu-nis2") == []
