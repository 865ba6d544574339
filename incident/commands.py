"""Commands of the first hour and of the record. Each parses, calls one use case, prints."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from incident import actions, show
from incident.asking.actions import questions_of
from incident.asking.show import question_document, question_lines
from incident.clock.actions import evidence, export_calendar, what_moved, write_calendar
from incident.clock.duties import duty_document
from incident.clock.evidence import evidence_document, evidence_lines, is_undated
from incident.clock.moved import moved_document, moved_lines
from incident.clock.regimes import load_laws
from incident.clock.show import clock_lines
from incident.errors import IncidentError, UsageError
from incident.guidance import next_steps
from incident.moments import Moment, read_moment, stamp
from incident.record.timeline import Incident
from incident.shell import AsJson, Because, IncidentId, IncidentOption, answer, group, say, workspace_of
from incident.workspace import Workspace

app = group("The first hour, and the record.")

When = Annotated[str | None, typer.Option(metavar="WHEN")]


@app.command(name="open")
def open_(
    ctx: typer.Context,
    title: Annotated[str, typer.Argument(metavar="TITLE", help="What happened, in a few words.")],
    aware: When = None,
    detected: When = None,
    occurred: When = None,
    because: Because = None,
    exercise: Annotated[bool, typer.Option("--exercise", help="A rehearsal: every page will say so.")] = False,
    as_json: AsJson = False,
) -> None:
    """
    Record a breach now. Needs nothing but a title; prints every clock that runs and what to do next.

    WHEN is a time such as now, 02:40, "20 min ago", "2026-11-21 02:40 Asia/Almaty".

    Example: incident open "token in a public repository" --detected "20 min ago"
    """
    with workspace_of(ctx) as workspace:
        given = {"aware": aware, "detected_at": detected, "occurred_at": occurred}
        times = {name: _read(workspace, name, text) for name, text in given.items() if text is not None}
        opened = actions.open_incident(
            workspace, title, aware=times.pop("aware", None), moments=times, because=because, exercise=exercise
        )
        with _recorded(opened):
            duties = actions.duties(workspace, opened)
        steps = next_steps(opened, workspace.organisation, question=workspace.question)
        lines = show.opened_lines(
            opened, duties, steps, now=workspace.now(), zone=workspace.zone, where=str(workspace.folder)
        )
        answer(lines, show.opened_document(opened, duties, steps), as_json=as_json)


@contextmanager
def _recorded(opened: Incident) -> Iterator[None]:
    """Where the clocks of what was recorded a moment ago cannot be had, the message says that it was recorded."""
    try:
        yield
    except IncidentError as error:
        raise type(error)(
            f"{opened.id} is recorded, but its clocks cannot be computed: {error.what}",
            state="The record is safe. Until the clocks run, assume the strictest duties.",
            next_step=error.next_step,
        ) from error


@app.command()
def clock(
    ctx: typer.Context,
    incident: IncidentId = None,
    everything: Annotated[bool, typer.Option("--all", help="Also what is not owed, and why not.")] = False,
    ics: Annotated[
        Path | None, typer.Option("--ics", metavar="FILE", help="Write a calendar file with alarms; - prints it.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """
    Show every duty, by when, what is left and what it rests on; and which evidence disappears when.

    Example: incident clock --all

    Example: incident clock --ics due.ics
    """
    with workspace_of(ctx) as workspace:
        if ics is not None and _export_calendar(workspace, incident, ics, as_json=as_json):
            return
        found = workspace.incident(incident)
        duties, undated = actions.duties(workspace, found), is_undated(workspace.organisation)
        document = {
            "id": found.id,
            "now": stamp(workspace.now()),
            "duties": [duty_document(duty) for duty in duties],
            "evidence": [evidence_document(each) for each in evidence(workspace, found)],
            "evidence_undated": undated,
        }
        kinds = load_laws().kinds if everything else {}
        now, zone = workspace.now(), workspace.zone
        lines = clock_lines(duties, now=now, zone=zone, everything=everything, kinds=kinds)
        there = evidence(workspace, found)
        if going := evidence_lines(there, now=now, zone=zone, everything=everything, undated=undated):
            lines += ["", *going[:-1]]
        answer([f"{found.id}: {found.title}", *lines], document, as_json=as_json)


@app.command()
def aware(
    ctx: typer.Context,
    when: Annotated[str, typer.Argument(metavar="WHEN")],
    because: Annotated[str, typer.Option("--because", metavar="TEXT", help="Why then; kept in the record.")],
    incident: IncidentOption = None,
    as_json: AsJson = False,
) -> None:
    """
    Decide when the organisation became aware: reasonably certain that personal data were compromised.

    A later decision supersedes this one and both stay in the record. What it moved on the clock is said first.

    Example: incident aware now --because "access logs confirm that data were read"
    """
    with workspace_of(ctx) as workspace:
        moment = _read(workspace, "aware", when)
        found = actions.decide_awareness(workspace, incident, moment, because)
        with _recorded(found):
            duties, went = actions.duties(workspace, found), what_moved(workspace, found)
        steps = next_steps(found, workspace.organisation, question=workspace.question)
        lines = show.status_lines(found, duties, steps, now=workspace.now(), zone=workspace.zone)
        if news := moved_lines(went, zone=workspace.zone):
            lines = [*news, "", *lines]
        document = {**show.status_document(found, duties, steps), "moved": moved_document(went)}
        answer(lines, document, as_json=as_json)


@app.command()
def fact(
    ctx: typer.Context,
    name: Annotated[str, typer.Argument(metavar="NAME", help="A fact, as `incident facts --missing` lists them.")],
    value: Annotated[str | None, typer.Argument(metavar="VALUE")] = None,
    state: Annotated[str, typer.Option(metavar="exact|approximate|unknowable|pending")] = "exact",
    because: Because = None,
    incident: IncidentOption = None,
    as_json: AsJson = False,
) -> None:
    """
    Record a fact: known exactly, roughly, not knowable, or not known yet. A new value makes a new version.

    What that moved on the clock is said. A text has a language, as in what_happened@et; without one it is in the
    organisation's first.

    Example: incident fact people_affected 1200 --state approximate --because "from the access log"
    """
    with workspace_of(ctx) as workspace:
        found, named = actions.state_fact(workspace, incident, name, value, state=state, because=because)
        version = found.ledger[str(named)]
        with _recorded(found):
            went = what_moved(workspace, found)
        against = show.against_list_line(found, version)
        lines = [against] if against else []
        lines += show.facts_lines_of([version], zone=workspace.zone) + moved_lines(went, zone=workspace.zone)
        document = {**show.fact_document(version), "against_list": against, "moved": moved_document(went)}
        answer(lines, document, as_json=as_json)


@app.command()
def facts(
    ctx: typer.Context,
    incident: IncidentId = None,
    missing: Annotated[bool, typer.Option("--missing", help="What is still to be answered, with its command.")] = False,
    as_json: AsJson = False,
) -> None:
    """
    List the facts of an incident with their state and version, or what is still missing.

    What is missing comes in the order of the nearest deadline that needs it, as `incident ask` puts it.

    Example: incident facts --missing
    """
    with workspace_of(ctx) as workspace:
        found = workspace.incident(incident)
        if missing:
            open_questions = questions_of(workspace, found)
            lines = question_lines(open_questions, now=workspace.now(), zone=workspace.zone)
            answer(lines, [question_document(question) for question in open_questions], as_json=as_json)
        else:
            document = [show.fact_document(version) for version in found.ledger]
            answer(show.facts_lines(found.ledger, zone=workspace.zone), document, as_json=as_json)


@app.command()
def note(
    ctx: typer.Context,
    text: Annotated[str, typer.Argument(metavar="TEXT")],
    at: When = None,
    privileged: Annotated[
        bool, typer.Option("--privileged", help="Legal advice; marked as such in the record.")
    ] = False,
    attach: Annotated[list[Path] | None, typer.Option("--attach", metavar="FILE", help="Keep a copy.")] = None,
    incident: IncidentOption = None,
    as_json: AsJson = False,
) -> None:
    """
    Write a note into the record. No names or addresses of affected people: the record is never erased.

    Example: incident note "key revoked, sessions ended" --at "10 min ago"
    """
    with workspace_of(ctx) as workspace:
        moment = _read(workspace, "at", at) if at else None
        event = actions.add_note(workspace, incident, text, at=moment, privileged=privileged, attach=attach or [])
        answer([f"Noted as event {event.sequence} of {event.incident}."], show.event_document(event), as_json=as_json)


@app.command()
def status(ctx: typer.Context, incident: IncidentId = None, as_json: AsJson = False) -> None:
    """
    Show one incident on one screen.

    Example: incident status
    """
    with workspace_of(ctx) as workspace:
        found = workspace.incident(incident)
        duties = actions.duties(workspace, found)
        steps = next_steps(found, workspace.organisation, question=workspace.question)
        lines = show.status_lines(found, duties, steps, now=workspace.now(), zone=workspace.zone)
        answer(lines, show.status_document(found, duties, steps), as_json=as_json)


@app.command(name="list")
def list_(ctx: typer.Context, as_json: AsJson = False) -> None:
    """
    List all incidents.

    Example: incident list
    """
    with workspace_of(ctx) as workspace:
        found = workspace.incidents()
        answer(show.list_lines(found, zone=workspace.zone), show.list_document(found), as_json=as_json)


@app.command()
def timeline(ctx: typer.Context, incident: IncidentId = None, as_json: AsJson = False) -> None:
    """
    Show everything that was recorded, in order, steps taken back included.

    Example: incident timeline
    """
    with workspace_of(ctx) as workspace:
        found = workspace.incident(incident)
        answer(show.timeline_lines(found, zone=workspace.zone), show.timeline_document(found), as_json=as_json)


@app.command()
def undo(ctx: typer.Context, incident: IncidentId = None, because: Because = None, as_json: AsJson = False) -> None:
    """
    Take back your own last step with a new event. The step itself stays in the record, marked.

    Example: incident undo --because "wrong incident"
    """
    with workspace_of(ctx) as workspace:
        step = actions.take_back(workspace, incident, because=because)
        answer([show.taken_back_line(step)], show.event_document(step, taken_back=True), as_json=as_json)


@app.command()
def close(
    ctx: typer.Context,
    incident: IncidentId = None,
    because: Because = None,
    as_json: AsJson = False,
) -> None:
    """
    Close an incident. Its record stays; `incident undo` opens it again.

    While a duty is or may be owed it needs --because, and says which clocks stop.

    Example: incident close --because "not a breach: the data were invented"
    """
    with workspace_of(ctx) as workspace:
        closed, stopped = actions.close_incident(workspace, incident, because)
        lines = show.closed_lines(closed, stopped, now=workspace.now(), zone=workspace.zone)
        answer(lines, show.closed_document(closed, stopped), as_json=as_json)


@app.command()
def done(
    ctx: typer.Context,
    duty: Annotated[str, typer.Argument(metavar="DUTY", help="Its id, as `incident clock` shows it.")],
    at: When = None,
    reference: Annotated[str | None, typer.Option(metavar="TEXT", help="The receipt's number or name.")] = None,
    recipient: Annotated[
        str | None, typer.Option(metavar="NAME|CC", help="Which authority, where each of several is notified.")
    ] = None,
    incident: IncidentOption = None,
    as_json: AsJson = False,
) -> None:
    """
    Record that a duty was met outside this program: on an authority's own form, by telephone, by post.

    Of several records the earliest met it; a later one is a follow-up, with a reference of its own.

    Example: incident done eu-gdpr-art33-sa --reference "form 4711"

    Example: incident done eu-gdpr-art33-sa --recipient FR --reference "form 4712"
    """
    with workspace_of(ctx) as workspace:
        moment = _read(workspace, "at", at) if at else None
        found = actions.meet_duty(workspace, incident, duty, at=moment, reference=reference, recipient=recipient)
        met = next(one for one in actions.duties(workspace, found) if one.id == duty)
        answer([f"{met.name}: {met.state}. {met.because}"], duty_document(met), as_json=as_json)


@app.command()
def verify(
    ctx: typer.Context,
    incident: IncidentId = None,
    head: Annotated[str | None, typer.Option(metavar="HASH", help="A head noted earlier that must be there.")] = None,
    as_json: AsJson = False,
) -> None:
    """
    Recompute the whole chain of an incident. Exit 5 where anything was changed, removed or cut off.

    Example: incident verify
    """
    with workspace_of(ctx) as workspace:
        named, verdict = actions.check_record(workspace, incident, head=head)
        answer(show.verdict_lines(named, verdict), show.verdict_document(named, verdict), as_json=as_json)
        if not verdict.ok:
            raise typer.Exit(5)


def _export_calendar(workspace: Workspace, incident: str | None, file: Path, *, as_json: bool) -> bool:
    """Write the due times to `file`; whether they were printed instead, and stdout holds nothing else."""
    printed = str(file) == "-"
    if printed and as_json:
        raise UsageError("--ics - and --json would both be printed.", next_step="give --ics the name of a file")
    text, running = export_calendar(workspace, incident)
    if printed:
        typer.echo(text, nl=False)
    else:
        write_calendar(text, file)
        say(f"Wrote {file}: {running} due times. Export it again when something changes; calendars take the update.")
    return printed


def _read(workspace: Workspace, name: str, text: str) -> Moment:
    """Understand a typed time and say back what was understood."""
    moment = read_moment(text, now=workspace.now(), zone=workspace.zone)
    say(show.understood(name, moment, zone=workspace.zone))
    return moment
