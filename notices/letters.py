"""
The letters of an incident and the state each is in, replayed from the journal. No state is set in any other way.

    draft -> in review -> approved -> sent
       |         |           |
       |         +-> changes asked     (draft again makes the next version)
       +---------+-----------+-> withdrawn, or superseded by the next version
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from incident.errors import UsageError
from incident.record.canonical import Json
from incident.record.events import Event, happening_in
from incident.record.timeline import Incident
from notices.events import (
    NOTICE_KINDS,
    LetterApproved,
    LetterDrafted,
    LetterRejected,
    LetterSent,
    LetterSubmitted,
    LetterWithdrawn,
)
from notices.kinds import EMAIL, PORTAL

# What the record of a letter does not say that was drafted when there were two kinds: the duty of each.
_FIRST_KINDS = {"authority": "eu-gdpr-art33-sa", "people": "eu-gdpr-art34-people"}
STATES = ("draft", "in review", "changes asked", "approved", "sent", "superseded", "withdrawn")


@dataclass(frozen=True)
class Approval:
    """Who approved which exact text, and in what role. waiver: why it was the author. warning: why that is unusual."""

    by: str
    role: str
    digest: str
    at: datetime
    waiver: str | None = None
    warning: str | None = None


@dataclass(frozen=True)
class Letter:
    """
    One version of one letter. The fields are those of `LetterDrafted`.

    author: the actor who drafted it. drafted_at, sent_at: aware, UTC.
    because: why it was rejected or withdrawn, or None. sent_by: whose command sent the last of it.
    recipient, country: the authority it is to; None where nobody is on record.
    """

    id: str
    kind: str
    language: str
    version: int
    state: str
    digest: str
    folder: str
    facts: dict[str, int]
    template_digest: str
    profile_digest: str
    author: str
    drafted_at: datetime
    scope: str | None = None
    audience: tuple[str, ...] = ()
    attachments: dict[str, int] = field(default_factory=dict)
    approvals: tuple[Approval, ...] = field(default=())
    because: str | None = None
    sent_by: str | None = None
    sent_at: datetime | None = None
    addressed_to: str = "authority"
    duty: str = ""
    channel: str = "email"
    annex: dict[str, Json] = field(default_factory=dict)
    recipient: str | None = None
    country: str | None = None

    @property
    def is_to_people(self) -> bool:
        return self.addressed_to == "people"

    @property
    def is_beside_another(self) -> bool:
        """Another authority has the letter of this kind and language that is called by these two alone."""
        return self.id != f"{self.kind}-{self.language}"

    @property
    def is_handed_in(self) -> bool:
        """It goes the State's own way, by a person's hand; no sender of this program carries it."""
        return self.channel == PORTAL

    @property
    def rests_on_a_list(self) -> bool:
        """Another list of people than the one it was drafted for would make it another letter."""
        return self.is_to_people or bool(self.annex)

    @property
    def approval(self) -> Approval | None:
        """The approval in force, or None."""
        if self.state in {"approved", "sent"} and self.approvals and self.approvals[-1].digest == self.digest:
            return self.approvals[-1]
        return None


def versions_of(incident: Incident) -> dict[str, tuple[Letter, ...]]:
    """Every version of every letter by id, oldest first."""
    versions: dict[str, list[Letter]] = {}
    for event in incident.events:
        happening = happening_in(event, NOTICE_KINDS)
        if isinstance(happening, LetterDrafted):
            _add(versions.setdefault(happening.letter, []), happening, event)
        elif happening is not None and event.sequence not in incident.taken_back:
            _move(versions.get(happening.letter, []), happening, event)
    return {letter: tuple(all_of_it) for letter, all_of_it in versions.items()}


def letters_of(incident: Incident) -> dict[str, Letter]:
    """The newest version of every letter by id, in the order they were first drafted."""
    return {letter: versions[-1] for letter, versions in versions_of(incident).items()}


def letter_named(incident: Incident, name: str, *, version: int | None = None) -> Letter:
    """The newest version of the letter called `name`, or the one asked for; UsageError names those there are."""
    versions = versions_of(incident)
    if name not in versions:
        there = f"There are: {', '.join(versions)}." if versions else "No letter has been drafted yet."
        raise UsageError(
            f'There is no letter "{name}" in {incident.id}.',
            state=there,
            next_step="incident notice list" if versions else "incident notice draft authority",
        )
    if version is None:
        return versions[name][-1]
    for letter in versions[name]:
        if letter.version == version:
            return letter
    raise UsageError(
        f"{name} has no version {version}.",
        state=f"It has versions 1 to {versions[name][-1].version}.",
        next_step=f"incident notice show {name}",
    )


def _add(versions: list[Letter], drafted: LetterDrafted, event: Event) -> None:
    if versions and versions[-1].state not in {"sent", "withdrawn"}:
        versions[-1] = replace(versions[-1], state="superseded")
    versions.append(
        Letter(
            id=drafted.letter,
            kind=drafted.letter_kind,
            language=drafted.language,
            version=drafted.letter_version,
            state="draft",
            digest=drafted.digest,
            folder=drafted.folder,
            facts=dict(drafted.facts),
            template_digest=drafted.template_digest,
            profile_digest=drafted.profile_digest,
            author=event.actor,
            drafted_at=event.recorded_at,
            scope=drafted.scope,
            audience=tuple(drafted.audience),
            attachments=dict(drafted.attachments),
            addressed_to=drafted.addressed_to or drafted.letter_kind,
            duty=drafted.duty or _FIRST_KINDS.get(drafted.letter_kind, ""),
            channel=drafted.channel or EMAIL,
            annex=dict(drafted.annex),
            recipient=drafted.recipient,
            country=drafted.country,
        )
    )


def _move(versions: list[Letter], happening: Any, event: Event) -> None:
    """Change the state of the version that `happening` is about."""
    for place, letter in enumerate(versions):
        if letter.version == getattr(happening, "letter_version", None):
            versions[place] = _moved(letter, happening, event)


def _moved(letter: Letter, happening: Any, event: Event) -> Letter:
    match happening:
        case LetterSubmitted():
            return replace(letter, state="in review")
        case LetterApproved():
            approval = Approval(
                event.actor, happening.role, happening.digest, event.recorded_at, happening.waiver, happening.warning
            )
            return replace(letter, state="approved", approvals=(*letter.approvals, approval))
        case LetterRejected():
            return replace(letter, state="changes asked", because=happening.because)
        case LetterWithdrawn():
            return replace(letter, state="withdrawn", because=happening.because)
        case LetterSent():
            return replace(letter, state="sent", sent_by=event.actor, sent_at=event.recorded_at)
        case _:
            return letter
