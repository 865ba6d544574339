"""The journal, on every database it can live in: append-only, one chain, safe with two writers."""

from __future__ import annotations

import contextlib
import itertools
import sqlite3
import stat
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa
from hypothesis import given, settings
from hypothesis import strategies as st

from incident.errors import OutsideError, RecordIntegrityError, UsageError
from incident.record import chain
from incident.record.events import IncidentOpened, NoteAdded
from incident.record.journal import Collision, Journal
from incident.record.tables import SCHEMA_REVISION, journal_event, metadata

NOW = datetime(2026, 11, 21, 1, 5, tzinfo=UTC)


@pytest.fixture(params=["sqlite", "postgresql"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'journal.db'}"
    return str(request.getfixturevalue("postgres_url"))


@pytest.fixture
def journal(store: str, tmp_path: Path) -> Iterator[Journal]:
    with opened(store, tmp_path / "heads") as journal:
        yield journal


@contextlib.contextmanager
def opened(store: str, heads: Path) -> Iterator[Journal]:
    journal = Journal(store, heads=heads)
    try:
        yield journal
    finally:
        journal.close()


def fill(journal: Journal, notes: int = 4) -> None:
    journal.append("2026-001", [IncidentOpened("a test")], actor="ann", now=NOW)
    journal.append("2026-001", [NoteAdded(f"note {n} Õ") for n in range(notes)], actor="ann", now=NOW)


def tamper(store: str, statement: str) -> None:
    """Change the journal as somebody with the database's own tools would: triggers off, then at it."""
    engine = sa.create_engine(store)
    with engine.begin() as connection:
        if engine.dialect.name == "sqlite":
            connection.exec_driver_sql("DROP TRIGGER journal_event_refuses_update")
            connection.exec_driver_sql("DROP TRIGGER journal_event_refuses_delete")
        else:
            connection.exec_driver_sql("ALTER TABLE journal_event DISABLE TRIGGER USER")
        connection.exec_driver_sql(statement)
    engine.dispose()


def test_what_was_appended_is_read_back_in_order_as_one_chain(journal: Journal) -> None:
    fill(journal)
    events = journal.read("2026-001")
    assert [event.sequence for event in events] == [1, 2, 3, 4, 5]
    assert events[0].previous_hash == chain.GENESIS
    assert all(later.previous_hash == earlier.hash for earlier, later in itertools.pairwise(events))
    assert events[3].body["text"] == "note 2 Õ"
    assert journal.check("2026-001").ok


@pytest.mark.parametrize("statement", ["UPDATE journal_event SET actor = 'eve'", "DELETE FROM journal_event"])
def test_the_database_itself_refuses_to_change_a_row(journal: Journal, store: str, statement: str) -> None:
    fill(journal)
    engine = sa.create_engine(store)
    with pytest.raises(sa.exc.DBAPIError, match="append-only"), engine.begin() as connection:
        connection.exec_driver_sql(statement)
    engine.dispose()


@pytest.mark.parametrize(
    ("statement", "broken_at"),
    [
        ("UPDATE journal_event SET actor = 'eve' WHERE sequence = 3", 3),
        ("UPDATE journal_event SET body = replace(body, 'note 1', 'note 9') WHERE sequence = 3", 3),
        ("UPDATE journal_event SET recorded_at = '2026-11-21T01:06:00Z' WHERE sequence = 1", 1),
        ("UPDATE journal_event SET hash = '00' || substr(hash, 3) WHERE sequence = 4", 4),
        ("DELETE FROM journal_event WHERE sequence = 2", 2),
        ("DELETE FROM journal_event WHERE sequence = 1", 1),
        ("DELETE FROM journal_event WHERE sequence = 5", 5),
        ("DELETE FROM journal_event WHERE sequence > 0", 1),
        ("UPDATE journal_event SET sequence = 9 WHERE sequence = 5", 5),
        ("UPDATE journal_event SET body = 'no json' WHERE sequence = 5", 5),
        ("UPDATE journal_event SET version = 2 WHERE sequence = 2", 2),
    ],
)
def test_a_change_behind_the_programs_back_is_found_where_it_was_made(
    journal: Journal, store: str, statement: str, broken_at: int
) -> None:
    fill(journal)
    tamper(store, statement)
    verdict = journal.check("2026-001")
    assert (verdict.ok, verdict.broken_at) == (False, broken_at)


def test_a_damaged_record_is_not_worked_with(journal: Journal, store: str) -> None:
    fill(journal)
    tamper(store, "UPDATE journal_event SET actor = 'eve' WHERE sequence = 3")
    with pytest.raises(RecordIntegrityError, match="at event 3"):
        journal.read("2026-001")


def test_a_head_noted_elsewhere_proves_that_nothing_was_cut_off(journal: Journal, store: str, tmp_path: Path) -> None:
    fill(journal)
    head = journal.check("2026-001").head
    tamper(store, "DELETE FROM journal_event WHERE sequence = 5")
    with opened(store, tmp_path / "another machine") as elsewhere:
        assert elsewhere.check("2026-001").ok  # nothing inside the store can show a cut end
        assert elsewhere.check("2026-001", head=head).broken_at == 5
        earlier = elsewhere.check("2026-001").head
        assert elsewhere.check("2026-001", head=earlier).ok


def test_who_decides_on_an_old_state_collides(journal: Journal) -> None:
    fill(journal, notes=1)
    with pytest.raises(Collision):
        journal.append("2026-001", [NoteAdded("late")], actor="bob", now=NOW, after=1)
    assert len(journal.read("2026-001")) == 2


WRITER = """
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from incident.record.events import NoteAdded
from incident.record.journal import Journal
journal = Journal(sys.argv[1], heads=Path(sys.argv[2]))
for number in range(1000):
    journal.append("2026-001", [NoteAdded(f"{sys.argv[3]} {number}")], actor=sys.argv[3], now=datetime.now(UTC))
"""


def test_two_processes_append_a_thousand_events_each_to_one_chain(journal: Journal, store: str, tmp_path: Path) -> None:
    journal.append("2026-001", [IncidentOpened("two at once")], actor="ann", now=NOW)
    writers = [
        subprocess.Popen([sys.executable, "-c", WRITER, store, str(tmp_path / "heads"), name])
        for name in ("ann", "bob")
    ]
    assert [writer.wait(timeout=300) for writer in writers] == [0, 0]
    events = journal.read("2026-001")
    assert len(events) == 2001
    for name in ("ann", "bob"):
        assert [event.body["text"] for event in events if event.actor == name and event.sequence > 1] == [
            f"{name} {number}" for number in range(1000)
        ]
    assert journal.check("2026-001").ok


def test_a_new_store_equals_one_that_was_migrated_from_the_first_schema(store: str, tmp_path: Path) -> None:
    from alembic import command
    from alembic.config import Config

    with opened(store, tmp_path) as fresh:
        fill(fresh)
    engine = sa.create_engine(store)
    made = _schema(engine)
    with engine.begin() as connection:
        metadata.drop_all(connection)
        if engine.dialect.name == "postgresql":
            connection.exec_driver_sql("DROP FUNCTION journal_is_append_only")
        config = Config()
        config.set_main_option("script_location", "incident.record:migrations")
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
    assert _schema(engine) == made
    with engine.connect() as connection:
        assert connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar() == SCHEMA_REVISION
    engine.dispose()


def _schema(engine: sa.Engine) -> object:
    inspector = sa.inspect(engine)
    with engine.connect() as connection:
        triggers = "SELECT name FROM sqlite_master WHERE type = 'trigger' ORDER BY 1"
        if engine.dialect.name == "postgresql":
            triggers = "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal ORDER BY 1"
        names = [row[0] for row in connection.exec_driver_sql(triggers)]
    columns = [(c["name"], str(c["type"]), c["nullable"]) for c in inspector.get_columns(journal_event.name)]
    unique = sorted(tuple(c["column_names"]) for c in inspector.get_unique_constraints(journal_event.name))
    return columns, inspector.get_pk_constraint(journal_event.name)["constrained_columns"], unique, names


def test_a_journal_of_a_newer_program_is_left_alone(store: str, tmp_path: Path) -> None:
    with opened(store, tmp_path) as journal:
        fill(journal)
    engine = sa.create_engine(store)
    with engine.begin() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    engine.dispose()
    with pytest.raises(UsageError, match="newer version"), opened(store, tmp_path) as later:
        later.read("2026-001")


def test_the_files_are_for_their_owner_only(tmp_path: Path) -> None:
    with opened(f"sqlite:///{tmp_path / 'journal.db'}", tmp_path / "heads") as journal:
        fill(journal)
        for file in [*tmp_path.glob("journal.db*"), *(tmp_path / "heads").iterdir()]:
            assert stat.S_IMODE(file.stat().st_mode) == 0o600, file


def test_what_is_no_database_is_said_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "journal.db").write_bytes(b"this is a letter, not a database" * 100)
    with (
        opened(f"sqlite:///{tmp_path / 'journal.db'}", tmp_path) as journal,
        pytest.raises(RecordIntegrityError, match="is damaged"),
    ):
        journal.read("2026-001")
    with pytest.raises(UsageError, match="INCIDENT_STORE"):
        Journal("no url at all", heads=tmp_path)


