from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from incident.clock.conditions import read_condition
from incident.clock.duties import Duty, duties_of, duty_document, items_asked
from incident.clock.regimes import known_kinds, load_laws
from incident.clock.rules import Laws, OuterEdge, Period, Version
from incident.organisation.profile import Authority, Contract, Organisation, Promise
from incident.record.timeline import Incident

# A busy machine is no failure of the program.
unhurried = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])

SA, PEOPLE, PROCESSOR = "eu-gdpr-art33-sa", "eu-gdpr-art34-people", "eu-gdpr-art33-processor"
NOW = datetime(2026, 11, 21, 1, 5, tzinfo=UTC)
MakeIncident = Callable[..., Incident]
MakeOrganisation = Callable[..., Organisation]


def clocks(incident: Incident, organisation: Organisation | None, now: datetime = NOW, laws: Laws | None = None) -> Any:
    return {duty.id: duty for duty in duties_of(incident, organisation, laws or load_laws(), now=now)}


def with_version(laws: Laws, duty_id: str, **changes: Any) -> Laws:
    """The laws with one duty's version changed, as another law would have it."""
    law, rule = laws.rule(duty_id)
    versions: tuple[Version, ...] = tuple(replace(version, **changes) for version in rule.versions)
    rules = tuple(replace(each, versions=versions) if each.id == duty_id else each for each in law.duties)
    return replace(laws, laws=(replace(law, duties=rules),))


def known_kinds_of(laws: Laws) -> Any:
    return known_kinds(laws.places, laws.elements, laws.kinds)


# Which duties, and why


def test_with_nothing_known_the_strictest_general_duties_run_and_say_what_to_fill_in(incident: MakeIncident) -> None:
    duties = clocks(incident(aware=None), None)
    assert duties[SA].state == duties[PEOPLE].state == "running"
    assert duties[SA].assumed
    assert duties[SA].because.startswith("Assumed: there is no organisation profile")
    assert "incident organisation init" in duties[SA].because
    assert duties[SA].due_at == NOW + timedelta(hours=72)
    assert {"organisation.country", "organisation.role", "risk"} <= set(duties[SA].missing)
    assert duties[PROCESSOR].state == "possible"
    assert "organisation.role" in duties[PROCESSOR].missing


def test_a_profile_without_a_country_is_no_reason_to_relax(
    incident: MakeIncident, organisation: MakeOrganisation
) -> None:
    duties = clocks(incident(), organisation(country=None))
    assert duties[SA].state == "running"
    assert "names no country" in duties[SA].because


def test_the_seat_brings_the_duty_and_names_its_authority(incident: MakeIncident, studio: Organisation) -> None:
    duty = clocks(incident(), studio)[SA]
    assert duty.state == "running"
    assert duty.recipient == "Andmekaitse Inspektsioon"
    assert "The organisation sits in EE." in duty.because
    assert duty.period == "72 hours"
    assert duty.cite == "Regulation (EU) 2016/679, art. 33(1)"


def test_people_bring_the_duty_where_the_seat_does_not(incident: MakeIncident, organisation: MakeOrganisation) -> None:
    almaty = organisation("KZ", authority=Authority("Ministry", "KZ"))
    reached = clocks(incident(people_by_country={"KZ": 900, "FI": 2, "EE": 1}), almaty)[SA]
    counted = clocks(incident(people_by_country={"KZ": 900, "FI": 2, "EE": 1}, people_affected=903), almaty)[SA]
    assert "3 of the people concerned live in the EEA" in counted.because
    assert reached.state == "running"
    assert "People concerned live in the EEA" in reached.because
    # The authority of the profile is not one of this law's; without an establishment there, each of them is notified.
    assert reached.recipient == "the authority of each of EE, FI"

    untouched = clocks(incident(people_by_country={"KZ": 900}, people_affected=900), almaty)[SA]
    assert untouched.state == "not_owed"
    assert untouched.due_at is None
    assert "Neither the seat nor the people concerned are in the EEA" in untouched.because


