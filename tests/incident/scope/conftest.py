"""The same awkward accounts in SQLite, PostgreSQL and MariaDB. Everybody in them is invented."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg
import pymysql
import pytest
from programme import Programme
from sqlalchemy.engine import make_url

MAP = """
secrets = ["people.bcrypt"]

[accounts]
table = "people"
key = "id"
email = "email"
name = ["first", "Last"]
locale = "lang"
country = "country"
birth_date = "born"
created_at = "created"
deleted_at = "deleted"
last_seen_at = { column = "seen_ms", unit = "milliseconds" }
filter = "kind <> 'robot'"

[[trail]]
name = "log"
table = "log"
account = "person"
at = "at"
ip = "ip"

[[trail]]
name = "visits"
table = "visits"
account = "person"
at = { column = "at_local", zone = "Europe/Tallinn" }
ip = "ip"
action = { column = "what", values = ["download"] }

[holds]
email = ["user.contact.email"]
card = ["user.financial.card_summary"]
bcrypt = ["user.authorization.password"]
"""

_COLUMNS = ("id", "uid", "email", "first", "Last", "lang", "country", "born", "created", "deleted", "seen_ms", "kind")
_COLUMNS += ("card", "bcrypt", "note", "local_text")
_TYPES = {
    "postgresql": {
        "id": "bigint PRIMARY KEY", "uid": "uuid", "born": "date", "created": "timestamptz",
        "deleted": "timestamp", "seen_ms": "bigint",
    },
    "mysql": {
        "id": "bigint PRIMARY KEY", "uid": "uuid", "born": "date", "created": "datetime(6)",
        "deleted": "datetime(6)", "seen_ms": "bigint", "kind": "varchar(20) CHARACTER SET latin1",
        "lang": "varchar(20) CHARACTER SET utf8mb3",
    },
    "sqlite": {"id": "INTEGER PRIMARY KEY", "seen_ms": "INTEGER"},
}  # fmt: skip


def person(key: int, **values: Any) -> dict[str, Any]:
    """An account with nothing odd about it, but for `values`."""
    return {
        "id": key,
        "uid": f"00000000-0000-4000-8000-{key % 10**12:012d}",
        "email": f"person{key}@example.com",
        "first": "Mari",
        "Last": "Maasikas",
        "lang": "et",
        "country": "EE",
        "born": "1990-05-17",
        "created": "2025-01-31 10:00:00+00:00",
        "deleted": None,
        "seen_ms": 1_790_000_000_000,
        "kind": "human",
        "card": None,
        "bcrypt": "$2b$12$never.to.be.read",
        "note": "",
        "local_text": "2026-10-25 03:30:00",
        **values,
    }


PEOPLE = [
    person(1),
    person(2, email="  Person1@Example.COM ", country="lv", lang="en_GB"),  # the address of 1 again
    person(9, first="O'Neill", Last="Õunapuu", email="o'neill@example.com"),
    person(10, first="😀", Last="فاطمة الزهراء", lang="ar", country="AE", card="visa 4242"),
    person(
        11,
        first="line\r\nbreak",
        Last='quote " comma , semicolon ; tab\t',
        email="eleven@example.com\r\nBcc: x@example.com",
    ),
    person(12, first="N" * 1000, Last=None, email=None, country=None, lang=None, born=None),
    person(13, first="", Last="", email="", country="", lang=""),
    person(14, email="no-at-sign", country="Estonia", lang="not a language"),
    person(15, email="two@@example.com", created="1969-07-20 20:17:40.999999+00:00", born="1930-08-05", seen_ms=-1),
    person(16, email="gone@deleted.invalid", deleted="2026-10-01 00:00:00", card="mc 4444"),
    person(17, email="dot.@example.com", deleted="2026-11-20 22:00:00.5"),
    person(18, email="x@localhost", born="2010-11-21"),
    person(19, born="2008-11-21", lang="et-EE"),  # eighteen today
    person(20, born="2008-11-22", lang="ET"),  # eighteen tomorrow
    person(21, created="2026-11-20 23:59:59.999999+02:00"),
    person(22, created="2026-11-21 00:00:00+02:00", seen_ms=None),
    person(23, created=None, email="person1@example.com"),  # and once more
    person(24, kind="robot"),
    person(9_007_199_254_740_993, email="big@example.com"),  # more than a float holds
    person(25, email="õ@example.com", first=None, Last="👩‍👩‍👧‍👦 ﷽"),
    person(26, email="semi;colon@example.com"),
    person(27, email="a" * 250 + "@example.com"),
    person(100, email="-@-example.com"),
]
LOG = [
    (1, "2026-11-20 22:00:00+00:00", "203.0.113.7"),
    (2, "2026-11-20 21:59:59.999+00:00", "203.0.113.7"),
    (9, "2026-11-21 00:30:00.7+00:00", "::ffff:203.0.113.9"),
    (10, "2026-11-21 00:30:01+00:00", "2001:db8::1"),
    (11, "2026-11-20 23:00:00+00:00", "not an address"),
    (12, "2026-11-20 23:00:00+00:00", None),
    (13, "2026-11-20 23:00:00+00:00", "203.0.113.7, 10.0.0.1"),
    (14, "2026-11-20 23:00:00+00:00", " 203.0.113.255 "),
    (15, "2026-11-20 23:00:00+00:00", "203.0.114.0"),
    (16, "2026-11-20 23:00:00+00:00", "2001:DB8:0:0::abcd"),
    (17, "2026-11-20 23:00:00+00:00", "999.1.1.1"),
    (18, None, "203.0.113.7"),
    (9_007_199_254_740_993, "2026-11-20 23:00:00+00:00", "203.0.113.1"),
    (777, "2026-11-20 23:00:00+00:00", "203.0.113.1"),  # nobody's
]
VISITS = [
    (1, "2026-10-25 03:30:00", "198.51.100.1", "download"),  # came twice that night
    (2, "2026-10-25 02:59:59", "198.51.100.1", "download"),
    (9, "2026-10-25 04:00:00", "198.51.100.1", "download"),
    (10, "2026-10-25 03:00:00", "198.51.100.1", "look"),
    (11, "2026-03-29 03:30:00", "198.51.100.1", "download"),  # never was
]


@dataclass
class Store:
    """One database: its URL, and a way to change it behind the program's back."""

    url: str
    engine: str
    change: Callable[..., None]

    @property
    def mark(self) -> str:
        """What stands for a parameter."""
        return "?" if self.engine == "sqlite" else "%s"


