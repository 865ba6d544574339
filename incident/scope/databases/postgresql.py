"""A PostgreSQL database, read with psycopg."""

from __future__ import annotations

import re
from collections.abc import Generator, Iterator, Mapping
from contextlib import closing
from itertools import islice
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import URL
from sqlalchemy.exc import ArgumentError

from incident.errors import RefusedError
from incident.scope.databases import BATCH, Batch, Estimate, closed_unless_ready
from incident.scope.datamap import DataMap, TableName
from incident.scope.dialects import Engine
from incident.scope.dialects.postgresql import PostgreSQL
from incident.scope.failures import no_driver, outside_failures, unusable_url
from incident.scope.keylist import KeyList
from incident.scope.schema import Schema, check_fit, missing_table
from incident.scope.sql import spelled


class PostgreSQLDatabase:
    """A REPEATABLE READ, READ ONLY transaction; results in chunks of rows, which keeps the parallel plan."""

    def __init__(self, url: URL, timeout_seconds: int) -> None:
        self.engine: Engine = PostgreSQL()
        self.identity = _identity(url)
        try:
            import psycopg
        except ImportError as error:
            raise no_driver("PostgreSQL", "postgres") from error
        self._error = psycopg.Error
        try:
            positional, named = PostgreSQL.dialect.create_connect_args(url)
        except (ArgumentError, ValueError):  # of several hosts, some ports are none
            raise unusable_url() from None
        settings = {"connect_timeout": 10, "application_name": "incident scope", "client_encoding": "utf8"}
        with self._failures():
            self._connection = psycopg.connect(*positional, **{**settings, **named})
            with closed_unless_ready(self._connection):
                self._connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
                self._connection.read_only = True
                self.engine = PostgreSQL(self._connection.info.server_version // 10000)
                for setting in (
                    "default_transaction_read_only = on",
                    f"statement_timeout = {timeout_seconds * 1000}",
                    "TimeZone = 'UTC'",
                    "jit = off",  # compiling these statements takes longer than they save
                    # How many rows a trail or a text leaves, no planner can tell; where it expects one and there are
                    # thousands, a nested loop reads a whole table for each.
                    "enable_nestloop = off",
                ):
                    self._connection.execute(f"SET {setting}".encode())

    def tables(self) -> dict[TableName, list[str]]:
        found: dict[TableName, list[str]] = {}
        with self._failures():
            for schema, name, column in self._connection.execute(_EVERY_COLUMN):
                found.setdefault(TableName(name, schema), []).append(column)
        return found

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

    def guard(self, datamap: DataMap, *, ids: KeyList | None, conditions: list[str]) -> list[str]:
        """
        Refuse a condition that takes a row as a whole, secrets included. Notice row-level security, also behind views:
        the database then leaves rows out and says nothing.
        """
        hidden: list[str] = []
        with self._failures():
            for condition in conditions:
                self._refuse_whole_rows(datamap.accounts.table, condition)
            for table in datamap.columns_read():
                row = self._connection.execute(_ROW_SECURITY, {"name": table.name, "schema": table.schema}).fetchone()
                if row and row[0]:
                    hidden.append(
                        f"Row-level security is on for {table}: this database user may see only some of its rows, and "
                        "the database does not say how many it left out. Use a role with BYPASSRLS."
                    )
        return hidden

    def _refuse_whole_rows(self, table: TableName, condition: str) -> None:
        """Which names mean a row, only the database itself can tell: its plan writes them with a star."""
        asked: sa.Select[Any] = sa.select(sa.literal_column("1"))
        asked = asked.select_from(sa.table(table.name, schema=table.schema))
        text, _ = spelled(asked.where(sa.literal_column(f"({condition})")), self.engine)
        row = self._connection.execute(f"EXPLAIN (VERBOSE, FORMAT JSON) {text}".encode(), {}).fetchone()
        if row and any(_WHOLE_ROW.search(_LITERAL.sub("''", text)) for text in _texts(row[0])):
            raise RefusedError(
                "The condition looks at whole rows, and a secret may be among their columns: it was refused.",
                state="Nothing was read, nothing was changed.",
                next_step="write a condition on columns that are no secrets",
            )

    def batches(self, statement: sa.Select[Any]) -> Generator[Batch]:
        text, parameters = spelled(statement, self.engine)
        with self._failures(), self._connection.cursor() as cursor:
            rows = cursor.stream(text.encode(), parameters, size=BATCH)
            with closing(rows):  # type: ignore[type-var]  # psycopg calls its generator an iterator
                while batch := list(islice(rows, BATCH)):
                    yield batch

    def estimate(self, statement: sa.Select[Any]) -> Estimate:
        text, parameters = spelled(statement, self.engine)
        with self._failures():
            row = self._connection.execute(f"EXPLAIN (FORMAT JSON) {text}".encode(), parameters).fetchone()
        plan = row[0][0]["Plan"] if row else {}
        return Estimate(plan.get("Plan Rows"), list(_steps(plan)))

    def close(self) -> None:
        self._connection.close()

    def _failures(self) -> Any:
        return outside_failures(self.identity, self._error)


_LITERAL = re.compile(r"'(?:[^']|'')*'")
_WHOLE_ROW = re.compile(r"[\w\"]\.\*")
_TABLE = """
    FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND c.relname = %(name)s
    AND CASE WHEN %(schema)s::text IS NULL THEN pg_catalog.pg_table_is_visible(c.oid)
        ELSE n.nspname = %(schema)s::text END"""
_COLUMNS = f"""
    SELECT a.attname, lower(pg_catalog.format_type(coalesce(nullif(t.typbasetype, 0), t.oid), NULL))
    FROM pg_catalog.pg_attribute a JOIN pg_catalog.pg_type t ON t.oid = a.atttypid
    WHERE a.attnum > 0 AND NOT a.attisdropped AND a.attrelid = (SELECT c.oid {_TABLE}) ORDER BY a.attnum"""  # noqa: S608 - constants
# A view reads its tables as its owner, or as whoever asks: policies that hold for that role hide rows there.
_ROW_SECURITY = f"""
    WITH RECURSIVE read_from (oid, reader) AS (
        SELECT c.oid, r.oid {_TABLE.replace("WHERE", "JOIN pg_catalog.pg_roles r ON r.rolname = current_user WHERE", 1)}
        UNION
        SELECT d.refobjid, CASE WHEN EXISTS (
            SELECT FROM pg_catalog.pg_options_to_table(v.reloptions) o
            WHERE o.option_name = 'security_invoker' AND o.option_value::boolean
        ) THEN b.reader ELSE v.relowner END
        FROM read_from b JOIN pg_catalog.pg_class v ON v.oid = b.oid AND v.relkind IN ('v', 'm')
        JOIN pg_catalog.pg_rewrite w ON w.ev_class = v.oid
        JOIN pg_catalog.pg_depend d ON d.classid = 'pg_catalog.pg_rewrite'::regclass AND d.objid = w.oid
            AND d.refclassid = 'pg_catalog.pg_class'::regclass AND d.refobjid <> v.oid
    )
    SELECT bool_or(t.relrowsecurity AND NOT r.rolsuper AND NOT r.rolbypassrls
        AND (t.relforcerowsecurity OR NOT pg_catalog.pg_has_role(r.oid, t.relowner, 'USAGE')))
    FROM read_from b JOIN pg_catalog.pg_class t ON t.oid = b.oid JOIN pg_catalog.pg_roles r ON r.oid = b.reader"""  # noqa: S608 - constants
_TABLES = """
    SELECT c.relname FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND n.nspname NOT IN ('pg_catalog', 'information_schema')"""

_EVERY_COLUMN = """
    SELECT CASE WHEN NOT pg_catalog.pg_table_is_visible(c.oid) THEN n.nspname END, c.relname, a.attname
    FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
    JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid
    WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND NOT c.relispartition AND a.attnum > 0 AND NOT a.attisdropped
    AND n.nspname NOT LIKE 'pg~_%' ESCAPE '~' AND n.nspname <> 'information_schema'
    AND pg_catalog.has_schema_privilege(n.oid, 'USAGE')
    AND pg_catalog.has_column_privilege(c.oid, a.attnum, 'SELECT')
    ORDER BY 1 NULLS FIRST, c.relname, a.attnum"""


def _texts(plan: Any) -> Iterator[str]:
    """Every text in a plan."""
    if isinstance(plan, str):
        yield plan
    elif isinstance(plan, list | dict):
        for inner in plan.values() if isinstance(plan, dict) else plan:
            yield from _texts(inner)


def _steps(plan: Mapping[str, Any], depth: int = 0) -> Iterator[str]:
    """A plan's steps, those that feed another one under it. No conditions: they hold what was asked."""
    of = plan.get("Relation Name") or plan.get("Index Name") or plan.get("Function Name")
    yield f"{'  ' * depth}{plan['Node Type']}{f' on {of}' if of else ''}, {plan['Plan Rows']} rows"
    for inner in plan.get("Plans", ()):
        yield from _steps(inner, depth + 1)


def _identity(url: URL) -> str:
    """Host and database alone: user, password and options may each hold a secret."""
    host = url.host or url.query.get("host") or "local"
    port = f":{url.port}" if url.port else ""
    return f"postgresql:{host}{port}/{url.database or ''}"
