"""
The journal's tables, for a new store. An older store is brought here by `migrations/`; a test holds the two equal.
"""

from __future__ import annotations

from sqlalchemy import DDL, BigInteger, Column, Integer, MetaData, Table, Text, event

SCHEMA_REVISION = "0001"  # the newest file in migrations/versions

metadata = MetaData()

journal_event = Table(
    "journal_event",
    metadata,
    # The key makes two writers collide instead of forking the chain.
    Column("incident", Text, primary_key=True),
    Column("sequence", BigInteger, primary_key=True, autoincrement=False),
    Column("recorded_at", Text, nullable=False),
    Column("actor", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("version", Integer, nullable=False),
    Column("body", Text, nullable=False),
    Column("previous_hash", Text, nullable=False),
    Column("hash", Text, nullable=False, unique=True),
)

schema_revision = Table("alembic_version", metadata, Column("version_num", Text, primary_key=True))

_SQLITE_TRIGGERS = [
    f"""CREATE TRIGGER journal_event_refuses_{verb.lower()} BEFORE {verb} ON journal_event
    BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END"""
    for verb in ("UPDATE", "DELETE")
]
_POSTGRESQL_TRIGGERS = [
    """CREATE OR REPLACE FUNCTION journal_is_append_only() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN RAISE EXCEPTION 'the journal is append-only'; END $$""",
    """CREATE TRIGGER journal_event_refuses_change BEFORE UPDATE OR DELETE OR TRUNCATE ON journal_event
    FOR EACH STATEMENT EXECUTE FUNCTION journal_is_append_only()""",
]

for _dialect, _statements in (("sqlite", _SQLITE_TRIGGERS), ("postgresql", _POSTGRESQL_TRIGGERS)):
    for _statement in _statements:
        event.listen(
            journal_event,
            "after_create",
            DDL(_statement).execute_if(dialect=_dialect),  # type: ignore[no-untyped-call]  # DDL has no annotations
        )
