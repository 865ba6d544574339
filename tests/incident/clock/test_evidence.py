"""Evidence that disappears: until when, what to put away, and the record that it was done."""

from __future__ import annotations

import pytest
from programme import Programme

STUDIO = """
[organisation]
name = "SmartPact OÜ"
country = "EE"
zone = "Europe/Tallinn"
languages = ["en"]

[[retention]]
what = "access logs"
days = 90
since = "creation"

[[retention]]
what = "raw media"
days = 3
since = "upload"

[[retention]]
what = "billing records"
days = 2557
since = "the purchase"
"""


@pytest.fixture
def studio(programme: Programme) -> Programme:
    programme.folder.mkdir()
    (programme.folder / "organisation.toml").write_text(STUDIO, encoding="utf-8")
    programme.ok("open", "x", "--detected", "2026-11-21T00:30Z", "--occurred", "2026-11-20T00:00Z")
    return programme


def evidence(studio: Programme) -> dict[str, dict[str, object]]:
    return {each["what"]: each for each in studio.json("clock")["evidence"]}


def test_what_goes_first_stands_first_with_its_day_and_its_command(studio: Programme) -> None:
    found = studio.json("clock")["evidence"]
    assert [each["what"] for each in found] == ["raw media", "access logs", "billing records"]
    assert found[0]["first_lost_at"] == "2026-11-23T00:00:00Z"
    assert found[1]["first_lost_at"] == "2027-02-18T00:00:00Z"
    assert found[0]["last_lost_at"] is None
    screen = studio.ok("clock").out
    assert "raw media: kept 3 days from upload; 1 d 22 h left" in screen
    assert 'incident preserve "raw media"' in screen
    assert "billing records" not in screen
    assert "billing records" in studio.ok("clock", "--all").out


def test_while_the_start_is_not_recorded_it_says_what_it_counts_from(programme: Programme) -> None:
    programme.folder.mkdir()
    (programme.folder / "organisation.toml").write_text(STUDIO, encoding="utf-8")
    programme.ok("open", "x", "--detected", "2026-11-21T00:30Z")
    assert evidence(programme)["raw media"]["first_lost_at"] == "2026-11-24T00:30:00Z"
    assert "Counted from the first sign, since the start of the breach is not recorded" in programme.ok("clock").out


def test_the_oldest_goes_before_the_newest(studio: Programme) -> None:
    studio.ok("fact", "occurred_until", "2026-11-21T00:00Z")
    studio.later(days=2, hours=4)
    assert evidence(studio)["raw media"]["state"] == "going"
    assert "THE OLDEST IS LOST" in studio.ok("clock").out
    studio.later(days=1)
    assert evidence(studio)["raw media"]["state"] == "lost"
    assert "LOST since" in studio.ok("clock").out


def test_what_was_put_away_stops_its_clock_and_undo_starts_it_again(studio: Programme) -> None:
    document = studio.json("preserve", "Raw media", "--because", "copied to the evidence store")
    assert (document["what"], document["state"]) == ("raw media", "preserved")
    studio.later(days=30)
    assert evidence(studio)["raw media"]["state"] == "preserved"
    assert "raw media: put away Sat 2026-11-21 03:05" in studio.ok("clock").out
    assert studio.json("clock")["evidence"][-1]["what"] == "raw media"
    studio.ok("undo")
    assert evidence(studio)["raw media"]["state"] == "going"
    studio.ok("verify")


def test_what_came_into_being_after_that_is_not_in_it(studio: Programme) -> None:
    studio.ok("preserve", "raw media", "--because", "copied", "--at", "2026-11-21T01:00Z")
    studio.later(hours=10)
    studio.ok("fact", "contained_at", "2026-11-21T05:00Z")
    found = evidence(studio)["raw media"]
    assert (found["state"], found["first_lost_at"]) == ("kept", "2026-11-24T01:00:00Z")
    assert "put away in part" in studio.ok("clock").out


