"""Writing a sample's rows into a database: SQLite as one file, PostgreSQL by COPY, others by batches of inserts."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy import BigInteger, Column, ForeignKey, Index, Integer, MetaData, Table, Text
from sqlalchemy.engine import Engine
from sqlalchemy.exc import ArgumentError, SQLAlchemyError

from incident.errors import OutsideError, UsageError
from playbooks.samples.population import Row, text_time

metadata = MetaData()
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


accounts_table = Table(
    "accounts",
    metadata,
    Column("id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=False),
    Column("email", Text),
    Column("display_name", Text),
    Column("password_hash", Text, nullable=False),
    Column("language", Text),
    Column("billing_country", Text),
    Column("created_at", _Time, nullable=False),
    Column("last_login_at", _Time),
    Column("deleted_at", _Time),
)
token_purchases_table = Table(
    "token_purchases",
    metadata,
    Column("id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=False),
    Column("account_id", ForeignKey("accounts.id"), nullable=False),
    Column("bought_at", _Time, nullable=False),
    Column("quantity", Integer, nullable=False),
    Column("amount_cents", Integer, nullable=False),
    Column("currency", Text, nullable=False),
    Column("billing_country", Text),
    Column("card_brand", Text),
    Column("card_last4", Text),
    Column("invoice_number", Text),
)
renders_table = Table(
    "renders",
    metadata,
    Column("id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=False),
    Column("account_id", ForeignKey("accounts.id"), nullable=False),
    Column("rendered_at", _Time, nullable=False),
    Column("prompt", Text),
    Column("seconds", Integer),
)
access_log_table = Table(
    "access_log",
    metadata,
    Column("id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=False),
    Column("at", _Time, nullable=False),
    Column("account_id", ForeignKey("accounts.id"), nullable=False),
    Column("ip", Text),
    Column("action", Text, nullable=False),
)
_INDEXES = (Index("access_log_at", access_log_table.c.at), Index("access_log_account", access_log_table.c.account_id))


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


def new_store(target: Engine | str) -> Engine:
    """
    An engine on an empty store with the sample's tables, without indexes yet.

    Raises UsageError where there is such a table already, or no such kind of database; OutsideError where it cannot
    be reached or written.
    """
    try:
        engine = target if isinstance(target, Engine) else sa.create_engine(target)
        if file := sqlite_file(engine):
            os.close(os.open(file, os.O_CREAT | os.O_RDWR, 0o600))  # private from its first moment
        if there := set(sa.inspect(engine).get_table_names()) & set(metadata.tables):
            raise UsageError(
                f"The database has a table called {min(there)} already.",
                state="Nothing was written.",
                next_step="give a database without it, so that nothing of yours is touched",
            )
        with engine.begin() as connection:
            for table in metadata.sorted_tables:
                connection.execute(sa.schema.CreateTable(table))
    except (OSError, SQLAlchemyError) as error:
        reason = str(getattr(error, "orig", None) or error).strip().splitlines()[0]
        raise OutsideError(f"The sample's database cannot be written: {reason}.", state="Nothing was made.") from error
    return engine


def fill(engine: Engine, rows: dict[str, Iterable[Row]]) -> None:
    """Write all rows, by table, in one transaction; then the indexes. Times are Unix seconds."""
    if engine.dialect.name == "sqlite":
        with engine.connect() as connection:  # a sample can be made again, so its safety is worth less than its speed
            for pragma in ("journal_mode=OFF", "synchronous=OFF"):
                connection.exec_driver_sql(f"PRAGMA {pragma}")
    raw = engine.raw_connection()
    try:
        for name, of_table in rows.items():
            _write(raw, metadata.tables[name], of_table, engine)
        raw.commit()
    finally:
        raw.close()
    with engine.begin() as connection:
        for index in _INDEXES:
            connection.execute(sa.schema.CreateIndex(index))
        if engine.dialect.name == "postgresql":
            connection.exec_driver_sql("ANALYZE")


def _write(raw: Any, table: Table, rows: Iterable[Row], engine: Engine) -> None:
    names = ", ".join(column.name for column in table.columns)
    with_times = _with_times(table, rows)
    cursor = raw.cursor()
    if engine.dialect.driver == "psycopg":
        with cursor.copy(f"COPY {table.name} ({names}) FROM STDIN") as copy:
            for row in with_times:
                copy.write_row(row)
        return
    sign = "?" if engine.dialect.paramstyle == "qmark" else "%s"
    marks = ", ".join(sign for _ in table.columns)
    statement = f"INSERT INTO {table.name} ({names}) VALUES ({marks})"  # noqa: S608 - our own table and columns
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
