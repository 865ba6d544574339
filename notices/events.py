"""
What the journal records of a letter, from its first draft to the answer of the service that took it.

The same pattern as `incident/record/events.py`: a frozen dataclass a kind, its field names the keys of the stored
body. No body holds a name or an address: positions on the sealed list, counts and digests only.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

from incident.record.canonical import Json


@dataclass(frozen=True)
class SendingBegun:
    """
    A letter began to leave; who gets it is settled from here on.

    digest: the approved letter's. channel: "post" for every sender that reaches people (they share one, so that two
    services cannot both write to a person), else the rehearsal's name. scope: "s1"; None for a letter to one recipient.
    audience: the languages of the plan, fallback first. planned: people on the list whose letter this is.
    choices: what the sender decided about how it sends ({"tracking": "off", …}).
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
    real: bool
    planned: int
    choices: Mapping[str, Json] = field(default_factory=dict)


@dataclass(frozen=True)
class BatchHandedOver:
    """
    One segment of the sealed list is about to be given to a sender; recorded before the request.

    planned: people in the request. skipped: people of this letter in the segment who are left out (why: in the
    settlement). attempt: 1, 2, … of this segment. because: who sends again after a lost answer says why.
    """

    kind: ClassVar[str] = "batch-handed-over"
    version: ClassVar[int] = 1
    letter: str
    letter_version: int
    scope: str | None
    segment: int
    planned: int
    sender: str
    attempt: int
    channel: str
    skipped: int = 0
    because: str | None = None


@dataclass(frozen=True)
class BatchSettled:
    """
    The answer for one handed-over segment.

    outcome: "accepted" (the service took it; `exceptions` lists those it did not), "refused" (nobody in it was
    written to) or "unknown" (the answer was lost). exceptions: [position, "refused" | "skipped", why], position on
    the sealed list. reference: the service's own id for the request. why: of a refusal or a lost answer.
    """

    kind: ClassVar[str] = "batch-settled"
    version: ClassVar[int] = 1
    letter: str
    letter_version: int
    scope: str | None
    segment: int
    attempt: int
    channel: str
    outcome: str
    accepted: int
    exceptions: Sequence[Sequence[Json]] = field(default_factory=tuple)
    reference: str | None = None
    why: str | None = None


@dataclass(frozen=True)
class LetterRehearsed:
    """Every person's letter was written by a sender that reaches nobody. No duty is met by it."""

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
    """Every person on the list was written to, or is counted with a reason why not."""

    kind: ClassVar[str] = "letter-sent"
    version: ClassVar[int] = 1
    letter: str
    letter_version: int
    digest: str
    sender: str
    accepted: int
    refused: int
    skipped: int


NOTICE_KINDS: dict[str, type[Any]] = {
    kind.kind: kind for kind in (SendingBegun, BatchHandedOver, BatchSettled, LetterRehearsed, LetterSent)
}