def test_people_of_no_known_country_keep_the_duty_possible(
    incident: MakeIncident, organisation: MakeOrganisation
) -> None:
    for facts in (
        {},
        {"people_by_country": {"KZ": 900, "ZZ": 1}, "people_affected": 901},
        {"people_by_country": {"KZ": 900}, "people_affected": 901},
    ):
        duty = clocks(incident(**facts), organisation("KZ"))[SA]
        assert duty.state == "possible"
        assert duty.missing == ("people_by_country", "risk")
        assert duty.due_at == datetime(2026, 11, 23, 22, 40, tzinfo=UTC)
        assert "this would decide it: people_by_country" in duty.because


def test_people_by_country_without_their_total_leave_room_for_more(
    incident: MakeIncident, organisation: MakeOrganisation
) -> None:
    duty = clocks(incident(people_by_country={"KZ": 900}), organisation("KZ"))[SA]
    assert duty.state == "possible"
    assert duty.missing == ("people_affected", "risk")


def test_a_profile_that_says_where_its_people_live_decides_before_they_are_counted(
    incident: MakeIncident, organisation: MakeOrganisation
) -> None:
    duty = clocks(incident(), organisation("KZ", people_live_in=("EEA", "KZ")))[SA]
    assert duty.state == "running"
    assert "People concerned live in the EEA." in duty.because


def test_another_spelling_of_a_country_is_the_same_country(
    incident: MakeIncident, organisation: MakeOrganisation
) -> None:
    assert clocks(incident(people_by_country={"EL": 4}), organisation("KZ"))[SA].state == "running"


def test_a_processor_owes_its_controller_and_not_the_authority(
    incident: MakeIncident, organisation: MakeOrganisation
) -> None:
    duties = clocks(incident(), organisation(role="processor"))
    assert duties[PROCESSOR].state == "running"
    assert duties[PROCESSOR].due_at is None
    assert duties[PROCESSOR].period == "as soon as possible"
    assert duties[SA].state == "not_owed"
    assert "owed by a controller or joint controller; the organisation acts as processor" in duties[SA].because


def test_a_country_whose_law_is_not_on_file_is_a_loud_line(incident: MakeIncident, studio: Organisation) -> None:
    duties = clocks(incident(people_by_country={"EE": 3, "QZ": 5, "AQ": 1}), studio)
    assert duties["no-law-qz"].state == duties["no-law-aq"].state == "possible"
    assert "5 of the people may live in QZ, whose law is not on file" in duties["no-law-qz"].because
    assert "no-law-ee" not in duties
    duty_document(duties["no-law-aq"])


def test_a_seat_whose_law_is_not_on_file_is_a_loud_line_too(
    incident: MakeIncident, organisation: MakeOrganisation
) -> None:
    duties = clocks(incident(), organisation("AQ"))
    assert "The organisation sits in AQ; the law of AQ is not on file." in duties["no-law-aq"].because


def test_a_state_without_a_file_is_a_loud_line_though_its_country_has_laws(
    incident: MakeIncident, studio: Organisation
) -> None:
    laws = load_laws()
    without = replace(laws, laws=tuple(law for law in laws.laws if law.id != "us-tx"))
    for people in ({"US-TX": 5}, {"US": 5}):
        assert "no-law-us-tx" in clocks(incident(people_by_country=people), studio, laws=without)
        assert "no-law-us-tx" not in clocks(incident(people_by_country=people), studio)


def test_a_kind_of_organisation_that_no_law_asks_for_is_a_loud_line(
    incident: MakeIncident, organisation: MakeOrganisation
) -> None:
    duties = clocks(incident(), organisation(kinds=("us-bnak",)))
    assert "No law on file speaks of an organisation that is us-bnak." in duties["no-law-us-bnak"].because


def test_a_place_in_the_profile_that_is_no_country_is_a_loud_line_too(
    incident: MakeIncident, organisation: MakeOrganisation
) -> None:
    duties = clocks(incident(), organisation(people_live_in=("EEA", "the rest of the world")))
    assert "no-law-the-rest-of-the-world" in duties


# The risk


def test_while_the_risk_is_not_assessed_the_strictest_is_assumed(incident: MakeIncident, studio: Organisation) -> None:
    for facts in ({}, {"risk": None}):
        duties = clocks(incident(**facts), studio)
        for duty in (duties[SA], duties[PEOPLE]):
            assert duty.state == "running"
            assert "risk is not assessed; the strictest is assumed" in duty.because
            assert duty.missing == ("risk",)


