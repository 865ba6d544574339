"""
What the record says that a letter to the authority must not ask people for: what was sent before, and who was told.

Article 33(4): information may follow in phases, and a later message says what the earlier one did not. Pure.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from incident.record.events import DutyDone, happening_in
from incident.record.ledger import FactVersion
from incident.record.timeline import Incident
from notices.events import NOTICE_KINDS, SendingBegun
from notices.letters import Letter, versions_of
from notices.outbox import POST, Outbox, beginnings, outbox_of
from notices.recipient import Recipient, is_same, written_to

# What `people_told` may say while letters have really left; the record knows better then.
OUTDATED = (None, "planned", "undecided")


@dataclass(frozen=True)
class Former:
    """
    An authority was notified before.

    first_at: when it first was, aware: the earliest letter that was sent, or record that the duty was met.
    receipt: the authority's own reference of that first notice, where it is known.
    last: the newest letter that was sent, or that was approved when it was handed in; None where no letter was.
    """

    first_at: datetime
    receipt: str | None
    last: Letter | None


@dataclass(frozen=True)
class LettersLeft:
    """
    Letters to people that were really taken by a service. since: when the first began to leave, aware.

    is_complete: the plan is done: for everybody on the list in force there is a letter, and each has left to the end.
    """

    number: int
    since: datetime
    is_complete: bool


def former_notice(incident: Incident, duty: str, recipient: Recipient) -> Former | None:
    """What was notified before under `duty` to `recipient`; None for the first time."""
    letters = [
        letter
        for versions in versions_of(incident).values()
        for letter in versions
        if letter.duty == duty and not letter.is_to_people and is_same(written_to(letter), recipient)
    ]
    records = incident.duties_done.get(duty, ())
    done = [each for each in records if is_same(Recipient(each.recipient, each.country), recipient)]
    sent = [letter for letter in letters if letter.sent_at]
    moments = [*(letter.sent_at for letter in sent if letter.sent_at), *(each.at for each in done)]
    if not moments:
        return None
    first_at = min(moments)
    receipt = _receipt(done, _second_at(letters, first_at), _references(incident, sent))
    gone = [*sent, *(letter for letter in letters if done and _was_handed_in(letter, done[-1].at))]
    return Former(first_at, receipt, max(gone, key=lambda letter: letter.sent_at or letter.drafted_at, default=None))


def _receipt(done: Sequence[DutyDone], second_at: datetime | None, ours: set[str | None]) -> str | None:
    """
    The first notice's reference; one that came after the second notice was made may be that one's.

    ours: references that say nothing to the authority.
    """
    of_the_first = [each for each in done if second_at is None or each.at < second_at]
    return next((each.reference for each in of_the_first if each.reference and each.reference not in ours), None)


def _second_at(letters: Sequence[Letter], first_at: datetime) -> datetime | None:
    """When the first text that was begun after the first notice was sent, or approved for handing in."""
    later = [letter for letter in letters if letter.drafted_at > first_at]
    made = [letter.sent_at or letter.approvals[0].at for letter in later if letter.sent_at or _is_to_hand_in(letter)]
    return min(made, default=None)


def _is_to_hand_in(letter: Letter) -> bool:
    return letter.is_handed_in and bool(letter.approvals)


def _was_handed_in(letter: Letter, at: datetime) -> bool:
    """Whether the text was approved for handing in by `at`, when its notice was last recorded as given."""
    return letter.is_handed_in and any(approval.at <= at for approval in letter.approvals)


def _references(incident: Incident, sent: list[Letter]) -> set[str | None]:
    """What the sending services called the messages, which says nothing to the authority."""
    boxes = [outbox_of(incident.events, each.id, version=each.version, channel=POST, scope=each.scope) for each in sent]
    return {segment.reference for box in boxes for segment in box.segments.values()}


def letters_left(incident: Incident) -> LettersLeft | None:
    """How many letters to people have really left; None while none has."""
    begun = {(each.letter, each.scope) for each in beginnings(incident.events) if each.channel == POST and each.scope}
    boxes = [outbox_of(incident.events, name, version=1, channel=POST, scope=scope) for name, scope in begun]
    number = sum(box.counts["accepted"] for box in boxes)
    starts = [event.recorded_at for event in incident.events if _is_a_start(happening_in(event, NOTICE_KINDS))]
    return LettersLeft(number, min(starts), _is_complete(incident, boxes)) if number else None


def _is_complete(incident: Incident, boxes: Sequence[Outbox]) -> bool:
    """Whether the letters that began to leave are for everybody on the list in force, and none waits or is open."""
    scope = incident.scope_in_force
    everybody = scope.counts.get("accounts") if scope else None
    if scope is None or everybody is None:
        return False
    there = [box for box in boxes if box.scope == scope.scope]
    return all(box.is_complete for box in there) and sum(box.counts["planned"] for box in there) >= everybody


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
