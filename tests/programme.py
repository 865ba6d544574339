"""The program as a test runs it: whole commands, in a workspace of its own, at a fixed time."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from incident.cli import main

FIVE_PAST_THREE = datetime(2026, 11, 21, 1, 5, tzinfo=UTC)  # Saturday, 03:05 in Tallinn


@dataclass(frozen=True)
class Result:
    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


@dataclass
class Programme:
    """`run` a command line; `clock` is what the program takes for now."""

    folder: Path
    capture: pytest.CaptureFixture[str]
    actor: str = "ann"
    clock: datetime = FIVE_PAST_THREE
    environ: dict[str, str] = field(default_factory=dict)

    def run(self, *argv: str, actor: str | None = None) -> Result:
        environ = {
            "INCIDENT_WORKSPACE": str(self.folder),
            "INCIDENT_ACTOR": actor or self.actor,
            **self.environ,
        }
        self.capture.readouterr()
        code = main([str(word) for word in argv], environ=environ, now=lambda: self.clock)
        captured = self.capture.readouterr()
        return Result(code, captured.out, captured.err)

    def ok(self, *argv: str, actor: str | None = None) -> Result:
        """`run`, and fail the test where the exit code is not 0."""
        result = self.run(*argv, actor=actor)
        assert result.code == 0, result.out + result.err
        return result

    def json(self, *argv: str, actor: str | None = None) -> Any:
        return self.ok(*argv, "--json", actor=actor).json

    def later(self, **span: float) -> None:
        self.clock += timedelta(**span)


def damage(file: Path) -> None:
    """Change one bit in the middle of a file."""
    whole = bytearray(file.read_bytes())
    whole[len(whole) // 2] ^= 1
    file.write_bytes(whole)


Start = Callable[..., Programme]
