"""What the command line and the environment chose; light enough to be read before anything else is imported."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path


def _utc_now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True)
class Settings:
    """
    What the command line and the environment chose.

    environ: read for INCIDENT_WORKSPACE, INCIDENT_STORE, INCIDENT_ACTOR. incident: the one every command means.
    organisation: a file, or "none" to work without a profile. now: the clock; a drill brings its own.
    """

    environ: Mapping[str, str]
    workspace: Path | None = None
    organisation: Path | None = None
    incident: str | None = None
    now: Callable[[], datetime] = _utc_now
