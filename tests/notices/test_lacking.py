"""The refusal of a draft: everything at once, each thing once, in the order of a first call."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
from programme import Programme

from incident.datafile import Section
from incident.errors import UsageError
from incident.organisation.profile import read_organisation
from notices.contents import Item, missing_fact, missing_profile, read_items
from notices.lacking import Lack, LackingError, unfilled

NAMELESS = """
[organisation]
service = "Smart AI Movies"
website = "https://movies.example"
zone = "UTC"
languages = ["en", "et"]
incomplete = "The text ends after the legal grounds."
missing = ["name", "contact"]
"""
ITEMS = (
    Item("controller", "The controller", "art. 33(1)", profile=("name", "address", "country")),
    Item("contact", "Contact point", "art. 33(3)(b)", profile=("contact.name", "contact.email")),
    Item("addressee", "The authority", "art. 33(1)", profile=("authority.name",)),
    Item("nature", "Nature", "art. 33(3)(a)", facts=("awareness", "what_happened", "data_categories")),
)


@pytest.fixture
def site(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Programme:
    (tmp_path / "organisation.toml").write_text(NAMELESS, encoding="utf-8")
    site = Programme(tmp_path, capsys)
    site.ok("open", "a token was published")
    return site


def seated(site: Programme, country: str) -> None:
    text = NAMELESS.replace("[organisation]", f'[organisation]\ncountry = "{country}"')
    (site.folder / "organisation.toml").write_text(text, encoding="utf-8")


def refused(site: Programme, *words: str) -> str:
    result = site.run("notice", "draft", *words)
    assert result.code == 3, result.out + result.err
    assert result.out == ""
    return result.err


def test_several_letters_lack_each_thing_once_and_in_order() -> None:
    lacks = [
        Lack("people", language, (
            missing_fact("data_categories", ITEMS), missing_fact(f"what_happened@{language}", ITEMS),
            missing_fact("awareness", ITEMS), missing_profile("authority.name", ITEMS),
            missing_profile("country", ITEMS), missing_profile("contact.name", ITEMS),
            missing_profile("contact.email", ITEMS), missing_profile("address", ITEMS), missing_profile("name", ITEMS),
        ))
        for language in ("en", "et", "ru")
    ]  # fmt: skip
    refusal = LackingError(lacks, authority="it could be that one", incomplete="it breaks off.")
    assert refusal.what.splitlines() == [
        "8 things are missing for the people letters in en, et and ru:",
        "Who you are, in organisation.toml:",
        "  1. The controller: name",
        '      in organisation.toml, under [organisation], write name = "…"',
        "  2. The controller: address",
        '      in organisation.toml, under [organisation], write address = "…"',
        "  3. Contact point: contact.name, contact.email",
        '      in organisation.toml, under [contact], write name = "…" and email = "…"',
        "  4. The controller: country",
        '      in organisation.toml, under [organisation], write country = "…"   (two letters, such as EE)',
        "Whom you write to, in organisation.toml:",
        "  5. The authority: authority.name",
        '      in organisation.toml, under [authority], write name = "…"',
        "      it could be that one",
        "The facts:",
        "  6. Nature: awareness",
        '      incident aware WHEN --because "…"',
        "  7. Nature: data_categories",
        "      incident fact data_categories KEY,KEY",
        "  8. Nature: what_happened@en, what_happened@et, what_happened@ru",
        '      incident fact what_happened@en "…"',
        '      incident fact what_happened@et "…"',
        '      incident fact what_happened@ru "…"',
    ]
    assert refusal.state == "No letter was written. The profile says of itself that it is incomplete: it breaks off."


def test_a_single_fact_is_one_thing_under_no_heading() -> None:
    refusal = LackingError([Lack("people", "et", (missing_fact("data_categories", ITEMS),))])
    assert refusal.what.splitlines() == [
        "One thing is missing for the people letter in et:",
        "  1. Nature: data_categories",
        "      incident fact data_categories KEY,KEY",
    ]
    assert refusal.state == "No letter was written."


def test_what_a_letter_needs_of_the_profile_is_missing_whether_or_not_it_prints_it(tmp_path: Path) -> None:
    file = tmp_path / "organisation.toml"
    file.write_text(NAMELESS + '[contact]\nname = "Ann"\n', encoding="utf-8")
    assert list(unfilled(read_organisation(file), ITEMS)) == [
        "name",
        "address",
        "country",
        "contact.email",
        "authority.name",
    ]
    file.write_text('[organisation]\nname = "CHANGE ME"\nzone = "UTC"\nlanguages = ["en"]\n', encoding="utf-8")
    assert "name" in unfilled(read_organisation(file), ITEMS)
    assert list(unfilled(read_organisation(file), ())) == ["name"]


def test_the_authoritys_letter_wants_the_controller_its_contact_its_seat_and_the_authority(site: Programme) -> None:
    said = refused(site, "authority")
    numbered = re.findall(r"^ +\d+\. .*: (.*)$", said, re.MULTILINE)
    assert numbered[:5] == ["name", "address", "contact.name, contact.email", "country", "authority.name"]
    assert numbered[5] == "awareness"
    assert said.startswith(f"{len(numbered)} things are missing for the authority letter in en:")
    assert "that of your seat; without a seat in the EEA, that of each country where people live" in said
    assert "incomplete: The text ends after the legal grounds." in said


def test_the_peoples_letters_in_two_languages_are_refused_with_one_list(site: Programme) -> None:
    said = refused(site, "people")
    assert said.startswith("13 things are missing for the people letters in en and et:")
    for once in ("country\n", "contact.name", "authority.name", "awareness\n", "data_categories\n", "next_update_at\n"):
        assert said.count(f": {once}") == 1, once
    assert said.count("No letter was written.") == 1
    assert 'incident fact what_happened@en "…"\n      incident fact what_happened@et "…"' in said


@pytest.mark.parametrize(
    ("seat", "people", "words"),
    [
        ("EE", "EE=3,FI=4", "it could be Andmekaitse Inspektsioon (incident law authority EE)"),
        ("DE", "EE=3", "it could be one of 16 in DE (incident law authority DE)"),
        ("US", "EE=3,US=4", "it could be Andmekaitse Inspektsioon (incident law authority EE)"),
        ("US", "EE=3,FI=4", "each of these takes a notice of its own: Andmekaitse Inspektsioon"),
        (None, "EE=3,FI=4", "that of each country where people live (EE, FI): incident law authority EE"),
        (
            "US",
            None,
            "that of each country where people live: incident law authority COUNTRY (two letters, such as DE)",
        ),
    ],
)
def test_who_could_be_competent_is_said_as_far_as_it_can_be_told(
    site: Programme, seat: str | None, people: str | None, words: str
) -> None:
    if seat:
        seated(site, seat)
    if people:
        site.ok("fact", "people_by_country", people)
    assert words in refused(site, "authority")


def test_a_letter_is_never_signed_with_a_services_name(site: Programme) -> None:
    everything_else = NAMELESS + (
        '[contact]\nname = "Ann"\nemail = "ann@movies.example"\n[authority]\nname = "The inspectorate"\n'
    )
    text = everything_else.replace("[organisation]", '[organisation]\ncountry = "EE"\naddress = "Street 1"')
    (site.folder / "organisation.toml").write_text(text, encoding="utf-8")
    site.ok("aware", "now", "--because", "the log shows it")
    for fact, value in (("what_happened", "A token was published."), ("next_update_at", "2026-12-01T10:00Z")):
        site.ok("fact", fact, value)
    said = refused(site, "authority")
    assert said.startswith("One thing is missing for the authority letter in en:")
    assert "1. The controller: name" in said


def test_a_refusal_prints_no_json_and_says_the_same(site: Programme) -> None:
    assert refused(site, "authority", "--json") == refused(site, "authority")


def test_items_that_need_a_key_the_profile_cannot_have_are_an_error_of_their_file() -> None:
    wrong = 'id = "x"\ntitle = "X"\ncite = "art. 1"\nprofile = ["contact.mail"]\n'
    with pytest.raises(UsageError, match=r'names "contact\.mail", which is not a key of organisation\.toml'):
        read_items(Section({"item": [tomllib.loads(wrong)]}, file="items.toml", source=wrong))
