"""How far a scope has come, on one line of a terminal: accounts, rate, time left."""

from __future__ import annotations

import sys
import time

_EVERY = 0.25  # seconds between two lines
_HEAVY = 100_000  # accounts


class Progress:
    """
    Writes to stderr. The time left is a guess from the planner's number, and says "about".

    is_terminal: where it is none, only what a long run will be is said, once.
    """

    def __init__(self, *, is_terminal: bool) -> None:
        self._is_terminal = is_terminal
        self._rows: int | None = None
        self._accounts = 0
        self._started = self._shown = time.monotonic()

    def begins(self, rows: int | None) -> None:
        self._rows, self._started = rows, time.monotonic()
        if rows is not None and rows >= _HEAVY:
            sys.stderr.write(
                f"The database expects about {rows:,} accounts. You may stop it with Ctrl-C; then nothing is sealed.\n"
            )

    def read(self, accounts: int) -> None:
        self._accounts += accounts
        now = time.monotonic()
        if self._is_terminal and now - self._shown >= _EVERY:
            self._shown = now
            sys.stderr.write(f"\r{progress_line(self._accounts, self._rows, now - self._started)}\x1b[K")
            sys.stderr.flush()

    def ends(self) -> None:
        """Leave the line empty for what is printed next."""
        if self._is_terminal:
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()


def progress_line(accounts: int, expected: int | None, seconds: float) -> str:
    """One line. expected: how many accounts the planner thinks there are; seconds: since the reading began."""
    rate = accounts / seconds if seconds > 0 else 0.0
    line = f"{accounts:,} accounts read, {rate:,.0f} a second"
    if expected is None or expected <= accounts or not rate:
        return line
    return f"{line}, about {_duration((expected - accounts) / rate)} left of about {expected:,}"


def _duration(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest:02} s" if minutes else f"{rest} s"
