"""The studio's breach, invented, as these tests need it: an incident without a workspace, and a workspace with one."""

from __future__ import annotations

import shutil
import tomllib
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from programme import Programme

from incident.organisation.profile import Organisation, read_organisation
from incident.record import chain
from incident.record.events import AwarenessDecided, FactStated, Happening, IncidentOpened
from incident.record.timeline import Incident, replay
from incident.settings import Settings
from incident.workspace import open_workspace

HERE = Path(__file__).parent
AWARE_AT = datetime(2026, 11, 18, 7, 30, tzinfo=UTC)
NOW = datetime(2026, 11, 19, 9, 0, tzinfo=UTC)


@pytest.fixture
def now() -> datetime:
    return NOW


@pytest.fixture
def organisation() -> Organisation:
    return read_organisation(HERE / "studio.toml")


@pytest.fixture
def known() -> dict[str, Any]:
    """The facts by their ledger names, as stored."""
    facts: dict[str, Any] = tomllib.loads((HERE / "facts.toml").read_text(encoding="utf-8"))["facts"]
    return facts


@pytest.fixture
def happening_now() -> Callable[..., Incident]:
    """Build an incident from what happened; `by` is the actor of all of it."""

    def build(happenings: Sequence[Happening], *, by: str = "mari", before: Incident | None = None) -> Incident:
        events = list(before.events) if before else []
        last = (before.sequence, before.head) if before else (0, chain.GENESIS)
        rows = chain.link(happenings, incident="2026-001", actor=by, now=AWARE_AT, last=last)
        return replay([*events, *(chain.event_of(row) for row in rows)])

    return build


@pytest.fixture
def incident_with(happening_now: Callable[..., Incident]) -> Callable[..., Incident]:
    """An incident with these facts (name -> stored value, or FactStated), aware unless told otherwise."""

    def build(facts: Mapping[str, Any], *, aware: bool = True, exercise: bool = False) -> Incident:
        happenings: list[Happening] = [IncidentOpened("token in a public repository", exercise)]
        if aware:
            happenings.append(AwarenessDecided(AWARE_AT, "the log shows that accounts were read"))
        for name, value in facts.items():
            happenings.append(value if isinstance(value, FactStated) else FactStated(name, value, "exact"))
        return happening_now(happenings)

    return build


@pytest.fixture
def incident(incident_with: Callable[..., Incident], known: Mapping[str, Any]) -> Incident:
    return incident_with(known)


@pytest.fixture
def studio(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Programme:
    """The program in a workspace that has the studio's profile and nothing else, two hours after awareness."""
    folder = tmp_path / "workspace"
    folder.mkdir()
    shutil.copy(HERE / "studio.toml", folder / "organisation.toml")
    return Programme(folder, capsys, actor="mari", clock=NOW)


@pytest.fixture
def opened(studio: Programme, known: Mapping[str, Any]) -> Programme:
    """The same, with the incident open and everything known."""
    studio.ok("open", "token in a public repository")
    studio.ok("aware", "2026-11-18T07:30Z", "--because", "the log shows that accounts were read")
    workspace = open_workspace(Settings({"INCIDENT_ACTOR": "mari"}, workspace=studio.folder, now=lambda: NOW))
    workspace.record(None, lambda _: [FactStated(name, value, "exact") for name, value in known.items()])
    workspace.close()
    return studio
