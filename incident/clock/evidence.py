"""
Evidence that disappears: until when each kind the profile names still exists, and what to put away now. Pure.

A kind is kept so many days from its creation, its deletion or the like. Its oldest trace of this breach is as old as
the breach, so that is lost first; the last one is lost as many days after the breach ended. Days are 24 hours.

Where the profile states no retention, nobody can say when anything goes: that is said, and no day is invented.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta, tzinfo

from incident.clock.judging import Duty
from incident.clock.show import both
from incident.errors import UsageError
from incident.moments import span, stamp
from incident.organisation.profile import Organisation, Retention
from incident.record.canonical import Json
from incident.record.events import EvidencePreserved
from incident.record.timeline import Incident

LAW = "evidence"
_FAR = timedelta(days=180)  # what is kept longer than this is no matter of tonight
_NEVER = datetime.max.replace(tzinfo=UTC)
START = "the start of the breach"
_NO_RETENTION = (
    "   The profile states no retention, so nobody can say when logs and backups go. Put away now what you will need.",
    '      incident preserve "server logs" --because "how, and where it lies now"   (in your own words)',
    "   Once you know how long they are kept, write it as [[retention]] into organisation.toml: then each has a date.",
)
_SLIP = 0.8  # as alike as this, of 1, a word is a slip of a kind that is named
STATES = ("going", "kept", "preserved", "lost")


@dataclass(frozen=True)
class Evidence:
    """
    One kind of evidence of one incident.

    what, days, since: as the profile has them; days and since are None for what was put away and is not in it.
    first_lost_at: when its oldest trace of the breach disappears, None where that is not known, and last_lost_at: its
    newest; None while the breach has no known end. Both aware, UTC. counted_from: which moment the
    first is counted from, in words. state: "kept" while all is there, "going" once the oldest is lost, "lost" once
    everything is; "preserved" where it was put away after the breach had ended, or before it is known to have ended.
    preserved: the record of that, also where it covers the breach in part.
    """

    what: str
    days: int | None
    since: str | None
    first_lost_at: datetime | None
    last_lost_at: datetime | None
    counted_from: str
    state: str
    preserved: EvidencePreserved | None = None

    @property
    def command(self) -> str:
        return f'incident preserve "{self.what}" --because "how, and where it lies now"'


def evidence_of(incident: Incident, organisation: Organisation | None, *, now: datetime) -> list[Evidence]:
    """
    All evidence that the profile says disappears, what is lost first in front; and whatever else was put away.

    now: aware.
    """
    kinds = organisation.retention if organisation is not None else ()
    began, words = _began(incident)
    ended = _ended(incident)
    found = [_evidence(kind, began, words, ended, incident.preserved.get(kind.what), now) for kind in kinds]
    named = {kind.what for kind in kinds}
    found += [_undated(done) for what, done in incident.preserved.items() if what not in named]
    return sorted(found, key=lambda each: (each.state == "preserved", each.first_lost_at or _NEVER, each.what))


def evidence_named(what: str, found: Sequence[Evidence]) -> Evidence:
    """The kind called `what`, in capitals or not; raises UsageError naming those there are."""
    wanted = what.strip().casefold()
    for evidence in found:
        if evidence.what.casefold() == wanted:
            return evidence
    listed = ", ".join(evidence.what for evidence in found) or "none"
    raise UsageError(
        f'There is no evidence "{what}".',
        state=f"Nothing was recorded. There is: {listed}.",
        next_step='incident preserve WHAT --because "how, and where it lies now"',
    )


def kind_meant(what: str, found: Sequence[Evidence]) -> str:
    """
    What a person puts away as `what`: a kind the profile names, in its spelling, or whatever else, in their own words.

    Raises UsageError for what is most likely a slip of a kind that is named, since that one's clock would run on.
    """
    words = " ".join(what.split())
    by_name = {evidence.what.casefold(): evidence.what for evidence in found}
    if words.casefold() in by_name:
        return by_name[words.casefold()]
    near = difflib.get_close_matches(words.casefold(), by_name, n=1, cutoff=_SLIP)
    if near:
        raise UsageError(
            f'The profile names no evidence "{what}".',
            state="Nothing was recorded.",
            next_step=f'did you mean "{by_name[near[0]]}"? If it is something else, name it in other words',
        )
    if not words:
        raise UsageError(
            "It is not said what was put away.", state="Nothing was recorded.", next_step="name it, in your own words"
        )
    return words


def unnamed_lines(evidence: Evidence, found: Sequence[Evidence]) -> list[str]:
    """Which clocks run on, where what was put away is none of the kinds the profile names; else nothing."""
    going = [each.what for each in found if each.state in {"kept", "going"}]
    if evidence.days is not None or not going:
        return []
    return [f"   The profile names no such kind, so no clock stops by it. Still running: {', '.join(going)}."]


def is_undated(organisation: Organisation | None) -> bool:
    """Whether there is a profile that does not say how long anything is kept."""
    return organisation is not None and not organisation.retention


def evidence_lines(
    found: Sequence[Evidence], *, now: datetime, zone: tzinfo, everything: bool = False, undated: bool = False
) -> list[str]:
    """
    Lines for the clock's screen: what is going, with the command that records that it was put away.

    everything: also what is kept for long. undated: see `is_undated`.
    """
    lines = list(_NO_RETENTION) if undated else []
    far = 0
    running = [each for each in found if each.state in {"kept", "going"}]
    for evidence in found:
        if not everything and evidence.state == "kept" and _first(evidence) - now > _FAR:
            far += 1
            continue
        lines += _lines(evidence, now, zone)
    if far:
        lines.append(f"   {far} more {'is' if far == 1 else 'are'} kept longer than half a year: --all shows them.")
    if running and running[0].counted_from != START:
        lines.append(f"   Counted from {running[0].counted_from}.")
    return ["Evidence that disappears", *lines, ""] if lines else []


def evidence_document(evidence: Evidence) -> Json:
    done = evidence.preserved
    return {
        "what": evidence.what,
        "days": evidence.days,
        "since": evidence.since,
        "counted_from": evidence.counted_from,
        "first_lost_at": stamp(evidence.first_lost_at) if evidence.first_lost_at else None,
        "last_lost_at": stamp(evidence.last_lost_at) if evidence.last_lost_at else None,
        "state": evidence.state,
        "preserved_at": stamp(done.at) if done else None,
        "because": done.because if done else None,
        "command": evidence.command,
    }


def as_duties(found: Iterable[Evidence]) -> list[Duty]:
    """What is still to be put away, in the form in which reminders and calendars take due times."""
    return [_duty(evidence) for evidence in found if evidence.state in {"kept", "going"}]


def _began(incident: Incident) -> tuple[datetime, str]:
    """When the oldest trace may have come into being, and which moment that is."""
    if (at := incident.ledger.moment("occurred_at")) is not None:
        return at, START
    known = {"awareness": incident.awareness.at, "the opening of this incident": incident.opened_at}
    if (at := incident.ledger.moment("detected_at")) is not None:
        known = {"the first sign": at, **known}
    name = min(known, key=lambda key: known[key])
    return known[name], f"{name}, since the start of the breach is not recorded: older traces go earlier"


def _ended(incident: Incident) -> datetime | None:
    moments = (incident.ledger.moment(name) for name in ("occurred_until", "contained_at"))
    return max((at for at in moments if at is not None), default=None)


def _evidence(
    kind: Retention,
    began: datetime,
    words: str,
    ended: datetime | None,
    preserved: EvidencePreserved | None,
    now: datetime,
) -> Evidence:
    kept = timedelta(days=kind.days)
    first = began + kept
    last = max(began, ended) + kept if ended is not None else None
    state = "kept" if now < first else "lost" if last is not None and now >= last else "going"
    evidence = Evidence(kind.what, kind.days, kind.since, first, last, words, state, preserved)
    if preserved is None:
        return evidence
    if ended is None or preserved.at >= ended:
        return replace(evidence, state="preserved")
    # What came into being between then and the end of the breach is not in it, and its clock runs on.
    rest = preserved.at + kept
    return replace(evidence, first_lost_at=rest, state="kept" if now < rest else state if state == "lost" else "going")


def _undated(done: EvidencePreserved) -> Evidence:
    """Put away though the profile does not say how long it is kept."""
    return Evidence(done.what, None, None, None, None, START, "preserved", done)


def _first(evidence: Evidence) -> datetime:
    """When its oldest trace goes; known of everything that the profile names."""
    assert evidence.first_lost_at is not None  # noqa: S101 - only what was put away can be without
    return evidence.first_lost_at


def _lines(evidence: Evidence, now: datetime, zone: tzinfo) -> list[str]:
    kept = f"{evidence.what}: kept {evidence.days} days from {evidence.since}"
    done = evidence.preserved
    if evidence.state == "preserved" and done is not None:
        return [f"   {evidence.what}: put away {both(done.at, zone)}. {done.because}"]
    if evidence.state == "lost":
        return [f"   {kept}; LOST since {both(evidence.last_lost_at or _first(evidence), zone)}"]
    part = f"; put away in part, {both(done.at, zone)}" if done is not None else ""
    if evidence.state == "going":
        gone = span(now - _first(evidence))
        lines = [f"   {kept}; THE OLDEST IS LOST since {gone}, and more every day{part}"]
    else:
        left = span(_first(evidence) - now)
        lines = [f"   {kept}; {left} left, the oldest is lost {both(_first(evidence), zone)}{part}"]
    return [*lines, f"      {evidence.command}"]


def _duty(evidence: Evidence) -> Duty:
    key = re.sub(r"[^a-z0-9]+", "-", evidence.what.lower()).strip("-")
    return Duty(
        id=f"evidence-{key}",
        law=LAW,
        name=f"Put away the {evidence.what} before they are lost",
        owed_to="internal",
        recipient=None,
        state="running" if evidence.state == "kept" else "late",
        starts_with="occurrence",
        starts_at=_first(evidence) - timedelta(days=evidence.days or 0),
        period=f"{evidence.days} days",
        due_at=evidence.first_lost_at,
        cite="the organisation's own retention",
        reasons=(f"Kept {evidence.days} days from {evidence.since}; counted from {evidence.counted_from}.",),
        missing=(),
        confidence="verified",
        checked_on=None,
        late=evidence.state == "going",
    )
