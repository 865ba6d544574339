"""What holds for every duty of every law on file, whatever the law says."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from incident.clock.calendars import CountryCalendar
from incident.clock.duties import Duty, deadline_of, duties_of
from incident.clock.places import ClockPlace, country_of_zone
from incident.clock.regimes import load_laws
from incident.clock.rules import Laws, Version
from incident.moments import stamp
from incident.organisation.profile import ROLES, Organisation
from incident.record.ledger import FactVersion, Ledger
from incident.record.timeline import Awareness, Incident
from incident.record.vocabulary import data_categories, vocabulary

unhurried = settings(deadline=None, max_examples=25, suppress_health_check=[HealthCheck.too_slow])

LAWS = load_laws()
RULES = [rule for law in LAWS.laws for rule in law.duties]
DUTIES = [rule.id for rule in RULES]
VERSIONS = [(rule.id, version) for rule in RULES for version in rule.versions]
PLACES = sorted(set().union(*(law.covers for law in LAWS.laws)))
MOMENTS = [fact.id for fact in vocabulary().values() if fact.type == "moment" and fact.past]
OPENED = datetime(2026, 11, 21, 1, 5, tzinfo=UTC)
ZONES = ["Europe/Berlin", "Asia/Almaty", "America/Los_Angeles", "Asia/Kolkata", "Pacific/Auckland", "UTC"]
moments = st.integers(1_767_000_000, 1_830_000_000).map(lambda seconds: datetime.fromtimestamp(seconds, UTC))


def incident_with(aware: datetime | None = None, **facts: Any) -> Incident:
    versions = {}
    for name, value in facts.items():
        stored = stamp(value) if isinstance(value, datetime) else value
        versions[name] = (FactVersion(name, 1, stored, "exact", None, "ann", OPENED, OPENED, None, 2),)
    decisions = (Awareness(aware, "the dump was checked", False, "ann"),) if aware else ()
    return Incident("2026-001", "t", OPENED, "ann", ledger=Ledger(versions), awareness_decisions=decisions)


def organisation_in(country: str | None = "EE", **fields: Any) -> Organisation:
    zone = ZoneInfo("Europe/Tallinn")
    return Organisation(Path("organisation.toml"), "Sample OÜ", zone, ("en",), country=country, **fields)


def asked(duty: str, start: datetime, zone: str, **more: Any) -> Duty:
    place = ClockPlace(ZoneInfo(zone), country_of_zone(zone))
    return deadline_of(duty, start, LAWS, facts={}, place=place, organisation=None, now=start, **more)


def clocks(incident: Incident, organisation: Organisation | None, laws: Laws = LAWS, **more: Any) -> dict[str, Duty]:
    return {duty.id: duty for duty in duties_of(incident, organisation, laws, now=OPENED, **more)}


def still_there(duties: dict[str, Duty]) -> set[str]:
    return {name for name, duty in duties.items() if duty.state != "not_owed"}


# Clock changes, a leap day, the year's end, long holidays, the small hours.
STARTS = [
    datetime(2026, 3, 20, 4, 30, tzinfo=UTC),
    datetime(2026, 3, 28, 23, 40, tzinfo=UTC),
    datetime(2026, 10, 25, 0, 30, tzinfo=UTC),
    datetime(2026, 12, 24, 17, 59, 59, tzinfo=UTC),
    datetime(2026, 12, 31, 23, 59, tzinfo=UTC),
    datetime(2028, 2, 29, 12, tzinfo=UTC),
]


def holds_for(duty: str, start: datetime, zone: str) -> None:
    found = asked(duty, start, zone)
    assert all(reading.due_at > start for reading in found.readings)
    assert found.due_at == min((reading.due_at for reading in found.readings), default=None)
    if found.period == "as soon as possible" or found.state == "not_owed":
        assert found.due_at is None


@pytest.mark.parametrize("duty", DUTIES)
def test_no_reading_is_before_its_start_and_the_alarm_is_the_earliest(duty: str) -> None:
    for start in STARTS:
        for zone in ("Europe/Berlin", "Asia/Almaty", "America/Los_Angeles"):
            holds_for(duty, start, zone)


@settings(deadline=None, max_examples=200, suppress_health_check=[HealthCheck.too_slow])
@given(duty=st.sampled_from(DUTIES), start=moments, zone=st.sampled_from(ZONES))
def test_that_holds_at_any_time_and_in_any_zone(duty: str, start: datetime, zone: str) -> None:
    holds_for(duty, start, zone)


@unhurried
@given(
    tally=st.dictionaries(st.sampled_from(PLACES), st.integers(0, 1200), max_size=6),
    more=st.dictionaries(st.sampled_from(PLACES), st.integers(0, 1200), min_size=1, max_size=3),
    counted=st.booleans(),
    seat=st.sampled_from(["EE", "US", "KZ", "JP"]),
    kinds=st.sampled_from([None, (), tuple(LAWS.kinds)]),
    categories=st.sampled_from([None, list(data_categories())]),
)
def test_adding_people_never_removes_a_duty(
    tally: dict[str, int],
    more: dict[str, int],
    counted: bool,
    seat: str,
    kinds: tuple[str, ...] | None,
    categories: list[str] | None,
) -> None:
    grown = {code: tally.get(code, 0) + more.get(code, 0) for code in {*tally, *more}}

    def after(people: dict[str, int]) -> set[str]:
        facts: dict[str, Any] = {"people_by_country": people}
        if counted:
            facts["people_affected"] = sum(people.values())
        if categories is not None:
            facts["data_categories"] = categories
        return still_there(clocks(incident_with(**facts), organisation_in(seat, kinds=kinds)))

    gone = after(tally) - after(grown)
    assert {addressee(duty) for duty in gone} <= {addressee(duty) for duty in after(grown)}
    assert gone <= GIVES_WAY


# Of a small breach HHS is told by the end of winter, of one of 500 people and more within 60 days.
GIVES_WAY = {"us-hipaa-hhs-small"}


def addressee(duty_id: str) -> tuple[str, str]:
    if duty_id.startswith("no-law"):
        return duty_id, "unknown"
    law, rule = LAWS.rule(duty_id)
    return law.id, rule.owed_to


@pytest.mark.parametrize("zone", ["America/New_York", "Pacific/Kiritimati"])
def test_no_due_moment_depends_on_the_machines_own_zone(monkeypatch: pytest.MonkeyPatch, zone: str) -> None:
    start = datetime(2026, 3, 27, 13, 30, tzinfo=UTC)
    found = incident_with(start, detected_at=start, people_by_country=dict.fromkeys(PLACES, 1000))
    own = organisation_in(kinds=tuple(LAWS.kinds))
    expected = {name: duty.due_at for name, duty in clocks(found, own).items()}
    assert len([due for due in expected.values() if due]) > 100
    monkeypatch.setenv("TZ", zone)
    time.tzset()
    try:
        assert {name: duty.due_at for name, duty in clocks(found, own).items()} == expected
    finally:
        monkeypatch.undo()
        time.tzset()


# Louder, never shorter


def scenes() -> Iterator[Any]:
    everywhere = dict.fromkeys(PLACES, 1000)
    yield pytest.param(0, incident_with(), None, id="nothing is known")
    yield pytest.param(1, incident_with(), organisation_in(), id="only the seat is known")
    yield pytest.param(2, incident_with(people_by_country=everywhere), organisation_in(), id="people everywhere")
    yield pytest.param(
        3,
        incident_with(people_by_country=everywhere, people_affected=1000 * len(PLACES)),
        organisation_in(kinds=()),
        id="people everywhere, and the organisation is nothing else",
    )
    yield pytest.param(4, incident_with(people_by_country={"US": 900}), organisation_in("US"), id="people in the US")


@pytest.mark.parametrize(("turn", "incident", "organisation"), [*scenes()])
def test_removing_any_law_file_is_said_aloud(turn: int, incident: Incident, organisation: Organisation | None) -> None:
    full = clocks(incident, organisation)
    for law in LAWS.laws[turn::5]:  # each law in one scene; the scenes are of all kinds
        rest = clocks(incident, organisation, replace(LAWS, laws=tuple(one for one in LAWS.laws if one is not law)))
        gone = still_there(full) - still_there(rest)
        assert gone <= {rule.id for rule in law.duties}
        loud = {name for name in rest if name.startswith("no-law")} - set(full)
        assert f"no-law-{law.id}" in loud
        assert "is missing from this copy of the program" in rest[f"no-law-{law.id}"].because


def test_the_index_names_the_laws_of_the_folder_and_no_others() -> None:
    """A new law file goes into incident/law/index.toml as well."""
    assert set(LAWS.index) == {law.id for law in LAWS.laws}
    assert {law.id: law.name for law in LAWS.laws} == dict(LAWS.index)


class NoYear(CountryCalendar):
    """The calendar of a country whose holidays nobody has."""

    def __init__(self, country: str | None) -> None:
        super().__init__(country or "nowhere", None, {})


def alarm_needs_days_off(version: Version) -> bool:
    return version.period is not None and all(way.needs_calendar for way in version.readings)


def test_removing_a_holiday_year_makes_the_alarm_earlier_and_says_so() -> None:
    shown = 0
    for name, version in VERSIONS:
        if not alarm_needs_days_off(version) or version.pending:
            continue
        for start in (datetime(2026, 12, 23, 15, tzinfo=UTC), datetime(2027, 3, 19, 9, tzinfo=UTC)):
            full = asked(name, start, "UTC")
            without = asked(name, start, "UTC", calendar_of=NoYear)
            if full.due_at is None or full.period != version.period_words:
                continue
            assert without.due_at is not None
            assert without.due_at <= full.due_at, name
            assert "are not known here: every day is counted as worked" in without.because, name
            shown += 1
    assert shown > 20


def test_removing_a_starting_event_never_removes_a_duty_and_is_said() -> None:
    first = OPENED - timedelta(days=3)
    known = {name: first + timedelta(hours=number) for number, name in enumerate(MOMENTS)}
    people = {"people_by_country": dict.fromkeys(PLACES, 1000), "data_categories": list(data_categories())}
    own = organisation_in(kinds=tuple(LAWS.kinds))
    full = clocks(incident_with(first, **known, **people), own)
    for forgotten in MOMENTS:
        fewer = {name: at for name, at in known.items() if name != forgotten}
        part = clocks(incident_with(first, **fewer, **people), own)
        assert still_there(full) <= still_there(part)
        for name, duty in full.items():
            if duty.due_at is not None and part[name].due_at != duty.due_at:
                later = part[name]
                assert later.provisional or (later.due_at is not None and later.due_at < duty.due_at), (name, forgotten)
    nothing = clocks(incident_with(None, **people), own)
    assert still_there(full) <= still_there(nothing)


def test_forgetting_what_the_organisation_is_never_removes_a_duty() -> None:
    people = {"people_by_country": dict.fromkeys(PLACES, 1000), "data_categories": list(data_categories())}
    for role in ROLES:
        full = clocks(incident_with(**people), organisation_in(kinds=tuple(LAWS.kinds), role=role))
        part = clocks(incident_with(**people), organisation_in(kinds=None, role=role))
        assert still_there(full) <= still_there(part)


# The data


@pytest.mark.parametrize("law", LAWS.laws, ids=lambda law: law.id)
def test_every_version_follows_the_one_before_without_a_gap(law: Any) -> None:
    for rule in law.duties:
        dated = [v for v in rule.versions if v.in_force_from and not v.pending and v.when is None]
        for before, after in pairwise(dated):
            if before.in_force_until is not None and after.in_force_from is not None:
                assert after.in_force_from - before.in_force_until <= timedelta(days=1), rule.id


def test_what_is_pending_is_never_counted_as_in_force() -> None:
    for name, version in VERSIONS:
        if version.pending:
            assert not version.is_in_force_on(date(2099, 1, 1)), name


def test_as_soon_as_possible_has_no_number_anywhere() -> None:
    for name, version in VERSIONS:
        assert (version.period is None) == (not version.readings), name
