from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from notices.template_library import Library
from notices.wording import Wording


@pytest.fixture
def english() -> Wording:
    return Library().template("people", "en").wording


@pytest.fixture
def estonian() -> Wording:
    return Library().template("people", "et").wording


AT = datetime(2026, 7, 1, 21, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("zone", "shown"),
    [
        ("Europe/Tallinn", "2 July 2026, 00:30 (Eastern European Summer Time, UTC+3)"),
        ("Asia/Kolkata", "2 July 2026, 03:00 (India Time, UTC+5:30)"),
        ("America/New_York", "1 July 2026, 17:30 (Eastern Daylight Time, UTC-4)"),
        ("UTC", "1 July 2026, 21:30 (Coordinated Universal Time, UTC)"),
    ],
)
def test_a_moment_names_its_zone_and_offset(zone: str, shown: str, english: Wording) -> None:
    assert english.moment(AT, ZoneInfo(zone)) == shown


def test_estonian_dates_have_the_form_their_place_asks_for(estonian: Wording) -> None:
    tallinn = ZoneInfo("Europe/Tallinn")
    assert estonian.day(AT, tallinn) == "2. juuli 2026"
    assert estonian.on_day(AT, tallinn) == "2. juulil 2026"
    assert estonian.moment(AT, tallinn) == "2. juuli 2026 kell 00:30 (Ida-Euroopa suveaeg, UTC+3)"


@pytest.mark.parametrize(
    ("stretch", "english_words", "estonian_words"),
    [
        (timedelta(minutes=40), "40 minutes", "40 minutit"),
        (timedelta(hours=1), "1 hour", "1 tund"),
        (timedelta(hours=25, minutes=30), "25 hours 30 minutes", "25 tundi 30 minutit"),
        (timedelta(days=3, hours=2), "3 days 2 hours", "3 ööpäeva 2 tundi"),
        (timedelta(0), "0 minutes", "0 minutit"),
    ],
)
def test_stretches_of_time_are_written_out(
    stretch: timedelta, english_words: str, estonian_words: str, english: Wording, estonian: Wording
) -> None:
    assert english.span(stretch) == english_words
    assert estonian.span(stretch) == estonian_words


def test_countries_have_their_names_and_an_unknown_code_is_not_a_country(english: Wording, estonian: Wording) -> None:
    assert [estonian.country(code) for code in ("FI", "gb", "ZZ", "Q1")] == [
        "Soome", "Ühendkuningriik", "riik ei ole teada", "riik ei ole teada",
    ]  # fmt: skip
    assert english.country("") == "country not known"
    assert english.country("US-CA") == english.country("US") == "United States"


def test_a_list_is_joined_as_the_language_does_it(english: Wording, estonian: Wording) -> None:
    assert english.listed(["a", "b", "c"]) == "a, b and c"
    assert estonian.listed(["a", "b", "c"]) == "a, b ja c"


def test_consequences_come_most_urgent_first_with_the_data_that_lead_there(english: Wording) -> None:
    found = english.consequences_of(["user.name", "user.contact.email", "user.authorization.session"])
    assert [(entry.id, names) for entry, names in found] == [
        ("session", ["log-in session or access key to the account"]),
        ("messages", ["name", "e-mail address"]),
    ]
