"""
To whom a letter goes: the people of its sealed list, or the supervisory authority. Reads the list, never the journal.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Protocol

from incident.actions import duties
from incident.errors import RefusedError
from incident.record.events import Event, ScopeSealed
from incident.record.timeline import Incident
from incident.scope.lists import check_not_forgotten
from incident.scope.sealed import Segment, check_sealed, read_segments, same_address
from incident.workspace import Workspace
from notices import refusals
from notices.already_told import told_from_other_lists
from notices.competent import is_mailed_amiss, whom
from notices.handing_in import way_of
from notices.letters import Letter
from notices.recipients import Field, Share, Told, plain_name, share_of, usable_address
from notices.senders import Recipient


class Addressees(Protocol):
    """The segments of the list in order, and which of their people a letter is for."""

    def check(self) -> None:
        """One full reading. Raises RecordIntegrityError where it is not the list that was sealed."""

    def segments(self) -> Iterator[Segment]: ...

    def share(self, segment: Segment, fields: Mapping[str, Field]) -> Share: ...

    def count(self, fields: Mapping[str, Field]) -> int:
        """All whose letter it is, those with a reason to be left out included."""
        return sum(self.share(segment, fields).people for segment in self.segments())


class Listed(Addressees):
    """The people of a sealed list. told: of other lists, asked once, when needed. reserved_domains: see `share_of`."""

    def __init__(
        self, letter: Letter, file: Path, digest: str, *, told: Callable[[], Told], reserved_domains: bool
    ) -> None:
        self._letter, self._file, self._digest = letter, file, digest
        self._ask_told, self._reserved_domains = told, reserved_domains

    def check(self) -> None:
        check_sealed(self._file, self._digest)

    def segments(self) -> Iterator[Segment]:
        return read_segments(self._file)

    def share(self, segment: Segment, fields: Mapping[str, Field]) -> Share:
        return share_of(
            self._letter,
            segment.people,
            fields=fields,
            doubles=self._doubles,
            told=self._told,
            reserved_domains=self._reserved_domains,
        )

    @cached_property
    def _doubles(self) -> frozenset[str]:
        return same_address(self._file)

    @cached_property
    def _told(self) -> Told:
        return self._ask_told()


class OneRecipient(Addressees):
    """The supervisory authority: one segment, one recipient, at position 0."""

    def __init__(self, recipient: Recipient) -> None:
        self._recipient = recipient

    def check(self) -> None:
        return None

    def segments(self) -> Iterator[Segment]:
        yield Segment(0, (), "")

    def share(self, segment: Segment, fields: Mapping[str, Field]) -> Share:
        return Share((self._recipient,), ())


def addressees_of(
    workspace: Workspace, incident: Incident, letter: Letter, events: Sequence[Event] | None = None
) -> Addressees:
    """
    events: the journal as far as it counts for who was told from other lists; None for all of it.

    Raises RefusedError for a letter to people without a list or whose list was forgotten, for an authority without an
    address, for what is owed to somebody else than the supervisory authority, and for a letter that is handed in and
    never sent.
    """
    organisation = workspace.organisation
    reserved = incident.exercise or bool(organisation and organisation.invented)
    if letter.is_handed_in:
        raise refusals.handed_in(letter, way_of(letter.duty, now=workspace.now()))
    if letter.is_to_people:
        scope = _scope_of(incident, letter)
        check_not_forgotten(incident, scope.scope, workspace.zone)
        folder = workspace.incident_folder(incident.id)
        counted = incident.events if events is None else events

        def told() -> Told:
            return told_from_other_lists(
                folder, incident, scope.scope, counted, zone=workspace.zone, reserved_domains=reserved
            )

        return Listed(letter, folder / scope.file, scope.digest, told=told, reserved_domains=reserved)
    duty = next((duty for duty in duties(workspace, incident) if duty.id == letter.duty), None)
    if duty is not None and is_mailed_amiss(duty, letter.addressed_to, letter.channel):
        raise RefusedError(
            f"Not sent: {letter.id} is for {duty.id}, which is owed to {whom(duty)}, and would go to the supervisory "
            "authority in the profile.",
            state="Nothing left.",
            next_step=f'write channel = "portal" into templates/{letter.kind}/about.toml and draft it again',
        )
    authority = organisation.authority if organisation else None
    address = authority.email if authority else None
    email = usable_address(address, reserved_domains=reserved)[0] if address else None
    if authority is None or email is None:
        raise RefusedError(
            "Not sent: the profile names no e-mail address of the supervisory authority.",
            state="Nothing left.",
            next_step="fill in authority.email, or give the notification in by the authority's own form",
        )
    return OneRecipient(Recipient(0, email, plain_name(authority.name)))


def _scope_of(incident: Incident, letter: Letter) -> ScopeSealed:
    for scope in incident.scopes:
        if scope.scope == letter.scope:
            return scope
    raise RefusedError(
        f"Not sent: {letter.id} is not addressed to a sealed list.",
        state="Nothing left.",
        next_step="incident scope run …   then draft the letter again",
    )
