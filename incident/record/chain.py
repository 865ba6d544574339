"""
The hash chain: each row's hash covers the row and the hash before it.

A changed row no longer matches its own hash, a missing one leaves a gap, and a list cut off at the end no longer
contains the head that somebody noted down.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from incident.moments import from_stamp, stamp
from incident.record.canonical import Json, canonical
from incident.record.events import Event, Happening, body_of

GENESIS = "0" * 64


class Row(NamedTuple):
    """A journal row as the database holds it: every value text or whole number."""

    incident: str
    sequence: int
    recorded_at: str
    actor: str
    kind: str
    version: int
    body: str
    previous_hash: str
    hash: str


@dataclass(frozen=True)
class Verdict:
    """What `verify` found. broken_at: the first sequence that is changed, missing or out of place."""

    events: int
    head: str
    broken_at: int | None = None
    why: str | None = None

    @property
    def ok(self) -> bool:
        return self.broken_at is None


def link(
    happenings: Sequence[Happening], *, incident: str, actor: str, now: datetime, last: tuple[int, str]
) -> list[Row]:
    """
    Chain `happenings` behind the row whose sequence and hash are `last` ((0, GENESIS) for a new incident).

    now: aware; all rows carry it.
    """
    rows: list[Row] = []
    sequence, previous = last
    for happening in happenings:
        sequence += 1
        body = canonical(body_of(happening)).decode()
        fields = (incident, sequence, stamp(now), actor, happening.kind, happening.version, body, previous)
        previous = _hash(*fields)
        rows.append(Row(*fields, previous))
    return rows


def event_of(row: Row) -> Event:
    """The row read back. Raises ValueError where its time or body is not what this program writes."""
    body: Json = json.loads(row.body)
    return Event(**{**row._asdict(), "recorded_at": from_stamp(row.recorded_at), "body": body})


def check(rows: Iterable[Row], *, witnessed: Iterable[tuple[int, str, str]] = ()) -> Verdict:
    """
    Recompute the chain of one incident, rows in order of sequence.

    witnessed: (sequence, hash, where it was noted) that the chain must contain; sequence 0 means any place.
    """
    seen: dict[int, str] = {}
    previous = GENESIS
    for expected, row in enumerate(rows, start=1):
        why = _fault(row, expected, previous)
        if why:
            return Verdict(len(seen), previous, expected, why)
        previous = row.hash
        seen[expected] = row.hash
    for sequence, head, where in witnessed:
        held = head in seen.values() if sequence == 0 else seen.get(sequence) == head
        if not held:
            broken_at = min(sequence or len(seen) + 1, len(seen) + 1)
            return Verdict(len(seen), previous, broken_at, f"the chain does not contain the head noted in {where}")
    return Verdict(len(seen), previous)


def _fault(row: Row, expected: int, previous: str) -> str | None:
    if row.sequence != expected:
        return f"event {expected} is missing"
    if row.previous_hash != previous:
        return f"event {expected} does not follow event {expected - 1}"
    if _hash(*row[:-1]) != row.hash:
        return f"event {expected} was changed after it was recorded"
    return None


def _hash(
    incident: str, sequence: int, recorded_at: str, actor: str, kind: str, version: int, body: str, previous: str
) -> str:
    # The body enters as the text that is stored, so that a respelled body with the same value is a change too.
    return hashlib.sha256(
        canonical([incident, sequence, recorded_at, actor, kind, version, body, previous])
    ).hexdigest()
