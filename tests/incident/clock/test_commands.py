from __future__ import annotations

from datetime import UTC, datetime

import pytest
from programme import Programme


def test_law_list_names_every_law_and_when_it_was_checked(programme: Programme) -> None:
    lines = programme.ok("law", "list").out.splitlines()
    (gdpr,) = (line for line in lines if line.startswith("eu-gdpr "))
    assert gdpr.endswith("General Data Protection Regulation; 3 duties; covers the EEA; checked 2026-11-21")
    assert len(lines) == len({line.split()[0] for line in lines}) > 100
    [gdpr] = [law for law in programme.json("law", "list") if law["id"] == "eu-gdpr"]
    assert gdpr["checked_on"] == "2026-11-21"
    assert "eu-gdpr-art33-sa" in gdpr["duties"]


def test_law_show_prints_what_the_file_says(programme: Programme) -> None:
    assert "General Data Protection Regulation (eu-gdpr)" in programme.ok("law", "show", "eu-gdpr").out
    document = programme.json("law", "show", "eu-gdpr")
    version, announced = document["duties"][0]["versions"]
    assert announced["pending"]
    assert version["period"] == "72 hours"
    assert version["in_force_from"] == "2018-05-25"
    assert version["confidence"] == "verified"
    assert [item["id"] for item in version["items"]][:2] == ["nature", "people_categories_and_number"]


def test_law_show_of_an_unknown_law_answers_with_the_nearest(programme: Programme) -> None:
    result = programme.run("law", "show", "gdpr")
    assert result.code == 2
    assert 'There is no law called "gdpr".' in result.err
    assert "did you mean " in result.err
    assert "eu-gdpr" in result.err


def test_the_id_of_a_duty_shows_the_law_it_is_in(programme: Programme) -> None:
    assert programme.ok("law", "show", "zm-dpc").out == programme.ok("law", "show", "zm-dpa").out
    assert programme.json("law", "show", "kz-pdl-authority")["id"] == "kz-pdl"
    assert "There is no law called" in programme.run("law", "show", "zz-nothing").err


def test_law_deadline_gives_one_duty_in_every_reading(programme: Programme) -> None:
    duty = programme.json("law", "deadline", "eu-gdpr-art33-sa", "--from", "2026-04-02 17:20 Europe/Berlin")
    assert duty["due_at"] == "2026-04-05T15:20:00Z"
    assert {reading["name"]: reading["due_at"] for reading in duty["readings"]} == {
        "elapsed": "2026-04-05T15:20:00Z",
        "eu-1182-71": "2026-04-05T16:00:00Z",
        "two-working-days": "2026-04-08T22:00:00Z",
        "two-working-days-part": "2026-04-07T22:00:00Z",
    }
    assert duty["state"] == "late"


def test_law_deadline_reads_aloud_on_the_clock_that_was_given(programme: Programme) -> None:
    out = programme.ok("law", "deadline", "eu-gdpr-art33-sa", "--from", "2026-11-20 17:20 +05:45").out
    assert "Starts  Fri 2026-11-20 17:20 +05:45 (11:35 UTC)" in out
    assert "Due     Mon 2026-11-23 17:20 +05:45 (11:35 UTC)" in out
    assert "State   running: 2 d 10 h left" in out
    assert "- eu-1182-71: Mon 2026-11-23 18:00 +05:45 (12:15 UTC)" in out
    assert "No country's public holidays are known here" in out


def test_the_hour_that_comes_twice_is_taken_as_the_earlier_and_said(programme: Programme) -> None:
    result = programme.ok("law", "deadline", "eu-gdpr-art33-sa", "--from", "2026-10-25 02:30 Europe/Berlin")
    assert "Note: 02:30 came twice that night in Europe/Berlin; the earlier one was taken." in result.out
    assert "Starts  Sun 2026-10-25 02:30 +02:00 (00:30 UTC)" in result.out


def test_another_countrys_holidays_are_not_counted_in_a_law_that_is_not_its_own(programme: Programme) -> None:
    duty = programme.json("law", "deadline", "eu-gdpr-art33-sa", "--from", "2026-02-10 14:10 Asia/Kolkata")
    assert "No country's public holidays are known here" in duty["readings"][2]["why"]


@pytest.mark.parametrize(
    ("fact", "state"), [("risk=unlikely", "not_owed"), ("risk=risk", "running"), ("role=processor", "not_owed")]
)
def test_law_deadline_takes_the_facts_its_conditions_ask(programme: Programme, fact: str, state: str) -> None:
    duty = programme.json("law", "deadline", "eu-gdpr-art33-sa", "--from", "now", "--fact", fact)
    assert duty["state"] == state
    assert (duty["due_at"] is None) == (state == "not_owed")


def test_a_duty_that_is_as_soon_as_possible_has_no_date(programme: Programme) -> None:
    duty = programme.json("law", "deadline", "eu-gdpr-art34-people", "--from", "now", "--fact", "risk=high")
    assert duty["due_at"] is None
    assert duty["period"] == "as soon as possible"
    assert duty["readings"] == []


