from __future__ import annotations

import http.server
import json
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from programme import Programme

TITLE = "token of a named customer in a repository"


@dataclass
class Hook:
    """A server on this machine that keeps what it is sent. status: what it answers."""

    url: str
    received: list[dict[str, Any]] = field(default_factory=list)
    status: int = 200


@pytest.fixture
def hook() -> Iterator[Hook]:
    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            if found.status == 200:
                found.received.append(json.loads(body))
            self.send_response(found.status)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *args: Any) -> None:
            pass

    server = http.server.HTTPServer(("127.0.0.1", 0), Handler)
    found = Hook(f"json://someone:s3cret@127.0.0.1:{server.server_port}/hook")
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield found
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def open_one(programme: Programme) -> Programme:
    """An incident whose 72 hours end in 7 hours."""
    programme.ok("open", TITLE, "--aware", "65 hours ago")
    return programme


def kinds(programme: Programme) -> list[str]:
    return [event["kind"] for event in programme.json("timeline")["events"]]


def test_what_has_come_due_is_printed_once_and_silence_means_nothing_is_new(open_one: Programme) -> None:
    first = open_one.ok("remind")
    assert first.out.startswith("2026-001: 7 h 00 min left: Notify the supervisory authority")
    assert kinds(open_one)[-1] == "reminded"
    again = open_one.ok("remind")
    assert (again.out, again.err) == ("", "")
    open_one.later(hours=1)
    assert open_one.ok("remind").out.startswith("2026-001: 6 h 00 min left")
    assert len([kind for kind in kinds(open_one) if kind == "reminded"]) == 2


def test_two_machines_on_one_journal_do_not_remind_twice(open_one: Programme, tmp_path: Path) -> None:
    shared = {"INCIDENT_STORE": f"sqlite:///{open_one.folder / 'journal.db'}"}
    other = Programme(tmp_path / "other machine", open_one.capture, actor="bob", environ=shared)
    assert open_one.ok("remind").out
    assert other.ok("remind").out == ""


def test_all_open_incidents_are_looked_at_and_a_closed_one_is_silent(open_one: Programme) -> None:
    open_one.ok("open", "another", "--aware", "70 hours ago")
    open_one.ok("close", "2026-001", "--because", "no breach")
    assert {one["incident"] for one in open_one.json("remind")["reminders"]} == {"2026-002"}
    assert open_one.ok("remind", "2026-001").out == ""


def test_json_is_one_document_also_when_nothing_is_new(open_one: Programme) -> None:
    found = open_one.json("remind", "2026-001")["reminders"]
    duties = {(one["incident"], one["duty"], one["hours_before"]) for one in found}
    assert ("2026-001", "eu-gdpr-art33-sa", 24) in duties
    assert open_one.json("remind") == {"now": "2026-11-21T01:05:00Z", "reminders": []}


def test_a_reminder_is_no_step_that_undo_would_stumble_over(open_one: Programme) -> None:
    open_one.ok("note", "first")
    open_one.ok("remind")
    assert open_one.ok("undo").out.startswith("Took back event 3 (note-added)")


def test_a_notification_holds_the_due_time_and_neither_the_title_nor_an_address(
    open_one: Programme, hook: Hook
) -> None:
    result = open_one.ok("remind", "--notify", hook.url)
    assert len(hook.received) == 1
    assert hook.received[0]["title"].startswith("Incident 2026-001: ")
    assert "Notify the supervisory authority; due Sat 2026-11-21 08:05" in hook.received[0]["message"]
    assert TITLE not in json.dumps(hook.received)
    assert "s3cret" not in result.out + result.err
    assert "s3cret" not in open_one.ok("timeline", "--json").out
    assert open_one.ok("remind", "--notify", hook.url).out == ""
    assert len(hook.received) == 1


def test_a_notification_that_fails_leaves_with_4_says_so_without_the_address_and_is_given_again(
    open_one: Programme, hook: Hook
) -> None:
    hook.status = 500
    result = open_one.run("remind", "--notify", hook.url)
    assert result.code == 4
    assert result.out.startswith("2026-001: 7 h 00 min left")
    assert "could not be sent: of 1 --notify addresses, number 1 did not take the message." in result.err
    assert "count as not given: the next run gives them again" in result.err
    assert "s3cret" not in result.out + result.err
    assert "127.0.0.1" not in result.out + result.err
    hook.status = 200
    open_one.ok("remind", "--notify", hook.url)
    assert len(hook.received) == 1


def test_of_two_addresses_one_that_fails_does_not_keep_the_other_from_its_message(
    open_one: Programme, hook: Hook
) -> None:
    nobody = "json://127.0.0.1:9/x"
    result = open_one.run("remind", "--notify", nobody, "--notify", hook.url)
    assert result.code == 4
    assert "of 2 --notify addresses, number 1 did not" in result.err
    assert len(hook.received) == 1


def test_an_exercise_is_printed_and_sent_to_nobody(programme: Programme, hook: Hook) -> None:
    programme.ok("open", "drill", "--aware", "71 hours ago", "--exercise")
    result = programme.ok("remind", "--notify", hook.url)
    assert result.out.startswith("EXERCISE. 2026-001: 1 h 00 min left")
    assert "2026-001 is an exercise: its reminders are printed here and sent to nobody." in result.err
    assert hook.received == []


def test_an_address_that_is_none_is_spoken_of_by_its_number(open_one: Programme) -> None:
    result = open_one.run("remind", "--notify", "nothing-of-the-kind-s3cret")
    assert result.code == 2
    assert "Address number 1 given with --notify is none that apprise knows." in result.err
    assert "s3cret" not in result.err
    assert open_one.ok("remind").out  # and nothing was taken as given


def test_without_the_extra_the_message_names_it(open_one: Programme, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "apprise", None)
    result = open_one.run("remind", "--notify", "json://127.0.0.1/x")
    assert result.code == 2
    assert "--notify needs the library apprise, which is not installed." in result.err
    assert "pip install 'breach-incident-toolkit[notify]'" in result.err


def test_an_incident_that_is_not_there_is_named(open_one: Programme) -> None:
    result = open_one.run("remind", "2026-009")
    assert result.code == 2
    assert 'There is no incident "2026-009".' in result.err
