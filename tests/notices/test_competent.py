"""A notice of one law is not written to the authority of another."""

from __future__ import annotations

import pytest
from pavlodar import opened
from programme import Programme

GERMAN = """
[authority]
name = "Berliner Beauftragte für Datenschutz und Informationsfreiheit"
country = "DE"
email = "authority@berlin.example"
"""


def refused(programme: Programme, *words: str) -> str:
    outcome = programme.run("notice", "draft", "authority", *words)
    assert outcome.code == 3
    assert "Traceback" not in outcome.err
    return str(outcome.err)


def test_a_notice_of_the_gdpr_is_not_written_to_kazakhstans_committee(studio: Programme) -> None:
    said = refused(opened(studio))
    assert "a notice under the General Data Protection Regulation" in said
    assert "none of that law: Комитет по информационной безопасности (KZ)." in said
    assert "No letter was written. It could be one of 16 in DE (incident law authority DE)." in said
    assert "incident notice draft authority --organisation FILE" in said
    assert studio.json("notice", "list") == []


@pytest.mark.parametrize("country", ["KZ", None])
def test_an_authority_without_a_country_is_that_of_the_seat(country: str | None, studio: Programme) -> None:
    opened(studio)
    profile = studio.folder / "organisation.toml"
    text = profile.read_text(encoding="utf-8")
    head, table, rest = text.partition("[authority]")
    rest = rest if country else rest.replace('country = "KZ"\n', "", 1)
    profile.write_text(head + table + rest, encoding="utf-8")
    assert "(KZ)" in refused(studio)


def test_where_the_authority_is_one_of_that_law_the_letter_is_written(studio: Programme) -> None:
    opened(studio)
    text = (studio.folder / "organisation.toml").read_text(encoding="utf-8")
    before, _, rest = text.partition("[authority]")
    german = studio.folder / "germany.toml"
    german.write_text(before + GERMAN + rest[rest.index("[sender]") :], encoding="utf-8")
    said = studio.run("notice", "draft", "authority", "--organisation", str(german)).err
    assert "none of that law" not in said  # what else it lacks is another matter


def test_what_is_handed_in_names_its_own_recipient(studio: Programme) -> None:
    opened(studio)
    studio.ok("notice", "draft", "ru-initial")
