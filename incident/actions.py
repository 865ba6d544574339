"""Use cases of the record: one function for each thing a person does. Read, decide, append."""

from __future__ import annotations

import difflib
import hashlib
import os
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from incident.clock.duties import Duty, duties_of
from incident.clock.recipients import towards
from incident.clock.regimes import load_laws
from incident.clock.show import unmet_words
from incident.errors import OutsideError, RecordIntegrityError, RefusedError, UsageError
from incident.moments import Moment, stamp
from incident.record.canonical import Json
from incident.record.chain import Verdict
from incident.record.chronology import check_done_after, check_order, check_past
from incident.record.events import (
    AwarenessDecided,
    DutyDone,
    Event,
    FactStated,
    ForgettingBegun,
    Happening,
    IncidentClosed,
    IncidentOpened,
    NoteAdded,
    ScopeForgotten,
    ScopeSealed,
    StepTakenBack,
)
from incident.record.journal import Collision
from incident.record.ledger import Ledger
from incident.record.timeline import UNDOABLE, Incident, replay
from incident.record.vocabulary import STATES, FactName, fact_named, read_value, vocabulary
from incident.workspace import Workspace

OPENING_MOMENTS = ("occurred_at", "detected_at")
LONGEST_TITLE = 300


def open_incident(
    workspace: Workspace,
    title: str,
    *,
    aware: Moment | None = None,
    moments: dict[str, Moment] | None = None,
    because: str | None = None,
    exercise: bool = False,
) -> Incident:
    """
    Record a new incident and return it. Its id is the year and a number, short enough to read aloud.

    moments: by fact id, any of `OPENING_MOMENTS`. Raises RefusedError for times that cannot be.
    """
    if not title.strip():
        raise UsageError("An incident needs a title.", next_step='incident open "what happened, in a few words"')
    if len(title) > LONGEST_TITLE:
        raise UsageError(
            f"That title has {len(title):,} characters; {LONGEST_TITLE} is the most.",
            state="Nothing was recorded.",
            next_step="a few words here; the rest goes into incident note",
        )
    now = workspace.now()
    happenings: list[Happening] = [IncidentOpened(" ".join(title.split()), exercise)]
    given = {name: moment.at for name, moment in (moments or {}).items()}
    if aware:
        given["aware"] = aware.at
    for name, at in given.items():
        check_past(name, at, now=now)
        check_order(given, changed=name)
    happenings += [FactStated(name, stamp(moment.at), "exact") for name, moment in (moments or {}).items()]
    if aware:
        happenings.append(AwarenessDecided(aware.at, because or "stated when the incident was opened"))
    while True:
        incident = _next_id(workspace, now)
        try:
            events = workspace.journal.append(incident, happenings, actor=workspace.actor, now=now, after=0)
        except Collision:  # somebody else opened one with this number just now
            continue
        return replay(events)


def decide_awareness(workspace: Workspace, incident: str | None, at: Moment, because: str) -> Incident:
    """Record when the controller became aware, and why. Supersedes an earlier decision, which stays in the record."""
    if not because.strip():
        raise UsageError(
            "Awareness is a decision and needs a reason.", state="Nothing was recorded.", next_step='add --because "…"'
        )
    check_past("aware", at.at, now=workspace.now())

    def decide(found: Incident) -> list[Happening]:
        check_order({**_moments(found.ledger), "aware": at.at}, changed="aware")
        return [AwarenessDecided(at.at, because)]

    return workspace.record(incident, decide)[0]


def state_fact(
    workspace: Workspace,
    incident: str | None,
    name: str,
    text: str | None,
    *,
    state: str = "exact",
    because: str | None = None,
) -> tuple[Incident, FactName]:
    """
    Record one fact as a person typed it.

    text: the value; None for the states "unknowable" and "pending", which have none.
    """
    if state not in STATES:
        raise UsageError(f'"{state}" is not a state of a fact.', next_step="use one of: " + ", ".join(STATES))
    fact = fact_named(name, languages=workspace.languages)
    has_value = state in {"exact", "approximate"}
    if has_value and text is None:
        raise UsageError(
            f"{fact} has no value.",
            state="Nothing was recorded.",
            next_step=f'incident fact {fact} "…", or --state pending while it is not known',
        )
    if not has_value and text is not None:
        raise UsageError(f"A fact that is {state} has no value.", next_step=f"incident fact {fact} --state {state}")
    value = read_value(fact.fact, text, now=workspace.now(), zone=workspace.zone) if text is not None else None
    stated = FactStated(str(fact), value, state, because)
    if fact.fact.type == "moment" and fact.fact.past and value is not None:
        check_past(fact.fact.id, datetime.fromisoformat(value), now=workspace.now())

    def decide(found: Incident) -> list[Happening]:
        if fact.fact.type == "moment" and value is not None:
            moments = {**_moments(found.ledger), fact.fact.id: datetime.fromisoformat(value)}
            if found.awareness_decisions:
                moments["aware"] = found.awareness.at
            check_order(moments, changed=fact.fact.id)
        return [stated]

    return workspace.record(incident, decide)[0], fact


