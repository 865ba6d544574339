from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from incident.clock.duties import duties_of
from incident.clock.regimes import load_laws
from incident.clock.show import both, clock_lines, law_lines
from incident.organisation.profile import Organisation
from incident.record.timeline import Incident

NOW = datetime(2026, 11, 21, 1, 5, tzinfo=UTC)
NOTICED = datetime(2026, 11, 20, 20, tzinfo=UTC)
TALLINN = ZoneInfo("Europe/Tallinn")


def screen(incident: Incident, organisation: Organisation | None, now: datetime = NOW, **asked: bool) -> list[str]:
    return clock_lines(duties_of(incident, organisation, load_laws(), now=now), now=now, zone=TALLINN, **asked)


def test_the_next_three_come_first_with_what_is_left_on_the_readers_clock_and_what_they_rest_on(
    incident: Callable[..., Incident], studio: Organisation
) -> None:
    lines = screen(incident(detected_at=NOTICED), studio)
    assert lines[0] == "Now Sat 2026-11-21 03:05 +02:00 (01:05 UTC)"
    assert lines[2] == "Next"
    assert lines[3] == "1. As promised: tell the people concerned (promise-policy-72h-people)"
    assert lines[4] == "   running: 2 d 18 h left, due Mon 2026-11-23 22:00 +02:00 (20:00 UTC)"
    third = lines.index("3. Notify the supervisory authority: Andmekaitse Inspektsioon (eu-gdpr-art33-sa)")
    assert lines[third + 1] == "   running: 2 d 21 h left, due Tue 2026-11-24 00:40 +02:00 (Mon 22:40 UTC)"
    assert lines[third + 2] == "   72 hours from awareness; rests on Regulation (EU) 2016/679, art. 33(1) [assumed]"


def test_a_duty_without_a_number_says_so_and_how_long_it_has_run(
    incident: Callable[..., Incident], studio: Organisation
) -> None:
    lines = screen(incident(), studio)
    assert "As soon as possible" in lines
    assert any(
        "Tell the people concerned (eu-gdpr-art34-people): running, no number in the law; 2 h 25 min since awareness"
        in one
        for one in lines
    )


def test_a_reason_that_several_duties_share_is_said_once_on_a_screen(incident: Callable[..., Incident]) -> None:
    text = "\n".join(screen(incident(aware=None), None))
    assert text.count("there is no organisation profile") == 1
    assert text.count("risk is not assessed; the strictest is assumed") == 1


def test_what_is_late_says_late(incident: Callable[..., Incident], studio: Organisation) -> None:
    lines = screen(incident(), studio, NOW + timedelta(days=4))
    assert any(one.startswith("   late: 1 d 2 h LATE, due Tue 2026-11-24 00:40") for one in lines)


def test_a_provisional_start_is_marked(incident: Callable[..., Incident], studio: Organisation) -> None:
    assert any("72 hours from awareness (provisional)" in line for line in screen(incident(aware=None), studio))


def test_what_is_not_owed_is_counted_and_shown_only_when_asked_for(
    incident: Callable[..., Incident], studio: Organisation
) -> None:
    short, full = screen(incident(), studio), screen(incident(), studio, everything=True)
    assert re.fullmatch(r"\d+ not owed: --all shows them, with the reasons.", short[-1])
    assert not any("eu-gdpr-art33-processor" in line for line in short)
    assert any("Tell the controller (eu-gdpr-art33-processor). It is owed by a processor" in line for line in full)


def test_what_may_be_owed_names_the_facts_that_decide(
    incident: Callable[..., Incident], organisation: Callable[..., Organisation]
) -> None:
    lines = screen(incident(), organisation("KZ"))
    perhaps = lines[lines.index("Perhaps owed") :]
    assert any("(kz-179-incident); decided by: restricted_access_data;" in line for line in perhaps)
    assert any(
        "hang on where you sit and where the people live (people_affected and people_by_country)" in line
        for line in perhaps
    )
    assert any("; if all are owed, the first (" in line and line.endswith("--all asks them") for line in perhaps)
    assert len(lines) < 60


def test_all_asks_what_the_organisation_is_and_names_what_each_answer_brings(
    incident: Callable[..., Incident], organisation: Callable[..., Organisation]
) -> None:
    found = duties_of(incident(), organisation("EE"), load_laws(), now=NOW)
    lines = clock_lines(found, now=NOW, zone=TALLINN, everything=True, kinds=load_laws().kinds)
    asked = lines.index("   Are you supervised by FINMA in Switzerland? (ch-finma)")
    assert lines[asked + 1].startswith(
        "      then: ch-finma-first, ch-finma-full; if all are owed, the first (ch-finma-first) is due "
    )


