"""Commands on finished lists: scope list, choose, show, diff, export, forget. `commands.py` takes them in."""

from __future__ import annotations

import sys
from collections import Counter
from pathlib import Path
from typing import Annotated

import typer

from incident import shell
from incident.errors import CheckSaysNo, IncidentError, UsageError
from incident.record.timeline import Incident
from incident.scope import actions, forgetting, list_show, lists, show
from incident.scope.difference import Difference
from incident.shell import AsJson, IncidentOption
from incident.workspace import Workspace

_MOST_IN_JSON = 100_000  # differences listed one by one; the counts are always complete

ScopeName = Annotated[str, typer.Argument(metavar="SCOPE", help="Such as s1; `incident scope list` shows them.")]
SomeScope = Annotated[str | None, typer.Argument(metavar="[SCOPE]", help="Such as s1; or --all.")]


def register(app: typer.Typer) -> None:
    """Add the commands to the group `scope`."""
    app.command("list")(list_)
    app.command("choose")(choose)
    app.command("show")(show_)
    app.command("diff")(diff)
    app.command("export")(export)
    app.command("forget")(forget)


def list_(ctx: typer.Context, incident_id: IncidentOption = None, as_json: AsJson = False) -> None:
    """
    Every scope of an incident, and which one is in force.

    Example: incident scope list
    """
    with shell.workspace_of(ctx) as workspace:
        incident = _incident(workspace, incident_id)
        documents = [
            show.scope_document(
                scope,
                lists.list_file(workspace, incident, scope),
                in_force=scope == incident.scope_in_force,
                forgotten=incident.forgotten.get(scope.scope),
            )
            for scope in incident.scopes
        ]
        shell.answer(show.list_lines(incident, workspace.zone), documents, as_json=as_json)


def choose(ctx: typer.Context, scope: ScopeName, incident_id: IncidentOption = None, as_json: AsJson = False) -> None:
    """
    Make an earlier list the one in force again; its counts become the facts.

    Example: incident scope choose s1
    """
    with shell.workspace_of(ctx) as workspace:
        incident, changed = actions.choose_scope(workspace, incident_id, scope)
        shell.answer(show.chosen_lines(incident, changed), {"scope": scope, "changed": changed}, as_json=as_json)


def show_(
    ctx: typer.Context,
    scope: ScopeName,
    person: Annotated[
        str | None, typer.Option(metavar="KEY", help="Why this account is on the list; prints its values.")
    ] = None,
    email: Annotated[
        str | None, typer.Option(metavar="ADDRESS", help="The same for every account with this address.")
    ] = None,
    incident_id: IncidentOption = None,
    as_json: AsJson = False,
) -> None:
    """
    What was asked and found, and whether the list is still the one that was sealed; or why one person is on it.

    Example: incident scope show s1

    Example: incident scope show s1 --person 10001
    """
    if person is not None and email is not None:
        raise UsageError("--person and --email do not go together.", next_step="give one of them")
    with shell.workspace_of(ctx) as workspace:
        incident = _incident(workspace, incident_id)
        if person is not None or email is not None:
            _show_person(workspace, incident, scope, lists.Sought(person, email), as_json=as_json)
        else:
            _show_scope(workspace, incident, scope, as_json=as_json)


def diff(
    ctx: typer.Context,
    before: Annotated[str, typer.Argument(metavar="A", help="The earlier scope, such as s1.")],
    after: Annotated[str, typer.Argument(metavar="B", help="The later one, such as s2.")],
    most: Annotated[int, typer.Option(metavar="N", min=0, help="How many accounts to print one by one.")] = 20,
    incident_id: IncidentOption = None,
    as_json: AsJson = False,
) -> None:
    """
    What changed between two lists, account by account, and why. No value of an account is printed but its key.

    Example: incident scope diff s1 s2
    """
    with shell.workspace_of(ctx) as workspace:
        incident = _incident(workspace, incident_id)
        reasons: Counter[tuple[str, str]] = Counter()
        shown: list[Difference] = []
        for one in lists.compare(workspace, incident, before, after):
            reasons[one.change, one.why] += 1
            if len(shown) < (_MOST_IN_JSON if as_json else most):
                shown.append(one)
        scopes = [lists.scope_named(incident, name) for name in (before, after)]
        counts: Counter[str] = Counter()
        for (change, _), count in reasons.items():
            counts[change] += count
        lines = list_show.difference_lines(scopes[0], scopes[1], reasons, shown, workspace.zone)
        shell.answer(lines, list_show.difference_document(counts, shown), as_json=as_json)


