from __future__ import annotations

from collections.abc import Callable

import pytest

from incident.clock.regimes import load_laws
from incident.errors import UsageError
from incident.record.events import FactStated
from incident.record.timeline import Incident
from incident.record.vocabulary import vocabulary
from notices.contents import Item, command_for, findings_on, from_law, missing_profile
from notices.template_library import Library

ITEMS = (
    Item("nature", "Nature", "art. 33(3)(a)", facts=("what_happened", "risk")),
    Item("measures", "Measures", "art. 33(3)(d)", one_of=("measures_taken", "measures_planned")),
)


@pytest.mark.parametrize(
    ("fact", "command"),
    [
        ("likely_consequences@et", 'incident fact likely_consequences@et "…"'),
        ("people_affected", "incident fact people_affected NUMBER"),
        ("detected_at", "incident fact detected_at WHEN"),
        ("risk", "incident fact risk unlikely|risk|high"),
        ("breach_type", "incident fact breach_type confidentiality,integrity,availability"),
        ("data_categories", "incident fact data_categories KEY,KEY"),
        ("people_by_country", "incident fact people_by_country EE=120,FI=31"),
        ("police_informed", "incident fact police_informed yes|no"),
        ("awareness", 'incident aware WHEN --because "…"'),
    ],
)
def test_each_missing_thing_comes_with_the_command_that_supplies_it(fact: str, command: str) -> None:
    assert command_for(fact) == command


def test_a_missing_key_of_the_profile_names_file_table_and_key() -> None:
    missing = missing_profile("contact.email", [Item("c", "Contact point", "33(3)(b)", profile=("contact.email",))])
    assert (missing.item, missing.fact) == ("Contact point", "contact.email")
    assert missing.command == 'in organisation.toml, under [contact], write email = "…"'


def test_a_fact_the_letter_does_not_use_is_missing_and_one_of_two_suffices(
    incident_with: Callable[..., Incident],
) -> None:
    ledger = incident_with({"what_happened@en": "x", "measures_planned@en": "y", "risk": "high"}).ledger
    used = {"what_happened@en": 1, "measures_planned@en": 1}
    findings = findings_on(ITEMS, used, ledger, language="en", may_be_open=False)
    assert [each.fact for each in findings.missing] == ["risk"]
    assert findings_on(ITEMS, {**used, "risk": 1}, ledger, language="en", may_be_open=False).missing == ()


def test_what_a_preliminary_letter_looked_for_in_vain_is_open_unless_it_is_strict(
    incident_with: Callable[..., Incident],
) -> None:
    ledger = incident_with({"risk": FactStated("risk", None, "pending"), "measures_taken@en": "y"}).ledger
    used = {"risk": 1, "what_happened@en": 0, "measures_taken@en": 1}
    findings = findings_on(ITEMS, used, ledger, language="en", may_be_open=True, strict=("what_happened",))
    assert [each.fact for each in findings.missing] == ["what_happened@en"]
    assert [each.fact for each in findings.still_open] == ["risk"]


def test_what_cannot_be_determined_is_an_answer(incident_with: Callable[..., Incident]) -> None:
    ledger = incident_with({"risk": FactStated("risk", None, "unknowable", "no logs"), "what_happened@en": "x"}).ledger
    used = {"risk": 1, "what_happened@en": 1}
    assert findings_on(ITEMS[:1], used, ledger, language="en", may_be_open=False).missing == ()


def test_what_must_not_be_in_a_letter_is_found(incident_with: Callable[..., Incident]) -> None:
    ledger = incident_with({"root_cause@en": "x"}).ledger
    rule = Item("no_cause", "No root cause", "art. 1", facts=("root_cause",), forbidden=True)
    findings = findings_on([rule], {"root_cause@en": 1}, ledger, language="en", may_be_open=False)
    assert findings.forbidden == ("No root cause: root_cause (art. 1)",)


LETTERS = [(kind, language) for kind in Library().kinds() for language in Library().languages(kind)]


@pytest.mark.parametrize(("kind", "language"), LETTERS)
def test_a_letter_has_a_place_for_everything_its_duty_asks_for(kind: str, language: str) -> None:
    template = Library().template(kind, language)
    _, duty = load_laws().rule(template.kind.duty)
    asked = {
        fact for version in duty.versions for item in from_law(version.items) for fact in (*item.facts, *item.one_of)
    }
    assert asked
    assert asked <= set(vocabulary())
    for fact in asked:
        assert f"facts.{fact}" in template.body, fact


def test_a_language_without_a_letter_is_refused_with_those_there_are() -> None:
    with pytest.raises(UsageError, match="no people letter in the language fi") as refusal:
        Library().template("people", "fi")
    assert str(refusal.value.state).startswith("There are: en, et")
