"""How the record looks: values in, lines for people or documents for programs out. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from incident.clock.duties import Duty, duty_document
from incident.clock.show import clock_lines, stopped_lines
from incident.guidance import NextStep
from incident.moments import Moment, from_stamp, local, stamp
from incident.record.canonical import Json
from incident.record.chain import Verdict
from incident.record.events import Event
from incident.record.ledger import FactVersion, Ledger
from incident.record.timeline import Incident

_COLUMN = 48


def understood(name: str, moment: Moment, *, zone: ZoneInfo) -> str:
    """What a typed time was taken to mean, to the second."""
    note = f"; {moment.note}" if moment.note else ""
    utc = stamp(moment.at.replace(microsecond=0))
    return f"Understood {name} as {local(moment.at, zone)}, which is {utc} (read in {moment.zone}{note})."


def opened_lines(
    incident: Incident, duties: Sequence[Duty], steps: Sequence[NextStep], *, now: datetime, zone: ZoneInfo, where: str
) -> list[str]:
    """where: the workspace, so that a record made in the middle of the night is found again."""
    exercise = "EXERCISE. " if incident.exercise else ""
    return [
        f"{exercise}Recorded as {incident.id}: {incident.title}",
        f"{local(incident.opened_at, zone)}, by {incident.opened_by}, in {where}",
        "",
        *clock_lines(duties, now=now, zone=zone),
        *_next_lines(steps),
    ]


def opened_document(incident: Incident, duties: Sequence[Duty], steps: Sequence[NextStep]) -> Json:
    return {
        "id": incident.id,
        "title": incident.title,
        "opened_at": stamp(incident.opened_at),
        "exercise": incident.exercise,
        "duties": [duty_document(duty) for duty in duties],
        "next": [{"command": step.command, "why": step.why} for step in steps],
    }


def status_lines(
    incident: Incident, duties: Sequence[Duty], steps: Sequence[NextStep], *, now: datetime, zone: ZoneInfo
) -> list[str]:
    awareness = incident.awareness
    decided = "provisional" if awareness.provisional else f"decided by {awareness.decided_by}"
    lines = [
        f"{'EXERCISE. ' if incident.exercise else ''}{incident.id}: {incident.title}",
        f"Opened    {local(incident.opened_at, zone)}, by {incident.opened_by}",
    ]
    for word, name in (("Began", "occurred_at"), ("Ended", "occurred_until"), ("Detected", "detected_at")):
        if at := incident.ledger.moment(name):
            lines.append(f"{word:<9} {local(at, zone)}")
    lines.append(f"Aware     {local(awareness.at, zone)}, {decided}: {awareness.because}")
    if incident.closed:
        lines.append(f"Closed    {incident.closed.because}")
    for scope in incident.scopes:
        force = ", in force" if scope == incident.scope_in_force else ""
        force += ", forgotten" if scope.scope in incident.forgotten else ""
        lines.append(f"Scope     {scope.scope}: {scope.counts.get('accounts')} accounts, {scope.digest[:19]}…{force}")
    lines += [f"Record    {incident.sequence} events, head {incident.head}", ""]
    return [*lines, *clock_lines(duties, now=now, zone=zone), *_next_lines(steps)]


def status_document(incident: Incident, duties: Sequence[Duty], steps: Sequence[NextStep]) -> Json:
    awareness = incident.awareness
    return {
        **opened_document(incident, duties, steps),
        "state": "closed" if incident.closed else "open",
        "awareness": {
            "at": stamp(awareness.at),
            "because": awareness.because,
            "provisional": awareness.provisional,
            "decided_by": awareness.decided_by,
        },
        "scopes": [scope.scope for scope in incident.scopes],
        "scope_in_force": incident.scope_in_force.scope if incident.scope_in_force else None,
        "events": incident.sequence,
        "head": incident.head,
    }


def list_lines(incidents: Sequence[Incident], *, zone: ZoneInfo) -> list[str]:
    if not incidents:
        return ['No incident is recorded here. Open one: incident open "what happened, in a few words"']
    return [
        f"{found.id}  {'closed' if found.closed else 'open':<6}  {local(found.opened_at, zone)}  {found.title}"
        for found in incidents
    ]


def list_document(incidents: Sequence[Incident]) -> Json:
    return [
        {
            "id": found.id,
            "title": found.title,
            "opened_at": stamp(found.opened_at),
            "state": "closed" if found.closed else "open",
            "exercise": found.exercise,
        }
        for found in incidents
    ]


def closed_lines(incident: Incident, stopped: Sequence[Duty], *, now: datetime, zone: ZoneInfo) -> list[str]:
    """stopped: the duties that were not met; see `close_incident`."""
    lines = [*list_lines([incident], zone=zone), *stopped_lines(stopped, now=now, zone=zone)]
    return [*lines, f"Open it again: incident undo {incident.id}"] if stopped else lines


def closed_document(incident: Incident, stopped: Sequence[Duty]) -> Json:
    ran = [duty_document(duty) for duty in stopped if duty.state != "possible"]
    return {**list_document([incident])[0], "stopped": ran, "perhaps_owed": len(stopped) - len(ran)}


def taken_back_line(step: Event) -> str:
    again = " It is open again." if step.kind == "incident-closed" else ""
    return f"Took back event {step.sequence} ({step.kind}) of {step.incident}.{again}"


def timeline_lines(incident: Incident, *, zone: ZoneInfo) -> list[str]:
    lines = [f"{incident.id}: {incident.title}"]
    for event in incident.events:
        mark = "  (taken back)" if event.sequence in incident.taken_back else ""
        said = f"{event.actor}: {_in_words(event, zone)}{mark}"
        lines.append(f"{event.sequence:>4}  {local(event.recorded_at, zone)}  {said}")
    return lines


def timeline_document(incident: Incident) -> Json:
    return {
        "id": incident.id,
        "title": incident.title,
        "events": [
            event_document(event, taken_back=event.sequence in incident.taken_back) for event in incident.events
        ],
    }


def event_document(event: Event, *, taken_back: bool = False) -> Json:
    return {
        "sequence": event.sequence,
        "recorded_at": stamp(event.recorded_at),
        "actor": event.actor,
        "kind": event.kind,
        "version": event.version,
        "body": dict(event.body),
        "hash": event.hash,
        "taken_back": taken_back,
    }


def facts_lines(ledger: Ledger, *, zone: ZoneInfo) -> list[str]:
    return facts_lines_of(list(ledger), zone=zone) or ["No fact is recorded yet.", "Next: incident facts --missing"]


def facts_lines_of(facts: Sequence[FactVersion], *, zone: ZoneInfo) -> list[str]:
    lines = []
    for fact in facts:
        value = fact_value(fact, zone=zone)
        why = f"; {fact.because}" if fact.because else ""
        lines.append(
            f"{fact.name} = {value}   [{fact.state}, version {fact.version}, by {fact.source or fact.actor}{why}]"
        )
    return lines


def fact_value(fact: FactVersion, *, zone: ZoneInfo) -> str:
    """A fact's value on one line."""
    if not fact.is_known:
        return {"unknowable": "cannot be determined", "pending": "not yet known"}[fact.state]
    if isinstance(fact.value, bool):
        return "yes" if fact.value else "no"
    if isinstance(fact.value, list):
        return ", ".join(fact.value)
    if isinstance(fact.value, dict):
        return ", ".join(f"{key}={number}" for key, number in sorted(fact.value.items()))
    if _is_moment(fact.name):
        at = fact.moment
        return local(at, zone) if at else ""
    return str(fact.value)


