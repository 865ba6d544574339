"""
The journal: append and read. It has no edit and no delete, and the database refuses both.

One table in SQLite by default, in PostgreSQL where several people write to one journal. The key (incident, sequence)
makes two writers collide; the one that loses reads again and retries.
"""

from __future__ import annotations

import contextlib
import os
import random
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy.engine import URL, Connection, Engine, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, IntegrityError, NoSuchModuleError, OperationalError

from incident.errors import OutsideError, RecordIntegrityError, UsageError
from incident.record import chain
from incident.record.events import Event, Happening
from incident.record.tables import SCHEMA_REVISION, journal_event, metadata, schema_revision

_Result = TypeVar("_Result")
_ATTEMPTS = 200  # collisions are won by somebody each time, so this many lost in a row means something else is wrong
_LOCK = 0x1DC1DE47  # the advisory lock under which a PostgreSQL store is created or migrated


class Collision(Exception):  # noqa: N818 - no fault: another writer was first, so read again
    """The incident went on since it was read."""


class Journal:
    """
    One store of journals, one chain per incident.

    Args:
        url: an SQLAlchemy URL, SQLite file or PostgreSQL.
        heads: a folder of this machine's own where the newest head seen of each incident is noted, so that a
            journal cut short behind the program's back is noticed.
    """

    def __init__(self, url: str, *, heads: Path) -> None:
        self._engine = _engine(url)
        self._heads = heads
        self._ready = False

    def append(
        self, incident: str, happenings: Sequence[Happening], *, actor: str, now: datetime, after: int | None = None
    ) -> list[Event]:
        """
        Record `happenings` in one durable transaction and return them as events.

        after: the sequence the decision was based on. Where the incident has gone on since, Collision is raised and
            nothing is recorded. None appends behind whatever is last.
        Raises OutsideError where the store cannot be written; then nothing was recorded.
        """
        for attempt in range(_ATTEMPTS):
            try:
                with self._writing() as connection:
                    last = _last(connection, incident)
                    if after is not None and last[0] != after:
                        raise Collision
                    rows = chain.link(happenings, incident=incident, actor=actor, now=now, last=last)
                    connection.execute(sa.insert(journal_event), [row._asdict() for row in rows])
            except IntegrityError:
                time.sleep(random.uniform(0, 0.002 * min(attempt + 1, 10)))  # noqa: S311 - a pause, not a secret
                continue
            self._note_head(incident, rows[-1].sequence, rows[-1].hash)
            return [chain.event_of(row) for row in rows]
        raise OutsideError(
            "Other writers were faster every time; nothing was recorded.", next_step="run the same command again"
        )

    def read(self, incident: str, *, since: int = 0) -> list[Event]:
        """
        The events after sequence `since`, in order; empty for an incident that is not here.

        A read from the start recomputes the chain; raises RecordIntegrityError where it does not hold.
        """
        try:
            rows = self._rows(incident, since)
            broken_at = chain.check(rows, witnessed=self._witnessed(incident)).broken_at if since == 0 else None
            if broken_at is None:
                return [chain.event_of(row) for row in rows]
        except (ValueError, TypeError):
            broken_at = None  # a value this program never writes; `verify` says where
        at = f" at event {broken_at}" if broken_at else ""
        raise RecordIntegrityError(
            f"The record of {incident} was changed behind this program's back{at}.",
            state="Nothing was done. Do not go on working in it.",
            next_step=f"incident verify {incident}, then compare with a backup of the journal",
        )

    def incidents(self) -> list[str]:
        """The ids of all incidents, oldest first; those too whose head was noted here and whose rows are gone."""
        with self._reading() as connection:
            ids = sa.select(journal_event.c.incident).distinct()
            found = {row[0] for row in connection.execute(ids)}
        return sorted(found | {file.stem for file in self._heads.glob("*.head")})

    def check(self, incident: str, *, head: str | None = None) -> chain.Verdict:
        """Recompute the chain; `head` and the head noted on this machine must be part of it."""
        witnessed = [*([(0, head, "--head")] if head else []), *self._witnessed(incident)]
        try:
            return chain.check(self._rows(incident, 0), witnessed=witnessed)
        except (ValueError, TypeError):  # a number or text that canonical JSON cannot hold
            return chain.Verdict(0, chain.GENESIS, 1, "a row holds what this program never writes")

    def close(self) -> None:
        self._engine.dispose()

    def _rows(self, incident: str, since: int) -> list[chain.Row]:
        columns = [journal_event.c[name] for name in chain.Row._fields]
        query = sa.select(*columns).where(journal_event.c.incident == incident, journal_event.c.sequence > since)
        with self._reading() as connection:
            return [chain.Row(*row) for row in connection.execute(query.order_by(journal_event.c.sequence))]

    @contextlib.contextmanager
    def _reading(self) -> Iterator[Connection]:
        with _outside_failures(self._engine):
            self._prepare()
            with self._engine.connect() as connection:
                yield connection

    @contextlib.contextmanager
    def _writing(self) -> Iterator[Connection]:
        with _outside_failures(self._engine):
            self._prepare()
            with self._engine.connect().execution_options(writes=True) as connection, connection.begin():
                yield connection

    def _prepare(self) -> None:
        """Create a new store, migrate an older one, refuse a newer one."""
        if self._ready:
            return
        with self._engine.connect() as connection:
            revision = _revision(connection)
        if revision is None:
            self._create()
        elif revision < SCHEMA_REVISION:
            _migrate(self._engine)
        elif revision > SCHEMA_REVISION:
            raise UsageError(
                f"This journal was written by a newer version (its form is {revision}, this one knows "
                f"{SCHEMA_REVISION}).",
                state="Nothing was changed.",
                next_step="update the program",
            )
        self._ready = True

    def _create(self) -> None:
        with self._engine.connect().execution_options(writes=True) as connection, connection.begin():
            _take_turns(connection)
            if _revision(connection) is None:
                metadata.create_all(connection)
                connection.execute(sa.insert(schema_revision).values(version_num=SCHEMA_REVISION))

    def _witnessed(self, incident: str) -> list[tuple[int, str, str]]:
        noted = self._noted_head(incident)
        return [(*noted, str(self._head_file(incident)))] if noted else []

    def _head_file(self, incident: str) -> Path:
        return self._heads / f"{incident}.head"

    def _note_head(self, incident: str, sequence: int, head: str) -> None:
        noted = self._noted_head(incident)
        if noted and noted[0] >= sequence:
            return
        # The note is a second witness, not the record: where it cannot be written, the event still stands. It is
        # written in place, one short line of fixed length, since replacing a file would force a flush to disk.
        with contextlib.suppress(OSError):
            self._heads.mkdir(parents=True, exist_ok=True, mode=0o700)
            note = os.open(self._head_file(incident), os.O_CREAT | os.O_WRONLY, 0o600)
            try:
                os.pwrite(note, f"{sequence:>12} {head}\n".encode(), 0)
            finally:
                os.close(note)

    def _noted_head(self, incident: str) -> tuple[int, str] | None:
        try:
            sequence, head = self._head_file(incident).read_text().split()
            return int(sequence), head
        except (OSError, ValueError):
            return None


