"""Databases shaped as well-known products shape them, and questions to them by ready map. Everybody is invented."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
import pymysql
import pytest
from programme import Programme
from sqlalchemy.engine import make_url

from incident.scope.sealed import read_segments

UNREAD = "never-to-be-read"  # in every secret column of every database here


@dataclass
class Database:
    """run: one statement, with rows for its placeholders, which are written `?`."""

    url: str
    run: Callable[..., None]

    def script(self, text: str) -> None:
        for statement in text.split(";\n"):
            if statement.strip():
                self.run(statement)

    def fill(self, table: str, *rows: dict[str, Any]) -> None:
        for row in rows:
            columns = ", ".join(f'"{name}"' for name in row)
            self.run(f"INSERT INTO {table} ({columns}) VALUES ({', '.join('?' * len(row))})", tuple(row.values()))


@dataclass
class Answered:
    """What `scope run` said. people: by key."""

    document: Any
    people: dict[str, Any]
    err: str

    @property
    def keys(self) -> set[str]:
        return set(self.people)

    def uncertain(self, words: str) -> bool:
        return any(words in sentence for sentence in self.document["uncertain"])


@pytest.fixture
def sqlite_database(tmp_path: Path) -> Database:
    file = tmp_path / "product.db"

    def run(sql: str, row: Sequence[Any] = ()) -> None:
        with closing(sqlite3.connect(file)) as connection:
            connection.execute(sql, row)
            connection.commit()

    return Database(f"sqlite:///{file}", run)


@pytest.fixture
def postgres_database(postgres_url: str) -> Database:
    def run(sql: str, row: Sequence[Any] = ()) -> None:
        with psycopg.connect(postgres_url) as connection:
            connection.execute(sql.replace("?", "%s").encode() if row else sql.encode(), row or None)

    return Database(postgres_url, run)


@pytest.fixture
def mariadb_database(mariadb_url: str) -> Database:
    place = make_url(mariadb_url)
    # Dates of zeros are let in, as WordPress lets them in.
    settings = "SET sql_mode = 'ANSI_QUOTES,NO_BACKSLASH_ESCAPES', time_zone = '+00:00'"

    def run(sql: str, row: Sequence[Any] = ()) -> None:
        with pymysql.connect(
            unix_socket=str(place.query["unix_socket"]),
            user=place.username,
            database=place.database,
            init_command=settings,
            autocommit=True,
        ) as connection:
            connection.cursor().execute(sql.replace("?", "%s") if row else sql, tuple(row) or None)

    return Database(mariadb_url, run)


@pytest.fixture
def ask(breach: Programme) -> Callable[..., Answered]:
    """Ask by the ready map that fits; no secret may come out anywhere."""

    def asked(url: str, *words: str, expect: int = 0) -> Answered:
        result = breach.run("scope", "run", "--database", url, *words, "--json")
        assert result.code == expect, result.out + result.err
        assert UNREAD not in result.out + result.err
        document = result.json if expect < 2 else {}
        people = {}
        if file := document.get("file"):
            people = {one.key: one for segment in read_segments(Path(file)) for one in segment.people}
        assert UNREAD not in repr(people)
        for kept in breach.folder.rglob("*"):
            assert not (kept.is_file() and UNREAD.encode() in kept.read_bytes()), kept
        return Answered(document, people, result.err)

    return asked
