"""Use cases of asking: what is open now, and recording what was answered. Read, decide, append."""

from __future__ import annotations

import os
from pathlib import Path

from incident.actions import duties
from incident.asking.answers import Answer, happenings_of, read_awareness, read_reply
from incident.asking.contents import AWARENESS, RISK
from incident.asking.form import Filled, form_text, read_form
from incident.asking.questions import Question, open_questions
from incident.clock.regimes import load_laws
from incident.datafile import read_datafile_at
from incident.errors import OutsideError, RefusedError, UsageError
from incident.record.events import Event, Happening
from incident.record.timeline import Incident
from incident.record.vocabulary import fact_named
from incident.workspace import Workspace


def questions_of(workspace: Workspace, incident: Incident) -> list[Question]:
    """What is still open for `incident`, in the order in which it is asked."""
    found = duties(workspace, incident)
    return open_questions(incident, workspace.organisation, load_laws(), found, languages=workspace.languages)


def record_reply(workspace: Workspace, incident: str, question: Question, reply: str, because: str = "") -> bool:
    """
    Record one reply; False where nothing was said.

    because: why, of a decision: about awareness, where it must be given, or about the risk, where it becomes
    `risk_reasons` too. Raises UsageError and RefusedError as `read_reply` does.
    """
    now, zone = workspace.now(), workspace.zone
    if question.name == AWARENESS:
        if reply.strip() in {"?", "-"}:
            return False  # until it is decided the clock runs from the earliest moment known
        decided = read_awareness(reply, because, now=now, zone=zone)
        if decided is not None:
            workspace.record(incident, lambda found: happenings_of([], decided, found))
        return decided is not None
    name = fact_named(question.name, languages=workspace.languages)
    answer = read_reply(name, reply, now=now, zone=zone, because=because.strip() or None)
    if answer is None:
        return False
    answers = [answer]
    if question.name == RISK and answer.because:
        reasons = fact_named("risk_reasons", languages=workspace.languages)
        answers.append(Answer(reasons, answer.because, "exact"))
    workspace.record(incident, lambda found: happenings_of(answers, None, found))
    return True


def write_form(workspace: Workspace, incident: Incident, file: Path) -> str:
    """
    The open questions as a file to fill; "-" for `file` writes none. Returns its text.

    The file is readable by its owner only. Raises UsageError where it is there already, since it may be half filled in.
    """
    questions = questions_of(workspace, incident)
    text = form_text(incident, questions, now=workspace.now(), zone=workspace.zone)
    if str(file) == "-":
        return text
    try:
        handle = os.open(file, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    except FileExistsError:
        raise RefusedError(
            f"{file} is there already; it may hold answers.",
            state="It was left as it is.",
            next_step="choose another name, or record it first: incident ask --from FILE",
        ) from None
    except OSError as error:
        raise OutsideError(f"{file} cannot be written: {error.strerror}.", next_step="choose another place") from error
    with os.fdopen(handle, "w", encoding="utf-8") as out:
        out.write(text)
    return text


def record_form(workspace: Workspace, incident: str | None, file: Path) -> tuple[Incident, list[Event]]:
    """
    Record everything a file answers, in one step, or nothing of it; returns the incident after it and the new events.

    Raises UsageError and RefusedError naming the line of what is wrong.
    """
    root = read_datafile_at(file)
    filled = read_form(root, now=workspace.now(), zone=workspace.zone, languages=workspace.languages)
    chosen = incident or filled.incident
    if incident and filled.incident and incident != filled.incident:
        raise UsageError(
            f"{file} is about {filled.incident}, not about {incident}.",
            state="Nothing was recorded.",
            next_step="name the incident that the file was written for, or none",
        )
    return workspace.record(chosen, lambda found: _news(filled, found))


def _news(filled: Filled, found: Incident) -> list[Happening]:
    try:
        return happenings_of(filled.answers, filled.awareness, found, after=filled.after)
    except RefusedError as error:
        name = error.what.partition(" ")[0]
        line = next((at for fact, at in filled.lines.items() if fact.partition("@")[0] == name.partition("@")[0]), None)
        raise RefusedError(
            f"{line}: {error.what}" if line else error.what, state=error.state, next_step=error.next_step
        ) from None