def _engine(url: str) -> Engine:
    if url.startswith("postgres://"):  # the spelling many hosts print, which SQLAlchemy does not take
        url = "postgresql" + url.removeprefix("postgres")
    try:
        parsed = make_url(url)
        backend = parsed.get_backend_name()
        if backend == "sqlite":
            return _sqlite_engine(url, parsed.database)
        return sa.create_engine(parsed, isolation_level="READ COMMITTED", connect_args={"connect_timeout": 10})
    except (ArgumentError, NoSuchModuleError, ModuleNotFoundError, TypeError) as error:
        raise UsageError(
            "INCIDENT_STORE is not the URL of a database this program can write to.",
            next_step="postgresql+psycopg://USER:PASSWORD@HOST/DATABASE, with the `postgres` extra installed",
        ) from error


def _sqlite_engine(url: str, database: str | None) -> Engine:
    writable = _make_private(database) if database and database != ":memory:" else True
    if not writable:
        # A copy that may only be read, a lawyer's for example. Without a -wal file beside it nothing can change it.
        unchanging = "" if Path(f"{database}-wal").exists() else "&immutable=1"
        url = f"sqlite:///file:{database}?mode=ro{unchanging}&uri=true"
    engine = sa.create_engine(url, connect_args={"timeout": 60})

    @sa.event.listens_for(engine, "connect")
    def _connect(connection: Any, _record: Any) -> None:
        connection.isolation_level = None  # transactions are begun below, not by the driver
        for pragma in ("journal_mode=WAL", "synchronous=FULL") if writable else ():
            connection.execute(f"PRAGMA {pragma}")

    @sa.event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        # A writer takes the lock before it reads the last row; readers never wait.
        immediate = connection.get_execution_options().get("writes")
        connection.exec_driver_sql("BEGIN IMMEDIATE" if immediate else "BEGIN")

    return engine


