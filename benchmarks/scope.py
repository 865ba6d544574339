"""
How long a scope takes, and how much memory, beside each database's own client writing the same SELECT to a file, with
sha256sum of it.

    python -m benchmarks.scope [ACCOUNTS …]      100000 and 1000000 when none is given; 10000000 takes half an hour

PostgreSQL and MariaDB are started in a temporary folder and filled. Program and client run against the same server in
turns, three times each; the fastest of each counts. Exit 1 when a target is missed.
"""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import psycopg
import pymysql

ROUNDS = 3
# Against the client, by size: the target of the largest size that is not larger.
TARGETS = {
    "postgresql": {1_000_000: 1.6, 10_000_000: 1.25},
    "mysql": {1_000_000: 1.3},
    "sqlite": {1_000_000: 2.2},
}
MEMORY_MIB = 100
GROWTH = 1.15  # microseconds a row, of the largest size against 1,000,000
MAP = """
[accounts]
table = "accounts"
key = "id"
email = "email"
name = "name"
locale = "lang"
country = "country"
created_at = "created_at"
deleted_at = "deleted_at"
last_seen_at = "last_seen_at"
[holds]
email = ["user.contact.email"]
card = ["user.financial.card_summary"]
"""
NAMES = ("Mari Maasikas", "O''Neill-Õunapuu", "Дарья Иванова", "Jānis Bērziņš", "李雷")
LANGUAGES, COUNTRIES = ("et", "en", "ru", "lv", "fi"), ("EE", "LV", "FI", "DE", "SE", "FR")


@dataclass
class Engine:
    """One database with `accounts` rows. client: writes the same SELECT to a file; None where it is not installed."""

    name: str
    url: str
    fill: Callable[[int], None]
    client: Callable[[str, Path], list[str]]
    program: str


def main(argv: list[str]) -> int:
    sizes = sorted(int(word) for word in argv) or [100_000, 1_000_000]
    folder = Path(tempfile.mkdtemp(prefix="incident-bench-"))
    (folder / "map.toml").write_text(MAP, encoding="utf-8")
    print(f"{'':<11}{'accounts':>12}{'scope':>10}{'µs a row':>10}{'client + sha256sum':>20}{'ratio':>7}", end="")
    print(f"{'target':>8}{'peak memory':>14}")
    missed = False
    try:
        for opened in (_postgresql, _mariadb, _sqlite):
            with opened(folder) as engine:
                missed = _compared(engine, sizes, folder) or missed
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return int(missed)


def _compared(engine: Engine, sizes: list[int], folder: Path) -> bool:
    """Print a row for each size; whether a target was missed."""
    missed, micros = False, {}
    for accounts in sizes:
        engine.fill(accounts)
        seconds, peak, client = _measured(engine, folder)
        micros[accounts] = seconds / accounts * 1e6
        targets = TARGETS[engine.name]
        target = targets.get(max((size for size in targets if size <= accounts), default=0))
        ratio = seconds / client if client else None
        over = ratio is not None and target is not None and ratio > target
        missed = missed or over or peak > MEMORY_MIB
        print(
            f"{engine.name:<11}{accounts:>12,}{seconds:>9.2f}s{micros[accounts]:>10.2f}"
            f"{f'{client:.2f}s' if client else f'no {engine.program}':>20}{f'{ratio:.2f}' if ratio else '-':>7}"
            f"{target or '-':>8}{peak:>10.0f} MiB{'  MISSED' if over or peak > MEMORY_MIB else ''}",
            flush=True,
        )
    largest = max(sizes)
    if largest > 1_000_000 in micros:
        growth = micros[largest] / micros[1_000_000]
        print(f"{'':<11}{growth:.2f} times the time a row of 1,000,000; target {GROWTH}")
        missed = missed or growth > GROWTH
    return missed


def _measured(engine: Engine, folder: Path) -> tuple[float, float, float | None]:
    """Seconds and peak MiB of the scope, seconds of the client; the fastest of several turns."""
    scopes, clients = [], []
    for _ in range(ROUNDS):  # in turns, so that both see the same warm caches
        scopes.append(_scope(engine.url, folder))
        clients.append(_client(engine, folder))
    fastest = min((client for client in clients if client is not None), default=None)
    return min(seconds for seconds, _ in scopes), max(peak for _, peak in scopes), fastest