@pytest.mark.parametrize(
    ("risk", "authority", "people"),
    [("unlikely", "not_owed", "not_owed"), ("risk", "running", "not_owed"), ("high", "running", "running")],
)
def test_the_risk_decides_who_is_told(
    incident: MakeIncident, studio: Organisation, risk: str, authority: str, people: str
) -> None:
    duties = clocks(incident(risk=risk), studio)
    assert (duties[SA].state, duties[PEOPLE].state) == (authority, people)
    assert duties[SA].missing == ()
    assert not duties[SA].assumed
    assert "assessed" not in duties[SA].because + duties[PEOPLE].because


def test_an_answer_of_unknown_is_no_answer(incident: MakeIncident, studio: Organisation) -> None:
    laws = load_laws()
    inside = read_condition('cause == "internal_accidental"', known_kinds(laws.places))
    laws = with_version(laws, SA, threshold=inside, assume=None)
    assert clocks(incident(cause="unknown"), studio, laws=laws)[SA].state == "possible"
    assert clocks(incident(cause="external_malicious"), studio, laws=laws)[SA].state == "not_owed"


def test_an_exemption_of_article_34_counts_once_it_is_stated(incident: MakeIncident, studio: Organisation) -> None:
    exempt = clocks(incident(risk="high", people_told="no_unintelligible"), studio)[PEOPLE]
    assert exempt.state == "not_owed"
    assert "art. 34(3)(a)" in exempt.because
    assert clocks(incident(risk="high", people_told="planned"), studio)[PEOPLE].state == "running"
    assert clocks(incident(risk="high", people_told="no_public_notice"), studio)[PEOPLE].state == "running"


# When


def test_awareness_that_nobody_decided_is_provisional_and_runs_from_the_first_sign(
    incident: MakeIncident, studio: Organisation
) -> None:
    noticed = NOW - timedelta(hours=5)
    duty = clocks(incident(aware=None, detected_at=noticed), studio)[SA]
    assert duty.provisional
    assert duty.due_at == noticed + timedelta(hours=72)
    assert "Awareness is provisional: not decided yet" in duty.because


def test_awareness_that_was_decided_says_by_whom_and_why(incident: MakeIncident, studio: Organisation) -> None:
    duty = clocks(incident(), studio)[SA]
    assert not duty.provisional
    assert "Awareness was decided by ann: the dump was checked" in duty.because


def test_a_day_off_never_moves_the_alarm(incident: MakeIncident, studio: Organisation) -> None:
    maundy_thursday = datetime(2026, 4, 2, 14, 20, tzinfo=UTC)
    duty = clocks(incident(aware=maundy_thursday), studio)[SA]
    assert duty.due_at == maundy_thursday + timedelta(hours=72)
    assert [reading.name for reading in duty.readings] == [
        "elapsed",
        "eu-1182-71",
        "two-working-days",
        "two-working-days-part",
    ]
    assert duty.readings[2].due_at == datetime(2026, 4, 7, 21, tzinfo=UTC)
    assert duty.readings[2].why.endswith("Public holidays of EE.")


def test_the_days_are_those_of_the_authority(incident: MakeIncident, organisation: MakeOrganisation) -> None:
    # A seat in Tallinn whose lead authority is in Berlin: 24 December is worked there.
    aware = datetime(2025, 12, 23, 14, 40, tzinfo=UTC)
    berlin = organisation(authority=Authority("BlnBDI", "DE"))
    readings = {reading.name: reading for reading in clocks(incident(aware=aware), berlin)[SA].readings}
    assert readings["two-working-days"].due_at == datetime(2025, 12, 29, 23, tzinfo=UTC)


def test_without_a_country_only_weekends_are_left_out_and_that_is_said(incident: MakeIncident) -> None:
    whole = clocks(incident(), None)[SA].readings[2]
    assert "No country's public holidays are known here" in whole.why


