"""The first hour as a person lives it: whole commands, their screens, their exit codes."""

from __future__ import annotations

import contextlib
import json
import os
import sqlite3
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from programme import Programme

from incident.errors import UsageError

STUDIO = """
[organisation]
name = "SmartPact OÜ"
country = "EE"
zone = "Europe/Tallinn"
languages = ["en", "et"]

[authority]
name = "Andmekaitse Inspektsioon"

[[promise]]
id = "policy-72h"
quote = "If we discover a breach we tell you within 72 hours."
source = "Privacy policy, section 9"
published = 2025-03-01
to = ["people", "supervisory_authority"]
starts_with = "detection"
hours = 72
"""


@pytest.fixture
def studio(programme: Programme) -> Programme:
    programme.folder.mkdir()
    (programme.folder / "organisation.toml").write_text(STUDIO, encoding="utf-8")
    return programme


def by_id(document: dict[str, object]) -> dict[str, dict[str, object]]:
    return {duty["id"]: duty for duty in document["duties"]}  # type: ignore[index,attr-defined]  # plain JSON


def test_open_needs_nothing_but_a_title(programme: Programme) -> None:
    result = programme.ok("open", "token in a public repository")
    assert "2026-001" in result.out
    assert "72 hours" in result.out
    assert "incident organisation init" in result.out


def test_open_works_in_an_empty_home_without_network_or_configuration(tmp_path: Path) -> None:
    result = subprocess.run(
        [sys.executable, "-m", "incident", "open", "token in a public repository"],
        env={"HOME": str(tmp_path), "PATH": os.environ["PATH"], "http_proxy": "http://127.0.0.1:1"},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
    )
    assert result.returncode == 0, result.stderr
    assert "art. 33(1)" in result.stdout


def test_the_document_of_open_is_the_contracts(programme: Programme) -> None:
    document = programme.json("open", "token in a public repository")
    assert {"id", "title", "opened_at", "duties", "next"} <= set(document)
    duty = by_id(document)["eu-gdpr-art33-sa"]
    assert duty["starts_at"] == "2026-11-21T01:05:00Z"
    assert duty["due_at"] == "2026-11-24T01:05:00Z"
    assert "provisional" in str(duty["because"])
    assert "assumed" in str(duty["because"])
    assert {"command", "why"} == set(document["next"][0])


def test_without_a_decision_the_clock_runs_from_the_earliest_moment_known(studio: Programme) -> None:
    document = studio.json("open", "x", "--detected", "2026-11-20 23:00", "--occurred", "2026-11-01 10:00")
    assert by_id(document)["eu-gdpr-art33-sa"]["starts_at"] == "2026-11-20T21:00:00Z"


def test_awareness_is_superseded_and_never_overwritten(studio: Programme) -> None:
    studio.ok("open", "x", "--detected", "2026-11-20 23:00")
    studio.ok("aware", "02:00", "--because", "logs confirm it")
    studio.later(hours=1)
    studio.ok("aware", "01:30", "--because", "the processor's mail of 01:30 said so already")
    status = studio.json("status")
    assert status["awareness"] == {
        "at": "2026-11-20T23:30:00Z",
        "because": "the processor's mail of 01:30 said so already",
        "provisional": False,
        "decided_by": "ann",
    }
    kinds = [event["kind"] for event in studio.json("timeline")["events"]]
    assert kinds.count("awareness-decided") == 2


def test_the_timeline_says_moments_on_the_readers_clock(studio: Programme) -> None:
    studio.ok("open", "x", "--detected", "2026-11-20 23:00")
    studio.ok("aware", "02:00", "--because", "logs confirm it")
    lines = studio.ok("timeline").out
    assert "ann: detected_at = Fri 2026-11-20 23:00 +02:00" in lines
    assert "ann: aware at Sat 2026-11-21 02:00 +02:00: logs confirm it" in lines


