"""Nothing the ledger can hold is without a name in any language a letter is written in."""

from __future__ import annotations

import pytest

from incident.record.vocabulary import data_categories, vocabulary
from notices.template_library import Library
from notices.wording import Wording

LANGUAGES = sorted({language for kind in Library().kinds() for language in Library().languages(kind)})


def wording_of(language: str) -> Wording:
    """The words of a language, read with any letter there is in it."""
    kind = next(kind for kind in Library().kinds() if language in Library().languages(kind))
    return Library().template(kind, language).wording


def test_the_letters_of_the_gdpr_are_there_in_english_and_estonian() -> None:
    assert {"en", "et"} <= {*Library().languages("authority")} & {*Library().languages("people")}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_fact_and_every_option_has_a_phrase(language: str) -> None:
    wording = wording_of(language)
    assert set(wording.facts) == set(vocabulary())
    for fact in vocabulary().values():
        if fact.options and fact.options != data_categories():
            assert set(wording.options[fact.id]) == set(fact.options), fact.id


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_kind_of_data_has_a_name_one_consequence_and_a_first_step(language: str) -> None:
    wording = wording_of(language)
    assert set(wording.categories) == set(data_categories())
    led_to = [category for entry in wording.consequences for category in entry.categories]
    assert sorted(led_to) == sorted(data_categories())
    assert all(entry.text and entry.action for entry in wording.consequences)


def test_the_languages_tell_the_same_consequences_in_the_same_order() -> None:
    orders = {
        tuple((entry.id, entry.categories) for entry in wording_of(language).consequences) for language in LANGUAGES
    }
    assert len(orders) == 1
