"""What the laws of all readers ask of one letter to people: what is missing, what is to be looked at, what collides."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from programme import Programme, Result

from incident.clock.duties import duties_of
from incident.clock.regimes import load_laws
from incident.organisation.profile import Organisation
from incident.record.timeline import Incident
from notices.owed import owed_in
from notices.template_library import Library

CALIFORNIA = "Breach notice statute of California"
STATUTE = f"{CALIFORNIA}, Cal. Civ. Code 1798.82"
PASSWORD, NUMBER = "user.authorization.password", "user.government_id.national_identification_number"


def living_in(programme: Programme, places: str, data: str | None = None) -> Programme:
    programme.ok("fact", "people_by_country", places)
    if data:
        programme.ok("fact", "data_categories", data)
    return programme


def checked(programme: Programme, letter: str = "people-en") -> dict[str, Any]:
    programme.ok("notice", "draft", "people")
    found: dict[str, Any] = programme.run("notice", "check", letter, "--json").json
    return found


def approve(programme: Programme, letter: str = "people-en") -> Result:
    return programme.run("notice", "approve", letter, "--role", "legal", actor="dana")


def text_of(programme: Programme, language: str = "en") -> str:
    programme.ok("notice", "draft", "people")
    return programme.ok("notice", "show", f"people-{language}", "--print", "md").out


def test_readers_in_europe_are_owed_what_they_were(opened: Programme) -> None:
    found = checked(opened)
    assert (found["missing"], [note for note in found["notes"] if "promises another" not in note]) == ([], [])


def test_readers_in_california_make_its_statute_ask_and_its_name_stands_beside(opened: Programme) -> None:
    found = checked(living_in(opened, "EE=900,US-CA=304"))
    assert found["missing"] == [
        {
            "item": "Whether a law-enforcement agency had the notice delayed",
            "fact": "law_enforcement_delay",
            "command": "incident fact law_enforcement_delay yes|no",
            "asked_by": [STATUTE],
        }
    ]
    refused = approve(opened)
    assert refused.code == 3
    assert f"asked by {STATUTE}" in refused.err
    assert "incident fact law_enforcement_delay yes|no" in refused.err
    assert "law_enforcement_delay" in str(checked(opened, "people-et")["missing"])  # who reads Estonian may live there


def test_once_the_fact_is_known_the_letter_says_it_and_can_be_approved(opened: Programme) -> None:
    assert "law-enforcement" not in text_of(living_in(opened, "EE=900,US-CA=304"))
    opened.ok("fact", "law_enforcement_delay", "no")
    assert "The fact law_enforcement_delay" in opened.run("notice", "check", "people-en").out
    assert "\nNo law-enforcement agency asked us to wait.\n" in text_of(opened)
    assert "Politsei palve teavitamisega oodata\n:   ei\n" in text_of(opened, "et")
    assert approve(opened).code == 0
    opened.ok("fact", "law_enforcement_delay", "yes")
    assert "A law-enforcement agency asked us to wait before we wrote to you." in text_of(opened)


def test_a_fact_that_no_reader_is_owed_stays_out(opened: Programme) -> None:
    opened.ok("fact", "law_enforcement_delay", "no")
    assert "law-enforcement" not in text_of(opened)


def test_how_a_letter_must_look_is_said_once_for_each_law_and_stops_nothing(opened: Programme) -> None:
    opened.ok("fact", "law_enforcement_delay", "no")
    found = checked(living_in(opened, "EE=900,US-CA=304"))
    (look,) = [note for note in found["notes"] if "Look whether" in note]
    assert look.startswith(f'{CALIFORNIA} (Cal. Civ. Code 1798.82) asks for the title "Notice of Data Breach"')
    assert "credit bureaus" not in look  # neither a social security number nor a licence was reached
    assert found["missing"] == []
    assert approve(opened).code == 0


def test_a_number_of_the_state_makes_the_bureaus_and_a_free_service_owed(opened: Programme) -> None:
    living_in(opened, "EE=900,US-CA=304", f"user.name,{NUMBER}").ok("fact", "law_enforcement_delay", "no")
    found = checked(opened)
    assert "; how to reach the credit bureaus. Look whether it is so." in str(found["notes"])
    assert [(each["fact"], each["asked_by"]) for each in found["missing"]] == [("protection_services@en", [STATUTE])]
    for language, offer in (("en", "12 months of identity monitoring."), ("et", "12 kuud identiteedivalvet.")):
        opened.ok("fact", f"protection_services@{language}", offer)
    text = text_of(opened)
    assert "12 months of identity monitoring." in text.partition("## What You Can Do")[2].partition("## For More")[0]
    assert "12 kuud identiteedivalvet." in text_of(opened, "et")
    assert approve(opened).code == approve(opened, "people-et").code == 0


def test_stock_advice_is_advice(opened: Programme) -> None:
    for language in ("en", "et"):
        opened.ok("fact", f"actions_for_people@{language}", "--state", "pending")
    opened.ok("fact", "law_enforcement_delay", "no")
    assert checked(living_in(opened, "US-CA=1204", f"user.name,{PASSWORD}"))["missing"] == []


def test_a_law_that_is_only_possible_asks_for_nothing_yet(opened: Programme) -> None:
    # Of people in the US nobody knows the state.
    found = checked(living_in(opened, "EE=900,US=304"))
    assert found["missing"] == []
    assert CALIFORNIA not in str(found["notes"])


def test_several_laws_that_ask_for_one_fact_are_all_named(opened: Programme) -> None:
    found = checked(living_in(opened, "US-CA=1000,US-WY=204", f"user.name,{NUMBER}"))
    (delay,) = [each for each in found["missing"] if each["fact"] == "law_enforcement_delay"]
    assert delay["asked_by"] == [
        STATUTE,
        "Breach notice statute of Wyoming, Wyo. Stat. 40-12-501 and 40-12-502",
    ]


def test_of_several_facts_that_would_do_the_letter_prints_one_that_is_stated(opened: Programme) -> None:
    # China and Japan ask for the cause: the root cause or the kind of it. Nobody there has to have both.
    living_in(opened, "EE=900,CN=304")
    assert "Root cause\n:   The key was written into a test file" in text_of(opened)
    assert checked(opened)["missing"] == []


def test_what_one_law_keeps_from_its_own_readers_is_said_and_stops_nothing(opened: Programme) -> None:
    for language in ("en", "et"):
        opened.ok("fact", f"protection_services@{language}", "18 months of credit monitoring.")
    living_in(opened, "EE=900,US-MA=304", f"user.name,{NUMBER}")
    found = checked(opened)
    assert found["forbidden"] == found["missing"] == []
    (kept,) = [note for note in found["notes"] if "does not let its own readers be told" in note]
    assert kept == (
        "Breach notice statute of Massachusetts (Mass. G.L. c. 93H) does not let its own readers be told the nature "
        "of the breach, which this letter says: they need a letter of their own."
    )
    assert approve(opened).code == 0


def test_what_one_law_asks_and_another_forbids_is_a_note(opened: Programme) -> None:
    # Jordan asks for the number of people, which the letter does not say; Illinois forbids it to its readers.
    living_in(opened, "JO=900,US-IL=304", f"user.name,{NUMBER}")
    found = checked(opened)
    assert "people_affected" not in str(found["missing"])
    assert "1,204" not in text_of(opened)
    assert any("no letter to everybody can do both" in note and "Jordan" in note for note in found["notes"])


def test_an_own_kind_for_the_readers_of_one_law_may_leave_out_what_that_law_forbids(opened: Programme) -> None:
    place = opened.folder / "templates" / "people-ma" / "en"
    place.mkdir(parents=True)
    (place.parent / "about.toml").write_text('duty = "us-ma-ind"\naudience = "people"\n', "utf-8")
    (place / "letter.md.j2").write_text("# Notice\n\n{{ facts.protection_services }} {{ facts.data_categories }}\n")
    (place / "subject.txt.j2").write_text("Notice\n", "utf-8")
    opened.ok("fact", "protection_services@en", "18 months of credit monitoring.")
    living_in(opened, "US-MA=1204", f"user.name,{NUMBER}")
    opened.ok("notice", "draft", "people-ma")
    missing = opened.run("notice", "check", "people-ma-en", "--json").json["missing"]
    assert not any(each["fact"].startswith("what_happened") for each in missing)


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        ([PASSWORD], {"login"}),
        ([NUMBER], {"cra", "monitoring"}),
        ([PASSWORD, NUMBER], {"login", "cra", "monitoring"}),
        (["user.health_and_medical"], set()),
    ],
)
def test_californias_items_follow_the_kinds_of_data(
    data: list[str], expected: set[str], incident_with: Any, known: dict[str, Any], organisation: Organisation
) -> None:
    incident: Incident = incident_with({**known, "people_by_country": {"US-CA": 1204}, "data_categories": data})
    laws = load_laws()
    duties = duties_of(incident, organisation, laws, now=incident.opened_at)
    owed = owed_in(Library().template("people", "en"), duties, laws, incident.ledger, organisation)
    by_id = {item.id for item in owed.others if item.law == CALIFORNIA}
    looked_at = {"cra"} if any("credit bureaus" in note for note in owed.notes) else set()
    assert (by_id | looked_at) & {"cra", "monitoring", "login"} == expected


def test_a_condition_that_nobody_can_judge_yet_is_a_note_and_no_demand(
    incident_with: Any, known: dict[str, Any], organisation: Organisation
) -> None:
    unsaid = {name: value for name, value in known.items() if name != "data_categories"}
    incident: Incident = incident_with({**unsaid, "people_by_country": {"US-CA": 1204}})
    laws = load_laws()
    duties = duties_of(incident, organisation, laws, now=incident.opened_at)
    running = [replace(duty, state="running") if duty.id == "us-ca-ind" else duty for duty in duties]
    owed = owed_in(Library().template("people", "en"), running, laws, incident.ledger, organisation)
    assert "protection_services" not in owed.facts
    (note,) = [note for note in owed.notes if "12 months" in note]
    assert note.startswith(f"{CALIFORNIA} (Cal. Civ. Code 1798.82) asks in some cases for 12 months")
    assert note.endswith("; data_categories would tell whether in this one.")


def test_a_letter_to_an_authority_is_asked_only_what_its_own_duty_asks(
    incident_with: Any, known: dict[str, Any], organisation: Organisation
) -> None:
    incident: Incident = incident_with({**known, "people_by_country": {"US-CA": 1204}})
    laws = load_laws()
    duties = duties_of(incident, organisation, laws, now=incident.opened_at)
    owed = owed_in(Library().template("authority", "en"), duties, laws, incident.ledger, organisation)
    assert (owed.others, owed.notes) == ((), ())
    assert "likely_consequences" in owed.facts


def test_a_profile_that_lacks_what_laws_ask_for_is_one_thing_to_fill_in(opened: Programme) -> None:
    place = opened.folder / "templates" / "people"
    place.mkdir(parents=True)
    (place / "items.toml").write_text("", "utf-8")
    (place / "en").mkdir()
    (place / "en" / "letter.md.j2").write_text(
        "{{ facts.what_happened }} {{ facts.likely_consequences }} {{ facts.measures_taken }}\n", "utf-8"
    )
    profile = opened.folder / "organisation.toml"
    head, _, rest = profile.read_text("utf-8").partition("[contact]")
    profile.write_text(head + "[authority]" + rest.partition("[authority]")[2], "utf-8")
    opened.ok("notice", "draft", "people", "--language", "en")
    found = opened.run("notice", "check", "people-en", "--json").json["missing"]
    (contact,) = [each for each in found if each["fact"] == "contact.name"]
    assert contact["command"] == 'in organisation.toml, under [contact], write name = "…"'
    assert contact["asked_by"] == [
        "General Data Protection Regulation, art. 34(2) with 33(3)(b)",
        "UK General Data Protection Regulation, art. 34(2)",
    ]
