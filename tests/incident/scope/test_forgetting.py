"""Forgetting a list: what is destroyed, what stays, what refuses, and what a kill leaves behind."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from killed import killed_at
from programme import Programme

from incident.record.events import ForgettingBegun, ScopeForgotten
from incident.record.timeline import Incident
from incident.scope.holds import holds_on, rehearsals_of
from incident.scope.sealed import check_sealed, plain_lines
from incident.settings import Settings
from incident.workspace import open_workspace

BECAUSE = "everybody was told"
FORGOTTEN = "The list of s1 was forgotten on Sat 2026-11-21 01:05 +00:00 by ann: everybody was told."


@pytest.fixture
def breach(breach: Programme, sqlite_store: Any, map_file: Path) -> Programme:
    """An incident with two lists: s1 of everybody, s2 of one."""
    words = ("scope", "run", "--database", sqlite_store.url, "--map", str(map_file))
    breach.ok(*words, "--everyone")
    breach.ok(*words, "--where", "id = 9")
    return breach


def forget(breach: Programme, *words: str) -> Any:
    return breach.json("scope", "forget", *words, "--because", BECAUSE, "--yes")


def test_a_forgotten_list_is_gone_and_the_record_still_proves_what_it_was(breach: Programme) -> None:
    before = breach.json("scope", "show", "s1")
    key = _key_of(breach, "s1.jsonl")
    facts = breach.json("facts")
    document = forget(breach, "s1")
    (gone,) = document["forgotten"]
    assert (gone["scope"], gone["digest"], gone["accounts"]) == ("s1", before["digest"], 22)
    assert (gone["by"], gone["because"], gone["destroyed"]) == ("ann", BECAUSE, True)
    assert {file.name for file in _folder(breach).iterdir()} == {"s2.jsonl", "keys.json", ".lock"}
    assert key not in _every_byte(breach)
    assert breach.json("facts") == facts
    assert breach.json("verify")["ok"] is True
    assert breach.json("scope", "show", "s2")["verified"] is True
    after = breach.run("scope", "show", "s1", "--json")
    assert (after.code, FORGOTTEN in after.err) == (3, True)
    kept = {**before, "forgotten": after.json["forgotten"], "verified": None}
    assert after.json == kept  # digest, counts and question are what they were
    timeline = breach.ok("timeline").out
    assert "decided to forget the list of scope s1: everybody was told" in timeline
    assert f"destroyed the list of scope s1: {before['digest']}" in timeline


@pytest.mark.parametrize(
    "words",
    [
        ("scope", "show", "s1"), ("scope", "show", "s1", "--person", "9"), ("scope", "diff", "s1", "s2"),
        ("scope", "diff", "s2", "s1"), ("scope", "export", "s1", "--out", "OUT"),
        ("scope", "export", "s1", "--sealed", "--out", "OUT"), ("scope", "choose", "s1"),
        ("scope", "forget", "s1", "--because", "again", "--yes"),
    ],
    ids=" ".join,
)  # fmt: skip
def test_whoever_asks_for_it_hears_when_by_whom_and_why(breach: Programme, tmp_path: Path, words: Any) -> None:
    forget(breach, "s1")
    out = tmp_path / "people.csv"
    result = breach.run(*(str(out) if word == "OUT" else word for word in words))
    assert (result.code, FORGOTTEN in result.err) == (3, True), result.err
    assert not out.exists()


def test_the_other_places_say_it_too(breach: Programme) -> None:
    forget(breach, "s1")
    listed = breach.ok("scope", "list").out
    assert "forgotten on Sat 2026-11-21 01:05 +00:00 by ann: everybody was told" in listed
    assert [scope["forgotten"] is None for scope in breach.json("scope", "list")] == [False, True]
    assert "forgotten" in next(line for line in breach.ok("status").out.splitlines() if line.startswith("Scope "))
    nobody = breach.run("scope", "show", "s2", "--person", "10")
    assert (nobody.code, "Nobody can say for s1: it was forgotten." in nobody.out) == (1, True)


def test_undo_says_that_nothing_brings_it_back(breach: Programme) -> None:
    forget(breach, "s1")
    result = breach.run("undo")
    assert result.code == 3
    assert "forgot the list of scope s1; nothing brings it back" in result.err
    assert breach.run("scope", "show", "s1").code == 3


def test_all_takes_every_list_and_the_file_of_keys(breach: Programme) -> None:
    assert [each["scope"] for each in forget(breach, "--all")["forgotten"]] == ["s1", "s2"]
    assert {file.name for file in _folder(breach).iterdir()} == {".lock"}
    again = breach.run("scope", "forget", "--all", "--because", "x", "--yes")
    assert (again.code, FORGOTTEN in again.err, "Nothing was left to forget" in again.err) == (3, True, True)


def test_a_list_of_an_earlier_version_is_overwritten_and_gone(breach: Programme) -> None:
    file = _folder(breach) / "s1.jsonl"
    _as_earlier_versions_wrote_it(breach, "s1.jsonl")
    assert breach.json("scope", "show", "s1")["verified"] is True
    with file.open("rb") as old:
        forget(breach, "s1")
        assert old.read() == b""
    assert not file.exists()
    assert breach.json("scope", "show", "s2")["verified"] is True


def test_it_needs_a_reason_a_yes_and_one_list(breach: Programme) -> None:
    for words, says in (
        (("s1", "--yes"), "needs a reason"),
        (("s1", "--because", " ", "--yes"), "needs a reason"),
        (("s1", "--because", "x"), "Nobody is there to ask"),
        (("--because", "x", "--yes"), "Which list?"),
        (("s1", "--all", "--because", "x", "--yes"), "Which list?"),
        (("s9", "--because", "x", "--yes"), 'has no scope "s9"'),
    ):
        result = breach.run("scope", "forget", *words)
        assert (result.code, says in result.err) == (2, True), words
    assert breach.json("scope", "show", "s1")["verified"] is True


def test_on_a_terminal_it_asks(breach: Programme, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    monkeypatch.setattr("sys.stdin.isatty", lambda: True)

    def confirm(text: str, **_: Any) -> bool:
        asked.append(text)
        return True

    monkeypatch.setattr("typer.confirm", confirm)
    result = breach.ok("scope", "forget", "s1", "--because", BECAUSE)
    assert asked == ["Forget?"]
    assert "destroys the list of s1 (22 accounts) for good" in result.err


def test_exports_are_named_and_left_where_they_are(breach: Programme, tmp_path: Path) -> None:
    one, other = tmp_path / "people.csv", tmp_path / "s2.jsonl"
    breach.ok("scope", "export", "s1", "--out", str(one))
    breach.ok("scope", "export", "s2", "--sealed", "--out", str(other))
    assert forget(breach, "s1")["copies"] == [str(one)]
    assert one.exists()
    said = breach.ok("scope", "forget", "s2", "--because", BECAUSE, "--yes").out
    assert f"yours to delete:\n  {other}" in said


def test_a_list_that_is_not_in_this_workspace_cannot_be_forgotten_from_here(breach: Programme) -> None:
    shutil.rmtree(_folder(breach))
    result = breach.run("scope", "forget", "s1", "--because", "x", "--yes")
    assert (result.code, "is not in this workspace" in result.err) == (3, True)
    assert ForgettingBegun.kind not in {event.kind for event in _incident(breach).events}


def test_a_list_that_came_back_from_a_backup_is_noise_and_is_removed(breach: Programme) -> None:
    file = _folder(breach) / "s1.jsonl"
    whole = file.read_bytes()
    forget(breach, "s1")
    file.write_bytes(whole)
    breach.ok("scope", "list")
    assert not file.exists()


def test_what_cannot_be_destroyed_now_is_said_and_done_by_the_next_command(
    breach: Programme, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as broken:
        broken.setattr("incident.scope.vault.Vault.destroy", _fail)
        result = breach.run("scope", "forget", "s1", "--because", BECAUSE, "--yes")
        assert (result.code, "The list of s1 is not destroyed yet: Input/output error." in result.err) == (4, True)
        shown = breach.run("scope", "show", "s1")
        assert (shown.code, "its destruction is not finished" in shown.err) == (3, True)
        assert "s1 is to be forgotten, and not destroyed yet: Input/output error" in shown.err
        assert breach.json("verify")["ok"] is True
    assert _folder(breach).joinpath("s1.jsonl").exists()
    listed = breach.ok("scope", "list")
    assert "The destruction of s1, which was begun before, is finished now." in listed.err
    assert not _folder(breach).joinpath("s1.jsonl").exists()
    assert _incident(breach).forgotten["s1"].is_destroyed


def test_what_was_begun_for_a_list_that_lies_elsewhere_is_not_called_done(
    breach: Programme, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as broken:
        broken.setattr("incident.scope.vault.Vault.destroy", _fail)
        assert breach.run("scope", "forget", "s1", "--because", BECAUSE, "--yes").code == 4
    elsewhere = _folder(breach).rename(breach.folder / "elsewhere")
    result = breach.run("scope", "forget", "s1")
    assert (result.code, "s1 is not destroyed: it is not in" in result.out) == (1, True)
    assert not _incident(breach).forgotten["s1"].is_destroyed
    elsewhere.rename(_folder(breach))
    assert "s1 is forgotten: its key is destroyed." in breach.ok("scope", "forget", "s1").out
    assert not (_folder(breach) / "s1.jsonl").exists()


def test_two_at_once_forget_it_once(breach: Programme) -> None:
    words = ["scope", "forget", "--all", "--because", BECAUSE, "--yes"]
    command = [sys.executable, "-m", "incident", "--workspace", str(breach.folder), *words]
    both = [subprocess.Popen(command, stdout=-3, stderr=subprocess.PIPE, text=True) for _ in range(2)]
    said = [process.communicate(timeout=120)[1] for process in both]
    assert {process.returncode for process in both} <= {0, 3}, said  # 3: the other was done before this one looked
    kinds = [event.kind for event in _incident(breach).events]
    assert (kinds.count(ForgettingBegun.kind), kinds.count(ScopeForgotten.kind)) == (2, 2)
    assert {file.name for file in _folder(breach).iterdir()} == {".lock"}


@pytest.mark.parametrize("form", ["encrypted", "plain"])
def test_killed_at_any_moment_it_is_a_list_or_it_is_forgotten(breach: Programme, tmp_path: Path, form: str) -> None:
    """The other list stays readable whatever happens."""
    if form == "plain":
        _as_earlier_versions_wrote_it(breach, "s1.jsonl")
    digests = {scope.scope: scope.digest for scope in _incident(breach).scopes}
    work = """
