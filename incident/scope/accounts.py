"""
The account database, opened to be read and for nothing else: one snapshot, a time limit, secrets out of reach.

Rows are streamed in batches; no statement's result is ever held. Every failure is one plain message (`failures.py`)
without the password.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Generator, Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager
from itertools import islice
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import quote

import sqlalchemy as sa
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError

from incident.errors import OutsideError, UsageError
from incident.scope import readings
from incident.scope.datamap import DataMap, TableName
from incident.scope.dialects import ENGINES, Engine
from incident.scope.failures import doubtful_url, no_driver, outside_failures, unusable_url
from incident.scope.predicate import quoted_names
from incident.scope.questions import IdList
from incident.scope.schema import Schema, check_fit, missing_table
from incident.scope.sql import spelled

BATCH = 1000
TIMEOUT_SECONDS = 30 * 60
Batch = list[tuple[Any, ...]]


class _Closable(Protocol):
    def close(self) -> None: ...


class AccountDatabase(Protocol):
    """
    An open snapshot.

    identity: what to call the database, without user and password. engine: the words of its dialect.
    """

    identity: str
    engine: Engine

    def probe(self, datamap: DataMap) -> Schema: ...

    def guard(self, datamap: DataMap, *, ids: IdList | None, conditions: list[str]) -> list[str]: ...

    def batches(self, statement: sa.Select[Any]) -> Generator[Batch]: ...


@contextmanager
def open_accounts(url: str, *, timeout_seconds: int = TIMEOUT_SECONDS) -> Iterator[AccountDatabase]:
    """
    Open the database at `url` for one scope; closed, and its snapshot given up, at the end.

    timeout_seconds: for each statement.
    Raises UsageError for a URL that is none, OutsideError where the database does not answer or lets nobody in.
    """
    parsed = _parsed(url)
    database: _SQLiteDatabase | _PostgreSQLDatabase
    if parsed.get_backend_name() == "sqlite":
        database = _SQLiteDatabase(parsed, timeout_seconds)
    else:
        database = _PostgreSQLDatabase(parsed, timeout_seconds)
    try:
        yield database
    finally:
        database.close()


@contextmanager
def _closed_unless_ready(connection: _Closable) -> Iterator[None]:
    """Set a fresh connection up; where that fails it is closed, and the failure goes on."""
    with ExitStack() as undo:
        undo.callback(connection.close)
        yield
        undo.pop_all()


def first_row(database: AccountDatabase, statement: sa.Select[Any]) -> tuple[Any, ...]:
    """The only row of an aggregate."""
    with closing(database.batches(statement)) as batches:
        return next(batches)[0]


def _parsed(url: str) -> URL:
    words = url.strip()
    if words.startswith("postgres://"):  # the spelling many hosts print, which SQLAlchemy does not take
        words = "postgresql" + words.removeprefix("postgres")
    try:
        words.encode()  # bytes of the environment that are no text
        parsed = make_url(words)
        backend = parsed.get_backend_name()
    except (ArgumentError, ValueError):
        raise unusable_url() from None
    if backend != "sqlite" and words.count("@") > 1:  # what follows the first may be the rest of a password
        raise doubtful_url()
    if backend == "postgresql":  # whichever driver another program's URL names, this one reads with psycopg
        return parsed.set(drivername="postgresql+psycopg")
    if backend == "sqlite":
        return parsed
    raise UsageError(
        f"Databases of the kind {backend} cannot be read yet; PostgreSQL and SQLite can.",
        state="Nothing was read.",
        next_step="load the accounts table into one of them, or pass its keys with --ids FILE",
    )


class _SQLiteDatabase:
    """An authorizer inside the engine refuses everything but reading, and every secret column."""

    engine = ENGINES["sqlite"]

    def __init__(self, url: URL, timeout_seconds: int) -> None:
        file = Path(url.database or "").expanduser().absolute()
        if not url.database or url.database == ":memory:":
            raise unusable_url()
        self.identity = f"sqlite:{file}"
        self._timeout_seconds = timeout_seconds
        if not file.is_file():
            raise OutsideError(
                f"There is no database file {file}.",
                state="Nothing was read, and no file was made.",
                next_step="check the path in the database URL: sqlite:////absolute/path.db has four slashes",
            )
        with self._failures():
            # mode=ro: SQLite itself opens the file for reading, and never makes one.
            self._connection = sqlite3.connect(f"file:{quote(str(file))}?mode=ro", uri=True, isolation_level=None)
            with _closed_unless_ready(self._connection):
                self._connection.execute("PRAGMA busy_timeout = 10000")
                self._functions()
                self._connection.execute("BEGIN")
                self._connection.execute("SELECT count(*) FROM sqlite_master").fetchone()  # the snapshot starts here

    def probe(self, datamap: DataMap) -> Schema:
        columns: dict[TableName, dict[str, str]] = {}
        with self._failures():
            for table in datamap.columns_read():
                place = f"{_sqlite_name(table.schema)}." if table.schema else ""
                rows = self._connection.execute(f"PRAGMA {place}table_xinfo({_sqlite_name(table.name)})").fetchall()
                if not rows:
                    names = self._connection.execute(
                        "SELECT name FROM sqlite_master WHERE type IN ('table', 'view') ORDER BY name"
                    )
                    raise missing_table(datamap, table, [name for (name,) in names], self.identity)
                columns[table] = {row[1]: str(row[2]).lower() for row in rows}
        schema = Schema(columns)
        check_fit(datamap, schema)
        return schema

    def guard(self, datamap: DataMap, *, ids: IdList | None, conditions: list[str]) -> list[str]:
        """Bring in the listed keys, then let nothing but reading through. Returns what is uncertain: nothing here."""
        self._check_quoted(datamap, conditions)
        with self._failures():
            if ids is not None:
                # A table of the connection's own, outside the database file.
                self._connection.execute(f"CREATE TEMP TABLE {self.engine.ids} (key TEXT PRIMARY KEY) WITHOUT ROWID")
                keys = ((key,) for key in ids.text.splitlines())
                self._connection.executemany(f"INSERT OR IGNORE INTO {self.engine.ids} VALUES (?)", keys)  # noqa: S608 - our own name
            self._connection.execute("PRAGMA query_only = ON")
            self._connection.set_authorizer(_only_reading(datamap))
        return []

    def batches(self, statement: sa.Select[Any]) -> Generator[Batch]:
        text, parameters = spelled(statement, self.engine)
        ends_at = time.monotonic() + self._timeout_seconds
        with self._failures():
            self._connection.set_progress_handler(lambda: int(time.monotonic() > ends_at), 1_000_000)
            with closing(self._connection.execute(text, parameters)) as cursor:
                while batch := cursor.fetchmany(BATCH):
                    yield batch

    def close(self) -> None:
        self._connection.close()

    def _failures(self) -> Any:
        return outside_failures(self.identity, sqlite3.Error)

    def _functions(self) -> None:
        for name, arity, function in (
            ("incident_utc", 2, readings.utc_text),
            ("incident_is_address", 1, readings.is_address),
            ("incident_address_within", 2, readings.address_within),
        ):
            self._connection.create_function(name, arity, function, deterministic=True)

    def _check_quoted(self, datamap: DataMap, conditions: list[str]) -> None:
        names = [name for condition in conditions for name in quoted_names(condition)]
        if not names:
            return
        with self._failures():
            tables = [row[0] for row in self._connection.execute("SELECT name FROM sqlite_master")]
            known = set(tables)
            for table in tables:
                known |= {row[1] for row in self._connection.execute(f"PRAGMA table_xinfo({_sqlite_name(table)})")}
        known |= {datamap.accounts.table.name}
        for name in names:
            if name.lower() not in {other.lower() for other in known}:
                raise UsageError(
                    f'No column is called "{name}".',
                    state="Nothing was read.",
                    next_step="put names in double quotes and texts in single ones",
                )


class _PostgreSQLDatabase:
    """A REPEATABLE READ, READ ONLY transaction; results in chunks of rows, which keeps the parallel plan."""

    engine = ENGINES["postgresql"]

    def __init__(self, url: URL, timeout_seconds: int) -> None:
        self.identity = _identity(url)
        try:
            import psycopg
        except ImportError as error:
            raise no_driver() from error
        self._error = psycopg.Error
        positional, named = self.engine.dialect.create_connect_args(url)
        settings = {"connect_timeout": 10, "application_name": "incident scope", "client_encoding": "utf8"}
        with self._failures():
            self._connection = psycopg.connect(*positional, **{**settings, **named})
            with _closed_unless_ready(self._connection):
                self._connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
                self._connection.read_only = True
                for setting in (
                    "default_transaction_read_only = on",
                    f"statement_timeout = {timeout_seconds * 1000}",
                    "TimeZone = 'UTC'",
                    "jit = off",  # compiling these statements takes longer than they save
                ):
                    self._connection.execute(f"SET {setting}".encode())

    def probe(self, datamap: DataMap) -> Schema:
        columns: dict[TableName, Mapping[str, str]] = {}
        with self._failures():
            for table in datamap.columns_read():
                rows = self._connection.execute(_COLUMNS, {"name": table.name, "schema": table.schema}).fetchall()
                if not rows:
                    names = [name for (name,) in self._connection.execute(_TABLES)]
                    raise missing_table(datamap, table, names, self.identity)
                columns[table] = dict(rows)
        schema = Schema(columns)
        check_fit(datamap, schema)
        return schema

    def guard(self, datamap: DataMap, *, ids: IdList | None, conditions: list[str]) -> list[str]:
        """Notice row-level security: the database then leaves rows out and says nothing."""
        hidden: list[str] = []
        with self._failures():
            for table in datamap.columns_read():
                row = self._connection.execute(_ROW_SECURITY, {"name": table.name, "schema": table.schema}).fetchone()
                if row and row[0]:
                    hidden.append(
                        f"Row-level security is on for {table}: this database user may see only some of its rows, and "
                        "the database does not say how many it left out. Use a role with BYPASSRLS."
                    )
        return hidden

    def batches(self, statement: sa.Select[Any]) -> Generator[Batch]:
        text, parameters = spelled(statement, self.engine)
        with self._failures(), self._connection.cursor() as cursor:
            rows = cursor.stream(text.encode(), parameters, size=BATCH)
            with closing(rows):  # type: ignore[type-var]  # psycopg calls its generator an iterator
                while batch := list(islice(rows, BATCH)):
                    yield batch

    def close(self) -> None:
        self._connection.close()

    def _failures(self) -> Any:
        return outside_failures(self.identity, self._error)


_TABLE = """
    FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND c.relname = %(name)s
    AND CASE WHEN %(schema)s::text IS NULL THEN pg_catalog.pg_table_is_visible(c.oid)
        ELSE n.nspname = %(schema)s::text END"""
_COLUMNS = f"""
    SELECT a.attname, lower(pg_catalog.format_type(coalesce(nullif(t.typbasetype, 0), t.oid), NULL))
    FROM pg_catalog.pg_attribute a JOIN pg_catalog.pg_type t ON t.oid = a.atttypid
    WHERE a.attnum > 0 AND NOT a.attisdropped AND a.attrelid = (SELECT c.oid {_TABLE}) ORDER BY a.attnum"""  # noqa: S608 - constants
_ROW_SECURITY = f"SELECT pg_catalog.row_security_active(c.oid) {_TABLE}"
_TABLES = """
    SELECT c.relname FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND n.nspname NOT IN ('pg_catalog', 'information_schema')"""


def _identity(url: URL) -> str:
    """Host and database alone: user, password and options may each hold a secret."""
    host = url.host or url.query.get("host") or "local"
    port = f":{url.port}" if url.port else ""
    return f"postgresql:{host}{port}/{url.database or ''}"


def _sqlite_name(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _only_reading(datamap: DataMap) -> Any:
    """An authorizer: SELECT, functions, and columns that are no secrets; everything else is refused by SQLite."""

    def authorize(action: int, first: str | None, second: str | None, _database: str | None, _inner: str | None) -> int:
        if action == sqlite3.SQLITE_READ:
            secret = bool(second) and datamap.is_secret(TableName(first or ""), second or "")
            return sqlite3.SQLITE_DENY if secret else sqlite3.SQLITE_OK
        if action == sqlite3.SQLITE_FUNCTION:
            harmful = (second or "").lower() in {"load_extension", "writefile", "edit", "fts3_tokenizer"}
            return sqlite3.SQLITE_DENY if harmful else sqlite3.SQLITE_OK
        allowed = action in {sqlite3.SQLITE_SELECT, sqlite3.SQLITE_RECURSIVE, sqlite3.SQLITE_TRANSACTION}
        return sqlite3.SQLITE_OK if allowed else sqlite3.SQLITE_DENY

    return authorize
