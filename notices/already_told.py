"""
Who has had a letter of this incident from another sealed list (IO: reads those lists).

People found later are told by a letter to a newer list, and most of that list may have been told from an older one.
Only what was really sent counts; a rehearsal tells nobody.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from zoneinfo import ZoneInfo

from incident.record.events import Event, ScopeSealed
from incident.record.timeline import Incident
from incident.scope.lists import check_not_forgotten
from incident.scope.sealed import Person, check_sealed, read_segments, same_address
from notices.letters import Letter, versions_of
from notices.outbox import POST, Outbox, beginnings, outbox_of
from notices.recipients import MAY_BE_TOLD, TOLD, Told, share_of, usable_address

_NOBODY_CAN_SAY = "Not sent: nobody can say who has had a letter already. "


def told_from_other_lists(
    folder: Path, incident: Incident, scope: str, events: Sequence[Event], *, zone: ZoneInfo, reserved_domains: bool
) -> Told:
    """
    Everyone who was told, or may have been, from another list than `scope`.

    folder: the incident's. events: its journal as far as it is to count. Raises RefusedError for a list that was
    forgotten, RecordIntegrityError for one that is not what was sealed: nobody can say then who has had a letter.
    """
    by_key: dict[str, str] = {}
    by_address: dict[str, str] = {}
    for sealed in incident.scopes:
        left = _left_to(incident, sealed.scope, events)
        if sealed.scope == scope or not left:
            continue
        check_not_forgotten(incident, sealed.scope, zone, before=_NOBODY_CAN_SAY)
        for person, is_certain in _written_to(folder, sealed, left, reserved_domains=reserved_domains):
            email, _ = usable_address((person.email or "").strip(), reserved_domains=reserved_domains)
            why = (TOLD if is_certain else MAY_BE_TOLD).format(scope=sealed.scope)
            key = f"{sealed.store_of_keys}{person.key}"
            for reasons, name in ((by_key, key), (by_address, (email or "").lower())):
                if is_certain or name not in reasons:
                    reasons[name] = why
    here = next((sealed.store_of_keys for sealed in incident.scopes if sealed.scope == scope), "")
    return Told(by_key, by_address, here)


def _left_to(incident: Incident, scope: str, events: Sequence[Event]) -> list[tuple[Letter, Outbox]]:
    """The letters that have really begun to leave to `scope`, each with the plan it left by."""
    versions = versions_of(incident)
    plans = {begun.letter: begun for begun in beginnings(events) if begun.channel == POST and begun.scope == scope}
    found = []
    for name, begun in plans.items():
        letter = replace(versions[name][begun.letter_version - 1], audience=tuple(begun.audience))
        found.append((letter, outbox_of(events, name, version=letter.version, channel=POST, scope=scope)))
    return found


def _written_to(
    folder: Path, sealed: ScopeSealed, left: Sequence[tuple[Letter, Outbox]], *, reserved_domains: bool
) -> Iterator[tuple[Person, bool]]:
    """Everyone on the list that one of the letters went to, or may have; True where it is certain."""
    file = folder / sealed.file
    check_sealed(file, sealed.digest)
    doubles = same_address(file)
    for segment in read_segments(file):
        at = {person.position: person for person in segment.people}
        for letter, box in left:
            seen = box.segments.get(segment.index)
            if seen is None or seen.state == "refused":
                continue
            share = share_of(letter, segment.people, fields={}, doubles=doubles, reserved_domains=reserved_domains)
            left_out = {position for position, _, _ in seen.exceptions}
            for recipient in share.recipients:
                if recipient.position not in left_out:
                    yield at[recipient.position], seen.state == "accepted"
