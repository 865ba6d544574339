"""
What carries letters: one small protocol, a batch in, an outcome out.

A sender knows no journal, no list and no law. It gets up to 1000 people with one letter, hands them over once, and
says what happened to them. Writing that down, before and after, is `notices/sending.py`'s work.
"""

from __future__ import annotations

import html
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from incident.record.canonical import Json

BATCH_LIMIT = 1000  # people in one hand-over: what SendGrid takes at most, and one segment of a sealed list


@dataclass(frozen=True, slots=True)
class Recipient:
    """
    One person of a batch.

    position: on the sealed list, the only thing about them that may be written into the record.
    email: ASCII, checked. name: for the address line, None where unknown. fields: what stands in place of «…» marks.
    No text in here holds a control character.
    """

    position: int
    email: str
    name: str | None = None
    fields: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Prints:
    """
    The approved letter as it goes into a message. html: a whole document.

    fields: the declared ones; «name» stands where one is filled in. Any other «…» is a quotation.
    attachments: PDF files by name, in ASCII.
    """

    subject: str
    text: str
    html: str
    fields: tuple[str, ...] = ()
    attachments: tuple[tuple[str, bytes], ...] = ()


@dataclass(frozen=True)
class Batch:
    """
    What is handed over at once.

    digest: the approved letter's, "sha256:…". dated: aware, the same for every batch and attempt of one sending, so
    that the same person's message is the same bytes each time. from_name: ASCII.
    """

    letter: str
    version: int
    digest: str
    language: str
    segment: int
    attempt: int
    prints: Prints
    recipients: tuple[Recipient, ...]
    from_name: str
    from_email: str
    reply_to: str | None
    dated: datetime


@dataclass(frozen=True)
class Outcome:
    """
    What became of a batch.

    outcome: "accepted" (all but those in `refused`), "refused" (certainly nobody) or "unknown" (nobody can say).
    refused: position and reason. why: of "refused" and "unknown", without personal data. reference: the service's id.
    by_rule: the refusal is a rule's and not the world's: trying again changes nothing.
    """

    outcome: str
    refused: tuple[tuple[int, str], ...] = ()
    reference: str | None = None
    why: str | None = None
    by_rule: bool = False


class Sender(Protocol):
    """
    repeatable: handing the same batch over again does no harm. real: it reaches people.
    choices: what was decided about how it sends, for the record. place: where a rehearsal's letters lie, else None.
    """

    @property
    def name(self) -> str: ...
    @property
    def repeatable(self) -> bool: ...
    @property
    def real(self) -> bool: ...
    @property
    def choices(self) -> Mapping[str, Json]: ...
    @property
    def place(self) -> str | None: ...
    def hand_over(self, batch: Batch) -> Outcome:
        """Give the batch away once. Never raises for what the world does; that is an outcome."""


def parts_of(text: str, fields: Collection[str]) -> tuple[list[str], list[str]]:
    """`text` cut at the marks of `fields`: n+1 texts and the n names between them. Other «…» are text."""
    if not fields:
        return [text], []
    cut = re.split("«(" + "|".join(map(re.escape, fields)) + ")»", text)
    return cut[0::2], cut[1::2]


def fill(text: str, values: Mapping[str, str]) -> str:
    """`text` with the mark of each of `values` replaced, in one pass: a value that looks like a mark stays a value."""
    texts, names = parts_of(text, values.keys())
    return "".join(piece for pair in zip(texts, [*(values[name] for name in names), ""], strict=True) for piece in pair)


def for_html(value: str) -> str:
    """A value as it stands in an HTML text. Apostrophes stay as they are: no value stands inside an attribute."""
    return html.escape(value, quote=False)
