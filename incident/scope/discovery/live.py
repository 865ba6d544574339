"""
The catalogue of a live database, through SQLAlchemy, and the masked sample. Nothing is written, no row is kept.

SQLite is opened with mode=ro; elsewhere the transaction is read-only where the engine knows such a thing.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import quote

import sqlalchemy as sa
from sqlalchemy.engine import URL, make_url
from sqlalchemy.engine.interfaces import TableKey
from sqlalchemy.engine.reflection import ObjectKind
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError, SQLAlchemyError
from sqlalchemy.pool import NullPool

from incident.errors import OutsideError, UsageError
from incident.scope.discovery.catalogue import Catalogue, Column, ForeignKey, Table
from incident.scope.discovery.names import words
from incident.scope.discovery.people import Survey, survey
from incident.scope.discovery.placing import value_column
from incident.scope.discovery.shapes import known_names, members_of, shapes_of
from incident.scope.failures import doubtful_url, outside_failures, unusable_url

_ROWS = 50
_NAMES = 500  # of rows of names and values
_TABLES = 16
_SECONDS = 10
_SYSTEM = {
    "pg_catalog",
    "information_schema",
    "pg_toast",
    "sys",
    "mysql",
    "performance_schema",
    "INFORMATION_SCHEMA",
    "guest",
}
_SPELT = {"postgres": "postgresql", "mysql2": "mysql"}
_DRIVERS = {"postgresql": "postgresql+psycopg", "mysql": "mysql+pymysql", "mariadb": "mariadb+pymysql"}
_READ_ONLY = {
    "postgresql": ("SET default_transaction_read_only = on", f"SET statement_timeout = {_SECONDS * 1000}"),
    "mysql": ("SET SESSION TRANSACTION READ ONLY",),
    "mariadb": ("SET SESSION TRANSACTION READ ONLY", f"SET SESSION max_statement_time = {_SECONDS}"),
}
_PARTITIONS = """
    SELECT child_space.nspname, child.relname, parent.relname FROM pg_catalog.pg_inherits
    JOIN pg_catalog.pg_class child ON child.oid = inhrelid
    JOIN pg_catalog.pg_namespace child_space ON child_space.oid = child.relnamespace
    JOIN pg_catalog.pg_class parent ON parent.oid = inhparent WHERE child.relispartition"""


def read_live(url: str, *, sample: bool) -> Catalogue:
    """
    The catalogue of the database at `url`, with a masked sample of the likely tables if `sample`.

    Raises UsageError for a URL that is none, OutsideError where the database does not answer or lets nobody in.
    """
    engine, identity = _engine(url)
    with _failures(identity), engine.connect() as connection:
        for setting in _READ_ONLY.get(engine.dialect.name, ()):
            connection.exec_driver_sql(setting)
        connection.commit()
        catalogue = Catalogue(tuple(_tables(connection)), identity)
        return _sampled(connection, catalogue) if sample else catalogue


def _engine(url: str) -> tuple[sa.Engine, str]:
    parsed = _parsed(url)
    name = parsed.get_backend_name()
    if name == "sqlite":
        file = Path(parsed.database or "").expanduser().absolute()
        if not file.is_file():
            raise OutsideError(
                f"There is no database file {file}.",
                state="Nothing was read, and no file was made.",
                next_step="check the path",
            )
        return sa.create_engine("sqlite://", creator=_opener(file), poolclass=NullPool), f"sqlite:{file}"
    if parsed.drivername in {"postgresql", "mysql", "mariadb"} or name == "postgresql":
        parsed = parsed.set(drivername=_DRIVERS[name])
    port = f":{parsed.port}" if parsed.port else ""
    identity = f"{name}:{parsed.host or parsed.query.get('host') or 'local'}{port}/{parsed.database or ''}"
    try:
        return sa.create_engine(parsed, poolclass=NullPool, hide_parameters=True), identity
    except (NoSuchModuleError, ImportError):
        raise UsageError(
            f"No driver for databases of the kind {parsed.drivername} is installed.",
            state="Nothing was read.",
            next_step="install its SQLAlchemy dialect, or give a dump: incident scope discover schema.sql",
        ) from None


def _opener(file: Path) -> Callable[[], sqlite3.Connection]:
    def opened() -> sqlite3.Connection:
        connection = sqlite3.connect(f"file:{quote(str(file))}?mode=ro", uri=True)
        ends_at = time.monotonic() + _TABLES * _SECONDS
        connection.set_progress_handler(lambda: int(time.monotonic() > ends_at), 1_000_000)
        return connection

    return opened


def _parsed(url: str) -> URL:
    scheme, mark, rest = url.strip().partition("://")
    if not mark:
        return URL.create("sqlite", database=url)
    text = _SPELT.get(scheme, scheme) + mark + rest
    try:
        text.encode()
        parsed = make_url(text)
        backend = parsed.get_backend_name()
    except (ArgumentError, ValueError):
        raise unusable_url() from None
    if backend != "sqlite" and text.count("@") > 1:
        raise doubtful_url()
    if backend == "sqlite" and not parsed.database:
        raise unusable_url()
    return parsed


def _tables(connection: sa.Connection) -> Iterator[Table]:
    inspector = sa.inspect(connection)
    own = inspector.default_schema_name
    several = connection.dialect.name in {"postgresql", "mssql"}
    schemas = (
        [name for name in inspector.get_schema_names() if name not in _SYSTEM and not name.startswith("db_")]
        if several
        else [None]
    )
    parts = _partitions(connection)
    found = [table for schema in schemas for table in _of_schema(connection, inspector, schema, own, parts)]
    only_views = all(table.is_view for table in found)
    yield from (replace(table, is_view=False) if only_views else table for table in found)


def _of_schema(
    connection: sa.Connection,
    inspector: sa.Inspector,
    schema: str | None,
    own: str | None,
    parts: dict[tuple[str, str], str],
) -> Iterator[Table]:
    columns = inspector.get_multi_columns(schema=schema, kind=ObjectKind.ANY)
    keys = inspector.get_multi_pk_constraint(schema=schema)
    foreign = inspector.get_multi_foreign_keys(schema=schema)
    unique = _unique(inspector, schema)
    views = {*inspector.get_view_names(schema), *_materialized(inspector, schema)}
    for place, described in columns.items():
        name = place[1]
        key = tuple(keys.get(place, {}).get("constrained_columns") or ())  # type: ignore[call-overload]  # a table without one
        yield Table(
            name=_name(name, schema, own),
            columns=tuple(
                Column(
                    one["name"],
                    _type(one["type"], connection),
                    bool(one.get("nullable", True)),
                    one.get("comment") or "",
                    default=str(one.get("default") or ""),
                )
                for one in described
            ),
            key=key,
            unique=tuple(columns_ for columns_ in unique.get(place, ()) if columns_ != key),
            foreign=tuple(
                ForeignKey(
                    tuple(one["constrained_columns"]),
                    _name(one["referred_table"], one["referred_schema"], own),
                    tuple(one["referred_columns"]),
                )
                for one in foreign.get(place, ())
            ),
            is_view=name in views,
            part_of=parts.get((schema or "", name)),
        )


def _unique(inspector: sa.Inspector, schema: str | None) -> dict[TableKey, tuple[tuple[str, ...], ...]]:
    found: dict[TableKey, list[tuple[str, ...]]] = {}
    for place, constraints in inspector.get_multi_unique_constraints(schema=schema).items():
        found.setdefault(place, []).extend(tuple(one["column_names"]) for one in constraints)
    # SQLite tells of a UNIQUE that stands in a column's own line only by the index it made for it.
    made: dict[str, Any] = {"include_auto_indexes": True} if inspector.dialect.name == "sqlite" else {}
    for place, indexes in inspector.get_multi_indexes(schema=schema, **made).items():
        for index in indexes:
            names = [name for name in index["column_names"] if name]
            if index["unique"] and len(names) == len(index["column_names"]):
                found.setdefault(place, []).append(tuple(names))
    return {place: tuple(dict.fromkeys(sets)) for place, sets in found.items()}


def _materialized(inspector: sa.Inspector, schema: str | None) -> list[str]:
    try:
        return inspector.get_materialized_view_names(schema)
    except NotImplementedError:  # the dialect's way to say that its database has none
        return []


def _partitions(connection: sa.Connection) -> dict[tuple[str, str], str]:
    if connection.dialect.name != "postgresql":
        return {}
    return {(schema, child): parent for schema, child, parent in connection.exec_driver_sql(_PARTITIONS)}


def _type(found: Any, connection: sa.Connection) -> str:
    if isinstance(found, sa.types.NullType):
        return ""
    try:
        return str(found.compile(dialect=connection.dialect)).lower()
    except (SQLAlchemyError, NotImplementedError):  # a type that the dialect reads and cannot write: its name will do
        return str(type(found).__name__).lower()


def _name(table: str, schema: str | None, own: str | None) -> str:
    return f"{schema}.{table}" if schema and schema != own else table


def _sampled(connection: sa.Connection, catalogue: Catalogue) -> Catalogue:
    """The catalogue with the shapes of a few values of the tables that matter; secrets are not touched."""
    found = survey(catalogue)
    near: dict[str, int] = {}
    for population in found.people[:4]:
        for name, way in found.references.ways_to(population.table.name).items():
            near[name] = min(near.get(name, way.cost), way.cost)
    loose = [
        table.name for table in catalogue.tables if found.naming.speaks_of(table, "trail") and table.name not in near
    ]
    chosen = [*sorted(near, key=lambda name: (near[name], name)), *loose]
    chosen = [name for name in chosen if _asked(catalogue.by_name[name], found)][:_TABLES]
    tables = {name: _with_shapes(connection, catalogue.by_name[name], found) for name in chosen}
    return replace(catalogue, tables=tuple(tables.get(table.name, table) for table in catalogue.tables), sampled=True)


def _asked(table: Table, found: Survey) -> list[Column]:
    """Columns that a sample can settle: texts, documents, and times kept as numbers."""
    secret = found.secrets[table.name]
    times = {reading.column for reading in found.readings[table.name] if reading.role.endswith("_at")}
    refers = found.references.columns_that_refer(table)
    return [
        column
        for column in table.columns
        if column.name not in secret
        and column.name not in refers
        and (
            column.kind in {"text", "json", "other"}
            or (column.kind in {"whole", "number"} and (column.name in times or "time" in words(column.name)))
        )
    ]


def _with_shapes(connection: sa.Connection, table: Table, found: Survey) -> Table:
    asked = _asked(table, found)
    schema, _, name = table.name.rpartition(".")
    source = sa.table(name, *(sa.column(column.name) for column in asked), schema=schema or None)
    try:
        rows = connection.execute(sa.select(*source.columns).limit(_ROWS)).fetchall()
        names = {
            column.name: connection.execute(sa.select(source.c[column.name]).distinct().limit(_NAMES)).scalars().all()
            for column in asked
            if value_column(table, column, found.secrets[table.name])
        }
    except DBAPIError:
        connection.rollback()  # one table that may not be read, or is slow, is no reason to stop
        return table
    values = {column.name: [row[at] for row in rows] for at, column in enumerate(asked)}
    members = {column: known_names(of) for column, of in names.items()}
    members |= {column.name: members_of(values[column.name]) for column in asked if column.name not in names}
    shaped = tuple(
        replace(column, shapes=shapes_of(values[column.name])) if column.name in values else column
        for column in table.columns
    )
    return replace(table, columns=shaped, keys_seen={column: of for column, of in members.items() if of})


@contextmanager
def _failures(identity: str) -> Iterator[None]:
    try:
        yield
    except DBAPIError as error:
        cause = error.orig if isinstance(error.orig, Exception) else error
        with outside_failures(identity, type(cause)):
            raise cause from None
    except SQLAlchemyError:
        raise OutsideError(
            f"The catalogue of {identity} could not be read.",
            state="Nothing was changed.",
            next_step="give a dump of the schema instead",
        ) from None
