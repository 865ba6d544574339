"""
Who did not get a letter for certain, by account key, read from the sealed list when asked (IO). Nothing of it is kept.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from incident.record.events import happening_in
from incident.record.timeline import Incident
from incident.workspace import Workspace
from notices.addressees import addressees_of
from notices.events import NOTICE_KINDS, SendingBegun
from notices.letters import Letter
from notices.outbox import Outbox
from notices.outbox import Segment as Handed
from notices.recipients import Share


@dataclass(frozen=True)
class LeftOut:
    """One account: its key, "skipped", "refused" or "unknown", and why."""

    key: str
    state: str
    why: str


def left_out(workspace: Workspace, incident: Incident, letter: Letter, box: Outbox) -> Iterator[LeftOut]:
    """
    Everyone whose letter this is and who has not certainly got it, those still waiting apart, in the list's order.

    Before anything has left: those who would be skipped. Raises RecordIntegrityError for another list than was sealed.
    """
    addressees = addressees_of(workspace, incident, letter, incident.events[: _beginning(incident, letter, box)])
    addressees.check()
    for segment in addressees.segments():
        keys = {person.position: person.key for person in segment.people}
        seen = box.segments.get(segment.index)
        if seen is None and box.begun is not None:
            continue
        share = addressees.share(segment, {})
        for position, state, why in sorted(_exceptions(seen, share)):
            yield LeftOut(keys.get(position, ""), state, why)


def _exceptions(seen: Handed | None, share: Share) -> Iterator[tuple[int, str, str]]:
    if seen is None or seen.is_awaited:  # nothing is recorded of single people, and the list says the same again
        yield from ((position, "skipped", why) for position, why in share.skipped)
    else:
        yield from seen.exceptions
    if seen is not None and seen.state != "accepted":
        known = {position for position, _, _ in seen.exceptions}
        for person in share.recipients:
            if person.position not in known:
                yield person.position, seen.state, seen.why or "no reason given"


def _beginning(incident: Incident, letter: Letter, box: Outbox) -> int:
    """How many events there were when the letter first began to leave: who was told from other lists by then counts."""
    for at, event in enumerate(incident.events):
        begun = happening_in(event, NOTICE_KINDS) if event.kind == SendingBegun.kind else None
        if begun is not None and (begun.letter, begun.scope, begun.channel) == (letter.id, letter.scope, box.channel):
            return at
    return len(incident.events)
