from __future__ import annotations

import shutil
from datetime import date
from pathlib import Path

import pytest
from programme import Programme

from incident.clock import regimes
from incident.clock.lawdiff import changes, read_release

LAW = Path(regimes.__file__).parents[1] / "law"
GDPR = "eu-gdpr.toml"


@pytest.fixture
def other(tmp_path: Path) -> Path:
    """Another release: the same files, to be changed."""
    return Path(shutil.copytree(LAW, tmp_path / "other"))


def edit(folder: Path, name: str, written: str, instead: str) -> None:
    text = (folder / name).read_text(encoding="utf-8")
    assert written in text
    (folder / name).write_text(text.replace(written, instead, 1), encoding="utf-8")


def test_the_same_files_do_not_differ(programme: Programme, other: Path) -> None:
    programme.ok("open", "x")
    shown = programme.ok("law", "diff", "installed", other).out
    assert shown == "No duty differs.\n\nNo due time of an open incident would move.\n"


def test_a_longer_period_is_named_and_moves_what_is_open(programme: Programme, other: Path) -> None:
    programme.ok("open", "x", "--aware", "now")
    edit(other, GDPR, "period = { hours = 72 }", "period = { hours = 96 }")
    shown = programme.ok("law", "diff", "installed", other).out
    assert "changed: eu-gdpr-art33-sa (period)\n" in shown
    assert (
        "   2026-001: Notify the supervisory authority (eu-gdpr-art33-sa): from running, due Tue 2026-11-24 01:05 UTC "
        "to running, due Wed 2026-11-25 01:05 UTC\n"
    ) in shown
    document = programme.json("law", "diff", "installed", other)
    assert document["duties"] == [
        {"duty": "eu-gdpr-art33-sa", "law": "eu-gdpr", "change": "changed", "parts": ["period"]}
    ]
    assert document["incidents"] == [
        {
            "incident": "2026-001",
            "duty": "eu-gdpr-art33-sa",
            "state_from": "running",
            "state_to": "running",
            "due_from": "2026-11-24T01:05:00Z",
            "due_to": "2026-11-25T01:05:00Z",
        }
    ]


def test_a_closed_incident_is_left_alone(programme: Programme, other: Path) -> None:
    programme.ok("open", "x", "--aware", "now")
    programme.ok("close", "--because", "no breach")
    edit(other, GDPR, "period = { hours = 72 }", "period = { hours = 96 }")
    assert programme.json("law", "diff", "installed", other)["incidents"] == []


def test_a_duty_that_came_or_went_is_named_and_so_is_what_is_owed_no_more(programme: Programme, other: Path) -> None:
    programme.ok("open", "x", "--aware", "now")
    edit(other, GDPR, 'id = "eu-gdpr-art34-people"', 'id = "eu-gdpr-art34-everybody"')
    document = programme.json("law", "diff", "installed", other)
    assert [(one["duty"], one["change"]) for one in document["duties"]] == [
        ("eu-gdpr-art34-everybody", "added"),
        ("eu-gdpr-art34-people", "removed"),
    ]
    assert ("eu-gdpr-art34-people", "running", None) in {
        (one["duty"], one["state_from"], one["state_to"]) for one in document["incidents"]
    }
    shown = programme.ok("law", "diff", "installed", other).out
    assert "(eu-gdpr-art34-people): from running, without a date to not owed" in shown


def test_when_somebody_last_looked_is_no_change_of_the_law(other: Path) -> None:
    edit(other, GDPR, "checked_on = 2026-11-21", "checked_on = 2027-01-02")
    assert changes(read_release("installed").laws, read_release(str(other)).laws) == []


def test_a_country_that_joins_a_group_changes_every_duty_of_its_laws(other: Path) -> None:
    edit(other, "groups.toml", '"IS", "LI", "NO",', '"IS", "LI", "NO", "CH",')
    found = {one.duty: one.parts for one in changes(read_release("installed").laws, read_release(str(other)).laws)}
    assert found["eu-gdpr-art33-sa"] == ("covers",)


def test_days_off_of_the_other_release_are_counted_there(other: Path) -> None:
    (other / "holidays" / "estonia.toml").write_text(
        'country = "EE"\n[[day]]\ndate = 2026-11-24\nworking = false\nwhy = "a day of mourning"\n'
        'source = "a decree"\nchecked_on = 2026-11-21\n'
    )
    day = date(2026, 11, 24)
    assert read_release("installed").calendar_of("EE").is_working(day)
    assert not read_release(str(other)).calendar_of("EE").is_working(day)


def test_a_folder_that_holds_no_law_is_refused_in_words(programme: Programme, tmp_path: Path) -> None:
    result = programme.run("law", "diff", tmp_path, "installed")
    assert result.code == 2
    assert "is no folder of law files: it has no groups.toml." in result.err
    assert "or the word installed" in result.err


def test_a_folder_that_lacks_a_part_or_has_a_broken_file_is_named(programme: Programme, other: Path) -> None:
    edit(other, GDPR, "hours = 72", 'hours = "many"')
    result = programme.run("law", "diff", "installed", other)
    assert result.code == 2
    assert f"In {other}: law/{GDPR}, line " in result.err
    (other / "counting.toml").unlink()
    assert f"{other} has no counting.toml." in programme.run("law", "diff", "installed", other).err
