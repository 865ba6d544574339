"""Every kind of data in every US state and territory: whether it makes the duties of its statute owed."""

from __future__ import annotations

import tomllib
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from incident.clock.conditions import Value
from incident.clock.duties import deadline_of
from incident.clock.places import ClockPlace
from incident.clock.regimes import load_laws

COUNTS = tomllib.loads(Path(__file__).with_name("us-elements.toml").read_text(encoding="utf-8"))["counts"]
FOUND = datetime(2026, 11, 2, 15, tzinfo=UTC)
PLACE = ClockPlace(ZoneInfo("America/New_York"))
DUTIES = [(state, rule.id) for state in COUNTS for rule in load_laws().law(f"us-{state.lower()}").duties]


def state_of(duty: str, category: str) -> str:
    facts: dict[str, Value] = {
        "data_categories": frozenset({category}),
        "residents": 100_000,
        "organisation_is": frozenset({"us-information-broker"}),  # Georgia's statute binds no one else
        "harm_unlikely": duty == "us-ak-ag",  # Alaska's authority is told of that finding only
    }
    return deadline_of(duty, FOUND, load_laws(), facts=facts, place=PLACE, organisation=None, now=FOUND).state


@pytest.mark.parametrize(("state", "duty"), DUTIES, ids=[duty for _, duty in DUTIES])
def test_just_the_kinds_of_data_that_the_statute_names_count(state: str, duty: str) -> None:
    elements = load_laws().elements
    grouped = frozenset().union(*elements.values())
    owed = {category for category in grouped if state_of(duty, category) == "running"}

    assert owed == frozenset().union(*(elements[group] for group in COUNTS[state]))


def test_all_states_and_territories_are_here() -> None:
    assert set(load_laws().places.parts["US"]) == {f"US-{state}" for state in COUNTS}
