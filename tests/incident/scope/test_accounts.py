"""The database is only read, secrets stay where they are, and each failure is one plain message."""

from __future__ import annotations

import fcntl
import os
import sqlite3
from pathlib import Path
from typing import Any

import psycopg
import pytest
import servers
from programme import Programme

from incident.scope.databases import first_row, open_accounts
from incident.scope.mapfile import read_datamap
from incident.scope.questions import Question
from incident.scope.sealed import plain_lines
from incident.scope.sql import compile_scope


@pytest.fixture
def run(breach: Programme, map_file: Path) -> Any:
    """`scope run` against a URL; nothing may be sealed where it fails."""

    def run(url: str, *selectors: str, datamap: str | None = None) -> Any:
        if datamap is not None:
            map_file.write_text(datamap, encoding="utf-8")
        words = selectors or ("--everyone",)
        result = breach.run("scope", "run", "--database", url, "--map", str(map_file), *words)
        if result.code:
            assert list((breach.folder / "incidents").rglob("*.jsonl")) == []
            assert list((breach.folder / "incidents").rglob("*.part")) == []
            assert "Traceback" not in result.err
        return result

    return run


WRITES = [
    "1 = 1; DELETE FROM people",
    "1 = 1) OR (1 = 1",
    "id IN (DELETE FROM people RETURNING id)",
    "1 = 1 -- and nothing else",
    "1 = 1 /* and */",
    "1 = (SELECT 1 FROM people FOR UPDATE)",
    "$$a$$ = 'a'",
    "E'\\'' = ''",
    "pg_sleep(1) IS NULL",
    "load_extension('x') IS NULL",
    "'open",
    "(1 = 1",
    "()--",
]


@pytest.mark.parametrize("condition", WRITES)
def test_a_condition_that_is_more_than_a_condition_is_refused(run: Any, sqlite_store: Any, condition: str) -> None:
    result = run(sqlite_store.url, "--everyone", "--where", condition)
    assert result.code == 2
    assert "--where cannot be used" in result.err
    assert "nothing was changed" in result.err


def test_a_function_that_writes_is_stopped_by_the_database(run: Any, postgres_store: Any) -> None:
    postgres_store.change("""CREATE FUNCTION sneak() RETURNS boolean LANGUAGE plpgsql AS
        'BEGIN DELETE FROM people; RETURN true; END'""")
    result = run(postgres_store.url, "--everyone", "--where", "sneak()")
    assert result.code == 3
    assert "tried to write, and the database refused" in result.err
    with psycopg.connect(postgres_store.url) as connection:
        assert connection.execute("SELECT count(*) FROM people").fetchone() == (23,)


def test_the_map_s_filter_is_held_to_the_same_rule(run: Any, sqlite_store: Any, map_file: Path) -> None:
    changed = map_file.read_text(encoding="utf-8").replace("kind <> 'robot'", "1 = 1; DROP TABLE people")
    result = run(sqlite_store.url, datamap=changed)
    assert result.code == 2
    assert "accounts.filter" in result.err
    assert "a semicolon" in result.err


@pytest.mark.parametrize(
    "condition",
    [
        "bcrypt LIKE '$2b%'",
        '"Bcrypt" IS NOT NULL',
        "id IN (SELECT people.bcrypt FROM people)",
        "EXISTS (SELECT * FROM people)",
        "people.* IS NOT NULL",
        "password_hash = 'x'",
    ],
)
def test_a_condition_that_looks_at_a_secret_is_refused(run: Any, store: Any, condition: str) -> None:
    result = run(store.url, "--everyone", "--where", condition)
    assert result.code == 2
    assert "secret" in result.err


def test_sqlite_itself_refuses_a_secret_behind_a_view(run: Any, sqlite_store: Any) -> None:
    sqlite_store.change("CREATE VIEW innocent AS SELECT id, bcrypt AS colour FROM people")
    result = run(sqlite_store.url, "--everyone", "--where", "id IN (SELECT id FROM innocent WHERE colour > '')")
    assert result.code == 3
    assert "for a secret" in result.err


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('email = "email"', 'email = "bcrypt"'),
        ('name = ["first", "Last"]', 'name = ["first", "reset_password_token"]'),
        ('locale = "lang"', 'locale = "apiKey"'),
        ('ip = "ip"', 'ip = "access_token"'),
    ],
)
def test_a_map_that_names_a_secret_as_something_to_read_is_refused(
    run: Any, sqlite_store: Any, map_file: Path, old: str, new: str
) -> None:
    result = run(sqlite_store.url, datamap=map_file.read_text(encoding="utf-8").replace(old, new, 1))
    assert result.code == 2
    assert "which is a secret" in result.err
    assert "Nothing was read." in result.err


def test_no_secret_stands_in_the_statement(breach: Programme, store: Any, map_file: Path) -> None:
    document = breach.json("scope", "run", "--everyone", "--database", store.url, "--map", str(map_file))
    assert "bcrypt" not in document["statement"]
    assert "*" not in document["statement"]
    plain = b"".join(plain_lines(Path(document["file"])))
    assert b"Maasikas" in plain
    assert b"$2b$" not in plain