def test_a_promise_is_law_with_a_clock_of_its_own(studio: Programme) -> None:
    studio.ok("open", "x", "--detected", "2026-11-20 23:00")
    document = studio.json("aware", "03:00", "--because", "confirmed")
    promised = by_id(document)["promise-policy-72h-people"]
    assert promised["due_at"] == "2026-11-23T21:00:00Z"
    assert "If we discover a breach" in str(promised["because"])
    assert by_id(document)["eu-gdpr-art33-sa"]["recipient"] == "Andmekaitse Inspektsioon"


@pytest.mark.parametrize(
    ("argv", "code", "says"),
    [
        (["aware", "2026-11-22 10:00", "--because", "x"], 3, "lies in the future"),
        (["aware", "2026-10-01 10:00", "--because", "x"], 3, "nobody can be aware of a breach before it began"),
        (["aware", "2026-11-21 02:00 Europe/Tallin", "--because", "x"], 2, "not a time zone"),
        (["aware", "soon", "--because", "x"], 2, "not a time this program understands"),
        (["aware", "now", "--because", " "], 2, "needs a reason"),
        (["fact", "people_affected", "many"], 2, "a whole number"),
        (["fact", "people", "3"], 2, "people_affected"),
        (["fact", "risk", "severe"], 2, "one of: unlikely, risk, high"),
        (["fact", "risk"], 2, "has no value"),
        (["fact", "risk", "high", "--state", "unknowable"], 2, "has no value"),
        (["fact", "risk", "high", "--state", "maybe"], 2, "exact, approximate, unknowable, pending"),
        (["fact", "contained_at", "2027-01-01 10:00"], 3, "lies in the future"),
        (["fact", "detected_at", "2026-10-01 10:00"], 3, "cannot be noticed before it began"),
        (["note", "x", "--attach", "nowhere.txt"], 4, "could not be attached"),
        (["status", "2026-009"], 2, "no incident"),
        (["close"], 3, "still has duties"),
        (["nonsense"], 2, "No such command"),
    ],
)
def test_what_cannot_be_is_one_clear_message_and_changes_nothing(
    studio: Programme, argv: list[str], code: int, says: str
) -> None:
    studio.ok("open", "x", "--occurred", "2026-11-19 10:00")
    before = studio.json("timeline")
    result = studio.run(*argv)
    assert (result.code, result.out) == (code, "")
    assert says in result.err
    assert "Traceback" not in result.err
    assert studio.json("timeline") == before


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("[organisation]\nname = ", "not valid TOML"),
        ("[organisation]\nname = 'x'\nzone = 'Europe/Tallin'\nlanguages = ['en']", "line 3: organisation.zone"),
        ("[organisation]\nname = 'x'\nzone = 'UTC'\nlanguages = ['en']\nnmae = 'x'", "did you mean name?"),
        ("[organisation]\nname = 'x'\nzone = 'UTC'\nlanguages = ['en']\ncountry = 'Estonia'", "two-letter"),
    ],
)
def test_a_broken_profile_is_named_with_file_line_and_key_and_nothing_is_made(
    programme: Programme, text: str, says: str
) -> None:
    programme.folder.mkdir()
    (programme.folder / "organisation.toml").write_text(text, encoding="utf-8")
    result = programme.run("open", "x")
    assert result.code == 2
    assert says in result.err
    assert "organisation.toml" in result.err
    (programme.folder / "organisation.toml").unlink()
    assert programme.json("list") == []


def test_a_folder_that_cannot_be_written_is_said(programme: Programme) -> None:
    programme.folder.write_text("a file in the way")
    result = programme.run("open", "x")
    assert result.code == 4
    assert "--workspace" in result.err


def test_facts_have_states_versions_and_reasons(studio: Programme) -> None:
    studio.ok("open", "x")
    studio.ok("fact", "people_affected", "1 200", "--state", "approximate", "--because", "from the log")
    studio.ok("fact", "people_affected", "1187", actor="bob")
    studio.ok("fact", "minors_affected", "--state", "unknowable", "--because", "ages are not recorded")
    studio.ok("fact", "what_happened@et", "Võõras sai andmed kätte.")
    studio.ok("fact", "breach_type", "integrity, confidentiality")
    facts = {fact["name"]: fact for fact in studio.json("facts")}
    assert (facts["people_affected"]["value"], facts["people_affected"]["version"]) == (1187, 2)
    assert facts["people_affected"]["actor"] == "bob"
    assert facts["minors_affected"]["value"] is None
    assert facts["what_happened@et"]["value"] == "Võõras sai andmed kätte."
    assert facts["breach_type"]["value"] == ["confidentiality", "integrity"]
    missing = {entry["fact"] for entry in studio.json("facts", "--missing")}
    assert "what_happened@en" in missing
    assert not missing & {"what_happened@et", "people_affected", "minors_affected"}


