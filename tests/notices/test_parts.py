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


@pytest.mark.parametrize(
    ("country", "with_unknown", "without"),
    [("KZ", True, True), (" kz ", True, True), ("DE", False, False), (None, True, False), ("Nowhere", True, False)],
)
def test_a_person_belongs_by_country(country: str | None, with_unknown: bool, without: bool) -> None:
    assert Part(("KZ",), unknown=True).holds(country) is with_unknown
    assert Part(("KZ",)).holds(country) is without


def test_whoever_lives_in_a_part_of_a_country_lives_in_it() -> None:
    assert Part(("US",)).holds("US-CA")
    assert not Part(("KZ",)).holds("US-CA")
