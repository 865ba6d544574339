"""Whole runs: what goes into the journal, what a rerun says, what a kill leaves behind."""

from __future__ import annotations

import csv
import os
import shutil
import signal
import sqlite3
import stat
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from programme import Programme, damage

from incident.record.events import INCIDENT_KINDS, ScopeSealed, happening_in
from incident.scope.sealed import check_sealed
from incident.scope.vault import Vault


@pytest.fixture
def scope(breach: Programme, sqlite_store: Any, map_file: Path) -> Any:
    """Run a scope on the SQLite accounts, as `--json`."""

    def run(*selectors: str) -> Any:
        return breach.json("scope", "run", "--database", sqlite_store.url, "--map", str(map_file), *selectors)

    return run


def test_the_document_of_run_is_the_contracts(scope: Any) -> None:
    document = scope("--everyone")
    assert {
        "scope", "accounts", "people", "digest", "file", "by_country", "by_locale", "by_category", "minors",
        "unreachable", "statement", "taken_at", "seconds",
    } <= set(document)  # fmt: skip
    assert document["scope"] == "s1"
    assert document["taken_at"] == "2026-11-21T01:05:00Z"
    assert document["statement"].startswith("SELECT")
    check_sealed(Path(document["file"]), document["digest"])
    assert stat.S_IMODE(Path(document["file"]).parent.stat().st_mode) == 0o700


def test_the_counts_become_facts_with_their_source(breach: Programme, scope: Any) -> None:
    scope("--everyone")
    incident = _incident(breach)
    fact = incident.ledger["people_affected"]
    assert (fact.value, fact.state, fact.source) == (20, "exact", "scope s1")
    assert incident.ledger["people_by_country"].value == {"EE": 16, "AE": 1, "LV": 1, "ZZ": 3}  # one may live in two
    assert incident.ledger["people_by_country"].state == "approximate"
    assert incident.ledger["people_by_language"].value == {"et": 16, "ar": 1}
    assert "no birth date" in incident.ledger["minors_affected"].because
    assert incident.ledger["unreachable_people"].value == 12


def test_what_the_database_does_not_record_is_a_fact_too(breach: Programme, sqlite_store: Any, tmp_path: Path) -> None:
    small = tmp_path / "small.toml"
    small.write_text('[accounts]\ntable = "people"\nkey = "id"\n', encoding="utf-8")
    document = breach.json("scope", "run", "--database", sqlite_store.url, "--map", str(small), "--everyone")
    assert document["minors"] is None
    assert document["people"] == document["accounts"] == document["unreachable"] == 23
    facts = _incident(breach).ledger
    for name in ("minors_affected", "people_by_country", "people_by_language"):
        assert (facts[name].value, facts[name].state) == (None, "unknowable")
    assert facts["minors_affected"].because == "the map of the account database names no birth date"


def test_a_rerun_is_a_scope_of_its_own_and_repeats_no_fact(breach: Programme, scope: Any) -> None:
    first = scope("--everyone")
    versions = len(_incident(breach).events)
    second = scope("--everyone")
    assert (first["scope"], second["scope"]) == ("s1", "s2")
    assert first["digest"] == second["digest"]
    assert len(_incident(breach).events) == versions + 1


def test_no_personal_data_reaches_the_journal(breach: Programme, scope: Any, tmp_path: Path) -> None:
    ids = tmp_path / "ids.txt"
    ids.write_text("1\n9007199254740993\n", encoding="utf-8")
    scope("--ids", str(ids))
    (event,) = [event for event in _incident(breach).events if event.kind == ScopeSealed.kind]
    sealed = happening_in(event, INCIDENT_KINDS)
    assert isinstance(sealed, ScopeSealed)
    assert set(sealed.question["ids"]) == {"digest", "count"}
    rows = sqlite3.connect(breach.folder / "journal.db")
    text = "".join(body for (body,) in rows.execute("SELECT body FROM journal_event"))
    rows.close()
    assert "9007199254740993" not in text
    assert "example.com" not in text
    assert "Maasikas" not in text


def test_a_diff_shows_exactly_what_changed_and_why(breach: Programme, sqlite_store: Any, scope: Any) -> None:
    scope("--everyone")
    sqlite_store.change("DELETE FROM people WHERE id = 9")
    sqlite_store.change("UPDATE people SET email = 'new@example.com', lang = 'en' WHERE id = 10")
    sqlite_store.change("INSERT INTO people (id, kind) VALUES (500, 'human')")
    scope("--everyone")
    document = breach.json("scope", "diff", "s1", "s2")
    assert document == {
        "added": 1,
        "removed": 1,
        "changed": 1,
        "because": [
            {
                "key": "10", "change": "changed", "columns": ["email", "locale"],
                "why": "another value in email, locale",
            },
            {
                "key": "500", "change": "added", "columns": [],
                "why": "not in the account table yet when s1 was read, or did not meet the question then",
            },
            {
                "key": "9", "change": "removed", "columns": [],
                "why": "not in the account table any more when s2 was read, or did not meet the question then",
            },
        ],
    }  # fmt: skip
    lines = breach.ok("scope", "diff", "s1", "s2", "--most", "1").out
    assert "~ 10  email, locale" in lines
    assert "and 2 more" in lines
    assert breach.json("scope", "diff", "s2", "s2")["because"] == []