@pytest.mark.parametrize(
    ("argv", "code", "says"),
    [
        (["acess logs", "--because", "x"], 2, 'did you mean "access logs"'),
        (["access logs", "--because", " "], 2, "how it was put away"),
        (["access logs", "--because", "x", "--at", "in 2 days"], 3, "lies in the future"),
    ],
)
def test_what_cannot_be_is_said_and_not_recorded(studio: Programme, argv: list[str], code: int, says: str) -> None:
    before = studio.ok("timeline").out
    result = studio.run("preserve", *argv)
    assert (result.code, says in result.err) == (code, True), result.err
    assert studio.ok("timeline").out == before


def test_reminders_and_calendars_have_it_until_it_is_put_away(studio: Programme) -> None:
    studio.later(days=1)
    assert "raw media" in studio.ok("remind").out
    assert "raw media" in studio.ok("clock", "--ics", "-").out
    studio.ok("preserve", "raw media", "--because", "copied")
    studio.later(hours=20)
    assert "raw media" not in studio.ok("remind").out
    assert "STATUS:CANCELLED" in studio.ok("clock", "--ics", "-").out


def test_without_a_profile_there_is_none(programme: Programme) -> None:
    programme.ok("open", "x")
    assert programme.json("clock")["evidence"] == []
    assert "Evidence" not in programme.ok("clock").out
    assert programme.json("preserve", "access logs", "--because", "x")["state"] == "preserved"


SITE = """
[organisation]
service = "A site"
zone = "UTC"
languages = ["en"]
"""


@pytest.fixture
def site(programme: Programme) -> Programme:
    """A profile that states no retention."""
    programme.folder.mkdir()
    (programme.folder / "organisation.toml").write_text(SITE, encoding="utf-8")
    programme.ok("open", "x", "--occurred", "2026-11-20T00:00Z")
    return programme


def test_where_no_retention_is_stated_no_day_is_invented(site: Programme) -> None:
    document = site.json("clock")
    assert (document["evidence"], document["evidence_undated"]) == ([], True)
    screen = site.ok("clock").out
    assert "states no retention, so nobody can say when logs and backups go. Put away now" in screen
    assert 'incident preserve "server logs" --because' in screen
    assert site.ok("remind").out.count("evidence") == 0


def test_what_is_put_away_without_a_stated_retention_is_kept_in_the_record(site: Programme) -> None:
    document = site.json("preserve", " server logs ", "--because", "copied to a disk in the safe")
    assert (document["what"], document["state"]) == ("server logs", "preserved")
    assert (document["days"], document["first_lost_at"]) == (None, None)
    site.ok("preserve", "Server Logs", "--because", "and once more, with the newest hours")
    assert [each["what"] for each in site.json("clock")["evidence"]] == ["server logs"]
    screen = site.ok("clock").out
    assert "server logs: put away Sat 2026-11-21 01:05" in screen
    assert "and once more, with the newest hours" in screen
    assert "states no retention" in screen  # of everything else nobody knows still
    site.ok("undo")
    site.ok("undo")
    assert site.json("clock")["evidence"] == []
    assert site.run("preserve", "  ", "--because", "x").code == 2


def test_what_was_put_away_stays_when_the_profile_learns_other_days(site: Programme) -> None:
    site.ok("preserve", "server logs", "--because", "copied")
    (site.folder / "organisation.toml").write_text(STUDIO, encoding="utf-8")
    found = site.json("clock")["evidence"]
    assert [each["what"] for each in found] == ["raw media", "access logs", "billing records", "server logs"]
    assert site.json("clock")["evidence_undated"] is False
    assert site.run("preserve", "serverlogs", "--because", "x").code == 2


def test_ones_own_words_are_taken_beside_a_stated_retention_and_stop_no_clock(studio: Programme) -> None:
    screen = studio.ok("preserve", "memory of the gateway", "--because", "dumped to an encrypted disk").out
    assert "memory of the gateway: put away Sat 2026-11-21 03:05" in screen
    assert "no clock stops by it. Still running: raw media, access logs, billing records." in screen
    found = evidence(studio)
    assert (found["memory of the gateway"]["state"], found["raw media"]["state"]) == ("preserved", "kept")
    assert "no clock stops" not in studio.ok("preserve", "raw media", "--because", "copied").out
    assert studio.run("preserve", " ", "--because", "x").code == 2