def _scope(url: str, folder: Path) -> tuple[float, float]:
    """Seconds of the whole command, interpreter included, and the peak memory of its process in MiB."""
    workspace = folder / "workspace"
    environ = {**os.environ, "INCIDENT_WORKSPACE": str(workspace)}
    environ.pop("PYTHONDONTWRITEBYTECODE", None)  # it would charge every run with compiling
    program = [sys.executable, "-m", "incident"]
    subprocess.run([*program, "open", "benchmark"], env=environ, check=True, capture_output=True)
    command = [*program, "scope", "run", "--database", url, "--map", str(folder / "map.toml"), "--everyone", "--json"]
    started = time.monotonic()
    child = subprocess.Popen(command, env=environ, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    assert child.stdout is not None  # noqa: S101 - a pipe was asked for
    answer = child.stdout.read()
    _, status, usage = os.wait4(child.pid, 0)
    seconds = time.monotonic() - started
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode or not json.loads(answer)["accounts"]:
        raise SystemExit("the scope failed")
    shutil.rmtree(workspace)
    return seconds, usage.ru_maxrss / 1024


def _client(engine: Engine, folder: Path) -> float | None:
    """Seconds of the client and of sha256sum of what it wrote; None where one of them is not installed."""
    digest = shutil.which("sha256sum")
    if not shutil.which(engine.program) or not digest:
        return None
    out = folder / "out.txt"
    command = engine.client(_statement(engine.url, folder), out)
    started = time.monotonic()
    with out.open("wb") as file:
        subprocess.run(command, check=True, stdout=file, stderr=subprocess.DEVNULL)
    subprocess.run([digest, str(out)], check=True, capture_output=True)
    return time.monotonic() - started


def _statement(url: str, folder: Path) -> str:
    """The very SELECT that the scope runs, its parameters written out."""
    from incident.scope.databases import open_accounts
    from incident.scope.mapfile import read_datamap
    from incident.scope.questions import Question
    from incident.scope.sql import compile_scope

    datamap = read_datamap(folder / "map.toml")
    with open_accounts(url) as accounts:
        schema = accounts.probe(datamap)
        statements = compile_scope(Question(everyone=True), datamap, schema, accounts.engine)
        options: dict[str, Any] = {"literal_binds": True}
        text = str(statements.people.compile(dialect=accounts.engine.dialect, compile_kwargs=options))
        return " ".join(text.replace("%%", "%").split())


@contextmanager
def _postgresql(folder: Path) -> Iterator[Engine]:
    from tests import servers

    def fill(accounts: int) -> None:
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute("DROP TABLE IF EXISTS accounts")
            connection.execute(
                f"""CREATE TABLE accounts AS SELECT id, 'person' || id || '@example.com' AS email,
                {_chosen("(ARRAY[{}])[1 + id % {}]", NAMES)} AS name,
                {_chosen("(ARRAY[{}])[1 + id % {}]", LANGUAGES)} AS lang,
                {_chosen("(ARRAY[{}])[1 + id % {}]", COUNTRIES)} AS country,
                timestamptz '2020-01-01' + id * interval '97 seconds' AS created_at,
                CASE WHEN id % 50 = 0 THEN timestamptz '2026-01-01' END AS deleted_at,
                timestamptz '2026-01-01' + id * interval '7 seconds' AS last_seen_at,
                CASE WHEN id % 3 = 0 THEN 'visa 4242' END AS card, repeat('x', 60) AS bcrypt
                FROM generate_series(1::bigint, {accounts}) AS id""".encode()  # noqa: S608 - our own table
            )
            connection.execute("ALTER TABLE accounts ADD PRIMARY KEY (id)")
            connection.execute("VACUUM ANALYZE accounts")
            connection.execute("CHECKPOINT")

    with servers.postgres_server() as server_url, servers.fresh_database(server_url) as url:

        def client(statement: str, out: Path) -> list[str]:
            return ["psql", "-q", url, "-c", f"\\copy ({statement}) to '{out}'"]

        yield Engine("postgresql", url, fill, client, "psql")


@contextmanager
def _mariadb(folder: Path) -> Iterator[Engine]:
    from tests import servers

    with servers.mariadb_server() as server_url, servers.fresh_mariadb(server_url) as url:
        socket, name = unquote(url.partition("unix_socket=")[2]), url.partition("localhost/")[2].partition("?")[0]

        def fill(accounts: int) -> None:
            with pymysql.connect(unix_socket=socket, user="root", database=name, autocommit=True) as connection:
                cursor = connection.cursor()
                cursor.execute("DROP TABLE IF EXISTS accounts")
                cursor.execute(
                    """CREATE TABLE accounts (id bigint PRIMARY KEY, email varchar(255), name varchar(255),
                    lang varchar(10), country varchar(2), created_at datetime, deleted_at datetime,
                    last_seen_at datetime, card varchar(40), bcrypt varchar(60))"""
                )
                cursor.execute(
                    f"""INSERT INTO accounts SELECT seq, CONCAT('person', seq, '@example.com'),
                    {_chosen("ELT(1 + seq % {1}, {0})", NAMES)}, {_chosen("ELT(1 + seq % {1}, {0})", LANGUAGES)},
                    {_chosen("ELT(1 + seq % {1}, {0})", COUNTRIES)},
                    '2020-01-01' + INTERVAL seq * 97 SECOND, IF(seq % 50 = 0, '2026-01-01', NULL),
                    '2026-01-01' + INTERVAL seq * 7 SECOND, IF(seq % 3 = 0, 'visa 4242', NULL), REPEAT('x', 60)
                    FROM seq_1_to_{accounts}"""  # noqa: S608 - our own table
                )
                cursor.execute("ANALYZE TABLE accounts")

        def client(statement: str, out: Path) -> list[str]:
            options = ["--no-defaults", "--quick", "--batch", "--skip-column-names", "--default-character-set=utf8mb4"]
            return ["mariadb", *options, f"--socket={socket}", "--user=root", name, "-e", statement]

        yield Engine("mysql", url, fill, client, "mariadb")


@contextmanager
def _sqlite(folder: Path) -> Iterator[Engine]:
    file = folder / "accounts.db"

    def fill(accounts: int) -> None:
        file.unlink(missing_ok=True)
        with sqlite3.connect(file) as connection:
            connection.execute(
                f"""CREATE TABLE accounts AS
                WITH RECURSIVE one(id) AS (SELECT 1 UNION ALL SELECT id + 1 FROM one WHERE id < {accounts})
                SELECT id, 'person' || id || '@example.com' AS email, {_case(NAMES)} AS name,
                {_case(LANGUAGES)} AS lang, {_case(COUNTRIES)} AS country,
                datetime('2020-01-01', (id * 97) || ' seconds') AS created_at,
                CASE WHEN id % 50 = 0 THEN '2026-01-01 00:00:00' END AS deleted_at,
                datetime('2026-01-01', (id * 7) || ' seconds') AS last_seen_at,
                CASE WHEN id % 3 = 0 THEN 'visa 4242' END AS card, '{"x" * 60}' AS bcrypt FROM one"""  # noqa: S608 - our own
            )
        connection.close()

    def client(statement: str, out: Path) -> list[str]:
        # The shell lacks the program's own function, which these plain times never reach.
        return ["sqlite3", str(file), statement.replace("incident_utc(", "coalesce(")]

    yield Engine("sqlite", f"sqlite:///{file}", fill, client, "sqlite3")


def _chosen(form: str, words: tuple[str, ...]) -> str:
    return form.format(", ".join(f"'{word}'" for word in words), len(words))


def _case(words: tuple[str, ...]) -> str:
    whens = " ".join(f"WHEN {number} THEN '{word}'" for number, word in enumerate(words))
    return f"CASE id % {len(words)} {whens} END"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