def against_list_line(incident: Incident, fact: FactVersion) -> str | None:
    """That a person's `fact` says otherwise than the list of people in force, and what that list counted; else None."""
    scope, counted = incident.scope_in_force, incident.ledger.counted(fact.name)
    if scope is None or counted is None or not counted.is_known or counted.value == fact.value:
        return None
    told = counted.value
    if isinstance(told, dict) and isinstance(fact.value, dict):
        stated = fact.value
        told = {key: number for key, number in told.items() if stated.get(key) != number}
    if isinstance(told, dict):
        pairs = sorted(told.items(), key=lambda pair: (-pair[1], pair[0]))
        words = ", ".join(f"{key} {number}" for key, number in pairs) or "nobody elsewhere"
    else:
        words = ", ".join(told) if isinstance(told, list) else str(told)
    return f"The list {scope.scope} counted {words}; a person's statement goes before it. incident undo takes it back."


def _is_moment(fact: str) -> bool:
    return fact.endswith(("_at", "_until"))


def fact_document(fact: FactVersion) -> Json:
    return {
        "name": fact.name,
        "version": fact.version,
        "value": fact.value,
        "state": fact.state,
        "because": fact.because,
        "actor": fact.actor,
        "source": fact.source,
        "recorded_at": stamp(fact.at),
        "as_of": stamp(fact.as_of),
    }


