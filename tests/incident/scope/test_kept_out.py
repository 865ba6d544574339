"""Secrets that a map or a condition comes upon sideways, and words of a database that name somebody."""

from __future__ import annotations

import sqlite3
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import psycopg
import pytest
from programme import Programme

from incident.errors import IncidentError, UsageError
from incident.scope.asking import Selectors, ask
from incident.scope.failures import outside_failures
from incident.scope.mapfile import read_datamap

RELATED = '[[related]]\ntable = "meta"\npath = ["meta.who = people.id"]\n'
MAPS = [
    f'[accounts]\ntable="people"\nkey="id"\nlocale={{table="meta", column="v", where={{api_token="x"}}}}\n{RELATED}',
    f'secrets=["meta.kind"]\n[accounts]\ntable="people"\nkey="id"\n{RELATED}where = {{ kind = "x" }}\n',
    f'secrets=["meta.kind"]\n[accounts]\ntable="people"\nkey="id"\n{RELATED}'
    '[holds]\n"meta.v[kind=x]" = ["user.contact.phone_number"]\n',
]


@pytest.mark.parametrize("text", MAPS)
def test_a_secret_chooses_no_rows(tmp_path: Path, text: str) -> None:
    (tmp_path / "map.toml").write_text(text, encoding="utf-8")
    with pytest.raises(UsageError, match=r"asks to read meta.* which is a secret"):
        read_datamap(tmp_path / "map.toml")


def test_a_secret_inside_a_document_is_not_passed_over(tmp_path: Path) -> None:
    text = 'secrets = ["people.profile->mfa.seed"]\n[accounts]\ntable = "people"\nkey = "id"\n'
    (tmp_path / "map.toml").write_text(text, encoding="utf-8")
    with pytest.raises(UsageError, match=r"write table\.column"):
        read_datamap(tmp_path / "map.toml")


@pytest.mark.parametrize(
    "condition",
    [
        "people::text LIKE '%never.to.be.read%'",
        "to_jsonb(people) ->> 'bcr' = 'x'",
        "EXISTS (SELECT 1 FROM people p WHERE p.id = people.id AND row_to_json(p)::text LIKE '%$2b%')",
        "(SELECT p FROM people p LIMIT 1)::text LIKE '%$2b%'",
    ],
)
def test_a_whole_row_is_not_looked_at(breach: Programme, postgres_store: Any, map_file: Path, condition: str) -> None:
    condition = condition.replace("$", "_")  # a dollar sign is refused anyway
    words = ("--database", postgres_store.url, "--map", str(map_file), "--everyone", "--where", condition)
    result = breach.run("scope", "run", *words)
    assert result.code == 3
    assert "looks at whole rows" in result.err


def test_a_condition_may_count_rows_and_compare_with_a_star(
    breach: Programme, postgres_store: Any, map_file: Path
) -> None:
    condition = "(SELECT count(*) FROM log WHERE person = id) > 0 AND email ~ 'p.*1' AND 2 * id > 0"
    words = ("--database", postgres_store.url, "--map", str(map_file), "--everyone", "--where", condition)
    assert breach.json("scope", "run", *words)["accounts"]


def test_what_a_function_says_is_not_repeated(breach: Programme, postgres_store: Any, map_file: Path) -> None:
    body = "BEGIN RAISE EXCEPTION ''bad %%'', x; END"
    postgres_store.change(f"CREATE FUNCTION f(x text) RETURNS boolean LANGUAGE plpgsql AS '{body}'", ())
    words = ("--database", postgres_store.url, "--map", str(map_file), "--everyone", "--where", "f(email)")
    result = breach.run("scope", "run", *words)
    assert result.code == 4
    assert "SQLSTATE P0001" in result.err
    assert "@example" not in result.err