def test_running_turns_late_after_the_last_instant_and_not_before(incident: MakeIncident, studio: Organisation) -> None:
    due = datetime(2026, 11, 23, 22, 40, tzinfo=UTC)
    assert clocks(incident(), studio, due)[SA].state == "running"
    late = clocks(incident(), studio, due + timedelta(seconds=1))[SA]
    assert late.state == "late"
    assert late.late


def test_a_duty_that_was_met_is_done_with_its_time_and_reference(incident: MakeIncident, studio: Organisation) -> None:
    at = datetime(2026, 11, 21, 0, 30, tzinfo=UTC)
    done = clocks(incident(done={SA: at}), studio, NOW + timedelta(days=9))[SA]
    assert done.state == "done"
    assert done.because.startswith("Done at Sat 2026-11-21 02:30 +02:00, reference R-1.")
    assert "after it fell due" not in done.because


def test_a_duty_that_was_met_late_says_so(incident: MakeIncident, studio: Organisation) -> None:
    done = clocks(incident(done={SA: NOW + timedelta(days=8)}), studio, NOW + timedelta(days=9))[SA]
    assert done.state == "done"
    assert "That was after it fell due." in done.because


def test_before_the_law_applied_nothing_was_owed_and_the_date_is_named(
    incident: MakeIncident, studio: Organisation
) -> None:
    duty = clocks(incident(aware=datetime(2018, 5, 24, 20, 59, tzinfo=UTC)), studio)[SA]
    assert duty.state == "not_owed"
    assert "Not in force on 2018-05-24" in duty.because
    assert "it applies from 2018-05-25" in duty.because
    assert clocks(incident(aware=datetime(2018, 5, 24, 21, tzinfo=UTC)), studio)[SA].state == "late"  # Tallinn: 00:00


def test_before_an_amended_text_the_duty_is_possible_and_counted_by_that_text(
    incident: MakeIncident, studio: Organisation
) -> None:
    """The text of that day asked for a notice too; only what it said is not known."""
    old = incident(aware=datetime(2018, 5, 24, 20, 59, tzinfo=UTC))
    duty = clocks(old, studio, laws=with_version(load_laws(), SA, amends=True))[SA]
    assert duty.state == "possible"
    assert duty.due_at == datetime(2018, 5, 27, 20, 59, tzinfo=UTC)
    assert duty.late
    assert len(duty.readings) > 1
    assert (
        "The text that applied on 2018-05-24 is not on file; it was amended or replaced from 2018-05-25."
        in duty.because
    )
    assert "A notice was owed before that too. Counted by the amended text; ask counsel." in duty.because
    assert any(name.endswith("before 2018-05-25") for name in duty.missing)


def test_what_the_amended_text_exempts_its_older_text_may_not_have(
    incident: MakeIncident, studio: Organisation
) -> None:
    early, now = datetime(2018, 5, 24, 9, tzinfo=UTC), datetime(2018, 5, 24, 10, tzinfo=UTC)
    harmless = incident(aware=early, risk="unlikely")
    laws = with_version(load_laws(), SA, amends=True)
    duty = clocks(harmless, studio, now, laws)[SA]
    assert duty.state == "possible"
    assert "By the amended text: Not owed" in duty.because

    assert clocks(harmless, replace(studio, role="processor"), now, laws)[SA].state == "not_owed"  # another's duty
    bank = with_version(laws, SA, threshold=read_condition('is_a("us-bank")', known_kinds_of(laws)))
    assert clocks(harmless, replace(studio, kinds=()), now, bank)[SA].state == "not_owed"  # another trade's law
    assert clocks(harmless, replace(studio, kinds=None), now, bank)[SA].state == "possible"


def test_law_that_was_repealed_or_only_announced_is_not_owed_and_says_which(
    incident: MakeIncident, studio: Organisation
) -> None:
    repealed = with_version(load_laws(), SA, in_force_until=date(2020, 1, 1))
    assert "No longer in force" in clocks(incident(), studio, laws=repealed)[SA].because
    announced = with_version(load_laws(), SA, pending=True, in_force_from=None)
    assert clocks(incident(), studio, laws=announced)[SA].because == "Announced, and not in force: no date is set."