def add_note(
    workspace: Workspace,
    incident: str | None,
    text: str,
    *,
    at: Moment | None = None,
    privileged: bool = False,
    attach: Sequence[Path] = (),
) -> Event:
    """Record a note. Attached files are copied into the incident's folder; the note keeps their names and digests."""
    found = workspace.incident(incident)
    attachments = [_keep(file, workspace.incident_folder(found.id) / "attachments") for file in attach]
    note = NoteAdded(text, at.at if at else None, privileged, attachments)
    return workspace.record(found.id, lambda _: [note])[1][0]


def take_back(workspace: Workspace, incident: str | None, *, because: str | None = None) -> Event:
    """
    Take back the actor's own last step with a new event, and return the step. The row itself stays.

    incident: without one the only one that is open; where none is, the one the actor closed last, which is open then.
    """
    taken: list[Event] = []

    def decide(found: Incident) -> list[Happening]:
        step = found.last_step_of(workspace.actor)
        if step is None:
            raise RefusedError(f"{workspace.actor} has no step in {found.id} to take back.", state="Nothing changed.")
        if step.kind in {ForgettingBegun.kind, ScopeForgotten.kind}:
            raise RefusedError(
                f"Your last step forgot the list of scope {step.body['scope']}; nothing brings it back.",
                state="Its key is destroyed. Nothing changed.",
                next_step="incident scope run asks the account database again, as it is now",
            )
        if step.kind not in UNDOABLE:
            raise RefusedError(
                f"Your last step, event {step.sequence} ({step.kind}), cannot be taken back.",
                state="Nothing changed.",
                next_step="close an incident, withdraw a letter, or choose an earlier list: incident scope choose",
            )
        taken[:] = [step]
        return [StepTakenBack(step.sequence, because)]

    workspace.record(incident or workspace.settings.incident or _closed_last(workspace), decide)
    return taken[0]


def _closed_last(workspace: Workspace) -> str | None:
    """The incident whose closing is the actor's last step in it, of several the newest; None while any is open."""
    known = workspace.incidents()
    if not known or any(found.closed is None for found in known):
        return None
    steps = [step for found in known if (step := found.last_step_of(workspace.actor)) is not None]
    closings = [step for step in steps if step.kind == IncidentClosed.kind]
    if not closings:
        raise RefusedError(
            f"No incident is open, and {workspace.actor} closed none of those that are closed.",
            state="Nothing changed.",
            next_step="incident undo ID takes back your last step in that one; incident list has the ids",
        )
    return max(closings, key=lambda step: step.recorded_at).incident


def close_incident(workspace: Workspace, incident: str | None, because: str | None) -> tuple[Incident, list[Duty]]:
    """
    Close an incident; its record stays. Returns it with the duties whose clocks that stops, those perhaps owed last.

    because: may be None only where no duty is left that is or may be owed. Raises RefusedError otherwise.
    """
    unmet: list[Duty] = []

    def decide(found: Incident) -> list[Happening]:
        if found.closed:
            raise RefusedError(f"{found.id} is closed already: {found.closed.because}.", state="Nothing changed.")
        unmet[:] = [duty for duty in duties(workspace, found) if duty.state in {"running", "late", "possible"}]
        if unmet and not because:
            raise RefusedError(
                f"{found.id} still has duties: {unmet_words(unmet)}.",
                state="It stays open.",
                next_step='incident close --because "why nothing more is owed", or incident done ID for what was met',
            )
        return [IncidentClosed(because or "every duty is met or not owed")]

    return workspace.record(incident, decide)[0], unmet


def duties(workspace: Workspace, incident: Incident) -> list[Duty]:
    """Every duty of the incident on every law that ships, as of now."""
    return duties_of(incident, workspace.organisation, load_laws(), now=workspace.now())


