"""
The journal beside the least a durable log can cost: one write and one fdatasync a record, on the same disk.

    python benchmarks/journal.py

Exit 1 when a target is missed: at least 0.3 of that rate, 99th percentile at most 3 times, and 100 events in one
commit at least 10 times as fast as one by one.
"""

from __future__ import annotations

import os
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from incident.record.events import IncidentOpened, NoteAdded
from incident.record.journal import Journal

RECORDS = 500


def main(_argv: list[str] | None = None) -> int:
    folder = Path(tempfile.mkdtemp(prefix="incident-bench-"))
    journal = Journal(f"sqlite:///{folder / 'journal.db'}", heads=folder)
    now = datetime.now(UTC)
    note = NoteAdded("the service credential was revoked")
    try:
        journal.append("2026-001", [IncidentOpened("x")], actor="ann", now=now)
        with (folder / "log").open("ab", buffering=0) as log:

            def bare() -> None:
                log.write(b"x" * 600)
                os.fdatasync(log.fileno())

            theirs = _times(bare)
        ours = _times(lambda: journal.append("2026-001", [note], actor="ann", now=now))
        started = time.monotonic()
        journal.append("2026-001", [note] * 100, actor="ann", now=now)
        hundred = time.monotonic() - started
    finally:
        journal.close()
        shutil.rmtree(folder, ignore_errors=True)
    rows = [
        ("rate beside write + fdatasync", statistics.mean(theirs) / statistics.mean(ours), 0.3, True),
        ("99th percentile beside it", _p99(ours) / _p99(theirs), 3.0, False),
        ("100 in one commit beside one by one", statistics.mean(ours) * 100 / hundred, 10.0, True),
    ]
    print(f"{'journal':<38} {'ratio':>7} {'target':>8}")
    for what, ratio, target, at_least in rows:
        print(f"{what:<38} {ratio:>7.2f} {'>=' if at_least else '<='}{target:>6}")
    return int(any(ratio < target if at_least else ratio > target for _, ratio, target, at_least in rows))


def _times(work: Callable[[], object]) -> list[float]:
    times = []
    for _ in range(RECORDS):
        started = time.monotonic()
        work()
        times.append(time.monotonic() - started)
    return times


def _p99(times: list[float]) -> float:
    return sorted(times)[int(len(times) * 0.99)]


if __name__ == "__main__":
    sys.exit(main())