def test_of_two_versions_in_force_at_once_the_earlier_alarm_counts(
    incident: MakeIncident, studio: Organisation
) -> None:
    laws = load_laws()
    law, rule = laws.rule(SA)
    small = replace(rule.versions[0], period=Period(96, "hours"))
    both = replace(rule, versions=(small, rule.versions[0]))
    laws = replace(laws, laws=(replace(law, duties=(both,)),))
    assert clocks(incident(), studio, laws=laws)[SA].period == "72 hours"


def test_of_two_versions_in_force_at_once_one_that_is_not_owed_gives_way(
    incident: MakeIncident, studio: Organisation
) -> None:
    laws = load_laws()
    law, rule = laws.rule(PEOPLE)
    never = read_condition('sector == "banks"', known_kinds(laws.places))
    both = replace(rule, versions=(replace(rule.versions[0], when=never), rule.versions[0]))
    laws = replace(laws, laws=(replace(law, duties=(both,)),))
    in_trade = replace(studio, sector="trade")
    assert clocks(incident(), in_trade, laws=laws)[PEOPLE].state == "running"

    only = replace(laws, laws=(replace(law, duties=(replace(rule, versions=both.versions[:1]),)),))
    alone = clocks(incident(), in_trade, laws=only)[PEOPLE]
    assert alone.state == "not_owed"
    assert 'The condition sector == "banks" does not hold: sector is trade.' in alone.because


def test_a_second_stage_waits_for_the_first_and_then_runs_from_it(incident: MakeIncident, studio: Organisation) -> None:
    laws = with_version(load_laws(), PEOPLE, starts_after=SA)
    waiting = clocks(incident(risk="high"), studio, laws=laws)[PEOPLE]
    assert waiting.state == "possible"
    assert waiting.starts_at is None
    assert waiting.missing == (SA,)
    assert waiting.starts_with == f"done:{SA}"
    assert f"Its clock starts when {SA} is done" in waiting.because

    told = NOW - timedelta(hours=1)
    running = clocks(incident(risk="high", done={SA: told}), studio, laws=laws)[PEOPLE]
    assert running.state == "running"
    assert running.starts_at == told


def test_of_several_starting_events_the_earliest_counts(incident: MakeIncident, studio: Organisation) -> None:
    laws = with_version(load_laws(), SA, starts_with="detection", or_with=("third_party_detected_at",))
    first, second = NOW - timedelta(hours=9), NOW - timedelta(hours=4)
    both = clocks(incident(None, detected_at=second, third_party_detected_at=first), studio, laws=laws)[SA]
    assert (both.starts_at, both.provisional) == (first, False)
    assert both.starts_with == "detection or third_party_detected_at"
    one = clocks(incident(None, detected_at=second), studio, laws=laws)[SA]
    assert (one.starts_at, one.provisional) == (second, False)
    # The outsider saw it after the opening: the opening is the earliest moment known, and that is said.
    other = clocks(incident(None, third_party_detected_at=NOW + timedelta(hours=1)), studio, laws=laws)[SA]
    assert (other.starts_at, other.provisional) == (NOW, True)
    assert "Detection is not recorded (detected_at); counted from the earliest moment known" in other.because


def test_an_outer_edge_ends_a_duty_unless_it_began_after_the_edge(incident: MakeIncident, studio: Organisation) -> None:
    laws = load_laws()
    way = laws.ways["elapsed", "hours"]
    edge = OuterEdge(Period(24, "hours"), "awareness", (way,))
    laws = with_version(
        laws, SA, starts_with="classified_at", period=Period(4, "hours"), readings=(way,), at_latest=edge
    )
    aware = NOW - timedelta(hours=30)

    def due(classified: timedelta) -> datetime | None:
        found: Duty = clocks(incident(aware, classified_at=aware + classified), studio, laws=laws)[SA]
        assert found.due_at is not None
        inside = [reading.due_at for reading in found.readings]
        assert found.due_at == min(inside)
        return found.due_at

    assert due(timedelta(hours=1)) == aware + timedelta(hours=5)
    assert due(timedelta(hours=20)) == aware + timedelta(hours=24)
    assert due(timedelta(hours=24)) == aware + timedelta(hours=24)
    assert due(timedelta(hours=24, seconds=1)) == aware + timedelta(hours=28, seconds=1)