def test_show_recomputes_the_digest_and_notices_a_changed_list(breach: Programme, scope: Any) -> None:
    document = scope("--everyone")
    assert breach.json("scope", "show", "s1")["verified"] is True
    file = Path(document["file"])
    damage(file)
    result = breach.run("scope", "show", "s1")
    assert result.code == 5
    assert "verified            NO" in result.out
    assert "line 2 was changed" in result.err
    assert breach.run("scope", "export", "s1", "--out", str(file.parent / "out.csv")).code == 5
    assert not (file.parent / "out.csv").exists()


def test_export_is_private_says_so_and_never_overwrites(breach: Programme, scope: Any, tmp_path: Path) -> None:
    scope("--everyone")
    out = tmp_path / "people.csv"
    result = breach.ok("scope", "export", "s1", "--out", str(out))
    assert "personal data of 22 accounts" in result.err
    assert stat.S_IMODE(out.stat().st_mode) == 0o600
    with out.open(encoding="utf-8-sig", newline="") as text:
        rows = {line["key"]: line for line in csv.DictReader(text)}
    assert rows["9"]["name"] == "O'Neill Õunapuu"
    assert rows["11"]["name"].startswith("line\r\nbreak")
    assert rows["100"]["email"] == "'-@-example.com"  # a spreadsheet would run it
    again = breach.run("scope", "export", "s1", "--out", str(out))
    assert (again.code, "exists already" in again.err) == (3, True)


def test_list_and_run_read_aloud(breach: Programme, sqlite_store: Any, map_file: Path) -> None:
    assert "No scope was run yet" in breach.ok("scope", "list").out
    words = ["--seen", "2026-11-20 22:00..2026-11-21", "--trail", "log", "--from-ip", "203.0.113.7/24"]
    out = breach.ok("scope", "run", "--database", sqlite_store.url, "--map", str(map_file), *words).out
    assert "Understood" in out
    assert "the end of that day was taken" in out
    assert "acting from 203.0.113.0/24" in " ".join(out.split())
    assert "have no readable address" in out
    assert "incident scope export s1" in out
    assert "s1  " in breach.ok("scope", "list").out
    assert "has no scope" in breach.run("scope", "show", "s9").err


def test_the_profile_knows_database_and_map(breach: Programme, sqlite_store: Any, map_file: Path) -> None:
    profile = '[organisation]\nname = "Invented"\nzone = "Europe/Tallinn"\nlanguages = ["en"]\n'
    profile += '[[accounts]]\nname = "app"\nurl_env = "APP_DATABASE"\nmap = "map.toml"\n'
    (breach.folder / "organisation.toml").write_text(profile, encoding="utf-8")
    (breach.folder / "map.toml").write_text(map_file.read_text(encoding="utf-8"), encoding="utf-8")
    unset = breach.run("scope", "run", "--everyone")
    assert (unset.code, "APP_DATABASE" in unset.err) == (2, True)
    breach.environ["APP_DATABASE"] = sqlite_store.url
    assert breach.json("scope", "run", "--everyone")["accounts"] == 22


@pytest.mark.parametrize("option", ["--database", "--map", "--where", "--ids", "--seen", "--from-ip", "--trail"])
@pytest.mark.parametrize("value", ["", " "])
def test_an_option_without_a_value_does_not_quietly_mean_another_question(
    breach: Programme, sqlite_store: Any, map_file: Path, option: str, value: str
) -> None:
    profile = '[organisation]\nname = "Invented"\nzone = "Europe/Tallinn"\nlanguages = ["en"]\n'
    profile += '[[accounts]]\nname = "app"\nurl_env = "APP_DATABASE"\nmap = "map.toml"\n'
    (breach.folder / "organisation.toml").write_text(profile, encoding="utf-8")
    (breach.folder / "map.toml").write_text(map_file.read_text(encoding="utf-8"), encoding="utf-8")
    breach.environ["APP_DATABASE"] = sqlite_store.url
    result = breach.run("scope", "run", "--everyone", option, value)
    assert result.code == 2
    assert f"{option} was given without a value." in result.err
    assert "shell variable" in result.err
    assert breach.json("scope", "list") == []