def verdict_lines(incident: str, verdict: Verdict) -> list[str]:
    if verdict.ok:
        return [f"{incident}: {verdict.events} events, one unbroken chain.", f"Head: {verdict.head}"]
    return [
        f"{incident}: DAMAGED at event {verdict.broken_at}: {verdict.why}.",
        f"The {verdict.events} events before it are unbroken; the head there is {verdict.head}.",
        "Stop working in it. Keep this file as it is and compare with a backup of the journal.",
    ]


def verdict_document(incident: str, verdict: Verdict) -> Json:
    return {
        "id": incident,
        "ok": verdict.ok,
        "events": verdict.events,
        "head": verdict.head,
        "broken_at": verdict.broken_at,
        "why": verdict.why,
    }


def _next_lines(steps: Sequence[NextStep]) -> list[str]:
    if not steps:
        return []
    # A command with a long path in it must not push the reasons of the others off the screen.
    width = max((len(step.command) for step in steps if len(step.command) <= _COLUMN), default=0)
    return ["", "Next:", *(f"  {step.command:<{width}}  {step.why}" for step in steps)]


def _in_words(event: Event, zone: ZoneInfo) -> str:
    """An event on one line. Kinds of other packages, and of newer programs, are shown by their plain values."""
    body = event.body
    match event.kind:
        case "incident-opened":
            return f"opened: {body['title']}"
        case "fact-stated":
            return _stated_in_words(body, zone)
        case "awareness-decided":
            return f"aware at {local(from_stamp(str(body['at'])), zone)}: {body['because']}"
        case "note-added":
            files = "".join(f" [{item['name']}]" for item in body["attachments"])
            return f"{'privileged note' if body['privileged'] else 'note'}: {body['text']}{files}"
        case "step-taken-back":
            return f"took back event {body['sequence']}" + (f": {body['because']}" if body["because"] else "")
        case "incident-closed":
            return f"closed: {body['because']}"
        case "scope-sealed" | "scope-exported" | "scope-forgetting-begun" | "scope-forgotten":
            return _scope_in_words(event.kind, body)
        case "reminded":
            told = ", ".join(f"{item['duty']} ({item['hours_before']} h before)" for item in body["reminders"])
            return f"reminder {body['state']}: {told}"
        case "calendar-exported":
            return f"calendar file with {len(body['entries'])} due times"
    plain = [
        f"{key}={value}" for key, value in body.items() if isinstance(value, str | int) and value not in ("", None)
    ]
    return f"{event.kind}: {' '.join(plain)}"


def _stated_in_words(body: Mapping[str, Json], zone: ZoneInfo) -> str:
    value = body["value"]
    if value is None:
        value = body["state"]
    elif _is_moment(str(body["fact"])):
        value = local(from_stamp(str(value)), zone)
    return f"{body['fact']} = {value}"


def _scope_in_words(kind: str, body: Mapping[str, Json]) -> str:
    name = f"scope {body['scope']}"
    match kind:
        case "scope-sealed":
            return f"sealed {name}: {body['counts'].get('accounts')} accounts, {body['digest']}"
        case "scope-exported":
            what = "a letter to one person of the list" if body["form"] == "letter" else "the list"
            return f"wrote {what} of {name} to {body['file']}"
        case "scope-forgetting-begun":
            return f"decided to forget the list of {name}: {body['because']}"
    return f"destroyed the list of {name}: {body['digest']}"