def test_a_store_that_cannot_be_reached_says_so_without_its_password(tmp_path: Path) -> None:
    url = "postgresql+psycopg://ann:s3cret@127.0.0.1:1/none"
    with opened(url, tmp_path) as journal, pytest.raises(OutsideError) as failure:
        journal.read("2026-001")
    assert "s3cret" not in " ".join(failure.value.lines())
    assert "Nothing was recorded" in str(failure.value.state)


def test_an_event_of_a_kind_this_program_does_not_know_is_kept(journal: Journal, tmp_path: Path) -> None:
    class FromTheFuture(NoteAdded):
        kind = "from-the-future"  # type: ignore[misc]  # a kind no release has

    fill(journal, notes=1)
    journal.append("2026-001", [FromTheFuture("hello")], actor="ann", now=NOW)
    assert journal.read("2026-001")[-1].kind == "from-the-future"
    assert journal.check("2026-001").ok


texts = st.text(alphabet=st.characters(codec="utf-8", exclude_characters="\x00"), max_size=40)


@settings(max_examples=40)
@given(st.lists(texts, min_size=1, max_size=8), st.data())
def test_no_single_changed_value_goes_unnoticed(notes: list[str], data: st.DataObject) -> None:
    happenings = [IncidentOpened("x"), *(NoteAdded(text) for text in notes)]
    rows = chain.link(happenings, incident="2026-001", actor="ann", now=NOW, last=(0, chain.GENESIS))
    assert chain.check(rows).ok
    at = data.draw(st.integers(0, len(rows) - 1))
    field = data.draw(st.sampled_from(["actor", "body", "kind", "recorded_at", "previous_hash", "hash", "incident"]))
    changed = [*rows]
    changed[at] = rows[at]._replace(**{field: getattr(rows[at], field) + " "})
    assert not chain.check(changed).ok
    assert not chain.check([*rows[:at], *rows[at + 1 :]], witnessed=[(len(rows), rows[-1].hash, "here")]).ok


def test_an_unwritable_folder_is_said_and_nothing_is_half_made(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(OutsideError, match="cannot be written"):
        Journal(f"sqlite:///{tmp_path / 'file' / 'journal.db'}", heads=tmp_path)


def test_a_full_disk_records_nothing_and_says_so(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'journal.db'}"
    with opened(url, tmp_path / "heads") as journal:
        fill(journal)
    with contextlib.closing(sqlite3.connect(tmp_path / "journal.db")) as connection:
        pages = connection.execute("PRAGMA page_count").fetchone()[0]
    with opened(url, tmp_path / "heads") as journal:

        @sa.event.listens_for(journal._engine, "connect")
        def _limit(connection: sqlite3.Connection, _record: object) -> None:
            connection.execute(f"PRAGMA max_page_count={pages}")

        with pytest.raises(OutsideError, match="full"):
            journal.append("2026-001", [NoteAdded("x" * 100_000)], actor="ann", now=NOW)
        assert journal.check("2026-001").events == 5
