"""Runs the law cases in this folder. A lawyer reads the .toml files; this only asks the program each question."""

from __future__ import annotations

import tomllib
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from incident.clock.calendars import calendar_of
from incident.clock.counting import ends_at
from incident.clock.duties import Duty, deadline_of
from incident.clock.places import ClockPlace, country_of_zone
from incident.clock.regimes import load_laws
from incident.clock.rules import Period
from incident.moments import read_moment

FOLDER = Path(__file__).parent
GDPR = tomllib.loads((FOLDER / "eu-gdpr.toml").read_text(encoding="utf-8"))
COUNTING = tomllib.loads((FOLDER / "eu-1182-71.toml").read_text(encoding="utf-8"))


def moment(text: str) -> tuple[datetime, str]:
    found = read_moment(text, now=datetime(2026, 11, 21, tzinfo=UTC), zone=ZoneInfo("UTC"))
    return found.at, found.zone


def asked(duty: str, aware: str, now: datetime | None = None, facts: dict[str, Any] | None = None) -> Duty:
    at, zone = moment(aware)
    place = ClockPlace(ZoneInfo(zone), country_of_zone(zone))
    return deadline_of(duty, at, load_laws(), facts=facts or {}, place=place, organisation=None, now=now or at)


def named(cases: list[dict[str, Any]]) -> Any:
    return [pytest.param(case, id=case["name"]) for case in cases]


@pytest.mark.parametrize("case", named(GDPR["case"]))
def test_the_seventy_two_hours_end_as_the_table_says(case: dict[str, Any]) -> None:
    duty = asked(GDPR["duty"], case["aware"])

    readings = {reading.name: reading.due_at for reading in duty.readings}
    readings.setdefault("two-working-days-part", readings["two-working-days"])
    rule = case["hour_dropped"]
    part, whole = (
        rule if case[key] == "same" else case[key] for key in ("two_working_days_part", "two_working_days_whole")
    )
    assert readings == {
        "elapsed": case["elapsed"],
        "eu-1182-71": rule,
        "two-working-days": whole,
        "two-working-days-part": part,
    }
    assert duty.due_at == case["elapsed"]


def test_every_worked_example_is_here() -> None:
    assert len(GDPR["case"]) == 26


@pytest.mark.parametrize("case", named(GDPR["state"]))
def test_the_state_at_an_edge_is(case: dict[str, Any]) -> None:
    duty = asked(GDPR["duty"], case["aware"], case["now"], case.get("facts"))

    assert duty.state == case["state"]
    assert case.get("because", "") in duty.because


@pytest.mark.parametrize("case", named(COUNTING["case"]))
def test_a_period_in_days_or_months_ends(case: dict[str, Any]) -> None:
    at, zone = moment(case["event"])
    [(unit, count)] = case["period"].items()
    way = load_laws().ways[COUNTING["way"], unit]

    assert ends_at(at, Period(count, unit), way, ZoneInfo(zone), calendar_of(case["place"]).is_working) == case["ends"]
