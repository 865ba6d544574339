"""Command: `incident preserve`."""

from __future__ import annotations

from typing import Annotated

import typer

from incident import shell
from incident.clock.actions import evidence as all_evidence
from incident.clock.actions import preserve
from incident.clock.evidence import evidence_document, evidence_lines, unnamed_lines
from incident.moments import local, read_moment

app = shell.group("Evidence that would disappear.")


@app.command("preserve")
def preserve_(
    ctx: typer.Context,
    what: Annotated[
        str,
        typer.Argument(metavar="WHAT", help="As the profile's [[retention]] calls it, or in your own words."),
    ],
    because: Annotated[str, typer.Option("--because", metavar="TEXT", help="How, and where it lies now.")],
    at: Annotated[str | None, typer.Option("--at", metavar="WHEN", help="When it was done; now without it.")] = None,
    incident: shell.IncidentOption = None,
    as_json: shell.AsJson = False,
) -> None:
    """
    Record that evidence was put away before it disappeared. Its clock stops; `incident undo` takes it back.

    The program does not copy anything itself. `incident clock` shows which evidence goes, and when.

    Example: incident preserve "access logs" --because "copied to the evidence store, digest in note 7"
    """
    with shell.workspace_of(ctx) as workspace:
        now, zone = workspace.now(), workspace.zone
        moment = read_moment(at, now=now, zone=zone) if at else None
        if moment is not None:
            shell.say(f"Understood at as {local(moment.at, zone)}.")
        evidence = preserve(workspace, incident, what, because, at=moment)
        lines = evidence_lines([evidence], now=now, zone=zone, everything=True)[1:-1]
        lines += unnamed_lines(evidence, all_evidence(workspace, workspace.incident(incident)))
        shell.answer(lines, evidence_document(evidence), as_json=as_json)
