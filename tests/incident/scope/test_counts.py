"""What counts as a country."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from programme import Programme

from incident.scope.countries import UNKNOWN, UNREADABLE, _countries, country_of, place_of
from incident.scope.counts import Counts, facts_of


@pytest.mark.parametrize(
    ("stored", "country"),
    [("EE", "EE"), (" ee ", "EE"), ("GB", "GB"), ("XK", "XK"), ("AX", "AX"), ("gg", "GG"), ("uk", "GB"), ("EL", "GR")]
    + [("RUS", "RU"), ("kaz", "KZ"), ("EST", "EE"), ("GBR", "GB"), ("ROU", "RO"), ("XKX", "XK")]
    + [("RU-MOW", "RU"), ("DE-BY", "DE"), ("GB-SCT", "GB"), ("uk-sct", "GB"), ("CA-ON", "CA"), ("KZ-75", "KZ")]
    + [("US-CA", "US"), ("US-XX", "US"), ("DE-BE", "DE")]  # Berlin, and no German as in Belgium
    + [(code, UNKNOWN) for code in (None, "", "  ", "XX", "ZZ", "unknown", "N/A", "null")]
    + [(code, UNREADABLE) for code in ("EU", "EUR", "QO", "AA", "SU", "YU", "YUG", "1E", "643", "US-", "-CA", "us_ca")]
    + [(code, UNREADABLE) for code in ("et-EE", "ca-ES", "uk-UA", "ky-KG", "es-419", "de-AT", "zh-Hans-CN")]
    + [(name, UNREADABLE) for name in ("Estonia", "Russia", "Германия", "California")],
)
def test_a_country_is_one_that_there_is(stored: str | None, country: str) -> None:
    assert country_of(stored) == country


@pytest.mark.parametrize(
    ("stored", "place"),
    [(" us-ca ", "US-CA"), ("CA-QC", "CA-QC"), ("US", "US"), ("CA-ON", "CA"), ("California", UNREADABLE)],
)
def test_a_part_counts_by_itself_where_it_has_a_law_of_its_own(stored: str, place: str) -> None:
    assert place_of(stored, {"US-CA", "CA-QC"}) == place


def test_what_is_stored_and_not_read_is_told_from_nothing_stored(
    breach: Programme, sqlite_store: Any, map_file: Path
) -> None:
    stored = ["RU-MOW", "RUS", "Russia", "Германия", "et-EE", "US-CA", "US-XX", None, "ZZ"]
    keys = range(9, 18)
    sqlite_store.change("UPDATE people SET country = ? WHERE id = ?", *zip(stored, keys, strict=True))
    words = ("--database", sqlite_store.url, "--map", str(map_file), "--where", "id between 9 and 17")
    found = breach.json("scope", "run", *words)
    assert found["by_country"] == {"unknown": 5, "RU": 2, "US": 1, "US-CA": 1}
    said = [sentence for sentence in found["uncertain"] if "country" in sentence]
    assert said == [
        "2 people have no country on record.",
        "3 people have a country on record that is no country's code; nobody is counted as living there. "
        "docs/scope.md says how the map gets codes.",
    ]


def test_names_get_their_codes_from_a_table_beside_the_accounts(
    breach: Programme, sqlite_store: Any, map_file: Path
) -> None:
    sqlite_store.change("UPDATE people SET country = ? WHERE id = ?", ("Германия", 9), ("Russia", 10), ("Mordor", 11))
    sqlite_store.change("CREATE TABLE countries (name TEXT, code TEXT)")
    sqlite_store.change("INSERT INTO countries VALUES (?, ?)", ("Германия", "DE"), ("Russia", "RU"))
    text = map_file.read_text(encoding="utf-8")
    text = text.replace('country = "country"', 'country = { table = "countries", column = "code" }')
    text += '\n[[related]]\ntable = "countries"\npath = ["countries.name = people.country"]\n'
    map_file.write_text(text, encoding="utf-8")
    words = ("--database", sqlite_store.url, "--map", str(map_file), "--where", "id between 9 and 11")
    assert breach.json("scope", "run", *words)["by_country"] == {"DE": 1, "RU": 1, "unknown": 1}


def test_the_countries_are_those_of_iso_3166_and_kosovo() -> None:
    assert len(_countries()) == 249 + 1


def test_times_that_cannot_be_read_are_counted(breach: Programme, store: Any, map_file: Path) -> None:
    text = map_file.read_text(encoding="utf-8").partition("[[trail]]")[0]
    text = text.replace('created_at = "created"', 'created_at = { column = "local_text", unit = "text" }')
    map_file.write_text(text, encoding="utf-8")
    mark = "?" if store.engine == "sqlite" else "%s"
    rows = [(value, key) for key, value in ((9, "no time"), (10, ""), (11, "2026-13-01"), (12, None))]
    store.change(f"UPDATE people SET local_text = {mark} WHERE id = {mark}", *rows)
    words = ["--database", store.url, "--map", str(map_file), "--existing-at", "2026-11-20T00:00:00Z"]
    document = breach.json("scope", "run", *words)
    assert "4 accounts have no readable creation time; they are on the list." in document["uncertain"]
    unread = [sentence for sentence in document["uncertain"] if "could not be read as times" in sentence]
    assert unread == ["3 values of created_at could not be read as times; check unit and zone in the map."]


@pytest.mark.parametrize(
    ("also_in", "tally"),
    [({}, {"RU": 5, "DE": 3}), ({"RU": 2}, {"RU": 7, "DE": 3, "ZZ": 2})],
    ids=["each person in one country", "two live in Russia perhaps, and count as two in Germany"],
)
def test_whose_country_nobody_knows_is_not_hidden_by_who_may_live_in_two(
    also_in: dict[str, int], tally: dict[str, int]
) -> None:
    counted = Counts(12, 10, 0, None, 0, {"RU": 5, "DE": 3, "unknown": 2}, {}, {}, also_in, shared=2)
    (fact,) = [each for each in facts_of("s1", counted) if each.fact == "people_by_country"]
    assert fact.value == tally
    assert fact.state == "approximate"