def fill_sqlite(file: Path) -> Store:
    def change(sql: str, *rows: tuple[Any, ...]) -> None:
        connection = sqlite3.connect(file)
        try:
            connection.executemany(sql, rows or [()])
            connection.commit()
        finally:
            connection.close()

    _fill("sqlite", change, "?")
    return Store(f"sqlite:///{file}", "sqlite", change)


def fill_postgresql(url: str) -> Store:
    def change(sql: str, *rows: tuple[Any, ...]) -> None:
        with psycopg.connect(url) as connection:
            connection.cursor().executemany(sql.encode(), rows or [()])

    _fill("postgresql", change, "%s")
    return Store(url, "postgresql", change)


def fill_mysql(url: str) -> Store:
    """Times go in without an offset, which MariaDB does not take."""

    def change(sql: str, *rows: tuple[Any, ...]) -> None:
        place = make_url(url)
        settings = "SET sql_mode = 'ANSI_QUOTES,NO_BACKSLASH_ESCAPES,STRICT_ALL_TABLES', time_zone = '+00:00'"
        with pymysql.connect(
            unix_socket=str(place.query["unix_socket"]),
            user=place.username,
            database=place.database,
            init_command=settings,
        ) as connection:
            for row in rows or [()]:
                connection.cursor().execute(sql, tuple(map(_without_offset, row)) if rows else None)
            connection.commit()

    _fill("mysql", change, "%s")
    return Store(url, "mysql", change)


def _without_offset(value: Any) -> Any:
    if not isinstance(value, str) or not re.fullmatch(r"[-0-9]{10} [0-9:.]{8,}[+-][0-9:]{5}", value):
        return value
    return datetime.fromisoformat(value).astimezone(UTC).replace(tzinfo=None).isoformat(sep=" ")


def _fill(engine: str, change: Callable[..., None], mark: str) -> None:
    types = _TYPES[engine]
    columns = ", ".join(f'"{name}" {types.get(name, "TEXT")}' for name in _COLUMNS)
    change(f"CREATE TABLE people ({columns})")
    at = {"postgresql": "timestamptz", "mysql": "timestamp(6) NULL", "sqlite": "TEXT"}[engine]
    local = {"postgresql": "timestamp", "mysql": "datetime(6)", "sqlite": "TEXT"}[engine]
    change(f"CREATE TABLE log (person bigint, at {at}, ip text)")
    change(f"CREATE TABLE visits (person text, at_local {local}, ip text, what text)")  # its key is text, by habit
    rows = [tuple(one[name] for name in _COLUMNS) for one in reversed(PEOPLE)]
    change(f"INSERT INTO people VALUES ({', '.join([mark] * len(_COLUMNS))})", *rows)
    change(f"INSERT INTO log VALUES ({mark}, {mark}, {mark})", *LOG)
    visits = [(str(who), *rest) for who, *rest in VISITS]
    change(f"INSERT INTO visits VALUES ({mark}, {mark}, {mark}, {mark})", *visits)


@pytest.fixture
def sqlite_store(tmp_path: Path) -> Store:
    return fill_sqlite(tmp_path / "accounts.db")


@pytest.fixture
def postgres_store(postgres_url: str) -> Store:
    return fill_postgresql(postgres_url)


@pytest.fixture
def mariadb_store(mariadb_url: str) -> Store:
    return fill_mysql(mariadb_url)


@pytest.fixture
def stores(sqlite_store: Store, postgres_store: Store, mariadb_store: Store) -> list[Store]:
    """The same accounts in each engine."""
    return [sqlite_store, postgres_store, mariadb_store]


@pytest.fixture(params=["sqlite", "postgresql", "mysql"])
def store(request: pytest.FixtureRequest) -> Store:
    """Each engine in turn."""
    name = {"sqlite": "sqlite_store", "postgresql": "postgres_store", "mysql": "mariadb_store"}[request.param]
    found: Store = request.getfixturevalue(name)
    return found


@pytest.fixture
def map_file(tmp_path: Path) -> Path:
    file = tmp_path / "map.toml"
    file.write_text(MAP, encoding="utf-8")
    return file


@pytest.fixture
def breach(programme: Programme) -> Programme:
    """The program with one open incident and a fixed time, Saturday 21 November 2026, 01:05 UTC."""
    programme.ok("open", "token in a public repository")
    return programme
