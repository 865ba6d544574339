"""
The account database, opened to be read and for nothing else: one snapshot, a time limit, secrets out of reach.

Rows are streamed in batches; no statement's result is ever held. Every failure is one plain message (`failures.py`)
without the password. Each kind of database is a file of its own here, loaded when one is opened.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from typing import Any, Protocol

import sqlalchemy as sa
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError

from incident.errors import UsageError
from incident.scope.datamap import DataMap, TableName
from incident.scope.dialects import Engine
from incident.scope.failures import doubtful_url, unusable_url
from incident.scope.keylist import KeyList
from incident.scope.schema import Schema

BATCH = 1000
TIMEOUT_SECONDS = 30 * 60
Batch = list[tuple[Any, ...]]


@dataclass(frozen=True)
class Estimate:
    """What the database expects of a statement. rows: None where it has no idea. plan: its steps, one a line."""

    rows: int | None
    plan: list[str]


class AccountDatabase(Protocol):
    """
    An open snapshot.

    identity: what to call the database, without user and password. engine: the words of its dialect.
    """

    identity: str
    engine: Engine

    def tables(self) -> Mapping[TableName, Sequence[str]]:
        """Every table and view that this user may read, with its columns; a schema where it has to be named."""

    def probe(self, datamap: DataMap) -> Schema: ...

    def guard(self, datamap: DataMap, *, ids: KeyList | None, conditions: list[str]) -> list[str]: ...

    def batches(self, statement: sa.Select[Any]) -> Generator[Batch]: ...

    def estimate(self, statement: sa.Select[Any]) -> Estimate:
        """Ask the planner; nothing of the statement is run."""

    def close(self) -> None: ...


@contextmanager
def open_accounts(url: str, *, timeout_seconds: int = TIMEOUT_SECONDS) -> Iterator[AccountDatabase]:
    """
    Open the database at `url` for one scope; closed, and its snapshot given up, at the end.

    timeout_seconds: for each statement.
    Raises UsageError for a URL that is none, OutsideError where the database does not answer or lets nobody in.
    """
    with closing(_opened(_parsed(url), timeout_seconds)) as database:
        yield database


def _opened(url: URL, timeout_seconds: int) -> AccountDatabase:
    """Each kind is loaded only when it is opened: its driver may not be installed, and the others cost time."""
    match url.get_backend_name():
        case "sqlite":
            from incident.scope.databases.sqlite import SQLiteDatabase

            return SQLiteDatabase(url, timeout_seconds)
        case "postgresql":
            from incident.scope.databases.postgresql import PostgreSQLDatabase

            return PostgreSQLDatabase(url, timeout_seconds)
        case "mysql" | "mariadb":
            from incident.scope.databases.mysql import MySQLDatabase

            return MySQLDatabase(url, timeout_seconds)
        case "hive" | "spark":
            from incident.scope.databases.general import GeneralDatabase

            return GeneralDatabase(url, timeout_seconds)
        case other:
            raise UsageError(
                f"Databases of the kind {other} cannot be read yet; PostgreSQL, MariaDB, MySQL, SQLite and "
                "Spark SQL can.",
                state="Nothing was read.",
                next_step="load the accounts table into one of them, or pass its keys with --ids FILE",
            )


class _Closable(Protocol):
    def close(self) -> None: ...


@contextmanager
def closed_unless_ready(connection: _Closable) -> Iterator[None]:
    """Set a fresh connection up; where that fails it is closed, and the failure goes on."""
    with ExitStack() as undo:
        undo.callback(connection.close)
        yield
        undo.pop_all()


def first_row(database: AccountDatabase, statement: sa.Select[Any]) -> tuple[Any, ...]:
    """The only row of an aggregate."""
    with closing(database.batches(statement)) as batches:
        return next(batches)[0]


# The spellings that hosts and other programs print, which SQLAlchemy does not take.
_SPELT = {"postgres": "postgresql", "mysql2": "mysql"}


def _parsed(url: str) -> URL:
    words = url.strip()
    scheme, mark, rest = words.partition("://")
    words = _SPELT.get(scheme, scheme) + mark + rest
    try:
        words.encode()  # bytes of the environment that are no text
        parsed = make_url(words)
        backend = parsed.get_backend_name()
    except (ArgumentError, ValueError):
        raise unusable_url() from None
    if backend != "sqlite" and words.count("@") > 1:  # what follows the first may be the rest of a password
        raise doubtful_url()
    if backend in {"mysql", "mariadb"}:
        return parsed.set(drivername=backend)
    if backend == "postgresql":  # whichever driver another program's URL names, this one reads with psycopg
        return parsed.set(drivername="postgresql+psycopg")
    return parsed
