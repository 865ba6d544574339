"""What a long scope says while it reads."""

from __future__ import annotations

import pytest

from incident.scope.progress import Progress, progress_line


@pytest.mark.parametrize(
    ("accounts", "expected", "seconds", "line"),
    [
        (0, None, 0.0, "0 accounts read, 0 a second"),
        (50_000, None, 2.0, "50,000 accounts read, 25,000 a second"),
        (50_000, 100_000, 2.0, "50,000 accounts read, 25,000 a second, about 2 s left of about 100,000"),
        (10_000, 10_000_000, 1.0, "10,000 accounts read, 10,000 a second, about 16 min 39 s left of about 10,000,000"),
        (200_000, 100_000, 2.0, "200,000 accounts read, 100,000 a second"),  # the planner was wrong
    ],
)
def test_the_line(accounts: int, expected: int | None, seconds: float, line: str) -> None:
    assert progress_line(accounts, expected, seconds) == line


def test_without_a_terminal_only_a_heavy_run_is_announced(capsys: pytest.CaptureFixture[str]) -> None:
    for rows in (None, 99_999, 100_000):
        progress = Progress(is_terminal=False)
        progress.begins(rows)
        progress.read(1000)
        progress.ends()
    assert capsys.readouterr().err.splitlines() == [
        "The database expects about 100,000 accounts. You may stop it with Ctrl-C; then nothing is sealed."
    ]
