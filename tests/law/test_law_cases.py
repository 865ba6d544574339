"""Runs the law cases in this folder. A lawyer reads the .toml files; this only asks the program each question."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from incident.clock.calendars import calendar_of
from incident.clock.circumstances import as_value
from incident.clock.counting import ends_at
from incident.clock.duties import Duty, deadline_of
from incident.clock.places import ClockPlace, country_of_zone
from incident.clock.regimes import load_laws
from incident.clock.rules import Period
from incident.moments import read_moment

FOLDER = Path(__file__).parent
FILES = {file.stem: tomllib.loads(file.read_text(encoding="utf-8")) for file in sorted(FOLDER.glob("*.toml"))}
GDPR, COUNTING = FILES["eu-gdpr"], FILES["eu-1182-71"]
KEYS = {"name", "duty", "from", "events", "done", "now", "facts", "state", "due", "readings", "because", "missing"}


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


# Every other file: one law each, its cases in one form. The keys of a case:
#
# duty       whose clock it is
# from       every starting event at once, on the clock of the place named
# events     single events by name, instead of `from` or beside it; those not named happened at `from`, or with the
#            earliest one that is
# done       when other duties were done; {}: none was. Without it, the one that starts this duty was done at `from`
# now        when it is asked; the start, where it is not given
# facts      what is known, by the names that conditions use
# state      "running" where it is not given
# due        when it falls due; "none": no due moment
# readings   some of its readings by name
# because, missing   words that its reason holds, facts it misses


def law_cases() -> Iterator[Any]:
    for stem, file in FILES.items():
        if "law" in file:
            for case in file["case"]:
                yield pytest.param(case, id=f"{stem}: {case['name']}")


def answer(case: dict[str, Any]) -> Duty:
    events = {name: moment(text) for name, text in case.get("events", {}).items()}
    at, zone = moment(case["from"]) if "from" in case else min(events.values())
    done = {name: moment(text)[0] for name, text in case["done"].items()} if "done" in case else None
    facts = {name: as_value(value) for name, value in case.get("facts", {}).items()}
    return deadline_of(
        case["duty"],
        at,
        load_laws(),
        facts=facts,
        place=ClockPlace(ZoneInfo(zone), country_of_zone(zone)),
        organisation=None,
        now=case.get("now", at),
        events={name: event for name, (event, _) in events.items()},
        done=done,
    )


@pytest.mark.parametrize("case", list(law_cases()))
def test_the_law_answers(case: dict[str, Any]) -> None:
    assert set(case) <= KEYS
    duty = answer(case)

    assert duty.state == case.get("state", "running"), duty.because
    if "due" in case:
        assert duty.due_at == (None if case["due"] == "none" else case["due"])
    readings = {reading.name: reading.due_at for reading in duty.readings}
    assert {name: readings.get(name) for name in case.get("readings", {})} == case.get("readings", {})
    assert case.get("because", "") in duty.because
    assert set(case.get("missing", ())) <= set(duty.missing)


def test_every_case_is_about_its_own_law() -> None:
    for stem, file in FILES.items():
        for case in file["case"] if "law" in file else ():
            law, _ = load_laws().rule(case["duty"])
            assert law.id == file["law"], f"{stem}: {case['name']}"


def test_there_is_a_case_for_every_law_and_four_hundred_in_all() -> None:
    assert sum(len(file.get("case", ())) + len(file.get("state", ())) for file in FILES.values()) >= 400
    assert {law.id for law in load_laws().laws} <= {*FILES} | {file.get("law") for file in FILES.values()}
