"""What a fact or a decision moved on the clock is said at once."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from programme import Programme

from incident.clock.moved import moved, moved_lines
from incident.record.events import ScopeSealed
from incident.record.ledger import FactVersion, Ledger
from incident.record.timeline import Incident
from incident.show import against_list_line

from .test_reminders import NOW, TALLINN, duty_due

PROFILE = """
[organisation]
name = "Sample"
country = "KZ"
zone = "Asia/Almaty"
languages = ["en"]
role = "controller"
"""


@pytest.fixture
def almaty(programme: Programme) -> Programme:
    programme.folder.mkdir()
    (programme.folder / "organisation.toml").write_text(PROFILE, encoding="utf-8")
    return programme


def test_a_second_decision_on_awareness_says_which_due_time_went_where(almaty: Programme) -> None:
    almaty.ok("open", "x", "--detected", "2026-11-21 04:00")
    almaty.ok("fact", "people_by_country", "DE=84,KZ=803")
    almaty.ok("aware", "2026-11-21 05:00", "--because", "the log shows it")
    lines = almaty.ok("aware", "2026-11-21 06:00", "--because", "that was another log").out.splitlines()
    assert lines[0].startswith("This moves: Notify the supervisory authority")
    assert lines[0].endswith(
        "(eu-gdpr-art33-sa): was due Tue 2026-11-24 05:00 +05:00 (00:00 UTC), "
        "now due Tue 2026-11-24 06:00 +05:00 (01:00 UTC)."
    )


def test_a_fact_that_takes_duties_off_the_clock_names_them_and_why(almaty: Programme) -> None:
    almaty.ok("open", "x", "--aware", "now")
    started = almaty.ok("fact", "people_by_country", "DE=84,KZ=803").out
    assert "Now running: Notify the supervisory authority (eu-gdpr-art33-sa), due Tue 2026-11-24 06:05" in started
    document = almaty.json("fact", "people_by_country", "KZ=803")
    assert document["value"] == {"KZ": 803}
    gone = {one["duty"]: one for one in document["moved"]}
    assert (gone["eu-gdpr-art33-sa"]["change"], gone["eu-gdpr-art33-sa"]["state"]) == ("stopped", "possible")
    assert gone["eu-gdpr-art33-sa"]["due_before"] == "2026-11-24T01:05:00Z"
    assert gone["eu-gdpr-art33-sa"]["due_now"] is None
    assert gone["eu-gdpr-art33-sa"]["because"].startswith("it is only perhaps owed now; this would decide it: ")
    almaty.ok("fact", "people_affected", "803")
    almaty.ok("fact", "people_by_country", "DE=84,KZ=719")
    lines = almaty.ok("fact", "people_by_country", "KZ=803").out.splitlines()
    assert (
        "No longer running: Notify the supervisory authority (eu-gdpr-art33-sa), because: "
        "Neither the seat nor the people concerned are in the EEA."
    ) in lines


def test_a_fact_that_moves_nothing_says_nothing_of_it(almaty: Programme) -> None:
    almaty.ok("open", "x", "--aware", "now")
    assert len(almaty.ok("fact", "what_happened@en", "A key lay open.").out.splitlines()) == 1
    assert almaty.json("fact", "what_happened@en", "A key lay in the open.")["moved"] == []


def test_it_is_a_handful_of_lines_and_the_rest_is_counted() -> None:
    before = [duty_due(NOW, f"d{number}") for number in range(9)]
    assert moved(before, before) == []
    gone = moved(before, [replace(duty, state="not_owed", reasons=("Nobody lives there.",)) for duty in before])
    lines = moved_lines(gone, zone=TALLINN)
    assert lines[0] == "No longer running: Notify the supervisory authority (d0), because: Nobody lives there."
    assert lines[3:] == ["No longer running: 6 more (incident clock --all)."]


def sealed(name: str) -> ScopeSealed:
    at = datetime(2026, 11, 20, tzinfo=UTC)
    return ScopeSealed(name, {}, "sha256:0", {}, {}, {}, {}, "", {}, "", "", at, "scopes/s1.jsonl")


def stated(name: str, value: object, version: int, source: str | None) -> FactVersion:
    return FactVersion(name, version, value, "exact", None, "ann", NOW, NOW, source, version + 1)  # type: ignore[arg-type]  # any JSON


@pytest.mark.parametrize(
    ("name", "counted", "said", "words"),
    [
        ("people_by_country", {"KZ": 803, "US-CA": 66, "DE": 84}, {"KZ": 803}, "DE 84, US-CA 66"),
        ("people_by_country", {"KZ": 803}, {"KZ": 803, "DE": 2}, "nobody elsewhere"),
        ("people_affected", 978, 5, "978"),
        ("people_affected", 978, None, "978"),
    ],
)
def test_a_statement_against_the_list_in_force_says_what_the_list_counted(
    name: str, counted: object, said: object, words: str
) -> None:
    by_list, by_hand = stated(name, counted, 1, "scope s1"), stated(name, said, 2, None)
    incident = Incident("2026-001", "x", NOW, "ann", ledger=Ledger({name: (by_list, by_hand)}), scopes=(sealed("s1"),))
    assert against_list_line(incident, by_hand) is None  # no list is in force
    in_force = replace(incident, chosen_scope="s1")
    line = against_list_line(in_force, by_hand)
    assert line is not None
    assert line.startswith(f"The list s1 counted {words}; a person's statement goes before it.")
    assert against_list_line(in_force, by_list) is None