def test_a_place_whose_law_has_no_such_duty_is_named_with_its_source(
    incident: Callable[..., Incident], studio: Organisation
) -> None:
    lines = screen(incident(people_by_country={"EE": 4, "AZ": 1}), studio)
    none = lines[lines.index("No duty found") + 1]
    assert none.startswith(
        "   Notice of a breach (Azerbaijan) (az-none). No breach-notice duty was found: Law of Azerb"
    )
    assert none.endswith("[from a secondary source]")
    assert "No duty found" not in screen(incident(people_by_country={"EE": 4}, people_affected=4), studio)


def test_people_under_unknown_law_are_one_loud_line(incident: Callable[..., Incident], studio: Organisation) -> None:
    lines = screen(incident(people_by_country={"EE": 4, "AQ": 1, "QZ": 2}), studio)
    assert "CANNOT COMPUTE: no law is on file for AQ, QZ. Assume the strictest; ask counsel." in lines


def test_what_is_done_is_listed_with_its_time(incident: Callable[..., Incident], studio: Organisation) -> None:
    lines = screen(incident(done={"eu-gdpr-art33-sa": NOW}), studio)
    assert any("Notify the supervisory authority. Done at Sat 2026-11-21 03:05 +02:00" in one for one in lines)


def test_more_than_three_clocks_follow_in_a_line_each(incident: Callable[..., Incident], studio: Organisation) -> None:
    twice = replace(studio, promises=(*studio.promises, replace(studio.promises[0], id="terms", hours=96)))
    lines = screen(incident(detected_at=NOTICED), twice)
    then = lines.index("Then")
    assert lines[then + 1].startswith(
        "   As promised: tell the people concerned (promise-terms-people); running: 3 d 18 h left"
    )


def test_every_duty_that_runs_is_named_with_its_id_so_that_done_can_take_it(
    incident: Callable[..., Incident], organisation: Callable[..., Organisation]
) -> None:
    there = incident(detected_at=NOTICED)
    found = duties_of(there, organisation("KZ"), load_laws(), now=NOW)
    lines = screen(there, organisation("KZ"))
    running = [duty for duty in found if duty.state == "running"]
    assert running
    for duty in running:
        assert any(f"({duty.id})" in line for line in lines), duty.id


def test_what_to_aim_at_stands_beside_the_due_time_on_the_readers_clock(
    incident: Callable[..., Incident], organisation: Callable[..., Organisation]
) -> None:
    # Friday 20:00 UTC is Saturday 01:00 in Almaty: due when Monday ends there; offices close at 18:00 (13:00 UTC).
    there = incident(detected_at=NOTICED)
    lines = screen(there, organisation("KZ"))
    assert any(
        line.endswith("due Mon 2026-11-23 21:00 +02:00 (19:00 UTC); aim at Mon 15:00, before offices close")
        for line in lines
    )
    assert any("To aim at: Mon 2026-11-23 15:00 +02:00." in line for line in lines)
    gone = screen(there, organisation("KZ"), datetime(2026, 11, 23, 14, tzinfo=UTC))
    assert any(line.endswith("; the time to aim at, Mon 15:00, before offices close, has passed") for line in gone)


def test_a_rule_from_memory_is_marked_as_not_verified(incident: Callable[..., Incident], studio: Organisation) -> None:
    duties = duties_of(incident(), studio, load_laws(), now=NOW)
    doubtful = [replace(duty, confidence="knowledge") for duty in duties]
    lines = clock_lines(doubtful, now=NOW, zone=TALLINN)
    assert any("NOT VERIFIED: ask someone who knows this law" in line for line in lines)


def test_no_line_is_empty_at_the_end_and_none_has_a_tab(incident: Callable[..., Incident]) -> None:
    lines = screen(incident(aware=None), None)
    assert lines[-1]
    assert not any("\t" in line for line in lines)


def test_times_name_the_day_in_utc_only_where_it_is_another_one() -> None:
    assert both(NOW, TALLINN) == "Sat 2026-11-21 03:05 +02:00 (01:05 UTC)"
    assert both(datetime(2026, 11, 20, 23, tzinfo=UTC), TALLINN) == "Sat 2026-11-21 01:00 +02:00 (Fri 23:00 UTC)"
    assert both(NOW, ZoneInfo("UTC")) == "Sat 2026-11-21 01:05 UTC"


def test_a_law_is_shown_with_its_source_and_its_confidence() -> None:
    lines = law_lines(load_laws().law("eu-gdpr"))
    assert any("source: Regulation (EU) 2016/679, art. 33(1), https://eur-lex.europa.eu" in line for line in lines)
    assert any("confidence: verified; checked on 2026-11-21" in line for line in lines)
    assert any('owed where: risk != "unlikely"' in line for line in lines)
    assert any("must say: the likely consequences, art. 33(3)(c); from likely_consequences" in line for line in lines)