def test_a_duty_whose_law_could_not_be_read_is_possible_and_never_more(
    incident: MakeIncident, organisation: MakeOrganisation
) -> None:
    duty = clocks(incident(people_by_country={"KG": 4}), organisation("EE"))["kg-code"]
    assert duty.state == "possible"
    assert "CANNOT BE COMPUTED" in duty.because


def test_that_no_duty_was_found_is_said_with_where_it_was_looked_for(
    incident: MakeIncident, organisation: MakeOrganisation
) -> None:
    duty = clocks(incident(people_by_country={"AZ": 4}), organisation("EE"))["az-none"]
    assert (duty.state, duty.standing, duty.reached, duty.due_at) == ("not_owed", "none", True, None)
    assert "No breach-notice duty was found: Law of Azerbaijan No. 998-IIIQ" in duty.because


# Contracts and insurers


def contract(**fields: Any) -> Contract:
    return Contract(
        "insurer", "Example Insurance", "within the time below", "Policy 1", ("insurer",), "detection", **fields
    )


@pytest.mark.parametrize(
    ("fields", "period", "due"),
    [
        ({"hours": 48}, "48 hours", datetime(2026, 11, 22, 20, tzinfo=UTC)),
        # Friday evening in Tallinn; two working days are Monday and Tuesday.
        ({"working_days": 2}, "2 working days", datetime(2026, 11, 24, 22, tzinfo=UTC)),
        ({}, "as soon as possible", None),
    ],
)
def test_a_contract_is_a_clock_of_its_own(
    incident: MakeIncident, organisation: MakeOrganisation, fields: dict[str, int], period: str, due: datetime | None
) -> None:
    noticed = datetime(2026, 11, 20, 20, tzinfo=UTC)
    duty = clocks(incident(detected_at=noticed), organisation(contracts=(contract(**fields),)))["contract-insurer"]
    assert (duty.state, duty.owed_to, duty.recipient) == ("running", "insurer", "Example Insurance")
    assert (duty.period, duty.due_at) == (period, due)
    assert "By contract with Example Insurance: “within the time below” (Policy 1)." in duty.because
    assert duty_document(duty)["law"] == "contract"


def test_a_contract_turns_late_and_is_done_like_any_duty(
    incident: MakeIncident, organisation: MakeOrganisation
) -> None:
    bound = organisation(contracts=(contract(hours=1),))
    noticed = NOW - timedelta(hours=2)
    assert clocks(incident(detected_at=noticed), bound)["contract-insurer"].state == "late"
    told = incident(detected_at=noticed, done={"contract-insurer": NOW})
    assert clocks(told, bound)["contract-insurer"].state == "done"


def test_an_event_that_is_not_recorded_is_replaced_by_the_earliest_moment_known(
    incident: MakeIncident, studio: Organisation
) -> None:
    laws = with_version(load_laws(), SA, starts_with="occurrence")
    duty = clocks(incident(), studio, laws=laws)[SA]
    assert duty.starts_at == datetime(2026, 11, 20, 22, 40, tzinfo=UTC)
    assert (
        "Occurrence is not recorded (occurred_at); counted from the earliest moment known, awareness." in duty.because
    )
    assert duty.provisional

    sooner = clocks(incident(detected_at=datetime(2026, 11, 20, 20, tzinfo=UTC)), studio, laws=laws)[SA]
    assert "earliest moment known, detection" in sooner.because


# The promise


def test_a_promise_is_a_duty_to_each_it_was_made_to_and_is_quoted(incident: MakeIncident, studio: Organisation) -> None:
    noticed = datetime(2026, 11, 20, 20, tzinfo=UTC)
    duties = clocks(incident(detected_at=noticed, risk="unlikely"), studio)
    people, authority = duties["promise-policy-72h-people"], duties["promise-policy-72h-supervisory_authority"]
    for duty in (people, authority):
        assert duty.state == "running"  # no risk threshold is read into a promise
        assert duty.due_at == noticed + timedelta(hours=72)
        assert "“we will tell you within 72 hours” (Privacy policy, section 9)" in duty.because
        assert duty.cite == "Privacy policy, section 9"
    assert authority.recipient == "Andmekaitse Inspektsioon"
    assert people.recipient is None


