"""`incident scope`: find whose data it was, in the company's own account database."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from incident import shell
from incident.errors import CheckSaysNo, UsageError
from incident.scope import actions, list_commands, show
from incident.scope.asking import Selectors
from incident.scope.databases import TIMEOUT_SECONDS
from incident.scope.lists import list_file
from incident.scope.progress import Progress
from incident.scope.stores import about_ready, stores_of
from incident.shell import AsJson, IncidentOption
from incident.workspace import Workspace


class _Group(TyperGroup):
    """`discover` brings vocabularies and readers of its own, so it is imported when it is called."""

    def list_commands(self, ctx: Any) -> list[str]:
        first, *others = super().list_commands(ctx)
        return [first, "discover", *others]

    def get_command(self, ctx: Any, cmd_name: str) -> Any | None:
        if cmd_name != "discover":
            return super().get_command(ctx, cmd_name)
        from incident.scope.discovery.commands import app as discovery

        return typer.main.get_command(discovery)


app = shell.group("Find whose data it was, in your own account database; it is only ever read.")
app.info.cls = _Group


def _filled(param: typer.CallbackParam, value: Any) -> Any:
    """Refuse an empty value: a shell variable that is not set must not quietly choose another database or question."""
    option = param.opts[0]
    if any(not text.strip() for text in ([value] if isinstance(value, str) else value or ())):
        raise UsageError(
            f"{option} was given without a value.",
            state="Nothing was read.",
            next_step=f"write the value, or leave out {option}; was a shell variable not set?",
        )
    return value


DatabaseUrl = Annotated[
    str | None,
    typer.Option(
        "--database", metavar="URL", callback=_filled, help="postgresql://… or sqlite:///…; else the profile's."
    ),
]
MapFile = Annotated[
    str | None,
    typer.Option(
        "--map",
        metavar="FILE",
        callback=_filled,
        help="What is where (docs/data-map.md); else the profile's, or ready.",
    ),
]


@app.command()
def run(
    ctx: typer.Context,
    database: DatabaseUrl = None,
    map_file: MapFile = None,
    everyone: Annotated[bool, typer.Option("--everyone", help="Every account.")] = False,
    existing_at: Annotated[
        str | None,
        typer.Option(metavar="WHEN[..WHEN]", callback=_filled, help="Created by then and not deleted before."),
    ] = None,
    deleted_within: Annotated[
        int | None, typer.Option(metavar="DAYS", help="With --existing-at: and deleted so many days before (backups).")
    ] = None,
    seen: Annotated[
        str | None, typer.Option(metavar="WHEN..WHEN", callback=_filled, help="On the trail in this window.")
    ] = None,
    trail: Annotated[str | None, typer.Option(metavar="NAME", callback=_filled, help="Which trail of the map.")] = None,
    from_ip: Annotated[
        list[str] | None,
        typer.Option(metavar="CIDR", callback=_filled, help="On the trail from this address or range; repeatable."),
    ] = None,
    holding: Annotated[
        list[str] | None,
        typer.Option(metavar="CATEGORY", callback=_filled, help="Held data of this category; repeatable: all of them."),
    ] = None,
    held: Annotated[
        str | None,
        typer.Option(metavar="WHEN[..WHEN]", callback=_filled, help="With --holding: in a row that was there then."),
    ] = None,
    tenant: Annotated[
        list[str] | None,
        typer.Option(metavar="VALUE", callback=_filled, help="Of this tenant; repeatable: any of them."),
    ] = None,
    ids: Annotated[
        str | None, typer.Option(metavar="FILE", callback=_filled, help="Accounts whose keys are in this file.")
    ] = None,
    addresses: Annotated[
        str | None, typer.Option(metavar="FILE", callback=_filled, help="Accounts whose e-mail is in this file.")
    ] = None,
    where: Annotated[
        str | None, typer.Option(metavar="SQL", callback=_filled, help="A condition of your own; it cannot write.")
    ] = None,
    question: Annotated[
        str | None,
        typer.Option(metavar="FILE", callback=_filled, help="A question with and, or, not (docs/scope.md)."),
    ] = None,
    store: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME", callback=_filled, help="Only this store of the profile; else all. Repeatable."),
    ] = None,
    ready: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME", callback=_filled, help="This ready map (docs/ready-maps.md), if several fit."),
    ] = None,
    explain: Annotated[
        bool, typer.Option("--explain", help="Only show what would be asked and how many rows that is; read nothing.")
    ] = False,
    incident_id: IncidentOption = None,
    timeout: Annotated[int, typer.Option(metavar="SECONDS", min=1, help="Time limit for each statement.")] = (
        TIMEOUT_SECONDS
    ),
    as_json: AsJson = False,
) -> None:
    """
    Ask whose accounts, and seal the list. What you ask for in several options must all hold.

    The newest list is the one in force. Where nobody is found, nothing is sealed and the exit code is 1.

    Example: incident scope run --seen "2026-11-20 22:00..2026-11-21 02:40" --from-ip 203.0.113.0/24
    """
    selectors = Selectors(
        everyone=everyone,
        existing_at=existing_at,
        deleted_within=deleted_within,
        seen=seen,
        trail=trail,
        from_ip=from_ip or (),
        holding=holding or (),
        held=held,
        tenant=tenant or (),
        ids=Path(ids) if ids else None,
        addresses=Path(addresses) if addresses else None,
        where=where,
        file=Path(question) if question else None,
    )
    with shell.workspace_of(ctx) as workspace:
        map_path = Path(map_file) if map_file else None
        stores = stores_of(
            workspace, store or (), database=database, map_file=map_path, ready=ready or (), timeout_seconds=timeout
        )
        for line in about_ready(stores):
            shell.say(line)
        if explain:
            asked, plans = actions.plan_scope(workspace, selectors, stores, timeout_seconds=timeout)
            shell.answer(
                show.plan_lines(asked, plans, workspace.zone), show.plan_document(asked, plans), as_json=as_json
            )
            return
        watcher = Progress(is_terminal=sys.stderr.isatty())
        answer = actions.run_scope(workspace, incident_id, selectors, stores, timeout_seconds=timeout, watcher=watcher)
        _print_run(workspace, answer, as_json=as_json)


def _print_run(workspace: Workspace, answer: actions.Sealed | actions.Nobody, *, as_json: bool) -> None:
    if isinstance(answer, actions.Nobody):
        _warn(answer.answer.uncertain)
        shell.answer(show.nobody_lines(answer, workspace.zone), show.nobody_document(answer), as_json=as_json)
        raise CheckSaysNo
    _warn(answer.scope.uncertain)
    file = list_file(workspace, answer.incident, answer.scope)
    shell.answer(show.run_lines(answer, file, workspace.zone), show.run_document(answer, file), as_json=as_json)


def _warn(uncertain: Sequence[str]) -> None:
    """What makes a whole answer doubtful, also on stderr, where it is not piped away."""
    for sentence in uncertain:
        if "Row-level security is on" in sentence:
            shell.say(f"WARNING: {sentence}")


list_commands.register(app)
