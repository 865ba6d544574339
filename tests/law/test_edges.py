"""
Every edge of every law: the first day, the number in a threshold, and the due moment, on it and to both sides.

Two short forms stand in the case files beside their cases, for a lawyer to read:

    [[begins]]                                   [[threshold]]
    name = "the act enters into force"           name = "more than 500 residents"
    duties = ["us-xx-ind", "us-xx-ag"]           duties = ["us-xx-ag"]
    first_day = 2022-01-01                       of = "residents"
    zone = "America/Chicago"                     more_than = 500   # or at_least, fewer_than
    facts = { … }  # all else it takes           from = "2026-03-02 09:00 America/Chicago"
                                                 facts = { … }

`earlier = "not on file"` in the first form: a text before that day asked for a notice too, and is not on file, so the
duty is possible the minute before, and never "not owed".
The last test counts: an edge in the data that no case stands on, or beside, has to be written before it can ship.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from incident.clock.duties import Duty, deadline_of
from incident.clock.places import ClockPlace, country_of_zone
from incident.clock.regimes import load_laws
from incident.clock.rules import Version

from .test_law_cases import FILES, GDPR, answer, as_value, law_cases, moment

BEGINS = {"name", "duties", "first_day", "earlier", "zone", "facts"}
THRESHOLD = {"name", "duties", "of", "more_than", "at_least", "fewer_than", "from", "events", "facts"}
OWED = ("running", "late", "possible")
NUMBER = re.compile(r"\b(residents|individuals|data_subjects|people_affected) *(>=|>|<=|<) *(\d+)")


def entries(kind: str) -> Iterator[tuple[str, dict[str, Any]]]:
    for stem, file in FILES.items():
        yield from ((stem, entry) for entry in file.get(kind, ()))


def each_duty(kind: str) -> Iterator[Any]:
    for stem, entry in entries(kind):
        for duty in entry["duties"]:
            yield pytest.param(entry, duty, id=f"{stem}: {entry['name']}: {duty}")


def asked_on(entry: dict[str, Any], duty: str, at: datetime) -> Duty:
    facts = {name: as_value(value) for name, value in entry.get("facts", {}).items()}
    place = ClockPlace(ZoneInfo(entry["zone"]), country_of_zone(entry["zone"]))
    return deadline_of(duty, at, load_laws(), facts=facts, place=place, organisation=None, now=at)


@pytest.mark.parametrize(("entry", "duty"), list(each_duty("begins")))
def test_a_law_holds_from_the_first_minute_of_its_first_day(entry: dict[str, Any], duty: str) -> None:
    assert set(entry) <= BEGINS
    first = datetime.combine(entry["first_day"], datetime.min.time(), ZoneInfo(entry["zone"])).astimezone(UTC)

    before = asked_on(entry, duty, first - timedelta(minutes=1))
    if entry.get("earlier") == "not on file":
        assert before.state == "possible", before.because
        day = entry["first_day"]
        assert f"The text that applied on {day - timedelta(days=1)} is not on file" in before.because
        assert f"from {day}. A notice was owed before that too." in before.because
    else:
        assert "earlier" not in entry
        assert before.state == "not_owed", before.because
        assert "Not in force" in before.because
    assert asked_on(entry, duty, first).state in OWED


def around(entry: dict[str, Any]) -> Iterator[tuple[int, bool]]:
    """The numbers just before, on and just after the one the law names, each with whether the duty is then owed."""
    [way] = {"more_than", "at_least", "fewer_than"} & set(entry)
    number = entry[way]
    for people in (number - 1, number, number + 1):
        yield people, {"more_than": people > number, "at_least": people >= number, "fewer_than": people < number}[way]


@pytest.mark.parametrize(("entry", "duty"), list(each_duty("threshold")))
def test_a_threshold_is_met_at_its_own_number(entry: dict[str, Any], duty: str) -> None:
    assert set(entry) <= THRESHOLD
    asked = {name: entry[name] for name in ("from", "events") if name in entry}

    for people, owed in around(entry):
        found = answer({**asked, "duty": duty, "facts": {**entry.get("facts", {}), entry["of"]: people}})
        assert found.state in ("running", "late") if owed else found.state == "not_owed", (people, found.because)


def falling_due() -> Iterator[Any]:
    for param in law_cases():
        [case] = param.values
        if case.get("state", "running") == "running" and isinstance(case.get("due"), datetime):
            yield param


@pytest.mark.parametrize("case", list(falling_due()))
def test_it_is_late_from_its_due_moment_and_no_second_earlier(case: dict[str, Any]) -> None:
    due, second = case["due"], timedelta(seconds=1)

    states = [answer({**case, "now": at}).state for at in (due - second, due, due + second)]
    assert states == ["running", "running", "late"]


def days_asked(duty: str) -> set[date]:
    """The local days on which cases let the clock of `duty` start."""
    found = set()
    for _, case in entries("case"):
        if case.get("duty") == duty:
            texts = [case["from"]] if "from" in case else []
            for at, zone in map(moment, [*texts, *case.get("events", {}).values()]):
                found.add(at.astimezone(ZoneInfo(zone)).date())
    return found


def numbers_asked(duty: str, fact: str) -> set[int]:
    cases = (case.get("facts", {}) for _, case in entries("case") if case.get("duty") == duty)
    return {facts[fact] for facts in cases if isinstance(facts.get(fact), int)}


def first_days_missing(duty: str, version: Version) -> Iterator[str]:
    first = version.in_force_from
    if first is None or version.pending:
        return
    begins = {entry["first_day"] for _, entry in entries("begins") if duty in entry["duties"]}
    if first not in begins and not {first - timedelta(days=1), first} <= days_asked(duty):
        yield f"{duty}: no case on {first} and on the day before"


def last_days_missing(duty: str, version: Version, following: set[date | None]) -> Iterator[str]:
    last = version.in_force_until
    if last is None or last + timedelta(days=1) in following:
        return
    if not {last, last + timedelta(days=1)} <= days_asked(duty):
        yield f"{duty}: no case on {last}, its last day, and on the day after"


def numbers_missing(duty: str, version: Version) -> Iterator[str]:
    written = [version.threshold, version.when, *(exemption.when for exemption in version.exemptions)]
    for condition in filter(None, written):
        for fact, _, digits in NUMBER.findall(condition.text):
            number = int(digits)
            stated = {
                entry.get(way)
                for _, entry in entries("threshold")
                for way in ("more_than", "at_least", "fewer_than")
                if duty in entry["duties"] and entry["of"] == fact
            }
            around_it = {number - 1, number, number + 1}
            if number > 1 and number not in stated and not around_it <= numbers_asked(duty, fact):
                yield f"{duty}: no cases for {fact} at {number} and to both sides"


def test_every_edge_in_the_law_files_has_its_cases() -> None:
    asked = {case["duty"] for _, case in entries("case") if "duty" in case} | {GDPR["duty"]}
    missing = []
    for law in load_laws().laws:
        for rule in law.duties:
            following = {version.in_force_from for version in rule.versions}
            missing += [] if rule.id in asked else [f"{rule.id}: no case at all"]
            for version in rule.versions:
                missing += first_days_missing(rule.id, version)
                missing += last_days_missing(rule.id, version, following)
                missing += numbers_missing(rule.id, version)
    assert not missing, f"{len(missing)} edges without a case:\n" + "\n".join(sorted(set(missing)))