def export(
    ctx: typer.Context,
    scope: ScopeName,
    out: Annotated[Path, typer.Option("--out", metavar="FILE", help="The file to write; must not exist.")],
    sealed: Annotated[
        bool, typer.Option("--sealed", help="The lines as they were hashed, to check them without this program.")
    ] = False,
    incident_id: IncidentOption = None,
    as_json: AsJson = False,
) -> None:
    """
    Write the list as CSV, for people to look at; or in plain exactly as it was sealed. The record keeps where.

    Example: incident scope export s1 --out people.csv

    Example: incident scope export s1 --sealed --out s1-in-plain.jsonl
    """
    with shell.workspace_of(ctx) as workspace:
        incident = _incident(workspace, incident_id)
        write = lists.export_sealed if sealed else lists.export_csv
        written = write(workspace, incident, scope, out)
        shell.say(f"{out} holds personal data of {written:,} accounts. Delete it when you are done.")
        document = {"scope": scope, "file": str(out.absolute()), "accounts": written, "sealed": sealed}
        shell.answer([f"{written:,} accounts written to {out}"], document, as_json=as_json)


def forget(
    ctx: typer.Context,
    scope: SomeScope = None,
    everything: Annotated[bool, typer.Option("--all", help="Every list of the incident.")] = False,
    because: shell.Because = None,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask; for scripts.")] = False,
    incident_id: IncidentOption = None,
    as_json: AsJson = False,
) -> None:
    """
    Destroy a list for good: its key, its file, and letters rehearsed to it. The record still proves what it was.

    Example: incident scope forget s1 --because "everybody was told; the law asks for no more" --yes
    """
    if (scope is None) is not everything:
        raise UsageError(
            "Which list? Name one, or all of them.",
            state="Nothing was forgotten.",
            next_step="incident scope forget s1, or incident scope forget --all",
        )
    with shell.workspace_of(ctx) as workspace:
        planned = forgetting.plan(workspace, incident_id, scope)
        if planned.scopes:
            _agree(planned, because, yes=yes)
        done = forgetting.forget(workspace, planned, (because or "").strip())
        shell.answer(list_show.forget_lines(planned, done), list_show.forget_document(planned, done), as_json=as_json)
        if done.unfinished:
            raise CheckSaysNo


def _agree(planned: forgetting.Plan, because: str | None, *, yes: bool) -> None:
    """The reason and the consent; raises UsageError where one is missing and cannot be asked for."""
    if not because or not because.strip():
        raise UsageError(
            "Forgetting is a decision and needs a reason.",
            state="Nothing was forgotten.",
            next_step='add --because "…"',
        )
    for line in list_show.plan_lines(planned):
        shell.say(line)
    if yes:
        return
    if not sys.stdin.isatty():
        raise UsageError(
            "Nobody is there to ask whether this is meant.", state="Nothing was forgotten.", next_step="add --yes"
        )
    typer.confirm("Forget?", abort=True, err=True)


def _incident(workspace: Workspace, incident_id: str | None) -> Incident:
    """The incident, with what a killed `forget` left to do done first."""
    incident = workspace.incident(incident_id)
    if not incident.forgotten:
        return incident
    done = forgetting.finish(workspace, incident)
    for line in list_show.finished_lines(incident, done):
        shell.say(line)
    return done.incident


def _show_scope(workspace: Workspace, incident: Incident, name: str, *, as_json: bool) -> None:
    """Everything the record has, also where the list itself is damaged or forgotten; then that is the exit code."""
    scope = lists.scope_named(incident, name)
    file = lists.list_file(workspace, incident, scope)
    in_force, forgotten = scope == incident.scope_in_force, incident.forgotten.get(name)
    lines = show.scope_lines(scope, file, workspace.zone, in_force=in_force, forgotten=forgotten)
    document = show.scope_document(scope, file, in_force=in_force, forgotten=forgotten)
    failure: IncidentError | None = None
    try:
        lists.verified(workspace, incident, name)
    except IncidentError as error:
        failure = error
    if forgotten is None:
        verdict = "  verified            the list is the one that was sealed"
        lines.append("  verified            NO" if failure else verdict)
    shell.answer(lines, {**document, "verified": None if forgotten else failure is None}, as_json=as_json)
    if failure:
        raise failure


def _show_person(workspace: Workspace, incident: Incident, name: str, sought: lists.Sought, *, as_json: bool) -> None:
    found = lists.look_up(workspace, incident, name, sought)
    scope = lists.scope_named(incident, name)
    if found.people:
        shell.say("This prints personal data.")
    lines = list_show.person_lines(scope, found, workspace.zone)
    shell.answer(lines, list_show.person_document(scope, found, workspace.zone), as_json=as_json)
    if not found.people:
        raise CheckSaysNo
