"""The journal: one append-only table."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "journal_event",
        sa.Column("incident", sa.Text, primary_key=True),
        sa.Column("sequence", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("recorded_at", sa.Text, nullable=False),
        sa.Column("actor", sa.Text, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("body", sa.Text, nullable=False),
        sa.Column("previous_hash", sa.Text, nullable=False),
        sa.Column("hash", sa.Text, nullable=False, unique=True),
    )
    if op.get_bind().dialect.name == "sqlite":
        for verb in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER journal_event_refuses_{verb.lower()} BEFORE {verb} ON journal_event "
                "BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END"
            )
        return
    op.execute(
        "CREATE OR REPLACE FUNCTION journal_is_append_only() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION 'the journal is append-only'; END $$"
    )
    op.execute(
        "CREATE TRIGGER journal_event_refuses_change BEFORE UPDATE OR DELETE OR TRUNCATE ON journal_event "
        "FOR EACH STATEMENT EXECUTE FUNCTION journal_is_append_only()"
    )


def downgrade() -> None:
    raise RuntimeError("a journal is never taken back")
