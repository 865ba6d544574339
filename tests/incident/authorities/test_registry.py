from __future__ import annotations

from pathlib import Path

import pytest
from programme import Programme

from incident.authorities.registry import in_country, load_authorities, read_authorities
from incident.clock.regimes import load_laws
from incident.errors import UsageError

ENTRY = """
checked_on = 2026-11-21
review_by = 2027-02-21
laws = ["eu-gdpr"]

[[authority]]
id = "xa-dpa"
country = "XA"
short = "DPA"
name = "Sample Authority"
english = "Sample Authority"
languages = ["en"]
channel = "file"
how = "a form"
confidence = "verified"
"""


def test_every_country_of_the_eea_has_an_authority_for_the_gdpr() -> None:
    of_gdpr = {one.country for one in load_authorities() if "eu-gdpr" in one.laws}
    assert of_gdpr == load_laws().places.groups["eea"]


def test_every_german_land_has_one_and_bavaria_two() -> None:
    parts = [one.part for one in load_authorities() if one.country == "DE" and one.part]
    assert len(set(parts)) == 16
    assert parts.count("DE-BY") == 2
    assert {one.competent_for for one in load_authorities() if one.part == "DE-BY"} == {
        "private_controllers",
        "public_bodies",
    }


def test_every_law_an_authority_names_is_on_file() -> None:
    known = {law.id for law in load_laws().laws}
    assert not {law for one in load_authorities() for law in one.laws} - known


def test_none_is_called_verified_whose_channel_is_not_known() -> None:
    assert not [one.id for one in load_authorities() if one.channel == "unknown" and one.confidence == "verified"]


@pytest.mark.parametrize(
    ("written", "instead", "said"),
    [
        ('country = "XA"', 'country = "Xa"', "authority.1.country must be a two-letter country code"),
        ('channel = "file"', 'channel = "fax"', "authority.1.channel must be one of open_form"),
        ('how = "a form"', 'how = "a form"\npart = "DE-BY"', "part must be a part of XA"),
        ('how = "a form"', 'how = "a form"\npage = "example.com"', "page must be a web address"),
        ('how = "a form"', 'howe = "a form"', "authority.1.how is missing"),
        ('laws = ["eu-gdpr"]', "", "laws is missing: under which laws it takes notices"),
    ],
)
def test_what_is_wrong_in_a_file_is_named_with_file_and_key(
    tmp_path: Path, written: str, instead: str, said: str
) -> None:
    (tmp_path / "sample.toml").write_text(ENTRY.replace(written, instead))
    with pytest.raises(UsageError) as error:
        read_authorities(tmp_path)
    assert error.value.what.startswith("authorities/sample.toml, line ")
    assert said in error.value.what


def test_an_id_is_given_once(tmp_path: Path) -> None:
    (tmp_path / "a.toml").write_text(ENTRY)
    (tmp_path / "b.toml").write_text(ENTRY)
    with pytest.raises(UsageError, match=r"which authorities/a\.toml has already"):
        read_authorities(tmp_path)


def test_a_country_is_found_by_its_code_and_by_what_people_write() -> None:
    assert [one.short for one in in_country(load_authorities(), "uk")] == ["ICO"]
    assert [one.short for one in in_country(load_authorities(), "DE-HH")] == ["HmbBfDI"]


def test_one_authority_on_the_screen_says_how_in_which_language_and_how_sure(programme: Programme) -> None:
    shown = programme.ok("law", "authority", "GR").out
    assert shown.startswith("GR: Αρχή Προστασίας Δεδομένων Προσωπικού Χαρακτήρα (Hellenic Data Protection Authority)")
    assert "behind a national login" in shown
    assert "English for cross-border breaches" in shown
    assert "Otherwise  without taxisnet: the Excel form by e-mail" in shown
    assert "2026-11-21: verified" in shown


def test_all_are_listed_and_json_has_every_field(programme: Programme) -> None:
    assert len(programme.ok("law", "authority").out.splitlines()) == len(load_authorities())
    (found,) = programme.json("law", "authority", "EE")
    assert (found["name"], found["languages"], found["email"]) == ("Andmekaitse Inspektsioon", ["et"], "info@aki.ee")


def test_a_country_without_any_is_answered_with_those_there_are(programme: Programme) -> None:
    result = programme.run("law", "authority", "QZ")
    assert result.code == 2
    assert 'No authority of "QZ" is on file.' in result.err
    assert "name one of AM, AT" in result.err
