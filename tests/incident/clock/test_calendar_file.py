from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from icalendar import Calendar
from programme import Programme

DUTY = "eu-gdpr-art33-sa"


def events(text: str) -> dict[str, Any]:
    """The events of a calendar file, by the duty they speak of."""
    found = Calendar.from_ical(text)
    assert found["METHOD"] == "PUBLISH"
    return {str(event["UID"]).removeprefix("2026-001-").rsplit("-", 1)[0]: event for event in found.walk("VEVENT")}


@pytest.fixture
def open_one(programme: Programme) -> Programme:
    programme.ok("open", "token of a named customer", "--aware", "now")
    return programme


def exported(programme: Programme) -> Any:
    return events(programme.ok("clock", "--ics", "-").out)[DUTY]


def kinds(programme: Programme) -> list[str]:
    return [event["kind"] for event in programme.json("timeline")["events"]]


def test_each_dated_duty_is_an_event_in_utc_with_alarms_24_6_1_and_0_hours_before(open_one: Programme) -> None:
    event = exported(open_one)
    assert event["DTSTART"].to_ical() == b"20261124T010500Z"
    assert event.start == datetime(2026, 11, 24, 1, 5, tzinfo=UTC)
    alarms = [alarm["TRIGGER"].dt for alarm in event.walk("VALARM")]
    assert alarms == [-timedelta(hours=24), -timedelta(hours=6), -timedelta(hours=1), timedelta(0)]
    assert event["STATUS"] == "CONFIRMED"
    assert event["SEQUENCE"] == 0


def test_every_duty_that_is_owed_and_has_a_date_is_there_and_all_that_hangs_on_the_place_is_one(
    open_one: Programme,
) -> None:
    duties = open_one.json("clock")["duties"]
    dated = {duty["id"] for duty in duties if duty["due_at"] and duty["state"] in {"running", "late"}}
    perhaps = [duty for duty in duties if duty["due_at"] and duty["state"] == "possible"]
    assert len(perhaps) > 50
    found = events(open_one.ok("clock", "--ics", "-").out)
    assert set(found) == {*dated, "perhaps-owed"}
    assert found["perhaps-owed"]["STATUS"] == "TENTATIVE"
    assert f"Perhaps: {len(perhaps)} duties of " in found["perhaps-owed"]["SUMMARY"]
    assert found["perhaps-owed"].start == min(datetime.fromisoformat(duty["due_at"]) for duty in perhaps)


PROFILE = '[organisation]\nname = "Sample"\nzone = "Asia/Almaty"\nlanguages = ["en"]\ncountry = "KZ"\n'


def test_what_to_aim_at_has_an_entry_and_alarms_of_its_own_until_the_duty_is_done(programme: Programme) -> None:
    programme.folder.mkdir()
    (programme.folder / "organisation.toml").write_text(PROFILE)
    programme.ok("open", "x", "--detected", "2026-11-20 23:43")
    found = events(programme.ok("clock", "--ics", "-").out)
    aim, duty = found["kz-pdl-authority-aim"], found["kz-pdl-authority"]
    assert duty.start == datetime(2026, 11, 23, 18, 43, tzinfo=UTC)
    assert aim.start == datetime(2026, 11, 23, 13, tzinfo=UTC)
    assert aim["SUMMARY"].startswith("2026-001: Aim: Notify the ministry (Kazakhstan) before offices close")
    assert len(aim.walk("VALARM")) == 4
    programme.clock = datetime(2026, 11, 23, 12, tzinfo=UTC)
    line = "2026-001: 1 h 00 min left: Aim: Notify the ministry (Kazakhstan) before offices close"
    assert line in programme.ok("remind").out
    programme.ok("done", "kz-pdl-authority")
    assert events(programme.ok("clock", "--ics", "-").out)["kz-pdl-authority-aim"]["STATUS"] == "CANCELLED"


def test_what_is_only_perhaps_owed_is_tentative_and_says_so(open_one: Programme) -> None:
    (open_one.folder / "organisation.toml").write_text(PROFILE.replace("KZ", "US"))
    open_one.ok("fact", "people_by_country", "US-CA=3")
    event = events(open_one.ok("clock", "--ics", "-").out)["us-ca-ind"]
    assert event["STATUS"] == "TENTATIVE"
    assert "Perhaps: Tell the residents of California" in event["SUMMARY"]


