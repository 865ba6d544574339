"""Live databases: the catalogue and a masked sample, and nothing else."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pymysql
import pytest
from hypothesis import given
from hypothesis import strategies as st

from incident.errors import OutsideError, UsageError
from incident.scope.discovery import show
from incident.scope.discovery.live import read_live
from incident.scope.discovery.propose import propose
from incident.scope.discovery.proposed_map import map_text
from incident.scope.discovery.shapes import known_names, members_of, shapes_of

PERSON = "ada.lovelace"
SCHEMA = [
    "CREATE TABLE people_base (pid {key}, login varchar(80), passwd varchar(80), extra {json},"
    " joined bigint, k varchar(80))",
    "CREATE TABLE people_attributes (id {key}, person_id bigint, name varchar(60), value varchar(200))",
    "CREATE TABLE access_log (id {key}, doc {json}, happened_at {time}, addr varchar(45))",
    "CREATE VIEW everybody AS SELECT pid, login FROM people_base",
]
ROWS = [
    (
        "INSERT INTO people_base VALUES (1, 'ada.lovelace@example.com', 'secret-word', "
        '\'{"profile":{"country":"EE","ada.lovelace":"x"},"phone":"+372 5550000"}\', 1790000000000, '
        f"'$2b$12${'a' * 53}')"
    ),
    "INSERT INTO people_attributes VALUES (1, 1, 'locale', 'et'), (2, 1, 'birthdate', '1990-01-01'),"
    " (3, 1, 'ada.lovelace', 'x')",
    "INSERT INTO access_log VALUES (1, '{\"actor_id\": 1}', '2026-01-01 00:00:00', '203.0.113.5')",
]


def checked(url: str) -> None:
    proposal = propose(read_live(url, sample=True))
    best = proposal.accounts[0]
    assert (best.table, best.key) == ("people_base", ("pid",))
    assert str(best.columns["email"][0]) == "people_base.login"
    assert "e-mail address" in best.columns["email"][0].why
    assert str(best.columns["country"][0]) == "people_base.extra->profile.country"
    assert str(best.columns["locale"][0]) == "people_attributes.value[name=locale]"
    assert str(best.columns["birth_date"][0]) == "people_attributes.value[name=birthdate]"
    assert best.columns["created_at"][0].unit == "milliseconds"
    assert set(proposal.secrets) == {"people_base.passwd", "people_base.k"}
    assert [(str(trail.account), str(trail.ip)) for trail in proposal.trails] == [
        ("access_log.doc->actor_id", "access_log.addr")
    ]
    everything = (
        json.dumps(show.document(proposal)) + map_text(proposal, best) + "\n".join(show.lines(proposal, "x", None))
    )
    for value in (PERSON, "secret-word", "5550000", "203.0.113.5", "1990-01-01", "$2b$"):
        assert value not in everything
    without = propose(read_live(url, sample=False))
    assert not without.accounts or not without.accounts[0].columns["email"]
    assert not without.catalogue.sampled


def test_sqlite_is_read_and_not_written(tmp_path: Path) -> None:
    file = tmp_path / "a b?.sqlite"
    with closing(sqlite3.connect(file)) as connection, connection:
        for statement in SCHEMA:
            connection.execute(statement.format(key="INTEGER PRIMARY KEY", json="TEXT", time="TEXT"))
        for statement in ROWS:
            connection.execute(statement)
    connection.close()
    before = file.read_bytes()
    file.chmod(0o444)
    checked(str(file))
    assert file.read_bytes() == before
    assert [one.name for one in tmp_path.iterdir()] == [file.name]


def test_postgresql_is_read_in_every_schema(postgres_url: str) -> None:
    with psycopg.connect(postgres_url, autocommit=True) as connection:
        for statement in SCHEMA:
            connection.execute(statement.format(key="bigint PRIMARY KEY", json="jsonb", time="timestamptz").encode())
        for statement in ROWS:
            connection.execute(statement.encode())
        connection.execute("CREATE SCHEMA hr")
        connection.execute(
            "CREATE TABLE hr.staff (id uuid PRIMARY KEY, email text UNIQUE, pin text, manager uuid REFERENCES hr.staff)"
        )
        connection.execute("CREATE TABLE parts (id bigint, at timestamptz) PARTITION BY RANGE (at)")
        connection.execute("CREATE TABLE parts_1 PARTITION OF parts FOR VALUES FROM ('2026-01-01') TO ('2027-01-01')")
    catalogue = read_live(postgres_url, sample=True)
    assert catalogue.by_name["hr.staff"].unique == (("email",),)
    assert catalogue.by_name["parts_1"].part_of == "parts"
    assert catalogue.by_name["everybody"].is_view
    assert "hr.staff.pin" in propose(catalogue).secrets
    with psycopg.connect(postgres_url, autocommit=True) as connection:
        connection.execute("DROP SCHEMA hr CASCADE")
    checked(postgres_url)


def test_mariadb_is_read(mariadb_url: str) -> None:
    address = urlsplit(mariadb_url)
    assert address.scheme
    import sqlalchemy as sa

    engine = sa.create_engine(sa.make_url(mariadb_url).set(drivername="mysql+pymysql"))
    with engine.begin() as connection:
        for statement in SCHEMA:
            connection.exec_driver_sql(statement.format(key="bigint PRIMARY KEY", json="json", time="datetime"))
        for statement in ROWS:
            connection.exec_driver_sql(statement.replace("%", "%%"))
    engine.dispose()
    checked(mariadb_url)
    assert pymysql.__version__


def test_a_table_that_may_not_be_read_is_left_out_of_the_sample(postgres_url: str) -> None:
    with psycopg.connect(postgres_url, autocommit=True) as connection:
        connection.execute("CREATE TABLE users (id bigint PRIMARY KEY, login text, password text)")
        connection.execute("INSERT INTO users VALUES (1, 'ada@example.com', 'x')")
        connection.execute("DROP ROLE IF EXISTS nobody_at_all")
        connection.execute("CREATE ROLE nobody_at_all LOGIN")
    proposal = propose(read_live(postgres_url.replace("postgres:@", "nobody_at_all:@"), sample=True))
    assert [account.table for account in proposal.accounts] == ["users"]
    assert not proposal.accounts[0].columns["email"]


def test_what_is_no_database_is_said_plainly(tmp_path: Path) -> None:
    with pytest.raises(OutsideError, match="There is no database file"):
        read_live(f"sqlite:///{tmp_path / 'none.db'}", sample=True)
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(UsageError, match="not the URL"):
        read_live("postgresql://user:pass word@:x/y", sample=True)
    with pytest.raises(UsageError, match="No driver"):
        read_live("nonsense://host/db", sample=True)
    with pytest.raises(OutsideError) as caught:
        read_live("postgresql://ann:very-secret@127.0.0.1:1/none", sample=True)
    assert "very-secret" not in " ".join(caught.value.lines())
    torn = tmp_path / "torn.sqlite"
    torn.write_bytes(b"SQLite format 3\x00" + b"\xff" * 200)
    with pytest.raises(OutsideError):
        read_live(str(torn), sample=True)


@pytest.mark.parametrize(
    ("values", "shape"),
    [
        (["ada@example.com", "b@example.org", None, ""], "e-mail address"),
        (["203.0.113.5", "2001:db8::1"], "IP address"),
        ([1_790_000_000, 1_700_000_000], "seconds since 1970"),
        ([1_790_000_000_000], "milliseconds since 1970"),
        (["$2b$12$" + "a" * 53], "password hash"),
        (["2026-01-01T00:00:00Z", "2026-01-01 00:00:00"], "ISO time"),
        (['{"a": 1}'], "JSON object"),
    ],
)
def test_shapes(values: list[object], shape: str) -> None:
    assert shape in shapes_of(values)
    assert shape not in shapes_of([*values, *["?"] * 3 * len(values)])


@given(
    st.dictionaries(
        st.text(max_size=30), st.text(max_size=30) | st.dictionaries(st.text(max_size=20), st.text()), max_size=5
    )
)
def test_only_words_of_the_vocabulary_leave_a_document(document: dict[str, object]) -> None:
    for name in members_of([document, json.dumps(document)]):
        assert known_names([name]) == (name,)


def test_names_of_people_do_not_leave_a_document() -> None:
    document = {"ada@example.com": "x", "ada lovelace": {"email": "x"}, "email": "x", "Ada": "x", "1990": "x"}
    assert "email" in members_of([document])
    assert not [name for name in members_of([document]) if "ada" in name.lower() or "1990" in name]
