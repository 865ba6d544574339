"""Command: `incident ask`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from incident import shell
from incident.asking.actions import questions_of, record_form, record_reply, write_form
from incident.asking.interview import Talk, lead
from incident.asking.show import kept_words, question_document, question_lines
from incident.errors import UsageError
from incident.record.timeline import Incident
from incident.show import fact_document, facts_lines_of
from incident.workspace import Workspace

app = shell.group("The questions that the nearest deadline still needs.")


@app.command("ask")
def ask_(
    ctx: typer.Context,
    incident: shell.IncidentId = None,
    out: Annotated[
        Path | None, typer.Option("--out", metavar="FILE", help="Write the questions as a file to fill; - prints it.")
    ] = None,
    filled: Annotated[
        Path | None, typer.Option("--from", metavar="FILE", help="Record what such a file answers: all, or nothing.")
    ] = None,
    as_json: shell.AsJson = False,
) -> None:
    """
    Ask what the nearest deadline still needs, and nothing that is known already. Every question may be left open.

    On a terminal a talk, each answer recorded as it is given. Elsewhere it prints the questions; use --out and --from.

    Example: incident ask

    Example: incident ask --out answers.toml
    """
    if out is not None and filled is not None:
        raise UsageError("--out writes questions and --from reads answers.", next_step="use one of them at a time")
    with shell.workspace_of(ctx) as workspace:
        if filled is not None:
            _record(workspace, incident, filled, as_json=as_json)
            return
        found = workspace.incident(incident)
        if out is not None:
            _write(workspace, found, out, as_json=as_json)
        elif not as_json and _somebody_is_there(workspace):
            _talk(workspace, found)
        else:
            _print(workspace, found, as_json=as_json)


def _somebody_is_there(workspace: Workspace) -> bool:
    return sys.stdin.isatty() and sys.stdout.isatty() and not workspace.settings.environ.get("CI")


def _talk(workspace: Workspace, incident: Incident) -> None:
    talk = Talk(
        say=_tell,
        ask=input,
        still_open=lambda: questions_of(workspace, workspace.incident(incident.id)),
        record=lambda question, reply, because: record_reply(workspace, incident.id, question, reply, because),
        now=workspace.now,
        zone=workspace.zone,
    )
    answered = lead(talk)
    left = questions_of(workspace, workspace.incident(incident.id))
    recorded = "1 answer" if answered == 1 else f"{answered} answers"
    _tell(f"{recorded} recorded. " + (f"Still open: {kept_words(left)}" if left else "No question is open."))


def _tell(line: str) -> None:
    shell.answer([line], None, as_json=False)


def _print(workspace: Workspace, incident: Incident, *, as_json: bool) -> None:
    questions = questions_of(workspace, incident)
    lines = question_lines(questions, now=workspace.now(), zone=workspace.zone)
    if questions:
        lines += ["", kept_words(questions), "Next: incident ask --out FILE writes them as a file to fill."]
    shell.answer(lines, [question_document(question) for question in questions], as_json=as_json)


def _write(workspace: Workspace, incident: Incident, file: Path, *, as_json: bool) -> None:
    text = write_form(workspace, incident, file)
    count = len(questions_of(workspace, incident))
    if str(file) == "-":
        if as_json:
            raise UsageError("--out - and --json would both be printed.", next_step="give --out the name of a file")
        shell.answer([text.rstrip("\n")], None, as_json=False)
        return
    lines = [f"Wrote {file}: {count} questions.", f"Next: fill it in, then incident ask --from {file}"]
    shell.answer(lines, {"file": str(file), "questions": count}, as_json=as_json)


def _record(workspace: Workspace, incident: str | None, file: Path, *, as_json: bool) -> None:
    found, events = record_form(workspace, incident, file)
    sequences = {event.sequence for event in events}
    facts = [version for version in found.ledger if version.sequence in sequences]
    decided = next((event for event in events if event.kind == "awareness-decided"), None)
    left = questions_of(workspace, found)
    lines = facts_lines_of(facts, zone=workspace.zone)
    if decided is not None:
        lines.insert(0, f"awareness = {decided.body['at']}; {decided.body['because']}")
    lines = lines or ["Nothing in it is new; nothing was recorded."]
    lines.append(f"Still open: {kept_words(left)}" if left else "No question is open.")
    document = {
        "incident": found.id,
        "recorded": [fact_document(version) for version in facts],
        "awareness": dict(decided.body) if decided is not None else None,
        "open": len(left),
    }
    shell.answer(lines, document, as_json=as_json)