from incident.cli import main
import incident.scope.commands, incident.scope.frames
from_here_on()
words = ["scope", "forget", "s1", "--because", "everybody was told", "--yes"]
sys.exit(main(words, environ={"INCIDENT_WORKSPACE": str(folder), "INCIDENT_ACTOR": "ann"}))
"""
    number, outcomes = 0, set()
    while True:
        number += 1
        copy = Programme(tmp_path / f"{form}-{number}", breach.capture)
        shutil.copytree(breach.folder, copy.folder)
        killed = killed_at(number, copy.folder, work)
        found = _incident(copy)
        check_sealed(_folder(copy) / "s2.jsonl", digests["s2"])
        assert copy.json("verify")["ok"] is True
        if "s1" in found.forgotten:
            outcomes.add("recorded" if found.forgotten["s1"].is_destroyed else "begun")
            assert copy.run("scope", "show", "s1").code == 3
            assert _incident(copy).forgotten["s1"].is_destroyed
            assert [event.kind for event in _incident(copy).events].count(ScopeForgotten.kind) == 1
            assert {file.name for file in _folder(copy).iterdir()} <= {"s2.jsonl", "keys.json", ".lock"}
        else:
            outcomes.add("list")
            check_sealed(_folder(copy) / "s1.jsonl", digests["s1"])
        if not killed:
            break
        shutil.rmtree(copy.folder)
    assert number > 4
    assert {"begun", "recorded"} <= outcomes


def test_events_of_letters_are_known_by_the_names_that_letters_give_them() -> None:
    from notices import events, outbox

    assert outbox.POST == "post"
    names = {"letter-drafted", "letter-approved", "letter-rejected", "letter-withdrawn", "letter-sent", "sending-begun"}
    assert names <= set(events.NOTICE_KINDS)
    assert holds_on({"s1"}, [], kept=set()) == []
    assert rehearsals_of({"s1"}, []) == ([], [])


def _fail(*_: Any, **__: Any) -> None:
    raise OSError(5, "Input/output error")


def _folder(breach: Programme) -> Path:
    return breach.folder / "incidents" / "2026-001" / "scopes"


def _key_of(breach: Programme, name: str) -> str:
    keys = json.loads((_folder(breach) / "keys.json").read_bytes())["keys"].values()
    return next(str(entry["key"]) for entry in keys if entry["list"] == name)


def _every_byte(breach: Programme) -> str:
    return "".join(file.read_bytes().decode("latin-1") for file in breach.folder.rglob("*") if file.is_file())


def _as_earlier_versions_wrote_it(breach: Programme, name: str) -> None:
    file = _folder(breach) / name
    file.write_bytes(b"".join(plain_lines(file)))
    keys = json.loads((_folder(breach) / "keys.json").read_bytes())
    keys["keys"] = {list_id: entry for list_id, entry in keys["keys"].items() if entry["list"] != name}
    (_folder(breach) / "keys.json").write_text(json.dumps(keys), encoding="utf-8")


def _incident(breach: Programme) -> Incident:
    workspace = open_workspace(Settings({}, workspace=breach.folder))
    try:
        return workspace.incident("2026-001")
    finally:
        workspace.close()