def test_the_same_export_again_changes_nothing_and_is_not_recorded_again(open_one: Programme) -> None:
    first = exported(open_one)
    open_one.later(minutes=30)
    second = exported(open_one)
    assert (second["UID"], second["SEQUENCE"]) == (first["UID"], 0)
    assert kinds(open_one).count("calendar-exported") == 1


def test_a_due_time_that_moved_keeps_its_event_and_raises_its_number(open_one: Programme) -> None:
    first = exported(open_one)
    open_one.later(hours=2)
    open_one.ok("aware", "3 hours ago", "--because", "the alert was read then")
    second = exported(open_one)
    assert second["UID"] == first["UID"]
    assert second.start == first.start - timedelta(hours=1)
    assert second["SEQUENCE"] == 1


def test_a_duty_that_is_owed_no_more_is_cancelled_and_stays_so_in_later_files(open_one: Programme) -> None:
    exported(open_one)
    open_one.ok("fact", "risk", "unlikely", "--because", "encrypted, key safe")
    for _ in range(2):
        event = exported(open_one)
        assert (event["STATUS"], event["SEQUENCE"]) == ("CANCELLED", 1)
        assert not event.walk("VALARM")
    open_one.ok("fact", "risk", "high")
    assert (exported(open_one)["STATUS"], exported(open_one)["SEQUENCE"]) == ("CONFIRMED", 2)


def test_a_duty_that_was_never_exported_is_not_cancelled(open_one: Programme) -> None:
    open_one.ok("fact", "risk", "unlikely")
    assert DUTY not in events(open_one.ok("clock", "--ics", "-").out)


def test_closing_cancels_everything(open_one: Programme) -> None:
    exported(open_one)
    open_one.ok("close", "--because", "no personal data")
    found = events(open_one.ok("clock", "2026-001", "--ics", "-").out)
    assert {str(event["STATUS"]) for event in found.values()} == {"CANCELLED"}


def test_a_file_is_private_replaced_as_a_whole_and_the_screen_is_still_shown(
    open_one: Programme, tmp_path: Path
) -> None:
    file = tmp_path / "due.ics"
    file.write_text("an older file")
    result = open_one.ok("clock", "--ics", file)
    assert file.stat().st_mode & 0o777 == 0o600
    assert DUTY in events(file.read_text())
    assert result.out.startswith("2026-001: ")
    assert f"Wrote {file}: " in result.err
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".due")] == []


def test_neither_the_title_nor_a_reason_somebody_wrote_is_in_the_file(open_one: Programme) -> None:
    open_one.ok("aware", "now", "--because", "Mari Maasikas called")
    text = open_one.ok("clock", "--ics", "-").out
    assert "named customer" not in text
    assert "Mari" not in text


def test_an_exercise_says_so_in_every_event(programme: Programme) -> None:
    programme.ok("open", "drill", "--aware", "now", "--exercise")
    found = events(programme.ok("clock", "--ics", "-").out)
    assert all(str(event["SUMMARY"]).startswith("EXERCISE 2026-001: ") for event in found.values())


def test_two_workspaces_whose_incidents_share_a_number_do_not_share_an_event(
    open_one: Programme, tmp_path: Path
) -> None:
    other = Programme(tmp_path / "other", open_one.capture)
    other.ok("open", "something else", "--aware", "now")
    assert exported(open_one)["UID"] != exported(other)["UID"]


def test_a_place_that_cannot_be_written_leaves_with_4_and_says_what_to_do(open_one: Programme, tmp_path: Path) -> None:
    result = open_one.run("clock", "--ics", tmp_path / "no" / "due.ics")
    assert result.code == 4
    assert "due.ics could not be written: No such file or directory." in result.err
    assert "or --ics - to print it" in result.err


def test_one_stdout_is_not_given_to_two(open_one: Programme) -> None:
    result = open_one.run("clock", "--ics", "-", "--json")
    assert result.code == 2
    assert "--ics - and --json would both be printed." in result.err
