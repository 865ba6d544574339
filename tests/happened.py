"""Put into a workspace's journal what no command in a test can make happen."""

from __future__ import annotations

from programme import Programme

from incident.record.events import Happening
from incident.settings import Settings
from incident.workspace import open_workspace


def append(programme: Programme, *happenings: Happening) -> None:
    settings = Settings({"INCIDENT_ACTOR": "mari"}, workspace=programme.folder, now=lambda: programme.clock)
    workspace = open_workspace(settings)
    workspace.record(None, lambda _: list(happenings))
    workspace.close()
