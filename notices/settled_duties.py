"""Which duties a letter meets when it has really left. Pure but for the law data it reads."""

from __future__ import annotations

from datetime import datetime

from incident.clock.duties import duties_of
from incident.clock.regimes import load_laws
from incident.organisation.profile import Organisation
from incident.record.events import DutyDone
from incident.record.timeline import Incident
from notices.letters import Letter, letters_of
from notices.outbox import POST, Outbox, outbox_of


def duties_met(
    incident: Incident, letter: Letter, box: Outbox, organisation: Organisation | None, *, now: datetime
) -> list[DutyDone]:
    """
    The duties towards the letter's readers that are running when its last batch has been taken.

    A duty towards people is met when every letter of the plan has left, for the list they left to; one towards an
    authority only where it is owed to the authority that was written to.
    """
    if letter.kind == "people" and not _plan_is_complete(incident, letter):
        return []
    to = "people" if letter.kind == "people" else "supervisory_authority"
    authority = organisation.authority.name if organisation and organisation.authority else None
    reference = next((segment.reference for segment in box.segments.values() if segment.reference), None)
    return [
        DutyDone(duty.id, now, reference, letter.scope)
        for duty in duties_of(incident, organisation, load_laws(), now=now)
        if duty.owed_to == to and duty.state in {"running", "late"} and (to == "people" or duty.recipient == authority)
    ]


def _plan_is_complete(incident: Incident, letter: Letter) -> bool:
    """Whether every other language of the plan has been sent to the end, to the same list."""
    others = {other.language: other for other in letters_of(incident).values() if other.kind == "people"}
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
