"""Command: `incident remind`, for cron."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, tzinfo
from typing import Annotated

import typer

from incident import shell
from incident.clock.actions import Given, Notify, remind
from incident.clock.notify import Channels, open_channels
from incident.clock.reminders import Reminder, reminder_document, reminder_lines
from incident.errors import OutsideError
from incident.moments import stamp
from incident.record.timeline import Incident
from incident.workspace import Workspace

app = shell.group("Reminders of what falls due, for cron.")


@app.command("remind")
def remind_(
    ctx: typer.Context,
    incident: Annotated[
        str | None, typer.Argument(metavar="[ID]", help="The incident; without one, all that are open.")
    ] = None,
    notify: Annotated[
        list[str] | None,
        typer.Option("--notify", metavar="URL", help="Send it there too, by apprise; may be repeated."),
    ] = None,
    as_json: shell.AsJson = False,
) -> None:
    """
    Print what has newly come due: 24 h, 6 h, 1 h and 0 before each due time, once each. Silent where nothing is new.

    For cron, every ten minutes or so. The messages name the incident by its id, and no person.

    Example: incident remind
    """
    with shell.workspace_of(ctx) as workspace:
        channels = open_channels(notify) if notify else None
        given = remind(workspace, incident, _sender(workspace, channels))
        now, zone = workspace.now(), workspace.zone
        lines = [line for one in given for line in reminder_lines(one.incident, one.reminders, now=now, zone=zone)]
        found = [reminder_document(one.incident, reminder) for one in given for reminder in one.reminders]
        shell.answer(lines, {"now": stamp(now), "reminders": found}, as_json=as_json)
        if channels is not None:
            _say_what_stayed_here(given, channels)


def _sender(workspace: Workspace, channels: Channels | None) -> Notify | None:
    if channels is None:
        return None
    now, zone = workspace.now(), workspace.zone

    def send(incident: Incident, reminders: Sequence[Reminder]) -> bool:
        return channels.send(*_message(incident, reminders, now=now, zone=zone))

    return send


def _message(incident: Incident, reminders: Sequence[Reminder], *, now: datetime, zone: tzinfo) -> tuple[str, str]:
    count = "1 due time" if len(reminders) == 1 else f"{len(reminders)} due times"
    return f"Incident {incident.id}: {count}", "\n".join(reminder_lines(incident, reminders, now=now, zone=zone))


def _say_what_stayed_here(given: Sequence[Given], channels: Channels) -> None:
    for one in given:
        if one.incident.exercise:
            shell.say(f"{one.incident.id} is an exercise: its reminders are printed here and sent to nobody.")
    if lost := [one.incident.id for one in given if not one.delivered]:
        raise OutsideError(
            f"The reminders of {', '.join(lost)} could not be sent: {channels.refused_words}.",
            state="They are printed above, and count as not given: the next run gives them again.",
            next_step="check that address and the network; incident clock shows every due time",
        )
