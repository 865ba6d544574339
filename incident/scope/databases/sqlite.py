"""An SQLite file."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Generator
from contextlib import closing
from pathlib import Path
from typing import Any
from urllib.parse import quote

import sqlalchemy as sa
from sqlalchemy.engine import URL
from sqlalchemy.sql.visitors import iterate

from incident.errors import OutsideError, UsageError
from incident.scope import readings
from incident.scope.databases import BATCH, Batch, Estimate, closed_unless_ready
from incident.scope.datamap import DataMap, TableName
from incident.scope.dialects import ENGINES
from incident.scope.failures import outside_failures, unusable_url
from incident.scope.keylist import KeyList
from incident.scope.predicate import quoted_names
from incident.scope.schema import Schema, check_fit, missing_table
from incident.scope.sql import spelled

# Of rows that are sorted and joined, in all, and of each table; what is beyond goes into temporary files.
_MEMORY_KIB, _CACHE_KIB = 8192, 1000


class SQLiteDatabase:
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
            with closed_unless_ready(self._connection):
                self._connection.execute("PRAGMA busy_timeout = 10000")
                self._connection.execute(f"PRAGMA soft_heap_limit = {_MEMORY_KIB * 1024}")
                self._connection.execute(f"PRAGMA cache_size = -{_CACHE_KIB}")
                self._functions()
                self._connection.execute("BEGIN")
                self._connection.execute("SELECT count(*) FROM sqlite_master").fetchone()  # the snapshot starts here

    def tables(self) -> dict[TableName, list[str]]:
        names = "SELECT name FROM sqlite_master WHERE type IN ('table', 'view') AND name NOT GLOB 'sqlite_*'"
        with self._failures():
            return {
                TableName(name): [row[1] for row in self._connection.execute(f"PRAGMA table_xinfo({_quoted(name)})")]
                for (name,) in self._connection.execute(names).fetchall()
            }

    def probe(self, datamap: DataMap) -> Schema:
        columns: dict[TableName, dict[str, str]] = {}
        with self._failures():
            for table in datamap.columns_read():
                place = f"{_quoted(table.schema)}." if table.schema else ""
                rows = self._connection.execute(f"PRAGMA {place}table_xinfo({_quoted(table.name)})").fetchall()
                if not rows:
                    names = self._connection.execute(
                        "SELECT name FROM sqlite_master WHERE type IN ('table', 'view') ORDER BY name"
                    )
                    raise missing_table(datamap, table, [name for (name,) in names], self.identity)
                columns[table] = {row[1]: str(row[2]).lower() for row in rows}
        schema = Schema(columns)
        check_fit(datamap, schema)
        return schema

    def guard(self, datamap: DataMap, *, ids: KeyList | None, conditions: list[str]) -> list[str]:
        """Bring in the listed keys, then let nothing but reading through. Returns what is uncertain: nothing here."""
        self._check_quoted(datamap, conditions)
        with self._failures():
            if ids is not None:
                # A table of the connection's own, outside the database file.
                self._connection.execute(f"CREATE TEMP TABLE {self.engine.ids} (key TEXT PRIMARY KEY) WITHOUT ROWID")
                keys = ((key,) for key in ids.entries)
                self._connection.executemany(f"INSERT OR IGNORE INTO {self.engine.ids} VALUES (?)", keys)  # noqa: S608 - our own name
            self._connection.execute("PRAGMA query_only = ON")
            self._connection.set_authorizer(_only_reading(datamap))
        return []

    def batches(self, statement: sa.Select[Any]) -> Generator[Batch]:
        text, parameters = spelled(statement, self.engine)
        with self._failures():
            self._limit_time()
            with closing(self._connection.execute(text, parameters)) as cursor:
                while batch := cursor.fetchmany(BATCH):
                    yield batch

    def estimate(self, statement: sa.Select[Any]) -> Estimate:
        """The rows are those of the first table: SQLite says nothing of what conditions leave."""
        text, parameters = spelled(statement, self.engine)
        first = next(
            (part for part in iterate(statement.get_final_froms()[0]) if isinstance(part, sa.TableClause)), None
        )
        with self._failures():
            self._limit_time()  # the largest row number of a view is found by reading all of it
            plan = [row[3] for row in self._connection.execute(f"EXPLAIN QUERY PLAN {text}", parameters)]
            return Estimate(self._many(str(first.name)) if first is not None else None, plan)

    def _limit_time(self) -> None:
        ends_at = time.monotonic() + self._timeout_seconds
        self._connection.set_progress_handler(lambda: int(time.monotonic() > ends_at), 1_000_000)

    def _many(self, table: str) -> int | None:
        """What ANALYZE once counted, or else the largest row number, which deleted rows make too large."""
        known = "SELECT stat FROM sqlite_stat1 WHERE tbl = ?"
        if self._connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'sqlite_stat1'").fetchone():
            row = self._connection.execute(known, (table,)).fetchone()
            if row and row[0]:
                return int(str(row[0]).split()[0])
        try:
            row = self._connection.execute(f"SELECT max(rowid) FROM {_quoted(table)}").fetchone()  # noqa: S608 - quoted
        except sqlite3.Error:  # a table without row numbers, or a view that takes too long
            return None
        return row[0] if isinstance(row[0], int) else 0

    def close(self) -> None:
        self._connection.close()

    def _failures(self) -> Any:
        return outside_failures(self.identity, sqlite3.Error)

    def _functions(self) -> None:
        for name, arity, function in (
            ("incident_utc", 2, readings.utc_text),
            ("incident_is_address", 1, readings.is_address),
            ("incident_address_within", 2, readings.address_within),
            ("incident_json", 2, readings.json_text),
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
                known |= {row[1] for row in self._connection.execute(f"PRAGMA table_xinfo({_quoted(table)})")}
        known |= {datamap.accounts.table.name}
        for name in names:
            if name.lower() not in {other.lower() for other in known}:
                raise UsageError(
                    f'No column is called "{name}".',
                    state="Nothing was read.",
                    next_step="put names in double quotes and texts in single ones",
                )


def _quoted(name: str) -> str:
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