def test_a_promise_from_discovery_runs_even_where_nobody_recorded_the_discovery(
    incident: MakeIncident, studio: Organisation
) -> None:
    duty = clocks(incident(), studio)["promise-policy-72h-people"]
    assert duty.starts_at == datetime(2026, 11, 20, 22, 40, tzinfo=UTC)
    assert "Detection is not recorded" in duty.because


def test_a_promise_without_a_number_gets_none(incident: MakeIncident, organisation: MakeOrganisation) -> None:
    vague = Promise("p", "without undue delay", "Terms", date(2026, 1, 1), ("people",), "awareness", None)
    duty = clocks(incident(), organisation(promises=(vague,)))["promise-p-people"]
    assert duty.due_at is None
    assert duty.period == "as soon as possible"
    assert duty.state == "running"


def test_a_promise_can_be_late_and_can_be_kept(incident: MakeIncident, studio: Organisation) -> None:
    much_later = NOW + timedelta(days=30)
    name = "promise-policy-72h-people"
    assert clocks(incident(), studio, much_later)[name].state == "late"
    assert clocks(incident(done={name: NOW}), studio, much_later)[name].state == "done"


# What comes out


def test_the_document_is_the_contract(incident: MakeIncident, studio: Organisation) -> None:
    document = duty_document(clocks(incident(), studio)[SA])
    assert list(document) == [
        "id", "law", "owed_to", "recipient", "state", "starts_with", "starts_at", "period", "due_at", "aim_at",
        "readings", "cite", "because", "missing", "confidence", "checked_on", "recipients", "remaining",
    ]  # fmt: skip
    assert document["starts_at"] == "2026-11-20T22:40:00Z"
    assert document["due_at"] == "2026-11-23T22:40:00Z"
    assert document["checked_on"] == "2026-11-21"
    assert list(document["readings"][0]) == ["name", "due_at", "why"]


def test_the_order_is_by_what_falls_due_first_then_without_date_then_the_rest(
    incident: MakeIncident, studio: Organisation
) -> None:
    noticed = datetime(2026, 11, 20, 20, tzinfo=UTC)
    own = replace(studio, kinds=())
    counted = incident(detected_at=noticed, people_by_country={"EE": 3}, people_affected=3)
    order = [duty.id for duty in duties_of(counted, own, load_laws(), now=NOW)]
    assert order[:4] == [
        "promise-policy-72h-people",
        "promise-policy-72h-supervisory_authority",
        SA,
        PEOPLE,
    ]
    assert PROCESSOR in order[4:]


def test_reasons_for_the_delay_are_asked_only_when_it_is_late(incident: MakeIncident, studio: Organisation) -> None:
    found = incident()
    in_time, late = (clocks(found, studio, now)[SA] for now in (NOW, NOW + timedelta(days=4)))
    assert "reasons_for_delay" not in [item.id for item in items_asked(in_time, found.ledger, load_laws())]
    assert "reasons_for_delay" in [item.id for item in items_asked(late, found.ledger, load_laws())]


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (["user.government_id.drivers_license_number"], {"cra", "monitoring"}),
        (["user.authorization.session"], {"login"}),
        (["user.financial.bank_account"], set()),
        (None, {"cra", "monitoring", "login"}),  # nobody has said yet which data were reached
    ],
)
def test_what_california_asks_of_the_letter_follows_the_kinds_of_data(
    data: list[str] | None, expected: set[str], incident: MakeIncident, studio: Organisation
) -> None:
    facts = {"people_by_country": {"US-CA": 3}, **({"data_categories": data} if data else {})}
    found = incident(**facts)
    asked = {item.id for item in items_asked(clocks(found, studio)["us-ca-ind"], found.ledger, load_laws())}
    assert {"title", "contact", "date"} < asked
    assert asked & {"cra", "monitoring", "login"} == expected


# Properties

awareness = st.integers(1_527_300_000, 2_050_000_000).map(lambda seconds: datetime.fromtimestamp(seconds, UTC))
tallies = st.dictionaries(st.sampled_from(["EE", "FI", "KZ", "GB", "US-TX", "ZZ"]), st.integers(0, 3000), max_size=5)


