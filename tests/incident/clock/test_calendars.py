from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from incident.clock.calendars import CountryCalendar, all_corrections, calendar_of, read_corrections
from incident.errors import UsageError

CORRECTION = """
country = "KZ"

[[day]]
date = 2026-08-31
working = true
why = "the day off was withdrawn"
source = "an order, number 1"
checked_on = 2026-11-21

[[day]]
date = 2026-09-01
working = false
why = "the day off was given"
source = "an order, number 2"
checked_on = 2026-11-21
"""


def test_public_holidays_are_those_of_the_country() -> None:
    christmas_eve = date(2025, 12, 24)
    assert not calendar_of("EE").is_working(christmas_eve)
    assert calendar_of("DE").is_working(christmas_eve)


def test_saturdays_and_sundays_are_not_worked() -> None:
    assert [calendar_of("EE").is_working(date(2026, 2, day)) for day in (13, 14, 15, 16)] == [True, False, False, True]


def test_a_saturday_made_a_working_day_by_decree_is_worked() -> None:
    assert calendar_of("RU").is_working(date(2025, 11, 1))


def test_a_part_of_a_country_can_have_holidays_of_its_own() -> None:
    epiphany = date(2026, 1, 6)
    assert calendar_of("DE").is_working(epiphany)
    assert not calendar_of("DE-BY").is_working(epiphany)


def test_a_year_that_is_not_covered_is_said_and_every_day_of_it_counts() -> None:
    calendar = calendar_of("EE")
    assert calendar.gap(date(2026, 1, 1), date(2026, 12, 31)) is None
    gap = calendar.gap(date(2100, 12, 30), date(2101, 1, 3))
    assert gap is not None
    assert "The days off of EE in 2101 are not known here: every day is counted as worked" in gap
    assert "Look them up" in gap
    assert calendar.is_working(date(2102, 2, 24))  # Independence Day, a Friday: it may only come out earlier
    assert calendar.is_working(date(2102, 2, 25))  # a Saturday, since some are worked, and weekends differ


@pytest.mark.parametrize("country", ["QZ", "DE-ZZ"])
def test_a_country_or_part_of_one_that_is_not_covered_is_said(country: str) -> None:
    calendar = calendar_of(country)
    gap = calendar.gap(date(2026, 1, 1), date(2026, 1, 3))
    assert gap is not None
    assert f"The days off of {country} in 2026" in gap
    assert [calendar.is_working(date(2026, 1, day)) for day in (1, 2, 3)] == [True, True, True]


def test_where_no_country_is_known_that_is_said() -> None:
    gap = calendar_of(None).gap(date(2026, 1, 1), date(2026, 1, 3))
    assert gap is not None
    assert "No country's public holidays are known here" in gap


def test_a_correction_of_ours_goes_before_the_library(tmp_path: Path) -> None:
    (tmp_path / "kz.toml").write_text(CORRECTION, encoding="utf-8")
    corrections = {entry.day: entry for entry in read_corrections(tmp_path)["KZ"]}
    calendar = CountryCalendar("KZ", None, corrections)
    assert calendar.is_working(date(2026, 8, 31))
    assert not calendar.is_working(date(2026, 9, 1))


@pytest.mark.parametrize(
    ("broken", "words"),
    [
        (CORRECTION.replace("source", "sauce", 1), "law/holidays/kz.toml, line 4: day.1.source is missing"),
        (CORRECTION.replace("working = true\n", ""), "day.1.working is missing"),
        (CORRECTION.replace('"KZ"', '"Kazakhstan"'), "country must be a two-letter country code"),
        (CORRECTION + "\nextra = 1\n", "extra is not a key of this table"),
    ],
)
def test_a_wrong_correction_names_file_line_and_key(tmp_path: Path, broken: str, words: str) -> None:
    (tmp_path / "kz.toml").write_text(broken, encoding="utf-8")
    with pytest.raises(UsageError) as caught:
        read_corrections(tmp_path)
    assert words in caught.value.what


def test_the_corrections_we_ship_can_be_read() -> None:
    for entries in all_corrections().values():
        assert all(entry.why and entry.source for entry in entries)
