"""`incident scope`: find whose data it was, in the company's own account database."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from incident import shell
from incident.errors import CheckSaysNo, RecordIntegrityError, UsageError
from incident.scope import actions, show
from incident.scope.asking import Selectors
from incident.scope.databases import TIMEOUT_SECONDS
from incident.scope.difference import Difference
from incident.scope.progress import Progress
from incident.shell import AsJson, IncidentOption
from incident.workspace import Workspace

app = shell.group("Find whose data it was, in your own account database; it is only ever read.")

_MOST_IN_JSON = 100_000  # differences listed one by one; the counts are always complete


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
        "--map", metavar="FILE", callback=_filled, help="What is where (docs/data-map.md); else the profile's."
    ),
]
ScopeName = Annotated[str, typer.Argument(metavar="SCOPE", help="Such as s1; `incident scope list` shows them.")]


@app.command()
def run(
    ctx: typer.Context,
    database: DatabaseUrl = None,
    map_file: MapFile = None,
    everyone: Annotated[bool, typer.Option("--everyone", help="Every account.")] = False,
    existing_at: Annotated[
        str | None, typer.Option(metavar="WHEN", callback=_filled, help="Created by then and not deleted before.")
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
        stores = actions.stores_of(workspace, store or (), database=database, map_file=map_path)
        if explain:
            asked, plans = actions.plan_scope(workspace, selectors, stores, timeout_seconds=timeout)
            shell.answer(
                show.plan_lines(asked, plans, workspace.zone), show.plan_document(asked, plans), as_json=as_json
            )
            return
        watcher = Progress() if sys.stderr.isatty() else None
        answer = actions.run_scope(workspace, incident_id, selectors, stores, timeout_seconds=timeout, watcher=watcher)
        _print_run(workspace, answer, as_json=as_json)


def _print_run(workspace: Workspace, answer: actions.Sealed | actions.Nobody, *, as_json: bool) -> None:
    if isinstance(answer, actions.Nobody):
        _warn(answer.answer.uncertain)
        shell.answer(show.nobody_lines(answer, workspace.zone), show.nobody_document(answer), as_json=as_json)
        raise CheckSaysNo
    _warn(answer.scope.uncertain)
    file = actions.list_file(workspace, answer.incident, answer.scope)
    shell.answer(show.run_lines(answer, file, workspace.zone), show.run_document(answer, file), as_json=as_json)


@app.command("list")
def list_(ctx: typer.Context, incident_id: IncidentOption = None, as_json: AsJson = False) -> None:
    """
    Every scope of an incident, and which one is in force.

    Example: incident scope list
    """
    with shell.workspace_of(ctx) as workspace:
        incident = workspace.incident(incident_id)
        scopes, in_force = incident.scopes, incident.scope_in_force
        documents = [
            show.scope_document(scope, actions.list_file(workspace, incident, scope), in_force=scope == in_force)
            for scope in scopes
        ]
        shell.answer(show.list_lines(scopes, in_force, workspace.zone), documents, as_json=as_json)


@app.command()
def choose(ctx: typer.Context, scope: ScopeName, incident_id: IncidentOption = None, as_json: AsJson = False) -> None:
    """
    Make an earlier list the one in force again; its counts become the facts.

    Example: incident scope choose s1
    """
    with shell.workspace_of(ctx) as workspace:
        incident, changed = actions.choose_scope(workspace, incident_id, scope)
        shell.answer(show.chosen_lines(incident, changed), {"scope": scope, "changed": changed}, as_json=as_json)


@app.command("show")
def show_(ctx: typer.Context, scope: ScopeName, incident_id: IncidentOption = None, as_json: AsJson = False) -> None:
    """
    What was asked and found, and whether the list is still the one that was sealed.

    Example: incident scope show s1
    """
    with shell.workspace_of(ctx) as workspace:
        incident = workspace.incident(incident_id)
        found = actions.scope_named(incident, scope)
        file = actions.list_file(workspace, incident, found)
        in_force = found == incident.scope_in_force
        lines = show.scope_lines(found, file, workspace.zone, in_force=in_force)
        document = show.scope_document(found, file, in_force=in_force)
        damage: RecordIntegrityError | None = None
        try:
            actions.verified(workspace, incident, scope)
        except RecordIntegrityError as error:
            damage = error
        verdict = "  verified            the list is the one that was sealed"
        lines.append("  verified            NO" if damage else verdict)
        shell.answer(lines, {**document, "verified": damage is None}, as_json=as_json)
        if damage:
            raise damage


@app.command()
def diff(
    ctx: typer.Context,
    before: Annotated[str, typer.Argument(metavar="A", help="The earlier scope, such as s1.")],
    after: Annotated[str, typer.Argument(metavar="B", help="The later one, such as s2.")],
    most: Annotated[int, typer.Option(metavar="N", min=0, help="How many accounts to print one by one.")] = 20,
    incident_id: IncidentOption = None,
    as_json: AsJson = False,
) -> None:
    """
    What changed between two lists, account by account, and why.

    Example: incident scope diff s1 s2
    """
    with shell.workspace_of(ctx) as workspace:
        incident = workspace.incident(incident_id)
        counts: Counter[str] = Counter()
        shown: list[Difference] = []
        for one in actions.compare(workspace, incident, before, after):
            counts[one.change] += 1
            if len(shown) < (_MOST_IN_JSON if as_json else most):
                shown.append(one)
        scopes = [actions.scope_named(incident, name) for name in (before, after)]
        lines = show.difference_lines(scopes[0], scopes[1], counts, shown, workspace.zone)
        shell.answer(lines, show.difference_document(counts, shown), as_json=as_json)


@app.command()
def export(
    ctx: typer.Context,
    scope: ScopeName,
    out: Annotated[Path, typer.Option("--out", metavar="FILE", help="The CSV file to write; must not exist.")],
    incident_id: IncidentOption = None,
    as_json: AsJson = False,
) -> None:
    """
    Write the list as CSV, for people to look at.

    Example: incident scope export s1 --out people.csv
    """
    with shell.workspace_of(ctx) as workspace:
        incident = workspace.incident(incident_id)
        written = actions.export_csv(workspace, incident, scope, out)
        shell.say(f"{out} holds personal data of {written:,} accounts. Delete it when you are done.")
        document = {"scope": scope, "file": str(out.absolute()), "accounts": written}
        shell.answer([f"{written:,} accounts written to {out}"], document, as_json=as_json)


def _warn(uncertain: Sequence[str]) -> None:
    """What makes a whole answer doubtful, also on stderr, where it is not piped away."""
    for sentence in uncertain:
        if "Row-level security is on" in sentence:
            shell.say(f"WARNING: {sentence}")
