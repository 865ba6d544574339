"""A part of the people is counted by itself: nobody of unknown country is added to it, and nobody is lost."""

from __future__ import annotations

import pytest

from notices.parts import Part, Split, split


@pytest.mark.parametrize(
    ("by_country", "everyone", "found"),
    [
        ({"RU": 10, "KZ": 5, "DE": 3}, 20, Split(10, 8, 2)),  # two of whom the tally says nothing
        ({"RU": 10, "KZ": 5, "DE": 3, "ZZ": 2}, 20, Split(10, 8, 2)),  # the same two, said in the tally
        ({"RU": 10, "ZZ": 1}, 20, Split(10, 0, 10)),  # one said, nine not
        ({"RU-MOW": 4, "RU": 1, "ru": 1}, 6, Split(6, 0, 0)),
        ({"DE": 3}, 3, Split(0, 3, 0)),
        ({"RU": 12}, 10, Split(12, 0, 0)),  # who shares an address is counted in each country
        ({}, 20, Split(None, None, 20)),
        ({"ZZ": 20}, 20, Split(None, None, 20)),
        ({"RU": 10}, None, Split(10, 0, None)),
        ({}, 0, Split(0, 0, 0)),
    ],
)
def test_people_are_split_by_country(by_country: dict[str, int], everyone: int | None, found: Split) -> None:
    assert split(by_country, everyone, ("RU",)) == found


@pytest.mark.parametrize(
    ("by_country", "everyone", "is_all"),
    [({"RU": 10}, 10, True), ({"RU": 10}, 11, False), ({"RU": 9, "KZ": 1}, 10, False), ({"RU": 10}, None, False)],
)
def test_all_live_there_only_where_that_is_known_of_each(
    by_country: dict[str, int], everyone: int | None, is_all: bool
) -> None:
    assert split(by_country, everyone, ("RU",)).is_all_inside is is_all


@pytest.mark.parametrize("country", ["KZ", " kz ", "KAZ", "KZ-75"])
def test_a_person_belongs_by_country_however_its_code_is_written(country: str) -> None:
    assert Part(("KZ",)).holds(country)
    assert not Part(("RU",), unknown=True, unreadable=True).holds(country)


@pytest.mark.parametrize("country", ["RU-MOW", "RUS", "DE-BY", "GB-SCT", "CA-ON", "US-CA"])
def test_whoever_lives_elsewhere_for_certain_is_not_of_unknown_country(country: str) -> None:
    assert not Part(("KZ",), unknown=True, unreadable=True).holds(country)


@pytest.mark.parametrize("country", [None, "", "ZZ", "unknown"])
def test_of_whom_nothing_is_stored_belongs_where_the_part_takes_in_the_unknown(country: str | None) -> None:
    assert Part(("KZ",), unknown=True).holds(country)
    assert not Part(("KZ",), unreadable=True).holds(country)


@pytest.mark.parametrize("country", ["Russia", "Германия", "Казахстан", "kk-KZ", "et-EE", "EU"])
def test_what_is_stored_and_cannot_be_read_is_not_the_same_as_nothing(country: str) -> None:
    assert not Part(("KZ",), unknown=True).holds(country)
    assert Part(("KZ",), unreadable=True).holds(country)


@pytest.mark.parametrize(
    "stored", ["RU-MOW", "RUS", "ru", "Russia", "US-CA", "et-EE", "uk", "UK-SCT", "ZZ", "Nowhere", "KAZ"]
)
@pytest.mark.parametrize("country", ["RU", "KZ", "US", "GB", "ET"])
def test_list_and_fact_go_by_one_rule(stored: str, country: str) -> None:
    assert (split({stored: 3}, 3, (country,)).inside == 3) is Part((country,)).holds(stored)


def test_whoever_lives_in_a_part_of_a_country_lives_in_it() -> None:
    assert Part(("US",)).holds("US-CA")
    assert not Part(("KZ",)).holds("US-CA")