def _make_private(database: str) -> bool:
    """
    Create the file where there is none, and say whether it can be written.

    It is created here, not by SQLite, so that it is private from its first moment; -wal and -shm copy its mode.
    """
    try:
        os.close(os.open(database, os.O_CREAT | os.O_RDWR, 0o600))
    except OSError as error:
        if os.access(database, os.R_OK):
            return False
        raise OutsideError(
            f"The journal {database} cannot be written: {error.strerror}.",
            state="Nothing was recorded.",
            next_step="choose another folder with --workspace DIR",
        ) from error
    return os.access(Path(database).parent, os.W_OK)


def _last(connection: Connection, incident: str) -> tuple[int, str]:
    query = sa.select(journal_event.c.sequence, journal_event.c.hash).where(journal_event.c.incident == incident)
    row = connection.execute(query.order_by(journal_event.c.sequence.desc()).limit(1)).first()
    return (row[0], row[1]) if row else (0, chain.GENESIS)


def _revision(connection: Connection) -> str | None:
    if not sa.inspect(connection).has_table(schema_revision.name):
        return None
    return connection.execute(sa.select(schema_revision.c.version_num)).scalar()


def _take_turns(connection: Connection) -> None:
    if connection.dialect.name == "postgresql":  # SQLite's BEGIN IMMEDIATE has done it already
        connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_LOCK)))


def _migrate(engine: Engine) -> None:
    from alembic import command  # loaded only for an older store: it costs more than everything else here
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", "incident.record:migrations")
    with engine.connect().execution_options(writes=True) as connection, connection.begin():
        _take_turns(connection)
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def _is_read_only(url: URL) -> bool:
    return url.query.get("mode") == "ro"


def _named(url: URL) -> str:
    """The file of an SQLite journal as a person calls it, of another one its URL without the password."""
    if url.get_backend_name() == "sqlite" and url.database:
        return url.database.removeprefix("file:")
    return f"at {url.render_as_string(hide_password=True)}"


@contextlib.contextmanager
def _outside_failures(engine: Engine) -> Iterator[None]:
    """Say what a failing store means, by its file or its URL without the password, and without the rows written."""
    try:
        yield
    except IntegrityError:
        raise
    except (OperationalError, DBAPIError) as error:
        where = _named(engine.url)
        reason = str(error.orig).strip().splitlines()[0] if str(error.orig).strip() else "no reason given"
        if any(word in reason for word in ("not a database", "malformed")):
            raise RecordIntegrityError(
                f"The journal {where} is damaged: {reason}.",
                state="Nothing was recorded. Keep the file as it is.",
                next_step="compare with a backup of the journal",
            ) from error
        if _is_read_only(engine.url):
            raise OutsideError(
                f"The journal {where} can only be read here: {reason}.",
                state="Nothing was recorded.",
                next_step="work where it may be written, or in a copy of the folder: --workspace DIR",
            ) from error
        raise OutsideError(
            f"The journal {where} could not be used: {reason}.",
            state="Nothing was recorded.",
            next_step="mend the cause, then run the same command again",
        ) from error


def on_collision(decide: Callable[[], _Result]) -> _Result:
    """Run `decide` again for as long as another writer was first; it reads, decides and appends with `after`."""
    for _ in range(_ATTEMPTS):
        with contextlib.suppress(Collision):
            return decide()
    raise OutsideError("Other writers were faster every time; nothing was recorded.")