def test_undo_takes_back_ones_own_last_step_and_nobody_elses(studio: Programme) -> None:
    studio.ok("open", "x")
    studio.ok("fact", "people_affected", "12", actor="bob")
    studio.ok("fact", "people_affected", "13", actor="bob")
    assert studio.run("undo").code == 3  # ann has only the opening, which is not taken back
    studio.ok("undo", "--because", "wrong number", actor="bob")
    assert studio.json("facts")[0]["value"] == 12
    studio.ok("fact", "people_affected", "14", actor="bob")
    assert studio.json("facts")[0]["version"] == 3  # a version number is never given out twice
    events = studio.json("timeline")["events"]
    assert [event["taken_back"] for event in events] == [False, False, True, False, False]


def test_a_note_keeps_its_attachment_by_digest(studio: Programme, tmp_path: Path) -> None:
    studio.ok("open", "x")
    (tmp_path / "mail.txt").write_text("Dear customer, we were told …")
    event = studio.json("note", "the processor's mail", "--attach", str(tmp_path / "mail.txt"), "--privileged")
    kept = event["body"]["attachments"][0]
    file = studio.folder / "incidents/2026-001/attachments" / kept["digest"].split(":")[1]
    assert file.read_text() == "Dear customer, we were told …"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert studio.json("verify")["ok"]
    file.write_text("something else")
    result = studio.run("verify", "--json")
    assert (result.code, result.json["broken_at"]) == (5, 2)


def test_verify_names_the_event_that_was_changed_and_leaves_with_5(studio: Programme) -> None:
    studio.ok("open", "x")
    studio.ok("note", "one")
    head = studio.json("verify")["head"]
    assert studio.json("verify", "--head", head)["ok"]
    assert studio.run("verify", "--head", "0" * 64).code == 5
    with sqlite3.connect(studio.folder / "journal.db") as journal:
        journal.execute("DROP TRIGGER journal_event_refuses_update")
        journal.execute("UPDATE journal_event SET actor = 'eve' WHERE sequence = 2")
    journal.close()
    result = studio.run("verify", "--json")
    assert result.code == 5
    assert result.json["broken_at"] == 2
    assert studio.run("status").code == 5
    assert "verify" in studio.run("status").err


def test_every_incident_is_named_only_where_several_are_open(studio: Programme) -> None:
    studio.ok("open", "first")
    studio.ok("open", "second")
    assert "2026-001, 2026-002" in studio.run("status").err
    studio.ok("close", "2026-001", "--because", "a false alarm")
    assert studio.json("status")["id"] == "2026-002"
    assert [found["state"] for found in studio.json("list")] == ["closed", "open"]
    assert studio.run("close", "2026-001", "--because", "again").code == 3


def test_closing_names_the_clocks_it_stops_and_those_perhaps_owed_only_as_a_number(studio: Programme) -> None:
    studio.ok("open", "x", "--aware", "now")
    duties = studio.json("clock")["duties"]
    running = [duty["id"] for duty in duties if duty["state"] in {"running", "late"}]
    perhaps = [duty["id"] for duty in duties if duty["state"] == "possible"]
    refused = studio.run("close")
    assert refused.code == 3
    assert f"{len(perhaps)} are perhaps owed." in refused.err
    assert "It stays open." in refused.err
    screen = studio.ok("close", "--because", "all done").out
    assert "These clocks stop, and nobody is reminded of them any more:" in screen
    assert "running: 3 d 0 h left, due Tue 2026-11-24 03:05 +02:00" in screen
    assert f"{len(perhaps)} more are perhaps owed" in screen
    for said in (refused.err, screen):
        assert all(f"({duty})" in said for duty in running)
        assert not any(duty in said for duty in perhaps)
    studio.ok("undo")
    document = studio.json("close", "--because", "all done")
    assert [duty["id"] for duty in document["stopped"]] == running
    assert document["perhaps_owed"] == len(perhaps)