@pytest.mark.parametrize(
    "words", [["--where", "country = '\udce9'"], ["--trail", "\udce9"], ["--database", "sqlite:////tmp/\udce9.db"]]
)
def test_bytes_that_are_no_text_are_a_mistake_in_typing(
    breach: Programme, sqlite_store: Any, map_file: Path, words: list[str]
) -> None:
    result = breach.run("scope", "run", "--everyone", "--database", sqlite_store.url, "--map", str(map_file), *words)
    assert (result.code, "Traceback" in result.err) == (2, False)
    assert result.err
    assert breach.json("scope", "list") == []


def test_an_address_in_the_environment_that_is_no_text_is_no_url(
    breach: Programme, sqlite_store: Any, map_file: Path
) -> None:
    profile = '[organisation]\nname = "Invented"\nzone = "Europe/Tallinn"\nlanguages = ["en"]\n'
    profile += '[[accounts]]\nname = "app"\nurl_env = "APP_DATABASE"\nmap = "map.toml"\n'
    (breach.folder / "organisation.toml").write_text(profile, encoding="utf-8")
    (breach.folder / "map.toml").write_text(map_file.read_text(encoding="utf-8"), encoding="utf-8")
    odd = Path(sqlite_store.url.removeprefix("sqlite:///")).with_name("\udce9.db")
    breach.environ["APP_DATABASE"] = f"sqlite:///{odd}"
    result = breach.run("scope", "run", "--everyone")
    assert (result.code, "is not the URL of a database" in result.err) == (2, True)


def test_without_profile_and_options_it_asks_for_them(breach: Programme, map_file: Path) -> None:
    result = breach.run("scope", "run", "--everyone", "--map", str(map_file))
    assert result.code == 2
    assert "give --database URL" in result.err


def test_a_kill_leaves_no_list_or_a_whole_one(breach: Programme, map_file: Path, tmp_path: Path) -> None:
    big = tmp_path / "big.db"
    connection = sqlite3.connect(big)
    connection.execute("CREATE TABLE people (id INTEGER PRIMARY KEY, email TEXT)")
    numbers = ((number, f"p{number}@example.com") for number in range(60_000))
    connection.executemany("INSERT INTO people VALUES (?, ?)", numbers)
    connection.commit()
    connection.close()
    small = tmp_path / "small.toml"
    small.write_text('[accounts]\ntable = "people"\nkey = "id"\nemail = "email"\n', encoding="utf-8")
    folder = breach.folder / "incidents" / _incident(breach).id / "scopes"
    command = [sys.executable, "-m", "incident", "--workspace", str(breach.folder), "scope", "run", "--everyone"]
    killed_midway = 0
    for lines in (1, 10, 30, 55):
        child = subprocess.Popen([*command, "--database", f"sqlite:///{big}", "--map", str(small)], stdout=-3)
        while child.poll() is None:
            part = next(folder.glob("*.part"), None) if folder.exists() else None
            if part is not None and part.stat().st_size > lines * 1000:
                os.kill(child.pid, signal.SIGKILL)
                killed_midway += child.wait() == -signal.SIGKILL
        incident = _incident(breach)
        lists = {file.name for file in folder.glob("s*.jsonl")}
        assert {f"{scope.scope}.jsonl" for scope in incident.scopes} <= lists
        for scope in incident.scopes:
            check_sealed(folder / f"{scope.scope}.jsonl", scope.digest)
    assert killed_midway
    document = breach.json("scope", "run", "--everyone", "--database", f"sqlite:///{big}", "--map", str(small))
    assert document["accounts"] == 60_000
    kept = {f"{scope.scope}.jsonl" for scope in _incident(breach).scopes} | {".lock", "keys.json"}
    assert {file.name for file in folder.iterdir()} == kept  # what the killed ones left is gone


def _incident(programme: Programme) -> Any:
    from incident.settings import Settings
    from incident.workspace import open_workspace

    workspace = open_workspace(Settings({}, workspace=programme.folder))
    try:
        return workspace.incident()
    finally:
        workspace.close()


def test_a_list_that_a_kill_left_without_a_record_and_its_key_are_gone_after_the_next_run(
    breach: Programme, scope: Any
) -> None:
    folder = Path(scope("--everyone")["file"]).parent
    shutil.copy(folder / "s1.jsonl", folder / "s2.jsonl")  # written, its key kept, and then the power went
    vault = Vault(folder)
    vault.keep("ab" * 16, "s2.jsonl", bytes(32))
    vault.keep("cd" * 16, "s9.jsonl", bytes(32))
    assert scope("--everyone")["scope"] == "s2"
    assert vault.lists == {"s1.jsonl", "s2.jsonl"}
    assert vault.key_of("ab" * 16) is None
