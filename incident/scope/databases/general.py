"""
A database reached through its SQLAlchemy dialect and nothing more: Spark SQL, and whatever else `dialects/` has words
for that say how a session begins (`GeneralEngine`).

Only SELECT, EXPLAIN, the session's settings and what the catalogue needs leave this program. There is no transaction:
each statement reads what is there when it begins, and a scope says so.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Generator, Iterator
from contextlib import closing, contextmanager
from typing import Any, Protocol, cast

import sqlalchemy as sa
from sqlalchemy.engine import URL
from sqlalchemy.exc import DBAPIError, NoSuchTableError, SQLAlchemyError
from sqlalchemy.pool import NullPool

from incident.errors import UsageError
from incident.scope.databases import BATCH, Batch, Estimate, closed_unless_ready
from incident.scope.datamap import DataMap, TableName
from incident.scope.dialects import ENGINES, Engine
from incident.scope.failures import outside_failures
from incident.scope.keylist import KeyList
from incident.scope.schema import Schema, check_fit, missing_table

NO_SNAPSHOT = (
    "This database has no one view of the data for several statements: accounts that changed while the scope ran may "
    "be in the list and not in its counts, or the other way round. The number of accounts was compared."
)
# A connection that broke is reported by this program; SQLAlchemy's own report of it is a traceback.
logging.getLogger("sqlalchemy.pool").addHandler(logging.NullHandler())


class GeneralEngine(Engine, Protocol):
    """What an engine says besides, to be reached this way."""

    harmful: re.Pattern[str]  # words of a condition that run programs

    def session(self, timeout_seconds: int) -> list[str]: ...

    def plan(self, statement: str) -> str:
        """The statement that asks for the plan of `statement`."""

    def planned(self, said: list[str]) -> tuple[int | None, list[str]]:
        """From the server's lines: rows, where it has an idea, and the steps without what was asked in them."""

    def reason(self, error: Exception) -> tuple[str, str]:
        """SQLSTATE, or nothing, and words without a value from any row."""


class GeneralDatabase:
    """One session, statement after statement."""

    engine: Engine

    def __init__(self, url: URL, timeout_seconds: int) -> None:
        name = url.get_backend_name()
        self.engine = self._words = cast(GeneralEngine, ENGINES[name])
        port = f":{url.port}" if url.port else ""
        self.identity = f"{name}:{url.host or 'local'}{port}/{url.database or ''}"
        try:
            engine = sa.create_engine(url, poolclass=NullPool, hide_parameters=True, timeout_seconds=timeout_seconds)
        except ImportError as error:
            raise UsageError(
                f"The driver for databases of the kind {name} is not installed.",
                state="Nothing was read.",
                next_step="pip install 'breach-incident-toolkit[spark]'",
            ) from error
        self._outside = cast(Any, engine.dialect).outside_errors()
        with self._failures():
            self._connection = engine.connect()
            with closed_unless_ready(self._connection):
                for setting in self._words.session(timeout_seconds):
                    self._connection.exec_driver_sql(setting)

    def tables(self) -> dict[TableName, list[str]]:
        """Of the URL's own schema: a catalogue of many has no quick way to list their columns."""
        with self._failures():
            catalogue = sa.inspect(self._connection)
            names = sorted({*catalogue.get_table_names(), *catalogue.get_view_names()})
            return {TableName(name): [column["name"] for column in catalogue.get_columns(name)] for name in names}

    def probe(self, datamap: DataMap) -> Schema:
        columns: dict[TableName, dict[str, str]] = {}
        with self._failures():
            catalogue = sa.inspect(self._connection)
            for table in datamap.columns_read():
                try:
                    found = catalogue.get_columns(table.name, table.schema)
                except NoSuchTableError:
                    names = catalogue.get_table_names(table.schema) + catalogue.get_view_names(table.schema)
                    raise missing_table(datamap, table, names, self.identity) from None
                columns[table] = {
                    column["name"]: column["type"].compile(self._connection.dialect).lower() for column in found
                }
        schema = Schema(columns)
        check_fit(datamap, schema)
        return schema

    def guard(self, datamap: DataMap, *, ids: KeyList | None, conditions: list[str]) -> list[str]:
        """Refuse a condition that could run a program. Returns what is uncertain: there is no snapshot."""
        for condition in conditions:
            bare = re.sub(r"'(?:[^']|'')*'", "''", condition)
            if found := self._words.harmful.search(bare):
                raise UsageError(
                    f"The condition cannot be used: {found[0]} may run a program on the cluster.",
                    state="Nothing was read.",
                    next_step="write a condition that compares columns",
                )
        return [NO_SNAPSHOT]

    def batches(self, statement: sa.Select[Any]) -> Generator[Batch]:
        with self._failures():
            streaming = self._connection.execution_options(stream_results=True)
            with closing(streaming.execute(statement)) as result:
                while rows := result.fetchmany(BATCH):
                    yield [tuple(row) for row in rows]

    def estimate(self, statement: sa.Select[Any]) -> Estimate:
        """What the engine expects, from its plan alone."""
        compiled = statement.compile(dialect=self._connection.dialect, compile_kwargs={"render_postcompile": True})
        with self._failures():
            asked = self._connection.exec_driver_sql(self._words.plan(str(compiled)), dict(compiled.params))
            said = [line for row in asked for line in str(row[0]).splitlines()]
        return Estimate(*self._words.planned(said))

    def close(self) -> None:
        self._connection.close()

    @contextmanager
    def _failures(self) -> Iterator[None]:
        with outside_failures(self.identity, _Failed):
            try:
                yield
            except (SQLAlchemyError, *self._outside) as error:
                inner = error.orig if isinstance(error, DBAPIError) else error
                raise _Failed(*self._words.reason(cast(Exception, inner))) from None


class _Failed(Exception):  # noqa: N818 - never leaves this file
    """An engine's failure as `failures.py` takes it: by its SQLSTATE, or by its words."""

    def __init__(self, state: str, words: str) -> None:
        super().__init__(words)
        self.sqlstate = state or None