def test_a_missing_sqlite_file_is_not_made(run: Any, tmp_path: Path) -> None:
    result = run(f"sqlite:///{tmp_path}/nowhere.db")
    assert result.code == 4
    assert "There is no database file" in result.err
    assert not (tmp_path / "nowhere.db").exists()


def test_a_file_that_is_no_database(run: Any, tmp_path: Path) -> None:
    (tmp_path / "text.db").write_text("no database at all, but long enough to be looked at" * 9, encoding="utf-8")
    result = run(f"sqlite:///{tmp_path}/text.db")
    assert (result.code, "is not an SQLite database" in result.err) == (4, True)


@pytest.mark.parametrize(
    "url", ["no url", "postgresql", "://x:hunter2@y", "sqlite://", "postgresql://u:hunter2@h:port/d"]
)
def test_a_url_that_is_none_is_not_repeated(run: Any, url: str) -> None:
    result = run(url)
    assert result.code == 2
    assert "is not the URL of a database" in result.err
    assert "hunter2" not in result.err


def test_another_kind_of_database_is_named(run: Any) -> None:
    result = run("oracle://u:hunter2@db.example/app")
    assert (result.code, "oracle cannot be read yet" in result.err) == (2, True)
    assert "hunter2" not in result.err


def test_a_server_that_does_not_answer(run: Any) -> None:
    result = run("postgres://lena:hunter2@127.0.0.1:1/accounts")
    assert result.code == 4
    assert "postgresql:127.0.0.1:1/accounts cannot be reached: connection refused." in result.err
    assert "hunter2" not in result.err
    assert "lena" not in result.err


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://u:hun@ter2@127.0.0.1:99999/x",
        "postgresql://u:hun@ter2@127.0.0.1:1/x",
        "postgresql://u:hun@te/r2@127.0.0.1:1/x",
        "postgresql://u:hun@te?r2@127.0.0.1:1/x",
        "postgresql://u@hun@ter2@127.0.0.1:1/x",
        "mysql://u:hun@ter2@127.0.0.1:1/x",
    ],
)
def test_no_part_of_a_password_with_an_at_sign_is_shown(run: Any, url: str) -> None:
    result = run(url)
    assert result.code == 2
    assert "The database URL has more than one @" in result.err
    assert "%40" in result.err
    assert not any(part in result.out + result.err for part in ("hun", "ter2", "te/r2", "te?r2"))


def test_a_password_with_an_at_sign_written_as_percent_40_works_and_is_not_shown(run: Any) -> None:
    result = run("postgresql://u:hun%40ter2@127.0.0.1:1/x")
    assert (result.code, "postgresql:127.0.0.1:1/x cannot be reached" in result.err) == (4, True)
    assert "ter2" not in result.err


def test_a_wrong_password_and_a_right_one(run: Any, postgres_store: Any) -> None:
    role, password = servers.PASSWORD_ROLE
    wrong = run(servers.with_user(postgres_store.url, role, "hunter2"))
    assert wrong.code == 4
    assert "did not accept that user name and password" in wrong.err
    assert "hunter2" not in wrong.err
    postgres_store.change(f"GRANT SELECT ON people, log, visits TO {role}")
    assert run(servers.with_user(postgres_store.url, role, password)).code == 0


def test_a_user_who_may_not_read(run: Any, postgres_store: Any) -> None:
    result = run(servers.with_user(postgres_store.url, *servers.PASSWORD_ROLE))
    assert result.code == 4
    assert "permission denied for table people" in result.err
    assert "GRANT SELECT" in result.err


def test_a_database_the_server_does_not_have(run: Any, postgres_server_url: str) -> None:
    result = run(postgres_server_url.replace("/postgres?", "/nowhere?"))
    assert (result.code, "knows no such database" in result.err) == (4, True)


@pytest.mark.parametrize(
    "spelling", ["postgres://", "postgresql+psycopg2://", "postgresql+psycopg://", " postgresql://"]
)
def test_other_programs_spellings_of_the_url_are_taken(run: Any, postgres_store: Any, spelling: str) -> None:
    assert run(postgres_store.url.replace("postgresql://", spelling)).code == 0


def test_a_missing_table_and_the_nearest_name(run: Any, store: Any, map_file: Path) -> None:
    result = run(store.url, datamap=map_file.read_text(encoding="utf-8").replace('table = "people"', 'table = "peple"'))
    assert result.code == 2
    assert "There is no table peple" in result.err
    assert "did you mean people?" in result.err


def test_a_missing_column_and_the_nearest_name(run: Any, store: Any, map_file: Path) -> None:
    result = run(store.url, datamap=map_file.read_text(encoding="utf-8").replace('"country"', '"contry"', 1))
    assert result.code == 2
    assert "The table people has no column contry." in result.err
    assert "did you mean country?" in result.err