def test_undo_after_closing_finds_the_incident_closed_last(studio: Programme) -> None:
    studio.ok("open", "first")
    studio.ok("open", "second")
    for number in ("2026-002", "2026-001"):
        studio.later(minutes=1)
        closed = studio.ok("close", number, "--because", "a false alarm").out
        assert closed.splitlines()[-1] == f"Open it again: incident undo {number}"
    other = studio.run("undo", actor="bob")
    assert (other.code, "incident undo ID" in other.err) == (3, True)
    assert "(incident-closed) of 2026-001. It is open again." in studio.ok("undo").out
    assert studio.json("status")["id"] == "2026-001"


def test_clock_shows_the_next_deadline_first_in_the_readers_time(studio: Programme) -> None:
    studio.ok("open", "x", "--aware", "03:00", "--because", "certain")
    lines = studio.ok("clock").out
    assert "Tue 2026-11-24 03:00 +02:00" in lines
    document = studio.json("clock")
    assert set(document) == {"id", "now", "duties", "evidence", "evidence_undated"}
    assert by_id(document)["eu-gdpr-art33-sa"]["state"] == "running"
    studio.later(days=4)
    assert by_id(studio.json("clock"))["eu-gdpr-art33-sa"]["state"] == "late"


def test_json_is_one_document_and_nothing_else_on_stdout(studio: Programme) -> None:
    for argv in (["open", "x", "--aware", "now"], ["list"], ["status"], ["timeline"], ["facts"], ["clock"], ["verify"]):
        json.loads(studio.ok(*argv, "--json").out)


def test_global_options_may_stand_after_the_command(programme: Programme, tmp_path: Path) -> None:
    programme.ok("open", "x", "--workspace", str(tmp_path / "elsewhere"))
    assert (tmp_path / "elsewhere" / "journal.db").exists()
    assert not programme.folder.exists()


def test_a_record_whose_end_or_whole_is_gone_is_not_worked_with(studio: Programme) -> None:
    studio.ok("open", "x")
    studio.ok("note", "one")
    with contextlib.closing(sqlite3.connect(studio.folder / "journal.db")) as journal, journal:
        journal.execute("DROP TRIGGER journal_event_refuses_delete")
        journal.execute("DELETE FROM journal_event WHERE sequence = 2")
    assert studio.run("note", "two").code == 5
    with contextlib.closing(sqlite3.connect(studio.folder / "journal.db")) as journal, journal:
        journal.execute("DELETE FROM journal_event")
    assert studio.run("verify").code == 5
    assert studio.run("list").code == 5
    assert studio.json("open", "another")["id"] == "2026-002"  # the number of the lost one is not given out again


def test_a_broken_profile_does_not_keep_anyone_from_recording(programme: Programme) -> None:
    programme.folder.mkdir()
    (programme.folder / "organisation.toml").write_text("[organisation", encoding="utf-8")
    refused = programme.run("open", "x")
    assert (refused.code, "--organisation none" in refused.err) == (2, True)
    assert programme.json("open", "x", "--organisation", "none")["id"] == "2026-001"


def test_words_that_are_no_text_are_refused_before_anything_is_recorded(programme: Programme) -> None:
    result = programme.run("open", "caf\udce9 token")
    assert (result.code, "not text in this terminal's encoding" in result.err) == (2, True)
    assert programme.json("list") == []


def test_control_characters_reach_no_terminal_and_a_novel_is_no_title(programme: Programme) -> None:
    assert "\x1b" not in programme.ok("open", "red \x1b[31m alarm \x07").out
    assert programme.run("open", "x" * 301).code == 2


def test_the_incident_may_be_named_by_option_or_by_place(studio: Programme) -> None:
    studio.ok("open", "first")
    studio.ok("open", "second")
    assert studio.json("status", "--incident", "2026-001")["title"] == "first"
    assert studio.json("clock", "2026-002")["id"] == "2026-002"
    assert "--incident ID" in studio.run("status").err


