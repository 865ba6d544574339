"""Encryption excuses no notice where the record shows that the data could be read: laws and assessment agree on it."""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from datetime import UTC, datetime
from itertools import product
from typing import Any

import pytest

from incident.assess.decision import judge_risk
from incident.assess.method import load_method
from incident.assess.rules import load_rules
from incident.assess.situation import Known
from incident.clock.conditions import Value
from incident.clock.duties import deadline_of, duties_of
from incident.clock.judging import Duty
from incident.clock.places import ClockPlace, zone_of
from incident.clock.regimes import load_laws
from incident.clock.unintelligible import read_unintelligible, why_refuted, without_it
from incident.datafile import Section
from incident.errors import UsageError
from incident.organisation.profile import Organisation
from incident.record.timeline import Incident

NOW = datetime(2026, 11, 21, 1, 5, tzinfo=UTC)
PEOPLE = "eu-gdpr-art34-people"
CALIFORNIA = "us-ca-ind"
LEAKED: dict[str, Any] = {
    "risk": "high",
    "breach_type": ["confidentiality"],
    "data_categories": ["user.name", "user.government_id.national_identification_number"],
    "people_affected": 605,
    "people_by_country": {"EE": 5, "US-CA": 600},
}
STATED: dict[str, Any] = {"data_unintelligible": True, "people_told": "no_unintelligible"}
MakeIncident = Callable[..., Incident]


def duties(incident: Incident, organisation: Organisation) -> dict[str, Duty]:
    return {duty.id: duty for duty in duties_of(incident, organisation, load_laws(), now=NOW)}


@pytest.mark.parametrize(
    ("fact", "value", "words"),
    [
        ("misuse_seen", True, "the data are being used"),
        ("key_safe", False, "not certain that the key is safe"),
        ("encryption", "none", "not encrypted"),
        ("encryption", "weak", "weak"),
        ("encryption", "pseudonymised", "can be read"),
    ],
)
def test_no_law_excuses_a_notice_for_encryption_that_the_record_refutes(
    incident: MakeIncident, studio: Organisation, fact: str, value: Value, words: str
) -> None:
    found = duties(incident(**LEAKED, **STATED, **{fact: value}), studio)
    for duty in (PEOPLE, CALIFORNIA):
        assert found[duty].state == "running"
        assert "does not count" in found[duty].because
        assert words in found[duty].because
        assert f"(fact {fact})" in found[duty].because


@pytest.mark.parametrize("answers", [{}, {"encryption": "strong", "key_safe": True, "misuse_seen": False}])
def test_encryption_that_nothing_refutes_still_counts(
    incident: MakeIncident, studio: Organisation, answers: dict[str, Value]
) -> None:
    found = duties(incident(**LEAKED, **STATED, **answers), studio)
    for duty in (PEOPLE, CALIFORNIA):
        assert found[duty].state == "not_owed"
        assert "does not count" not in found[duty].because


def test_another_ground_still_excuses(incident: MakeIncident, studio: Organisation) -> None:
    removed = duties(incident(**LEAKED, people_told="no_risk_removed", misuse_seen=True), studio)[PEOPLE]
    assert removed.state == "not_owed"
    assert "art. 34(3)(b)" in removed.because


def test_a_deadline_asked_for_alone_says_the_same() -> None:
    facts: dict[str, Value] = {"risk": "high", "people_told": "no_unintelligible", "misuse_seen": True}
    place = ClockPlace(zone_of("Europe/Tallinn"))
    asked = deadline_of(PEOPLE, NOW, load_laws(), facts=facts, place=place, organisation=None, now=NOW)
    assert asked.state == "running"
    assert "art. 34(3)(a)" in asked.because


def test_conditions_ask_for_encryption_as_an_exemption_only() -> None:
    """Elsewhere in a law nothing holds the statement against the record."""
    stating = set(STATED)
    for law in load_laws().laws:
        for rule in law.duties:
            for version in rule.versions:
                others = [version.threshold, version.when, *(item.when for item in version.items)]
                named = {name for condition in others if condition for name in condition.names}
                assert not named & stating, rule.id


def test_the_clock_and_the_assessment_agree_on_article_34(incident: MakeIncident, studio: Organisation) -> None:
    ways = product(("strong", "weak", "pseudonymised", "none", None), (True, False, None), (True, False, None))
    for encryption, key_safe, misuse_seen in ways:
        answers = {"encryption": encryption, "key_safe": key_safe, "misuse_seen": misuse_seen}
        facts = {**LEAKED, **STATED, **{name: value for name, value in answers.items() if value is not None}}
        del facts["people_by_country"]
        values = {name: frozenset(value) if isinstance(value, list) else value for name, value in facts.items()}
        judgement = judge_risk(Known(values), load_rules(), load_method())
        clock = duties(incident(**facts), studio)[PEOPLE]
        assert judgement.tell_people == (clock.state == "running"), answers
        assert (judgement.exemption == "34(3)(a)") == (clock.state == "not_owed"), answers
        [tested] = [each for each in judgement.tested if each.id == "34(3)(a)"]
        assert tested.holds == (not why_refuted(values)), answers


def test_use_of_the_data_defeats_the_exemption_and_says_so() -> None:
    facts = {**LEAKED, **STATED, "encryption": "strong", "key_safe": True, "misuse_seen": True}
    values = {name: frozenset(value) if isinstance(value, list) else value for name, value in facts.items()}
    judgement = judge_risk(Known(values), load_rules(), load_method())
    [tested] = [each for each in judgement.tested if each.id == "34(3)(a)"]
    assert tested.why_not == ("the data are being used already, so whoever has them could read them",)


def test_only_what_states_it_is_taken_away() -> None:
    facts: dict[str, Value] = {"data_unintelligible": True, "people_told": "no_unintelligible", "risk": "high"}
    assert without_it(facts) == {"data_unintelligible": None, "people_told": None, "risk": "high"}
    others: dict[str, Value] = {"data_unintelligible": False, "people_told": "planned"}
    assert without_it(others) == others


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("[states]\nencrypted = true", "states.encrypted is no fact"),
        ('[states]\npeople_told = "no_secret"', "which is no answer of people_told"),
        ("[states]\ndata_unintelligible = false", "which is no answer of data_unintelligible"),
        ("[states]\n[[refuted]]\nwhen = 'key_save'\nwords = 'w'", 'asks "key_save", which is no fact'),
    ],
)
def test_what_is_wrong_in_the_file_is_named(text: str, wrong: str) -> None:
    source = f"checked_on = 2026-11-21\n{text}\n"
    with pytest.raises(UsageError) as refusal:
        read_unintelligible(Section(tomllib.loads(source), file="clock/unintelligible.toml", source=source))
    assert wrong in refusal.value.what
