"""
Start-up beside a peer in the same run: `--help` and `--version` beside `mailmerge --help` where that is installed, and
`open`, durable write included, beside an interpreter that imports typer and sqlalchemy and commits one row.

    python benchmarks/startup.py

Each pair runs in turns; the median of the ratios counts. Exit 1 when a target is missed.
"""

from __future__ import annotations

import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROUNDS = 9
INCIDENT = [sys.executable, "-m", "incident"]
COMMIT = """
import sys, typer, sqlalchemy as sa
engine = sa.create_engine("sqlite:///" + sys.argv[1])
with engine.begin() as connection:
    connection.exec_driver_sql("PRAGMA synchronous=FULL")
    connection.exec_driver_sql("CREATE TABLE IF NOT EXISTS event (body TEXT)")
    connection.exec_driver_sql("INSERT INTO event VALUES ('x')")
"""


def main(_argv: list[str] | None = None) -> int:
    folder = Path(tempfile.mkdtemp(prefix="incident-bench-"))
    mailmerge = shutil.which("mailmerge")
    peer = [sys.executable, "-c", COMMIT, str(folder / "peer.db")]
    pairs = [("open", [*INCIDENT, "--workspace", str(folder / "workspace"), "open", "x"], "import + commit", peer, 1.2)]
    if mailmerge:
        for word in ("--help", "--version"):
            pairs.append((word, [*INCIDENT, word], "mailmerge --help", [mailmerge, "--help"], 0.6))
    else:
        print("mailmerge is not installed: --help and --version were not compared", file=sys.stderr)
    print(f"{'what':<12} {'ms':>7} {'peer':<18} {'ms':>7} {'ratio':>6} {'target':>7}")
    missed = False
    try:
        for what, command, peer_name, peer_command, target in pairs:
            ours, theirs = _in_turns(command, peer_command)
            ratio = statistics.median(one / other for one, other in zip(ours, theirs, strict=True))
            missed = missed or ratio > target
            print(
                f"{what:<12} {statistics.median(ours) * 1000:>7.0f} {peer_name:<18} "
                f"{statistics.median(theirs) * 1000:>7.0f} {ratio:>6.2f} {target:>7}"
            )
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return int(missed)


def _in_turns(command: list[str], peer: list[str]) -> tuple[list[float], list[float]]:
    environ = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    _timed(command, environ), _timed(peer, environ)  # the first run compiles
    rounds = [(_timed(command, environ), _timed(peer, environ)) for _ in range(ROUNDS)]
    return [ours for ours, _ in rounds], [theirs for _, theirs in rounds]


def _timed(command: list[str], environ: dict[str, str]) -> float:
    started = time.monotonic()
    subprocess.run(command, env=environ, check=True, capture_output=True)
    return time.monotonic() - started


if __name__ == "__main__":
    sys.exit(main())
