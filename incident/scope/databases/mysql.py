"""A MariaDB or MySQL database."""

from __future__ import annotations

import re
from collections.abc import Generator, Mapping
from contextlib import closing, suppress
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import URL

from incident.errors import UsageError
from incident.scope.databases import BATCH, Batch, Estimate, closed_unless_ready
from incident.scope.databases.mysql_driver import driver_for
from incident.scope.datamap import DataMap, TableName
from incident.scope.dialects import Engine
from incident.scope.dialects.mysql import MySQL
from incident.scope.failures import outside_failures
from incident.scope.keylist import KeyList
from incident.scope.schema import Schema, check_fit, missing_table
from incident.scope.sql import spelled

_NO_TEMPORARY_TABLE = {1044, 1142, 1290, 1792}  # not granted, or a server that is only read
_FILLED_AT_ONCE = 1000
_LONGEST_KEY = 768  # letters of four bytes
# What a session of ours understands: names in double quotes, texts without escapes, || between texts.
_WORDS = "ANSI_QUOTES,PIPES_AS_CONCAT,NO_BACKSLASH_ESCAPES"


class MySQLDatabase:
    """A REPEATABLE READ, READ ONLY transaction with its snapshot taken at once; rows come as they are found."""

    def __init__(self, url: URL, timeout_seconds: int) -> None:
        self.identity = _identity(url)
        self.engine: Engine = MySQL()
        self._url, self._driver = url, driver_for(url)
        if not url.database:
            raise UsageError(
                "The database URL names a server and no database.",
                state="Nothing was read.",
                next_step="write the database behind the host: mysql://USER:PASSWORD@HOST:3306/DATABASE",
            )
        with self._failures():
            self._connection = self._driver.connect(url, read_timeout=timeout_seconds + 60)
            with closed_unless_ready(self._connection):
                self._prepare(timeout_seconds)
                self._begin()

    def _prepare(self, timeout_seconds: int) -> None:
        version = str(self._connection.get_server_info())
        mariadb = "mariadb" in version.lower()
        number = tuple(map(int, re.findall(r"\d+", version.removeprefix("5.5.5-"))[:2]))
        self._collation = collation = "utf8mb4_nopad_bin" if mariadb else "utf8mb4_0900_bin"
        self.engine = self._words = MySQL(collation, lists_as_json=number >= ((10, 6) if mariadb else (8, 0)))
        limit = (
            f"max_statement_time = {timeout_seconds}" if mariadb else f"max_execution_time = {timeout_seconds * 1000}"
        )
        for setting in (
            f"SESSION sql_mode = '{_WORDS}'",
            f"NAMES utf8mb4 COLLATE {collation}",
            "SESSION time_zone = '+00:00'",
            f"SESSION {limit}",
            f"SESSION net_write_timeout = {timeout_seconds + 60}",  # for the time it takes to write the list
            "SESSION max_length_for_sort_data = 8388608",  # else sorted rows are looked up again, one by one
            "SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ",
        ):
            self._execute(f"SET {setting}")

    def _begin(self) -> None:
        self._execute("START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY")

    def tables(self) -> dict[TableName, list[str]]:
        found: dict[TableName, list[str]] = {}
        with self._failures():
            for name, column in self._execute(_EVERY_COLUMN):
                found.setdefault(TableName(name), []).append(column)
        return found

    def probe(self, datamap: DataMap) -> Schema:
        columns: dict[TableName, Mapping[str, str]] = {}
        with self._failures():
            for table in datamap.columns_read():
                rows = self._execute(_COLUMNS, {"name": table.name, "schema": table.schema})
                if not rows:
                    names = [name for (name,) in self._execute(_TABLES)]
                    raise missing_table(datamap, table, names, self.identity)
                columns[table] = {name: kind.lower() for name, kind in rows}
        schema = Schema(columns)
        check_fit(datamap, schema)
        return schema

    def guard(self, datamap: DataMap, *, ids: KeyList | None, conditions: list[str]) -> list[str]:
        """Bring in a list of keys that no statement can hold; notice tables and servers that are no snapshot of all."""
        doubts: list[str] = []
        with self._failures():
            if ids is not None and not self._words.fits(ids.text):
                self._bring_in(ids)
            for table in datamap.columns_read():
                for kept_by, snapshots in self._execute(_KEPT_BY, {"name": table.name, "schema": table.schema}):
                    if snapshots != "YES":
                        doubts.append(
                            f"The table {table} is kept by {kept_by}, which has no snapshots: what was written while "
                            "it was read may be in the list in part."
                        )
            if any(str(word) in {"1", "ON"} for (word,) in self._execute("SELECT @@global.read_only")):
                doubts.append("The server is read-only, as copies are: what was written last may not have reached it.")
        return doubts

    def batches(self, statement: sa.Select[Any]) -> Generator[Batch]:
        text, parameters = spelled(statement, self.engine)
        with self._failures():
            cursor = self._connection.cursor(self._driver.unheld)
            cursor.execute(text, parameters)
            ended = False
            try:
                while not ended:
                    batch = list(cursor.fetchmany(BATCH))
                    ended = len(batch) < BATCH
                    if ended:
                        cursor.close()
                    if batch:
                        yield batch
            finally:
                if not ended:
                    self._give_up(cursor)

    def _give_up(self, cursor: Any) -> None:
        """Closing a cursor reads its rows to their end, which may be millions: the server is told to stop first."""
        if not self._connection.open:
            # PyMySQL goes on asking a connection that was lost, each time the result is let go of.
            if (result := getattr(cursor, "_result", None)) is not None:
                result.unbuffered_active = False
            return
        with suppress(self._driver.error), closing(self._driver.connect(self._url, read_timeout=10)) as other:
            other.cursor().execute(f"KILL QUERY {self._connection.thread_id()}")
        with suppress(self._driver.error):
            cursor.close()

    def estimate(self, statement: sa.Select[Any]) -> Estimate:
        text, parameters = spelled(statement, self.engine)
        with self._failures():
            steps = self._execute(f"EXPLAIN FORMAT=TRADITIONAL {text}", parameters, names=True)
        rows: int | None = None
        plan = []
        for step in steps:
            many = int(step["rows"]) if step["rows"] else None
            if rows is None and step["id"] == steps[0]["id"]:
                rows = many  # of the table that is read first; the others belong to its rows
            words = (
                step["select_type"],
                step["table"],
                step["type"],
                step["key"],
                many and f"{many} rows",
                step["Extra"],
            )
            plan.append(", ".join(str(word) for word in words if word))
        return Estimate(rows, plan)

    def close(self) -> None:
        if self._connection.open:
            self._connection.close()

    def _execute(self, text: str, parameters: Mapping[str, Any] | None = None, *, names: bool = False) -> Any:
        with closing(self._connection.cursor()) as cursor:
            cursor.execute(text, parameters)
            rows = cursor.fetchall()
            return (
                [dict(zip((named[0] for named in cursor.description), row, strict=True)) for row in rows]
                if names
                else rows
            )

    def _bring_in(self, ids: KeyList) -> None:
        """The keys as a table of the connection's own; it cannot be made within a transaction that only reads."""
        self._execute("COMMIT")
        lines = ids.entries
        # A key makes each look-up quick, and ends at 3072 bytes.
        form = "VARCHAR(768) {} PRIMARY KEY" if max(map(len, lines)) <= _LONGEST_KEY else "LONGTEXT {}"
        column = f"entry {form.format(f'CHARACTER SET utf8mb4 COLLATE {self._collation}')}"
        try:
            self._execute(f"CREATE TEMPORARY TABLE {self.engine.ids} ({column})")
        except self._driver.error as error:
            if error.args and error.args[0] in _NO_TEMPORARY_TABLE:
                raise UsageError(
                    f"A list of {ids.count} keys does not fit into one statement of {self.identity}, and this user may "
                    "not make a temporary table for it.",
                    state="Nothing was read.",
                    next_step="GRANT CREATE TEMPORARY TABLES to the user, or split the list",
                ) from None
            raise
        with closing(self._connection.cursor()) as cursor:
            for start in range(0, len(lines), _FILLED_AT_ONCE):
                chunk = [(line,) for line in lines[start : start + _FILLED_AT_ONCE]]
                cursor.executemany(f"INSERT INTO {self.engine.ids} VALUES (%s)", chunk)  # noqa: S608 - our own name
        self._begin()

    def _failures(self) -> Any:
        return outside_failures(self.identity, self._driver.error)


_COLUMNS = """
    SELECT column_name, column_type FROM information_schema.columns
    WHERE table_schema = COALESCE(%(schema)s, DATABASE()) AND table_name = %(name)s ORDER BY ordinal_position"""
_TABLES = "SELECT table_name FROM information_schema.tables WHERE table_schema = DATABASE()"
_EVERY_COLUMN = """
    SELECT table_name, column_name FROM information_schema.columns
    WHERE table_schema = DATABASE() AND privileges LIKE '%select%' ORDER BY table_name, ordinal_position"""
_KEPT_BY = """
    SELECT t.engine, e.transactions FROM information_schema.tables t
    JOIN information_schema.engines e ON e.engine = t.engine
    WHERE t.table_schema = COALESCE(%(schema)s, DATABASE()) AND t.table_name = %(name)s"""


def _identity(url: URL) -> str:
    """Host and database alone: user, password and options may each hold a secret."""
    kind = "mariadb" if url.get_backend_name() == "mariadb" else "mysql"
    host = url.host or url.query.get("unix_socket") or "localhost"
    port = f":{url.port}" if url.port else ""
    return f"{kind}:{host}{port}/{url.database or ''}"
