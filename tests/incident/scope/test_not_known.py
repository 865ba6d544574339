"""What a database does not know: nobody is left out for it, and it is said."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import servers
from programme import Programme

from incident.scope.sealed import read_segments

HELD = """
"tokens.what" = ["user.contact.phone_number"]
[[related]]
table = "tokens"
path = ["tokens.who = people.id"]
created_at = { column = "made", unit = "seconds" }
deleted_at = { column = "gone", unit = "seconds" }
"""
TRAIL = """
[accounts]
table = "people"
key = "id"
[[trail]]
name = "t"
table = "doings"
account = "who"
at = "at"
"""


def keys(document: Any) -> list[str]:
    return [person.key for segment in read_segments(Path(document["file"])) for person in segment.people]


@pytest.fixture
def ask(breach: Programme, map_file: Path, tmp_path: Path) -> Any:
    """`scope run` with a question file, as its document."""

    def ask(store: Any, question: str) -> Any:
        (tmp_path / "question.toml").write_text(question, encoding="utf-8")
        words = ("--database", store.url, "--map", str(map_file), "--question", str(tmp_path / "question.toml"))
        return breach.json("scope", "run", *words)

    return ask


def test_nobody_is_left_out_for_a_creation_time_that_is_not_known(ask: Any, breach: Programme, store: Any) -> None:
    found = ask(store, 'everyone = true\nnot = { existing_at = "2026-11-21 00:00 Europe/Tallinn" }\n')
    assert "23" in keys(found)
    assert "1" not in keys(found)
    assert "no creation time, so nobody can say" in breach.ok("scope", "show", "s1", "--person", "23").out
    twice = ask(store, 'everyone = true\nnot = { not = { existing_at = "2026-11-21 00:00 Europe/Tallinn" } }\n')
    assert "23" in keys(twice)


def test_nobody_is_left_out_for_a_row_whose_times_are_not_known(ask: Any, store: Any, map_file: Path) -> None:
    store.change("CREATE TABLE tokens (who bigint, what text, made bigint, gone bigint)")
    rows = [(1, "x", None, None), (9, "x", 1700000000, None), (10, "x", 1700000000, 1700000001)]
    store.change(f"INSERT INTO tokens VALUES ({', '.join([store.mark] * 4)})", *rows)
    map_file.write_text(map_file.read_text(encoding="utf-8") + HELD, encoding="utf-8")
    part = 'holding = "user.contact.phone_number", held = "2026-11-12..2026-11-21"'
    found = keys(ask(store, f"everyone = true\nnot = {{ {part} }}\n"))
    assert {"1", "10"} <= set(found)
    assert "9" not in found
    assert keys(ask(store, f"any = [{{ {part} }}]\n")) == ["1", "9"]


def test_nobody_is_left_out_for_a_secret_that_nobody_may_look_at(ask: Any, store: Any) -> None:
    found = ask(store, 'everyone = true\nnot = { holding = "user.authorization.password" }\n')
    assert found["accounts"] == 22
    assert any("no account counts as holding user.authorization.password" in line for line in found["uncertain"])


def test_whom_the_filter_cannot_tell_is_counted(ask: Any, store: Any) -> None:
    store.change("UPDATE people SET kind = NULL WHERE id = 1")
    found = ask(store, "everyone = true\n")
    assert "1" not in keys(found)
    assert any(line.startswith("1 of the accounts asked for are left out") for line in found["uncertain"])


def test_a_row_without_a_time_does_not_hide_where_a_trail_begins(breach: Programme, store: Any, map_file: Path) -> None:
    store.change("CREATE TABLE doings (who bigint, at text)")
    store.change("INSERT INTO doings VALUES (1, '2026-11-20 00:00:00')")
    store.change("INSERT INTO doings VALUES (1, '')")
    map_file.write_text(TRAIL, encoding="utf-8")
    window = ("--seen", "2020-01-01..2030-01-01")
    found = breach.json("scope", "run", "--database", store.url, "--map", str(map_file), *window)
    assert any("begins at 2026-11-20" in line for line in found["uncertain"])


def test_rows_hidden_behind_a_view_are_spoken_of(breach: Programme, postgres_store: Any, tmp_path: Path) -> None:
    for line in (
        "CREATE ROLE viewer LOGIN",
        "ALTER TABLE people ENABLE ROW LEVEL SECURITY",
        "CREATE POLICY few ON people TO viewer USING (id < 10)",
        "CREATE VIEW asked WITH (security_invoker) AS SELECT * FROM people",
        "CREATE VIEW owned AS SELECT * FROM people",
        "GRANT SELECT ON people, asked, owned TO viewer",
    ):
        postgres_store.change(line)
    try:
        for view, is_hidden in (("asked", True), ("owned", False)):
            (tmp_path / "view.toml").write_text(f'[accounts]\ntable = "{view}"\nkey = "id"\n', encoding="utf-8")
            words = ("--map", str(tmp_path / "view.toml"), "--everyone")
            url = servers.with_user(postgres_store.url, "viewer")
            found = breach.json("scope", "run", "--database", url, *words)
            assert any("Row-level security" in line for line in found["uncertain"]) is is_hidden
            assert found["accounts"] == (3 if is_hidden else 23)
    finally:
        postgres_store.change("DROP OWNED BY viewer")
        postgres_store.change("DROP ROLE viewer")
