from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from incident.record.timeline import Incident
from notices.lint import date_hits, lint, stray_numbers
from notices.template_library import Library


def found(text: str, language: str = "en", *, invented: bool = False) -> list[tuple[int, str]]:
    return [(hit.line, hit.found) for hit in lint(text, Library().manners(language), invented=invented)]


@pytest.mark.parametrize(
    ("sentence", "words"),
    [
        ("Your data may have been seen.", "may"),
        ("A Limited number of accounts was read.", "Limited number"),
        ("Out of an abundance of caution we write.", "abundance of caution"),
        ("We take your security very seriously.", "take your security very seriously"),
        ("There is no evidence of misuse.", "no evidence"),
        ("TODO: name the authority.", "TODO"),
        ("Dear \\[name\\],", "[name]"),
        ("Write to privacy@smartpact.example.", "smartpact.example"),
        ("Dear 田中", "中"),
    ],
)
def test_a_hit_names_its_line_and_words(sentence: str, words: str) -> None:
    assert (2, words) in found(f"One.\n{sentence}")


@pytest.mark.parametrize(
    ("sentence", "words"),
    [
        ("Väärkasutuse kohta puuduvad tõendid.", "puuduvad tõendid"),
        ("Suhtume sellesse väga tõsiselt.", "väga tõsiselt"),
        ("Kirjutame igaks juhuks.", "igaks juhuks"),
        ("Andmed on võib-olla loetud.", "võib-olla"),
    ],
)
def test_estonian_has_a_list_of_its_own(sentence: str, words: str) -> None:
    assert found(sentence, "et") == [(1, words)]
    assert found(sentence, "en") == []


def test_a_clean_sentence_has_no_hit() -> None:
    assert found("Someone read your e-mail address on 18 November 2026.") == []


@pytest.mark.parametrize("words", ["Only names were read.", "It was only your name.", "names and addresses only."])
def test_only_is_a_minimiser_where_it_makes_the_harm_small(words: str) -> None:
    assert [hit.lower() for _, hit in found(words)] == ["only"]


@pytest.mark.parametrize(
    "sentence",
    [
        "Passwords are kept only as hashes.",
        "Not only names were read.",
        "The page opens only with a password.",
        "Only you can read the new key.",
        "We learned of it only on 18 November.",
    ],
)
def test_only_is_let_be_where_it_says_how_or_when_or_who(sentence: str) -> None:
    assert found(sentence) == []


def test_words_inside_other_words_are_no_hits() -> None:
    assert found("Mayor Adjustment lonely") == []


def test_addresses_of_an_invented_company_are_right() -> None:
    assert found("Write to privacy@smartpact.example.", invented=True) == []


def test_a_long_sentence_is_counted_and_quoted() -> None:
    sentence = "word " * 30 + "end."
    hits = lint(f"Short one. {sentence.capitalize()}", Library().manners("en"), invented=False)
    assert [(hit.found, hit.why) for hit in hits] == [
        ("Word word word word word word …", "a sentence of 31 words; 30 at most")
    ]
    assert len(lint("word " * 26, Library().manners("et"), invented=False)) == 1


def test_a_sentence_in_bold_is_one_of_its_own() -> None:
    assert not lint("word " * 25 + "end. **Your data are among them.**", Library().manners("en"), invented=False)


def test_a_number_in_words_that_no_counted_fact_has_is_named(incident_with: Callable[..., Incident]) -> None:
    facts = {"people_affected": 1204, "what_happened@en": "In 2026, at 09:45, 1,240 accounts and 1 204 people."}
    incident = incident_with(facts)
    hits = stray_numbers("1,240 accounts", {"people_affected": 1, "what_happened@en": 1}, incident.ledger)
    assert [(hit.found, hit.why) for hit in hits] == [
        ("1,240", "what_happened@en gives a number that is in no counted fact")
    ]


def test_moments_out_of_order_and_a_promise_that_has_passed_are_named(incident_with: Callable[..., Incident]) -> None:
    incident = incident_with(
        {
            "occurred_at": "2026-11-18T07:00:00Z",
            "detected_at": "2026-11-18T06:00:00Z",
            "next_update_at": "2026-12-01T10:00:00Z",
        }
    )
    aware = incident.awareness.at
    assert [hit.found for hit in date_hits(incident.ledger, aware, now=aware)] == ["occurred_at"]
    late = date_hits(incident.ledger, aware - timedelta(days=1), now=aware + timedelta(days=30))
    assert [hit.found for hit in late] == ["occurred_at", "detected_at", "next_update_at"]
