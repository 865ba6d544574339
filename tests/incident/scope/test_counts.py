"""What counts as a country."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from programme import Programme

from incident.scope.counts import Counts, facts_of
from incident.scope.tally import UNKNOWN, _countries, country_of


@pytest.mark.parametrize(
    ("stored", "country"),
    [("EE", "EE"), (" ee ", "EE"), ("GB", "GB"), ("XK", "XK"), ("AX", "AX"), ("gg", "GG"), ("uk", "GB"), ("EL", "GR")]
    + [(code, UNKNOWN) for code in ("XX", "ZZ", "EU", "QO", "AA", "SU", "YU", "EST", "Estonia", "", "  ", "1E")]
    + [("US-CA", "US-CA"), (" ca-qc ", "CA-QC"), ("US", "US")]  # parts with a law of their own
    + [(code, UNKNOWN) for code in ("US-XX", "et-EE", "DE-BY", "US-", "-CA", "California")]
    + [(None, UNKNOWN)],
)
def test_a_country_is_one_that_there_is(stored: str | None, country: str) -> None:
    assert country_of(stored) == country


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
