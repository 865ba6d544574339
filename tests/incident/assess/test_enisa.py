"""ENISA's method: the published examples exactly, the tables of annexes 1 to 3, and the bounds of the formula."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from programme import Programme

from incident.assess.enisa import Severity, as_number
from incident.assess.method import load_method, read_method
from incident.assess.rules import load_rules
from incident.assess.situation import Known, situation_of
from incident.clock.conditions import Value
from incident.datafile import Section
from incident.errors import UsageError
from incident.record.vocabulary import vocabulary

EXAMPLES = tomllib.loads((Path(__file__).parent / "enisa_examples.toml").read_text(encoding="utf-8"))["example"]
ASKED = [fact for fact in vocabulary().values() if fact.id in load_rules().facts and fact.type in {"choice", "yes_no"}]


def severity(reasons: dict[str, str] | None = None, **facts: Any) -> Severity:
    values = {name: frozenset(value) if isinstance(value, list) else value for name, value in facts.items()}
    return situation_of(Known(values, reasons or {}), load_rules(), load_method()).severity


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example["what"])
def test_a_published_example_has_its_published_score(example: dict[str, Any]) -> None:
    assert as_number(severity(**example["facts"]).dpc.hundredths) == example["dpc"]


@pytest.mark.parametrize(
    ("identifiers", "ei"),
    [
        (["name_common"], 0.25),
        (["name_uncommon"], 0.5),
        (["name_rare_in_small_place"], 0.75),
        (["name_birth_date_and_email"], 1),
        (["id_number_alone"], 0.25),
        (["id_number_with_more"], 0.75),
        (["id_number_with_register"], 1),
        (["phone_or_address_not_listed"], 0.25),
        (["phone_or_address_small_area"], 0.5),
        (["phone_or_address_listed"], 1),
        (["email_without_name"], 0.25),
        (["email_searchable"], 0.75),
        (["email_with_name"], 1),
        (["picture_unclear"], 0.25),
        (["picture_with_place"], 0.5),
        (["picture_clear"], 0.75),
        (["picture_clear_with_place"], 1),
        (["alias_no_link"], 0.25),
        (["alias_part_of_name"], 0.75),
        (["alias_full_name"], 1),
        (["name_common", "picture_clear", "alias_no_link"], 0.75),
    ],
)
def test_ease_of_identification_is_that_of_the_best_identifier(identifiers: list[str], ei: float) -> None:
    assert as_number(severity(identified_by=identifiers).ei.hundredths) == ei


@pytest.mark.parametrize(
    ("fact", "answer", "cb"),
    [
        ("recipients", "nobody_seen", 0),
        ("recipients", "known", 0.25),
        ("recipients", "not_known", 0.5),
        ("integrity_loss", "not_used", 0),
        ("integrity_loss", "recoverable", 0.25),
        ("integrity_loss", "not_recoverable", 0.5),
        ("availability_loss", "recoverable", 0),
        ("availability_loss", "temporary", 0.25),
        ("availability_loss", "permanent", 0.5),
    ],
)
def test_each_circumstance_adds_what_annex_3_says(fact: str, answer: str, cb: float) -> None:
    kind = {"recipients": "confidentiality", "integrity_loss": "integrity", "availability_loss": "availability"}[fact]
    found = severity(breach_type=[kind], cause="internal_accidental", **{fact: answer})
    assert as_number(found.cb.hundredths) == cb


def test_circumstances_add_up_and_intent_counts_once() -> None:
    found = severity(
        breach_type=["confidentiality", "integrity", "availability"],
        cause="external_malicious",
        incident_kind="hacking",
        recipients="public",
        integrity_loss="not_recoverable",
        availability_loss="permanent",
    )
    assert as_number(found.cb.hundredths) == 2


def test_the_highest_class_counts_and_multiplies_before_the_circumstances_add() -> None:
    found = severity(
        data_categories=["user.name", "user.health_and_medical"],
        ease_of_identification="limited",
        breach_type=["confidentiality"],
        recipients="known",
        cause="internal_accidental",
    )
    assert [as_number(score.hundredths) for score in (found.dpc, found.ei, found.cb)] == [4, 0.5, 0.25]
    assert as_number(found.hundredths) == 2.25
    assert found.severity == "medium"


def test_the_least_and_the_greatest_score() -> None:
    least = severity(
        simple_data_shows="nothing_more",
        ease_of_identification="negligible",
        breach_type=["confidentiality"],
        recipients="nobody_seen",
        cause="internal_accidental",
    )
    greatest = severity(
        data_categories=["user.health_and_medical"],
        ease_of_identification="maximum",
        breach_type=["confidentiality", "integrity", "availability"],
        cause="external_malicious",
        recipients="public",
        integrity_loss="not_recoverable",
        availability_loss="permanent",
    )
    assert (as_number(least.hundredths), least.severity) == (0.25, "low")
    assert (as_number(greatest.hundredths), greatest.severity) == (6, "very_high")


@pytest.mark.parametrize(
    ("hundredths", "band"),
    [(199, "low"), (200, "medium"), (299, "medium"), (300, "high"), (399, "high"), (400, "very_high")],
)
def test_the_bands_begin_at_two_three_and_four(hundredths: int, band: str) -> None:
    assert load_method().band(hundredths)[0] == band


def test_encryption_is_a_flag_and_lowers_no_number() -> None:
    facts = {"data_categories": ["user.name"], "breach_type": ["confidentiality"], "people_affected": 101}
    plain = severity(**facts)
    encrypted = severity(**facts, encryption="strong", key_safe=True)
    assert (plain.dpc, plain.ei) == (encrypted.dpc, encrypted.ei)
    assert encrypted.flags == ("more than 100 individuals", "data unintelligible to whoever has them")
    assert severity(**{**facts, "people_affected": 100}).flags == ()


def test_without_the_kinds_of_data_there_is_no_score() -> None:
    found = severity(breach_type=["confidentiality"])
    assert (found.hundredths, found.severity) == (None, None)


def test_an_override_keeps_the_computed_value_and_the_reason() -> None:
    found = severity({"enisa_dpc": "the list is public"}, data_categories=["user.health_and_medical"], enisa_dpc="1")
    assert (found.dpc.hundredths, found.dpc.computed, found.dpc.because) == (100, 400, "the list is public")


def test_every_number_names_a_fact_of_the_vocabulary_and_a_rule() -> None:
    found = severity(data_categories=["user.name", "user.financial"], breach_type=["confidentiality"])
    for part in (*found.dpc.parts, *found.ei.parts, *found.cb.parts):
        assert part.fact in vocabulary()
        assert part.why


_ANSWERS = st.fixed_dictionaries(
    {},
    optional={
        **{
            fact.id: st.sampled_from([True, False] if fact.type == "yes_no" else fact.options)
            for fact in ASKED
            if not fact.id.startswith("enisa")
        },
        "data_categories": st.frozensets(st.sampled_from(vocabulary()["data_categories"].options), min_size=1),
        "breach_type": st.frozensets(st.sampled_from(vocabulary()["breach_type"].options), min_size=1),
        "identified_by": st.frozensets(st.sampled_from(vocabulary()["identified_by"].options), min_size=1),
    },
)


@given(_ANSWERS)
def test_no_score_leaves_the_bounds_of_the_method(values: dict[str, Value]) -> None:
    found = situation_of(Known(values), load_rules(), load_method()).severity
    assert found.dpc.hundredths is None or 100 <= found.dpc.hundredths <= 400
    assert found.ei.hundredths in {25, 50, 75, 100}
    assert found.cb.hundredths is not None
    assert 0 <= found.cb.hundredths <= 200
    assert found.hundredths is None or 25 <= found.hundredths <= 600


def test_a_misspelt_answer_in_the_method_is_refused() -> None:
    source = Path(str(load_method.__wrapped__.__code__.co_filename)).with_name("enisa.toml").read_text(encoding="utf-8")
    for right, wrong in (
        ("no_insight = -100", "no_inside = -100"),
        ('"user.job_title",', ""),
        ("base = 100", "bas = 1"),
    ):
        text = source.replace(right, wrong, 1)
        with pytest.raises(UsageError, match=r"assess/enisa\.toml, line \d+"):
            read_method(Section(tomllib.loads(text), file="assess/enisa.toml", source=text))


def test_the_command_shows_where_each_number_comes_from(programme: Programme, tmp_path: Path) -> None:
    file = tmp_path / "facts.toml"
    file.write_text('data_categories = ["user.financial.credit_card"]\nbreach_type = ["confidentiality"]\n')
    found = programme.json("assess", "--facts", str(file))["enisa"]
    assert found["dpc"] == 4
    assert found["parts"]["dpc"]["from"][0]["fact"] == "financial_data_shows"
    assert found["parts"]["dpc"]["from"][0]["assumed"] is True
    assert "financial_data_shows" in found["assumed"]
