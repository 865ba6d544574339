"""
What the record says that a letter to the authority must not ask people for: what was sent before, and who was told.

Article 33(4): information may follow in phases, and a later message says what the earlier one did not. Pure.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from incident.record.events import happening_in
from incident.record.ledger import FactVersion
from incident.record.timeline import Incident
from notices.events import NOTICE_KINDS, SendingBegun
from notices.letters import Letter, versions_of
from notices.outbox import POST, beginnings, outbox_of

# What `people_told` may say while letters have really left; the record knows better then.
OUTDATED = (None, "planned", "undecided")


@dataclass(frozen=True)
class Former:
    """
    An authority was notified before. first_at: when, aware. receipt: the authority's own reference, where it is known.

    last: the newest letter that was sent, or that was approved when it was handed in; None where no letter was.
    """

    first_at: datetime
    receipt: str | None
    last: Letter | None


@dataclass(frozen=True)
class LettersLeft:
    """Letters to people that were really taken by a service. since: when the first began to leave, aware."""

    number: int
    since: datetime


def former_notice(incident: Incident, duty: str) -> Former | None:
    """What was notified before under `duty`; None for the first time."""
    sent = [
        letter
        for versions in versions_of(incident).values()
        for letter in versions
        if letter.duty == duty and letter.sent_at and not letter.is_to_people
    ]
    sent.sort(key=lambda letter: letter.sent_at or letter.drafted_at)
    done = incident.duties_done.get(duty)
    receipt = done.reference if done and done.reference not in _references(incident, sent) else None
    if sent:
        return Former(sent[0].sent_at or sent[0].drafted_at, receipt, sent[-1])
    return Former(done.at, receipt, _handed_in(incident, duty, done.at)) if done else None


def _handed_in(incident: Incident, duty: str, at: datetime) -> Letter | None:
    """The newest text that was approved for handing in by the time the duty was met."""
    found = [
        letter
        for versions in versions_of(incident).values()
        for letter in versions
        if letter.duty == duty and letter.is_handed_in and any(approval.at <= at for approval in letter.approvals)
    ]
    return max(found, key=lambda letter: letter.drafted_at, default=None)


def _references(incident: Incident, sent: list[Letter]) -> set[str | None]:
    """What the sending services called the messages, which says nothing to the authority."""
    boxes = [outbox_of(incident.events, each.id, version=each.version, channel=POST, scope=each.scope) for each in sent]
    return {segment.reference for box in boxes for segment in box.segments.values()}


def letters_left(incident: Incident) -> LettersLeft | None:
    """How many letters to people have really left; None while none has."""
    begun = {(each.letter, each.scope) for each in beginnings(incident.events) if each.channel == POST and each.scope}
    boxes = (outbox_of(incident.events, name, version=1, channel=POST, scope=scope) for name, scope in begun)
    number = sum(box.counts["accepted"] for box in boxes)
    starts = [event.recorded_at for event in incident.events if _is_a_start(happening_in(event, NOTICE_KINDS))]
    return LettersLeft(number, min(starts)) if number else None


def _is_a_start(happening: object) -> bool:
    return isinstance(happening, SendingBegun) and happening.channel == POST and happening.scope is not None


def people_told(incident: Incident) -> LettersLeft | None:
    """`letters_left`, where the fact "people_told" does not say it better."""
    return letters_left(incident) if incident.ledger.value("people_told") in OUTDATED else None


def version_then(incident: Incident, letter: Letter, name: str) -> FactVersion | None:
    """The fact as `letter` used it; where it did not, as it stood when it was drafted."""
    versions = incident.ledger.versions.get(name, ())
    if name in letter.facts:
        return next((each for each in versions if each.version == letter.facts[name]), None)
    return next((each for each in reversed(versions) if each.at <= letter.drafted_at), None)
