"""Run by the migration tool: applies the revisions over the connection that `journal.py` hands in."""

from alembic import context

connection = context.config.attributes["connection"]
context.configure(connection=connection)
context.run_migrations()