def test_an_earlier_event_is_before_the_law_was_in_force(programme: Programme) -> None:
    duty = programme.json("law", "deadline", "eu-gdpr-art33-sa", "--from", "2018-05-24 23:59 Europe/Tallinn")
    assert duty["state"] == "not_owed"
    assert "it applies from 2018-05-25" in duty["because"]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("eu-gdpr-art33", "--from", "now"), "did you mean eu-gdpr-art33-sa"),
        (("eu-gdpr-art33-sa", "--from", "yesterdayish"), '"yesterdayish" is not a time this program understands.'),
        (("eu-gdpr-art33-sa", "--from", "now", "--fact", "rsk=high"), 'asks a fact called "rsk"'),
        (("eu-gdpr-art33-sa", "--from", "now", "--fact", "risk"), '"risk" is not NAME=VALUE.'),
        (("eu-gdpr-art33-sa", "--from", "now", "--fact", "risk=huge"), 'risk cannot be "huge".'),
        (("eu-gdpr-art33-sa", "--from", "now", "--fact", "residents=many"), 'residents cannot be "many".'),
        (("eu-gdpr-art33-sa", "--from", "now", "--fact", "role=boss"), "give one of: controller, processor"),
    ],
)
def test_what_cannot_be_understood_is_said_and_exits_with_2(
    programme: Programme, words: tuple[str, ...], message: str
) -> None:
    result = programme.run("law", "deadline", *words)
    assert result.code == 2
    assert message in result.err
    assert result.out == ""


def test_the_organisations_zone_and_authority_are_used_where_the_time_names_no_zone(programme: Programme) -> None:
    programme.folder.mkdir()
    (programme.folder / "organisation.toml").write_text(
        '[organisation]\nname = "Sample OÜ"\nzone = "Europe/Tallinn"\nlanguages = ["en"]\ncountry = "EE"\n'
        '[authority]\nname = "Andmekaitse Inspektsioon"\ncountry = "EE"\n',
        encoding="utf-8",
    )
    duty = programme.json("law", "deadline", "eu-gdpr-art33-sa", "--from", "2025-12-23 15:40")
    assert duty["recipient"] == "Andmekaitse Inspektsioon"
    assert duty["starts_at"] == "2025-12-23T13:40:00Z"
    assert duty["readings"][2]["due_at"] == "2025-12-30T22:00:00Z"


def test_law_check_is_content_until_a_review_date_has_passed(programme: Programme) -> None:
    assert "duties are within their review date" in programme.ok("law", "check").out
    programme.clock = datetime(2028, 1, 1, tzinfo=UTC)
    result = programme.run("law", "check")
    assert result.code == 1
    assert "eu-gdpr-art33-sa: was to be checked by 2027-05-21" in result.out
    document = programme.run("law", "check", "--json")
    assert document.code == 1
    assert "eu-gdpr-art33-sa" in [entry["duty"] for entry in document.json["overdue"]]


def test_asking_the_law_makes_no_workspace(programme: Programme) -> None:
    programme.ok("law", "deadline", "eu-gdpr-art33-sa", "--from", "now")
    assert not programme.folder.exists()


def test_law_deadline_takes_moments_and_what_the_organisation_is_as_facts(programme: Programme) -> None:
    question = ("law", "deadline", "eu-dora-initial", "--from", "2026-11-18 10:00 Europe/Tallinn")
    facts = ("--fact", "organisation.is=eu-financial-entity", "--fact", "significant_incident=yes")
    classified = ("--fact", "classified_at=2026-11-18 15:00 Europe/Tallinn")
    duty = programme.json(*question, *facts, *classified)
    assert duty["state"] == "late"
    assert duty["due_at"] == "2026-11-18T17:00:00Z"  # four hours after 13:00 UTC
    unsaid = programme.json(*question)
    assert unsaid["state"] == "possible"
    assert unsaid["missing"] == ["organisation.is:eu-financial-entity", "significant_incident"]


def test_the_working_day_of_kazakhstan_is_right_over_nauryz(programme: Programme) -> None:
    # Friday 20 March 2026, 09:30. Nauryz is 21 to 23 March; 24 and 25 are days off for the Saturday and the Sunday.
    duty = programme.json("law", "deadline", "kz-pdl-authority", "--from", "2026-03-20T09:30 Asia/Almaty")
    assert duty["due_at"] == "2026-03-26T04:30:00Z"  # Thursday 26 March, 09:30 in Almaty
    assert {reading["name"]: reading["due_at"] for reading in duty["readings"]} == {
        "working-days-from-the-moment": "2026-03-26T04:30:00Z",
        "working-days": "2026-03-26T19:00:00Z",
    }
    assert "To aim at: Thu 2026-03-26 09:30 +05:00" in duty["because"]
    assert duty["period"] == "1 working day"


@pytest.mark.parametrize(
    ("residents", "state"), [("249", "not_owed"), ("250", "running"), ("251", "running"), (None, "possible")]
)
def test_one_duty_asked_for_presupposes_its_kind_of_case_and_never_a_number(
    programme: Programme, residents: str | None, state: str
) -> None:
    argv = ["law", "deadline", "us-tx-ag", "--from", "2026-11-21T10:00 America/Chicago"]
    duty = programme.json(*argv, *(["--fact", f"residents={residents}"] if residents else []))
    assert duty["state"] == state
    assert (duty["due_at"] is None) == (state == "not_owed")
    if state == "running":
        assert "data_categories" in duty["because"]
        said = programme.json(*argv, "--fact", f"residents={residents}", "--fact", "data_categories=user.device")
        assert said["state"] == "not_owed"
