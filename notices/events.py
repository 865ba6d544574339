"""
What can happen to a letter: kinds the journal keeps beside those of `incident/record/events.py`, in the same form.

`letter_version` is the letter's, since `version` names the form of the event itself. No body holds a recipient: ids,
counts, positions on a sealed list, and digests only.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

from incident.record.canonical import Json


@dataclass(frozen=True)
class LetterDrafted:
    """
    A letter got a new version; the former one is superseded.

    letter: "authority-en", "people-et", "authority-en-cnil". letter_kind: its kind's id.
    letter_version: 1, 2, 3, … of `letter`.
    digest: of the sealed manifest. folder: relative to the incident's own. facts: name -> version it was written from,
    0 for a fact that was looked for and was not there. scope: the sealed list it is addressed to or whose people its
    annex names, or None.
    audience: the languages that have a letter of their own in this plan, the fallback first.
    attachments: letter -> version of those whose PDF is attached.
    addressed_to, duty, channel: as `Kind` has them; "" in records from when there were two kinds.
    recipient, country: the authority it is to, as the profile named it then; None where the law names it, for people,
    and in records from when that was not kept.
    annex: of the list that goes with it, whose bytes are not kept: `Annex.document`.
    """

    kind: ClassVar[str] = "letter-drafted"
    version: ClassVar[int] = 1
    letter: str
    letter_kind: str
    language: str
    letter_version: int
    digest: str
    folder: str
    facts: Mapping[str, int]
    template_digest: str
    profile_digest: str
    scope: str | None = None
    audience: Sequence[str] = field(default_factory=tuple)
    attachments: Mapping[str, int] = field(default_factory=dict)
    addressed_to: str = ""
    duty: str = ""
    channel: str = ""
    annex: Mapping[str, Json] = field(default_factory=dict)
    recipient: str | None = None
    country: str | None = None


@dataclass(frozen=True)
class LetterSubmitted:
    """The author asks for review of exactly `digest`."""

    kind: ClassVar[str] = "letter-submitted"
    version: ClassVar[int] = 1
    letter: str
    letter_version: int
    digest: str


@dataclass(frozen=True)
class LetterApproved:
    """
    The event's actor approves `digest` and nothing else. waiver: why the author may approve, where they did.

    warning: why that is unusual: the profile does not say that there is nobody else.
    """

    kind: ClassVar[str] = "letter-approved"
    version: ClassVar[int] = 1
    letter: str
    letter_version: int
    digest: str
    role: str
    waiver: str | None = None
    warning: str | None = None


@dataclass(frozen=True)
class LetterRejected:
    """A reviewer asks for changes."""

    kind: ClassVar[str] = "letter-rejected"
    version: ClassVar[int] = 1
    letter: str
    letter_version: int
    because: str


@dataclass(frozen=True)
class LetterWithdrawn:
    """The letter will not be sent; an approval it had is void."""

    kind: ClassVar[str] = "letter-withdrawn"
    version: ClassVar[int] = 1
    letter: str
    letter_version: int
    because: str


@dataclass(frozen=True)
class SendingBegun:
    """
    A letter began to leave; who gets it is settled from here on.

    channel: "post" for every sender that reaches people (they share one, so that two services cannot both write to
    one person), else the rehearsal's own name. audience: as in the letter. planned: people on the sealed list whose
    letter this is, those with a reason to be left out included. choices: what the sender decided about how it sends.
    """

    kind: ClassVar[str] = "sending-begun"
    version: ClassVar[int] = 1
    letter: str
    letter_version: int
    digest: str
    scope: str | None
    audience: Sequence[str]
    sender: str
    channel: str
    planned: int
    choices: Mapping[str, Json] = field(default_factory=dict)


@dataclass(frozen=True)
class BatchHandedOver:
    """
    One segment of the sealed list goes to a sender. Recorded BEFORE the request, so that a crash leaves "unknown".

    segment: 0-based. planned: people in the request. skipped: people of this letter in the segment who are left out;
    why, is in the settlement. attempt: 1, 2, 3, … of this segment. because: why it is sent again after a lost answer.
    """

    kind: ClassVar[str] = "batch-handed-over"
    version: ClassVar[int] = 1
    letter: str
    letter_version: int
    digest: str
    scope: str | None
    segment: int
    planned: int
    sender: str
    channel: str
    attempt: int = 1
    skipped: int = 0
    because: str | None = None


@dataclass(frozen=True)
class BatchSettled:
    """
    What became of a handed-over segment.

    outcome: "accepted", "refused" (nobody in it was written to) or "unknown" (the answer was lost).
    accepted: how many letters were taken. exceptions: `[position, "refused" | "skipped", why]` by position on the
    sealed list. reference: the sender's own. why: of "refused" and "unknown".
    """

    kind: ClassVar[str] = "batch-settled"
    version: ClassVar[int] = 1
    letter: str
    letter_version: int
    scope: str | None
    segment: int
    channel: str
    attempt: int
    outcome: str
    accepted: int
    exceptions: Sequence[Sequence[Json]] = field(default_factory=tuple)
    reference: str | None = None
    why: str | None = None


@dataclass(frozen=True)
class LetterRehearsed:
    """Every letter of this version was written by a sender that reaches nobody. It is not sent, and no duty is met."""

    kind: ClassVar[str] = "letter-rehearsed"
    version: ClassVar[int] = 1
    letter: str
    letter_version: int
    digest: str
    sender: str
    accepted: int
    skipped: int


@dataclass(frozen=True)
class LetterSent:
    """Every letter of this version that could leave has left; recorded by the sender, real ones only."""

    kind: ClassVar[str] = "letter-sent"
    version: ClassVar[int] = 1
    letter: str
    letter_version: int
    digest: str
    sender: str
    accepted: int
    refused: int = 0
    skipped: int = 0


NOTICE_KINDS: dict[str, type[Any]] = {
    kind.kind: kind
    for kind in (
        LetterDrafted,
        LetterSubmitted,
        LetterApproved,
        LetterRejected,
        LetterWithdrawn,
        SendingBegun,
        BatchHandedOver,
        BatchSettled,
        LetterRehearsed,
        LetterSent,
    )
}