def check_record(workspace: Workspace, incident: str | None, *, head: str | None = None) -> tuple[str, Verdict]:
    """Recompute an incident's chain and the digests of its attachments. Raises UsageError for an unknown incident."""
    known = workspace.journal.incidents()
    if incident is None:
        incident = known[0] if len(known) == 1 else workspace.incident().id
    verdict = workspace.journal.check(incident, head=head)
    if incident not in known and verdict.ok:
        raise UsageError(f'There is no incident "{incident}".', next_step="incident list")
    if verdict.ok:
        found = replay(workspace.journal.read(incident))
        verdict = _with_sealed_lists(workspace, found, _with_attachments(workspace, found, verdict))
    return incident, verdict


def meet_duty(
    workspace: Workspace,
    incident: str | None,
    duty_id: str,
    *,
    at: Moment | None = None,
    reference: str | None = None,
    recipient: str | None = None,
) -> Incident:
    """
    Record that a duty was met outside this program, on an authority's own form for example.

    at: when; None for now. reference: the receipt's. recipient: the authority, by name or country, wanted where each of
    several is owed the notice. Raises UsageError for a duty this incident does not have, for a time before the breach,
    and as `towards` does.
    """
    when = at.at if at else workspace.now()
    check_past("at", when, now=workspace.now())

    def decide(found: Incident) -> list[Happening]:
        owed = {duty.id: duty for duty in duties(workspace, found) if duty.state != "not_owed"}
        known = list(owed)
        if duty_id not in known:
            near = difflib.get_close_matches(duty_id, known, n=3, cutoff=0.4)
            raise UsageError(
                f'{found.id} has no duty called "{duty_id}".',
                state="Nothing was recorded.",
                next_step=f"did you mean {' or '.join(near)}?" if near else "incident clock --json lists their ids",
            )
        check_done_after(when, _moments(found.ledger), zone=workspace.zone)
        told = found.scope_in_force if owed[duty_id].owed_to == "people" else None
        own = workspace.organisation.authority if workspace.organisation else None
        name, country = towards(owed[duty_id], recipient, own)
        return [DutyDone(duty_id, when, reference, told.scope if told else None, name, country)]

    return workspace.record(incident, decide)[0]


def _with_sealed_lists(workspace: Workspace, incident: Incident, verdict: Verdict) -> Verdict:
    from incident.scope.sealed import check_sealed  # only `verify` needs it, and `open` has no time to lose

    for event in incident.events:
        if verdict.ok and event.kind == ScopeSealed.kind and event.body["scope"] not in incident.forgotten:
            file = workspace.incident_folder(incident.id) / str(event.body["file"])
            try:
                check_sealed(file, str(event.body["digest"]))
            except (RecordIntegrityError, OSError):
                why = f"the sealed list of event {event.sequence} is gone or is not the one that was sealed"
                return Verdict(verdict.events, verdict.head, event.sequence, why)
    return verdict


def _with_attachments(workspace: Workspace, incident: Incident, verdict: Verdict) -> Verdict:
    for event, note in incident.notes:
        for attachment in note.attachments:
            file = workspace.incident_folder(incident.id) / "attachments" / str(attachment["digest"]).split(":")[1]
            try:
                held = _digest(file) == attachment["digest"]
            except OSError:
                held = False
            if not held:
                why = f"the file attached to event {event.sequence} is gone or changed"
                return Verdict(verdict.events, verdict.head, event.sequence, why)
    return verdict


def _next_id(workspace: Workspace, now: datetime) -> str:
    year = now.astimezone(workspace.zone).year
    numbers = [int(known[5:]) for known in workspace.journal.incidents() if known.startswith(f"{year}-")]
    return f"{year}-{max(numbers, default=0) + 1:03d}"


def _moments(ledger: Ledger) -> dict[str, datetime]:
    names = [fact.id for fact in vocabulary().values() if fact.type == "moment"]
    return {name: at for name in names if (at := ledger.moment(name))}


def _keep(file: Path, folder: Path) -> dict[str, Json]:
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        data = file.read_bytes()
        digest = hashlib.sha256(data).hexdigest()
        kept = folder / digest
        if not kept.exists():
            draft = folder / f".{digest}.{os.getpid()}"
            with os.fdopen(os.open(draft, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600), "wb") as copy:
                copy.write(data)
                os.fsync(copy.fileno())
            draft.replace(kept)
    except OSError as error:
        raise OutsideError(
            f"{file} could not be attached: {error.strerror}.",
            state="Nothing was recorded.",
            next_step="check the path, then run the same command again",
        ) from error
    return {"name": file.name, "digest": f"sha256:{digest}", "bytes": len(data)}


def _digest(file: Path) -> str:
    with file.open("rb") as data:
        return "sha256:" + hashlib.file_digest(data, "sha256").hexdigest()