def test_a_duty_met_outside_is_done_with_its_receipt(studio: Programme) -> None:
    studio.ok("open", "x", "--aware", "now")
    done = studio.json("done", "eu-gdpr-art33-sa", "--reference", "form 4711")
    assert (done["state"], "form 4711" in done["because"]) == ("done", True)
    refused = studio.run("done", "eu-gdpr-art33")
    assert (refused.code, "eu-gdpr-art33-sa" in refused.err) == (2, True)
    assert studio.run("done", "eu-gdpr-art33-sa", "--at", "2027-01-01").code == 3


@pytest.mark.parametrize(
    ("at", "words"),
    [
        ("2026-01-01", "the breach began at Sun 2026-10-04 10:00 +03:00"),
        ("2026-11-20 22:59", "it was noticed at Fri 2026-11-20 23:00 +02:00"),
    ],
)
def test_no_duty_is_met_before_there_was_a_breach_to_tell_of(studio: Programme, at: str, words: str) -> None:
    studio.ok("open", "x", "--occurred", "2026-10-04 10:00", "--detected", "2026-11-20 23:00")
    before = studio.json("timeline")
    refused = studio.run("done", "eu-gdpr-art33-sa", "--at", at)
    assert (refused.code, refused.out) == (2, "")
    assert words in refused.err
    assert "Nothing was recorded." in refused.err
    assert studio.json("timeline") == before
    studio.ok("done", "eu-gdpr-art33-sa", "--at", "2026-11-20 23:00")


def test_a_copy_that_may_only_be_read_can_be_read(studio: Programme) -> None:
    studio.ok("open", "x")
    for argv in (["verify"], ["clock"], ["note", "x"]):  # whatever they import is imported before rights are given up
        studio.ok(*argv)
    above = [path for path in studio.folder.parents if path.owner() == studio.folder.owner() and path.parent != path]
    everything = [*above[:-1], studio.folder, *studio.folder.rglob("*")]
    before = {path: path.stat().st_mode for path in everything}
    for path in everything:
        path.chmod(path.stat().st_mode | 0o055 if path in above else 0o555 if path.is_dir() else 0o444)
    try:
        with as_nobody():
            results = {word: studio.run(word, *rest) for word, *rest in (["verify"], ["clock"], ["note", "y"])}
    finally:
        for path, mode in before.items():
            path.chmod(mode)
    assert {word: result.code for word, result in results.items()} == {"verify": 0, "clock": 0, "note": 4}
    refused = results["note"].err
    assert f"The journal {studio.folder / 'journal.db'} can only be read here: " in refused
    assert "Nothing was recorded." in refused
    assert not any(word in refused for word in ("sqlite:", "%3A", "immutable"))


@contextlib.contextmanager
def as_nobody() -> Iterator[None]:
    """Without the rights of root, whom no mode of a file keeps from writing."""
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(0)


def test_the_next_step_is_never_one_that_is_taken_already(studio: Programme) -> None:
    studio.ok("open", "x", "--aware", "now")
    for name, value in (("what_happened", "…"), ("data_categories", "user.name"), ("occurred_at", "2 hours ago")):
        studio.ok("fact", name, value)
    studio.ok("fact", "risk", "risk")
    commands = [step["command"] for step in studio.json("status")["next"]]
    assert commands == ["incident scope run --everyone", "incident notice draft authority"]


def test_open_says_that_it_recorded_even_where_the_laws_cannot_be_read(
    programme: Programme, monkeypatch: pytest.MonkeyPatch
) -> None:
    def damaged() -> None:
        raise UsageError("law/eu-gdpr.toml, line 1: id is missing.", next_step="install the program again")

    monkeypatch.setattr("incident.actions.load_laws", damaged)
    result = programme.run("open", "stolen laptop")
    assert result.code == 2
    assert "2026-001 is recorded, but its clocks cannot be computed: law/eu-gdpr.toml" in result.err
    assert "Next: install the program again" in result.err
    monkeypatch.undo()
    assert [found["id"] for found in programme.json("list")] == ["2026-001"]