@unhurried
@given(aware=awareness)
def test_no_reading_is_before_awareness_and_the_alarm_is_the_earliest(
    incident: MakeIncident, studio: Organisation, aware: datetime
) -> None:
    duty: Duty = clocks(incident(aware), studio)[SA]
    assert duty.due_at == min(reading.due_at for reading in duty.readings)
    assert all(reading.due_at > aware for reading in duty.readings)


@unhurried
@given(tally=tallies, more=tallies, seat=st.sampled_from(["EE", "KZ", None]))
def test_adding_people_never_removes_a_duty(
    incident: MakeIncident,
    organisation: MakeOrganisation,
    tally: dict[str, int],
    more: dict[str, int],
    seat: str | None,
) -> None:
    grown = {code: tally.get(code, 0) + more.get(code, 0) for code in {*tally, *more}}
    before = clocks(incident(people_by_country=tally), organisation(seat))
    after = clocks(incident(people_by_country=grown), organisation(seat))
    assert {name for name, duty in before.items() if duty.state == "running"} <= {
        name for name, duty in after.items() if duty.state == "running"
    }
    assert {name for name, duty in before.items() if duty.state != "not_owed"} <= {
        name for name, duty in after.items() if duty.state != "not_owed"
    }


@unhurried
@given(
    facts=st.fixed_dictionaries(
        {},
        optional={
            "risk": st.sampled_from(["unlikely", "risk", "high"]),
            "people_by_country": tallies,
            "people_affected": st.integers(0, 20_000),
            "people_told": st.sampled_from(["yes", "no_unintelligible", "undecided"]),
        },
    ),
    forgotten=st.sampled_from(["risk", "people_by_country", "people_affected", "people_told"]),
    seat=st.sampled_from(["EE", "KZ", None]),
)
def test_forgetting_a_fact_never_makes_an_owed_duty_not_owed(
    incident: MakeIncident, organisation: MakeOrganisation, facts: dict[str, Any], forgotten: str, seat: str | None
) -> None:
    full = clocks(incident(**facts), organisation(seat))
    fewer = {name: value for name, value in facts.items() if name != forgotten}
    part = clocks(incident(**fewer), organisation(seat))
    for name, duty in full.items():
        if duty.state in {"running", "possible"} and not name.startswith("no-law"):
            assert part[name].state in {"running", "possible"}


@pytest.mark.parametrize("zone", ["America/New_York", "Asia/Kolkata", "Pacific/Kiritimati"])
def test_nothing_depends_on_the_machines_own_zone(
    incident: MakeIncident, studio: Organisation, monkeypatch: pytest.MonkeyPatch, zone: str
) -> None:
    aware = datetime(2026, 3, 27, 13, 30, tzinfo=UTC)
    expected = [duty_document(duty) for duty in duties_of(incident(aware), studio, load_laws(), now=NOW)]
    monkeypatch.setenv("TZ", zone)
    time.tzset()
    try:
        assert [duty_document(duty) for duty in duties_of(incident(aware), studio, load_laws(), now=NOW)] == expected
    finally:
        monkeypatch.undo()
        time.tzset()


def test_the_alarm_is_computed_without_loading_a_calendar(incident: MakeIncident, studio: Organisation) -> None:
    def none_to_give(country: str | None) -> Any:
        raise AssertionError("a calendar was asked for")

    own = replace(studio, kinds=())
    counted = incident(people_by_country={"EE": 3, "GB": 3, "CH": 3}, people_affected=9)
    duties = duties_of(counted, own, load_laws(), now=NOW, calendar_of=none_to_give)
    assert {duty.id: duty for duty in duties}[SA].due_at == datetime(2026, 11, 23, 22, 40, tzinfo=UTC)


def test_a_moment_in_words_is_the_readers_and_never_a_stamp(incident: MakeIncident, studio: Organisation) -> None:
    noticed = datetime(2026, 11, 20, 18, 43, 34, 494941, tzinfo=UTC)
    found = clocks(incident(detected_at=noticed), studio)
    because = found["promise-policy-72h-people"].because
    assert "Counted from detection, recorded as Fri 2026-11-20 20:43 +02:00." in because
    assert not [duty.id for duty in found.values() if "18:43:34" in duty.because]