def test_a_condition_on_a_column_that_is_not_there(run: Any, store: Any) -> None:
    for condition in ("plan = 'free'", "\"plan\" = 'free'"):
        result = run(store.url, "--where", condition)
        assert result.code == 2
        assert "plan" in result.err
        assert "Nothing was" in result.err


def test_a_value_the_database_cannot_convert_is_not_shown(run: Any, postgres_store: Any) -> None:
    result = run(postgres_store.url, "--where", "cast(email AS integer) = 1")
    assert result.code == 4
    assert "could not be converted (SQLSTATE 22P02)" in result.err
    assert "example.com" not in result.err


def test_a_schema_can_be_named(run: Any, postgres_store: Any, map_file: Path) -> None:
    postgres_store.change("CREATE SCHEMA auth")
    postgres_store.change("ALTER TABLE people SET SCHEMA auth")
    text = map_file.read_text(encoding="utf-8")
    assert run(postgres_store.url, datamap=text).code == 2
    assert run(postgres_store.url, datamap=text.replace('"people"', '"auth.people"')).code == 0


def test_row_level_security_is_said_aloud(breach: Programme, postgres_store: Any, map_file: Path) -> None:
    role, password = servers.PASSWORD_ROLE
    postgres_store.change(f"GRANT SELECT ON people, log, visits TO {role}")
    postgres_store.change("ALTER TABLE people ENABLE ROW LEVEL SECURITY")
    words = ["scope", "run", "--everyone", "--map", str(map_file), "--database"]
    hidden = breach.run(*words, servers.with_user(postgres_store.url, role, password))
    assert "WARNING: Row-level security is on for people" in hidden.err
    assert (hidden.code, "Nobody: the question finds no account." in hidden.out) == (1, True)
    assert "BYPASSRLS" in hidden.out
    owner = breach.ok(*words, postgres_store.url)
    assert "Row-level security" not in owner.err


def test_a_time_limit_ends_a_slow_statement(run: Any, store: Any) -> None:
    numbers = "SELECT count(*) FROM people a, people b, people c, people d, people e, people f"
    result = run(store.url, "--where", f"({numbers}) > 0", "--timeout", "1")
    assert result.code == 4
    assert "longer than the time limit" in result.err
    assert "--timeout" in result.err


def test_what_is_written_meanwhile_is_not_seen(sqlite_store: Any, postgres_store: Any, map_file: Path) -> None:
    datamap = read_datamap(map_file)
    sqlite_store.change("PRAGMA journal_mode = WAL")  # otherwise SQLite makes the writer wait instead
    for store in (sqlite_store, postgres_store):
        with open_accounts(store.url) as accounts:
            schema = accounts.probe(datamap)
            question = Question(everyone=True)
            statements = compile_scope(question, datamap, schema, accounts.engine)
            before = sum(len(batch) for batch in accounts.batches(statements.people))
            store.change("DELETE FROM people WHERE id = 9")
            assert sum(len(batch) for batch in accounts.batches(statements.people)) == before
            assert first_row(accounts, statements.count) == (before,)


def test_the_file_s_bytes_are_the_same_afterwards(run: Any, sqlite_store: Any, tmp_path: Path) -> None:
    file = tmp_path / "accounts.db"
    before = file.read_bytes()
    assert run(sqlite_store.url).code == 0
    assert file.read_bytes() == before
    assert sorted(path.name for path in tmp_path.glob("accounts.db*")) == ["accounts.db"]


def test_text_that_is_not_utf8_is_one_clear_message(run: Any, sqlite_store: Any, tmp_path: Path) -> None:
    connection = sqlite3.connect(tmp_path / "accounts.db")
    connection.execute("UPDATE people SET first = CAST(x'ff41' AS TEXT) WHERE id = 1")
    connection.commit()
    connection.close()
    result = run(sqlite_store.url)
    assert (result.code, "text that is not UTF-8" in result.err) == (4, True)


def test_a_second_run_at_the_same_time_is_refused(breach: Programme, sqlite_store: Any, map_file: Path) -> None:
    words = ["scope", "run", "--everyone", "--map", str(map_file), "--database", sqlite_store.url]
    file = Path(breach.json(*words)["file"])
    lock = os.open(file.parent / ".lock", os.O_RDWR)
    fcntl.flock(lock, fcntl.LOCK_EX)
    result = breach.run(*words)
    os.close(lock)
    assert (result.code, "Another scope" in result.err) == (3, True)
    assert file.exists()


def test_addresses_of_the_database_s_own_type(breach: Programme, postgres_store: Any, map_file: Path) -> None:
    postgres_store.change("ALTER TABLE visits ALTER ip TYPE inet USING ip::inet")
    words = ["scope", "run", "--map", str(map_file), "--database", postgres_store.url, "--trail", "visits"]
    assert breach.json(*words, "--from-ip", "198.51.100.0/30")["accounts"] == 4
    assert breach.run(*words, "--from-ip", "198.51.100.2").code == 1
