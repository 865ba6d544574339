"""Which duties a letter meets when it has really left. Pure but for the law data it reads."""

from __future__ import annotations

from datetime import datetime

from incident.clock.duties import Duty, duties_of
from incident.clock.promises import LAW as PROMISE
from incident.clock.regimes import load_laws
from incident.organisation.profile import Authority, Organisation
from incident.record.events import DutyDone
from incident.record.timeline import Incident
from notices.letters import Letter, letters_of
from notices.outbox import POST, Outbox, outbox_of

_TO_ALL_READERS = "people"


def duties_met(
    incident: Incident, letter: Letter, box: Outbox, organisation: Organisation | None, *, now: datetime
) -> list[DutyDone]:
    """
    The duties towards the letter's readers that are running when its last batch has been taken.

    A duty towards people is met when every letter of the plan has left, for the list they left to: every such duty by
    the kind "people", which answers the laws of all readers, and its own alone by a kind of one's own. A letter to an
    authority meets the duty of its kind and what the organisation itself promised to tell that authority, each only
    where it is owed to the authority that was written to; where each of several is owed it, for that one alone.
    """
    if letter.is_to_people and not _plan_is_complete(incident, letter):
        return []
    authority = None if letter.is_to_people or organisation is None else organisation.authority
    country = (authority.country or organisation.country) if authority and organisation else None
    reference = next((segment.reference for segment in box.segments.values() if segment.reference), None)
    return [
        DutyDone(duty.id, now, reference, letter.scope, authority.name if authority else None, country)
        for duty in duties_of(incident, organisation, load_laws(), now=now)
        if duty.state in {"running", "late"} and _is_met_by(letter, duty, authority, country)
    ]


def _is_met_by(letter: Letter, duty: Duty, authority: Authority | None, country: str | None) -> bool:
    """authority: the one letters go to. country: that one's."""
    if letter.is_to_people:
        return duty.owed_to == "people" and (letter.kind == _TO_ALL_READERS or duty.id == letter.duty)
    is_promised = duty.law == PROMISE and duty.owed_to == "supervisory_authority"
    if authority is None or not (duty.id == letter.duty or is_promised):
        return False
    if duty.each:
        return country in {one.country for one in duty.remaining or duty.each}
    return duty.recipient == authority.name


def _plan_is_complete(incident: Incident, letter: Letter) -> bool:
    """Whether every other language of the plan has been sent to the end, to the same list."""
    others = {other.language: other for other in letters_of(incident).values() if other.kind == letter.kind}
    for language in letter.audience:
        other = others.get(language)
        if language == letter.language:
            continue
        if other is None:
            return False
        box = outbox_of(incident.events, other.id, version=other.version, channel=POST, scope=letter.scope)
        if not box.is_complete:
            return False
    return True
