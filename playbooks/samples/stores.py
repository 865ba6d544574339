"""Writing a sample's rows into a database: SQLite as one file, PostgreSQL by COPY, others by batches of inserts."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import AbstractContextManager
from itertools import islice
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy import BigInteger, Integer, Table, Text
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.exc import ArgumentError, SQLAlchemyError

from incident.errors import OutsideError, UsageError
from playbooks.samples.company import Row, Store
from playbooks.samples.people import text_time

_BATCH = 20_000


class _Time(sa.types.TypeDecorator[int]):
    """Unix seconds in; a real time with zone where the database has one, else text such as 2026-11-21T07:40:00Z."""

    impl = Text
    cache_ok = True

    def load_dialect_impl(self, dialect: sa.Dialect) -> sa.types.TypeEngine[Any]:
        chosen = sa.DateTime(timezone=True) if dialect.name == "postgresql" else sa.String(32)
        return dialect.type_descriptor(chosen)

    def process_bind_param(self, value: Any, dialect: sa.Dialect) -> Any:
        return value  # rows come as text already; every engine here reads it


TIME = _Time()
BIG = BigInteger().with_variant(Integer, "sqlite")  # an integer key is SQLite's own row number


def sqlite_file(target: Engine | str) -> Path | None:
    """The file of an SQLite store, or None for another database. Raises UsageError for text that is no URL."""
    try:
        url = target.url if isinstance(target, Engine) else sa.make_url(target)
    except ArgumentError:
        raise UsageError(
            "That is not the URL of a database.",
            state="Nothing was made.",
            next_step="write sqlite:///FILE, for example",
        ) from None
    named = url.get_backend_name() == "sqlite" and url.database and url.database != ":memory:"
    return Path(url.database) if named and url.database else None


def has_schemas(target: Engine | str) -> bool:
    """Whether tables lie in schemas there, such as `auth.users`; elsewhere the sample's tables have no schema."""
    url = target.url if isinstance(target, Engine) else sa.make_url(target)
    return url.get_backend_name() == "postgresql"


def new_store(target: Engine | str, store: Store) -> Engine:
    """
    An engine on an empty database with the store's tables, without indexes yet.

    Raises UsageError where there is such a table already, or no such kind of database; OutsideError where it cannot
    be reached or written.
    """
    try:
        engine = target if isinstance(target, Engine) else sa.create_engine(_with_driver(target))
        if file := sqlite_file(engine):
            os.close(os.open(file, os.O_CREAT | os.O_RDWR, 0o600))  # private from its first moment
        if there := _tables_in_the_way(engine, store):
            raise UsageError(
                f"The database has a table called {min(there)} already.",
                state="Nothing was written.",
                next_step="give a database without it, so that nothing of yours is touched",
            )
        with _begin(engine, store) as connection:
            for schema in _schemas(store) if has_schemas(engine) else ():
                connection.execute(sa.schema.CreateSchema(schema, if_not_exists=True))
            for table in store.tables.sorted_tables:
                connection.execute(sa.schema.CreateTable(table))
    except (OSError, SQLAlchemyError) as error:
        reason = str(getattr(error, "orig", None) or error).strip().splitlines()[0]
        raise OutsideError(f"The sample's database cannot be written: {reason}.", state="Nothing was made.") from error
    return engine


def _with_driver(url: str) -> sa.URL:
    """MariaDB's and MySQL's URL with the driver that the program reads them with; SQLAlchemy would take another."""
    parsed = sa.make_url(url)
    plain = parsed.drivername in {"mysql", "mariadb"}
    return parsed.set(drivername=f"{parsed.drivername}+pymysql") if plain else parsed


def fill(engine: Engine, store: Store, rows: Mapping[str, Iterable[Row]]) -> None:
    """Write all rows, by table, in one transaction; then the indexes. Times are Unix seconds."""
    if engine.dialect.name == "sqlite":
        with engine.connect() as connection:  # a sample can be made again, so its safety is worth less than its speed
            for pragma in ("journal_mode=OFF", "synchronous=OFF"):
                connection.exec_driver_sql(f"PRAGMA {pragma}")
    raw = engine.raw_connection()
    try:
        for name, of_table in rows.items():
            _write(raw, store.tables.tables[name], of_table, engine)
        raw.commit()
    finally:
        raw.close()
    with _begin(engine, store) as connection:
        for table in store.tables.sorted_tables:
            for index in sorted(table.indexes, key=lambda index: str(index.name)):
                connection.execute(sa.schema.CreateIndex(index))
        for statement in store.afterwards.get(engine.dialect.name, ()):
            connection.exec_driver_sql(statement)
        if engine.dialect.name == "postgresql":
            connection.exec_driver_sql("ANALYZE")


def _tables_in_the_way(engine: Engine, store: Store) -> set[str]:
    seen = sa.inspect(engine)
    found: set[str] = set()
    for table in store.tables.tables.values():
        schema = table.schema if has_schemas(engine) else None
        if seen.has_table(table.name, schema=schema):
            found.add(f"{schema}.{table.name}" if schema else table.name)
    return found


def _begin(engine: Engine, store: Store) -> AbstractContextManager[Connection]:
    """A transaction in which the sample's schemas are left out where the database has none."""
    if has_schemas(engine):
        return engine.begin()
    nowhere: dict[str | None, str | None] = dict.fromkeys(_schemas(store))
    return engine.execution_options(schema_translate_map=nowhere).begin()


def _schemas(store: Store) -> list[str]:
    return sorted({table.schema for table in store.tables.tables.values() if table.schema})


def _write(raw: Any, table: Table, rows: Iterable[Row], engine: Engine) -> None:
    quote = engine.dialect.identifier_preparer.quote
    full_name = quote(table.name)
    if table.schema and has_schemas(engine):
        full_name = f"{quote(table.schema)}.{full_name}"
    names = ", ".join(quote(column.name) for column in table.columns)
    with_times = _with_times(table, rows)
    cursor = raw.cursor()
    if engine.dialect.driver == "psycopg":
        with cursor.copy(f"COPY {full_name} ({names}) FROM STDIN") as copy:
            for row in with_times:
                copy.write_row(row)
        return
    sign = "?" if engine.dialect.paramstyle == "qmark" else "%s"
    marks = ", ".join(sign for _ in table.columns)
    statement = f"INSERT INTO {full_name} ({names}) VALUES ({marks})"  # noqa: S608 - our own table and columns
    while batch := list(islice(with_times, _BATCH)):
        cursor.executemany(statement, batch)


def _with_times(table: Table, rows: Iterable[Row]) -> Iterator[Row]:
    places = [place for place, column in enumerate(table.columns) if isinstance(column.type, _Time)]
    for row in rows:
        values = list(row)
        for place in places:
            at = values[place]
            if isinstance(at, int):
                values[place] = text_time(at)
        yield tuple(values)