@pytest.mark.parametrize(
    ("said", "means"),
    [
        ('FATAL:  no pg_hba.conf entry for host "192.0.2.1", user "lena", database "shop"', "rules"),
        ('FATAL:  Peer authentication failed for user "lena"', "did not accept that user name"),
        ('FATAL:  role "lena" is not permitted to log in', "did not accept that user name"),
        ("FATAL:  remaining connection slots are reserved for roles with SUPERUSER", "too many connections"),
        ("no such column: role", "does not understand the condition: no such column: role"),
        ("You did not supply a value for binding parameter :x.", "does not understand the condition"),
    ],
)
def test_words_of_a_driver_become_the_right_cause_without_the_user(said: str, means: str) -> None:
    failing = outside_failures("postgresql:host/shop", psycopg.OperationalError)
    with pytest.raises(IncidentError) as caught, failing:
        raise psycopg.OperationalError(f"connection failed: {said}" if "FATAL" in said else said)
    assert means in " ".join(caught.value.lines())
    assert "lena" not in " ".join(caught.value.lines())


def test_ports_of_several_hosts_that_are_none(breach: Programme, map_file: Path) -> None:
    url = "postgresql://u:p@/db?host=a:1&host=b:2,3"
    result = breach.run("scope", "run", "--database", url, "--map", str(map_file), "--everyone")
    assert result.code == 2
    assert "not the URL of a database" in result.err


def test_a_view_without_end_does_not_outlast_the_time_limit(
    breach: Programme, sqlite_store: Any, map_file: Path
) -> None:
    numbers = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n)"
    sqlite_store.change(f"CREATE VIEW v AS {numbers} SELECT i AS id FROM n")
    map_file.write_text('[accounts]\ntable = "v"\nkey = "id"\n', encoding="utf-8")
    words = ("--database", sqlite_store.url, "--map", str(map_file), "--everyone", "--explain", "--timeout", "1")
    assert "not known to this database" in breach.ok("scope", "run", *words).out


@pytest.mark.parametrize(
    "question",
    [
        'everyone = true\n[[perhaps]]\nbecause = "Mari (mari.maasikas@example.com) says there were more"\n',
        'everyone = true\nnot = { tenant = ["a", "mari.maasikas@example.com"] }\n',
    ],
)
def test_a_question_names_nobody_by_address(
    breach: Programme, sqlite_store: Any, map_file: Path, tmp_path: Path, question: str
) -> None:
    (tmp_path / "question.toml").write_text(question, encoding="utf-8")
    words = ("--database", sqlite_store.url, "--map", str(map_file), "--question", str(tmp_path / "question.toml"))
    refused = breach.run("scope", "run", *words)
    assert refused.code == 2
    assert "e-mail address, and the question is written into the record" in refused.err
    assert "maasikas" not in refused.err


@pytest.mark.parametrize("tenant", ["shop.example", "@shop.example", "shop@production", "shop@", "õpe @ shop.example"])
def test_a_realm_that_only_looks_like_an_address_is_a_tenant(tenant: str) -> None:
    question = ask(Selectors(tenant=[tenant]), now=datetime(2026, 11, 21, tzinfo=UTC), zone=ZoneInfo("UTC")).question
    assert question.tenants == (tenant,)


def test_the_robots_that_a_map_leaves_out_by_their_addresses_are_not_in_the_record(
    store: Any, breach: Programme, map_file: Path
) -> None:
    """Of 23 accounts one is of the kind, and another has one of the addresses."""
    robots = "kind <> 'robot' AND coalesce(email, '') NOT IN ('big@example.com', '%eleven@example.com', 'x')"
    text = map_file.read_text(encoding="utf-8").replace("kind <> 'robot'", robots)
    text = text.replace('name = "log"', 'name = "log"\nnobody = ["monitor@example.org"]')
    map_file.write_text(text, encoding="utf-8")
    words = ("--database", store.url, "--map", str(map_file))
    document = breach.json("scope", "run", *words, "--everyone")
    assert document["accounts"] == 21
    assert document["statement"].count("'an address that the record does not keep'") == 2
    assert "'robot'" in document["statement"]
    breach.json("scope", "run", *words, "--trail", "log", "--from-ip", "203.0.113.0/24")
    rows = sqlite3.connect(breach.folder / "journal.db")
    journal = "".join(body for (body,) in rows.execute("SELECT body FROM journal_event"))
    rows.close()
    assert "an address that the record does not keep" in journal
    assert "example.com" not in journal
    assert "example.org" not in journal
