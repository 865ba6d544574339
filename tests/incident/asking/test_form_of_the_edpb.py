"""No field of the common notification template is left unfilled, and no item of law without an answer."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from incident.asking.contents import AWARENESS, fields_in_order, library
from incident.asking.edpb import Field, edpb_fields
from incident.assess.rules import load_rules
from incident.clock.conditions import read_condition
from incident.clock.regimes import known_kinds, load_laws
from incident.organisation.profile import Contact, Organisation
from incident.record.vocabulary import vocabulary

# The 100 input fields among the template's rows 3 to 126; the others are headings.
ROWS = [(3, 7), (10, 19), (21, 26), (29, 31), (33, 36), (38, 41), (44, 53), (55, 63), (65, 68), (70, 73), (75, 76)]
ROWS += [(79, 87), (89, 90), (92, 92), (94, 95), (97, 106), (109, 111), (113, 118), (120, 123), (125, 126)]
INPUT = {number for first, last in ROWS for number in range(first, last + 1)}
ASSESS = Path(__file__).parents[3] / "incident" / "assess"
TEMPLATES = Path(__file__).parents[3] / "notices" / "templates"


def test_every_input_field_is_filled_by_something() -> None:
    assert len(INPUT) == 100
    assert {field.number for field in edpb_fields()} == INPUT
    assert all(field.facts or field.profile or field.derived for field in edpb_fields())


@pytest.mark.parametrize("field", [each for each in edpb_fields() if each.profile], ids=lambda each: str(each.number))
def test_a_key_of_the_profile_that_fills_a_field_is_one(field: Field) -> None:
    for key in field.profile:
        table, _, name = key.rpartition(".")
        owner = Contact if table else Organisation
        assert not table or table in Organisation.__dataclass_fields__
        assert name in owner.__dataclass_fields__


def test_the_facts_of_the_form_come_in_its_order() -> None:
    firsts = [vocabulary()[name].edpb[0] for name in fields_in_order()]
    assert firsts == sorted(firsts)
    assert {name for name, fact in vocabulary().items() if fact.edpb} == set(fields_in_order())


def test_every_condition_on_a_question_can_be_judged() -> None:
    laws = load_laws()
    kinds = known_kinds(laws.places, laws.elements, laws.kinds)
    conditions = {fact.id: fact.when for fact in vocabulary().values() if fact.when}
    assert conditions
    for fact, text in conditions.items():
        assert fact not in read_condition(text, kinds).names, fact


def test_a_condition_never_waits_for_a_fact_that_nobody_is_asked() -> None:
    laws = load_laws()
    kinds = known_kinds(laws.places, laws.elements, laws.kinds)
    asked = {name for contents in library().contents for name in (*contents.first, *contents.whole)}
    asked |= {*library().judging, "late"}
    asked |= {name for asking in library().beyond.asked for name in asking.facts}
    for fact in vocabulary().values():
        if fact.when and fact.id in asked:
            assert read_condition(fact.when, kinds).names <= asked, fact.id


def test_whoever_judges_the_risk_is_asked_everything_it_rests_on() -> None:
    asked = {name for contents in library().contents for name in (*contents.first, *contents.whole)}
    # What identifies the people says how easily, unless somebody says that itself.
    assert load_rules().facts - {*asked, *library().judging} <= {"ease_of_identification"}
    classes = tomllib.loads((ASSESS / "enisa.toml").read_text(encoding="utf-8"))["class"]
    for kind in classes:
        condition = vocabulary()[kind["fact"]].when
        assert condition is None or all(f'"{category}"' in condition for category in kind["categories"])


def test_every_item_of_every_law_is_answered_by_a_fact_the_profile_or_the_letter_itself() -> None:
    beyond = library().beyond
    unanswered = [
        (rule.id, item.words)
        for law in load_laws().laws
        for rule in law.duties
        for version in rule.versions
        for item in version.items
        if not (item.facts or item.one_of or item.profile or item.forbidden)
        and not item.words.startswith(beyond.in_the_letter)
    ]
    assert unanswered == []


def test_what_single_authorities_ask_is_asked_for_duties_that_exist() -> None:
    for asked in library().beyond.asked:
        for duty in asked.duties:
            load_laws().rule(duty)


def test_what_our_letters_say_is_asked_for() -> None:
    """The items of the letters' own templates are known to the questions too, so that no draft wants what none asks."""
    for kind, addressee in (("authority", "supervisory_authority"), ("people", "people")):
        items = tomllib.loads((TEMPLATES / kind / "items.toml").read_text(encoding="utf-8"))["item"]
        wanted = {fact for item in items for fact in (*item.get("facts", ()), *item.get("one_of", ()))}
        contents = next(each for each in library().contents if addressee in each.owed_to and "eu-gdpr" in each.laws)
        assert wanted <= {*contents.first, *contents.whole, AWARENESS}
