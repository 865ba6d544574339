"""A trial run does not have the last word: an earlier list can be the one in force again."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from programme import Programme, damage

from incident.record.chain import GENESIS
from incident.record.events import Event, IncidentOpened, ScopeChosen, ScopeSealed, body_of
from incident.record.timeline import Incident, replay
from incident.scope.counts import counts_in, facts_of

NOW = datetime(2026, 11, 21, 1, 5, tzinfo=UTC)
_SEALED = ScopeSealed("s1", {}, "sha256:0", {}, {}, {}, {}, "SELECT 1", {}, "x", "y", NOW, "scopes/s1.jsonl")


def _after(*happenings: Any) -> Incident:
    return replay(
        [
            Event("2026-001", number, NOW, "ann", one.kind, one.version, body_of(one), GENESIS, GENESIS)
            for number, one in enumerate((IncidentOpened("token in a public repository"), *happenings), start=1)
        ]
    )


def test_the_list_in_force_is_the_one_sealed_or_chosen_last() -> None:
    second = replace(_SEALED, scope="s2")
    assert _after().scope_in_force is None
    for happenings, expected in (
        ([_SEALED], "s1"),
        ([_SEALED, second], "s2"),
        ([_SEALED, second, ScopeChosen("s1")], "s1"),
        ([_SEALED, second, ScopeChosen("s1"), replace(_SEALED, scope="s3")], "s3"),
    ):
        in_force = _after(*happenings).scope_in_force
        assert in_force is not None
        assert in_force.scope == expected


@pytest.fixture
def run(breach: Programme, sqlite_store: Any, map_file: Path) -> Any:
    def run(*selectors: str) -> Any:
        return breach.run("scope", "run", "--database", sqlite_store.url, "--map", str(map_file), *selectors)

    return run


def test_an_answer_of_nobody_seals_nothing_and_changes_no_fact(breach: Programme, run: Any) -> None:
    assert run("--everyone").code == 0
    before = breach.json("status")
    empty = run("--where", "1 = 0")
    assert empty.code == 1
    assert "Nobody: the question finds no account. Nothing was sealed, and no fact changed." in empty.out
    assert "asked               where 1 = 0" in empty.out
    assert "check window, zone and condition" in empty.out
    assert breach.json("status") == before
    assert [scope["scope"] for scope in breach.json("scope", "list")] == ["s1"]
    folder = breach.folder / "incidents" / before["id"] / "scopes"
    assert {file.name for file in folder.iterdir()} == {"s1.jsonl", ".lock", "keys.json"}
    assert run("--where", "id = 1", "--json").json["scope"] == "s2"  # the empty one used no number


def test_nobody_as_json_is_one_document_with_what_is_uncertain(run: Any) -> None:
    empty = run("--seen", "2020-01-01..2020-01-02", "--trail", "log", "--json")
    assert empty.code == 1
    document = empty.json
    assert (document["scope"], document["accounts"], document["people"]) == (None, 0, 0)
    assert "The trail begins at" in document["uncertain"][0]
    assert document["question"]["seen"]["since"] == "2020-01-01T00:00:00Z"


def test_what_is_no_time_is_not_where_the_trail_begins_or_ends(run: Any, sqlite_store: Any) -> None:
    sqlite_store.change("DELETE FROM log")
    times = ("", "2026-11-20T22:00:00Z", "2026-11-20T23:00:00Z", "unknown")
    sqlite_store.change("INSERT INTO log VALUES (1, ?, NULL)", *((time,) for time in times))
    early, late = (
        run("--seen", window, "--trail", "log", "--json").json["uncertain"]
        for window in ("2020-01-01..2020-01-02", "2026-11-21 00:00..2026-11-21 01:00")
    )
    assert early[0].startswith("The trail begins at 2026-11-20T22:00:00Z, after the window does")
    assert late[0] == "The trail ends at 2026-11-20T23:00:00Z, before the window begins."
    assert "2 rows of the trail have no readable time; a window does not find them." in early


def test_an_earlier_list_can_be_chosen_again_and_its_counts_are_facts_again(breach: Programme, run: Any) -> None:
    run("--everyone")
    facts = _facts(breach)
    run("--where", "id = 9")
    assert _facts(breach) != facts
    assert [scope["in_force"] for scope in breach.json("scope", "list")] == [False, True]
    chosen = breach.ok("scope", "choose", "s1").out
    assert "s1 is in force: 20 people, 22 accounts." in chosen
    assert "people_affected" in chosen
    assert _facts(breach) == facts
    assert _fact(breach, "people_affected")["source"] == "scope s1"
    listed = breach.ok("scope", "list").out.splitlines()
    assert listed[0].startswith("s1  in force")
    assert listed[1].startswith("s2  -")
    assert "in force            yes" in breach.ok("scope", "show", "s1").out
    assert "no; incident scope choose s2 makes it so" in breach.ok("scope", "show", "s2").out
    assert breach.json("scope", "show", "s2")["in_force"] is False
    scopes = [line for line in breach.ok("status").out.splitlines() if line.startswith("Scope ")]
    assert [line.endswith("in force") for line in scopes] == [True, False]
    assert breach.json("status")["scope_in_force"] == "s1"


def test_choosing_states_only_the_facts_that_are_others_now(breach: Programme, run: Any) -> None:
    run("--everyone")
    run("--everyone", "--where", "id <> 12")  # has neither address nor country nor language nor birth date
    changed = breach.json("scope", "choose", "s1")["changed"]
    assert "accounts_affected" in changed
    assert "people_affected" in changed
    run("--everyone")
    assert breach.json("scope", "choose", "s1") == {"scope": "s1", "changed": []}
    events = breach.json("status")["events"]
    assert "No fact changed." in breach.ok("scope", "choose", "s1").out
    assert breach.json("status")["events"] == events  # it is in force already


def test_a_list_that_is_not_there_or_was_changed_cannot_be_chosen(breach: Programme, run: Any) -> None:
    none = breach.run("scope", "choose", "s1")
    assert (none.code, 'has no scope "s1"; none was run yet.' in none.err) == (2, True)
    run("--everyone")
    run("--where", "id = 9")
    file = Path(breach.json("scope", "show", "s1")["file"])
    damage(file)
    damaged = breach.run("scope", "choose", "s1")
    assert (damaged.code, "line 2 was changed" in damaged.err) == (5, True)
    assert [scope["in_force"] for scope in breach.json("scope", "list")] == [False, True]


def test_counts_of_a_list_sealed_without_its_ages_are_not_called_exact() -> None:
    counts = counts_in(replace(_SEALED, counts={"accounts": 3, "people": 3, "unreachable": 0, "minors": 1}))
    (minors,) = [fact for fact in facts_of("s1", counts) if fact.fact == "minors_affected"]
    assert (minors.value, minors.state, minors.because) == (1, "approximate", "some accounts have no birth date")


def _fact(breach: Programme, name: str) -> Any:
    return next(fact for fact in breach.json("facts") if fact["name"] == name)


def _facts(breach: Programme) -> Any:
    return [(fact["name"], fact["value"], fact["state"], fact.get("because")) for fact in breach.json("facts")]
