"""
The outbox of a letter: what has become of each segment of the sealed list, replayed from the journal.

    planned -> handed over -> accepted | refused (why) | unknown
            -> skipped (why)

A batch is one segment of the list, so a million people are a thousand rows; people appear one by one only as
exceptions, by their position. A batch that was handed over and has no settlement is unknown: nobody can say whether
the letters left. `notices/sending.py` writes the events, this module only reads them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime

from incident.record.canonical import Json
from incident.record.events import Event, happening_in
from notices.events import NOTICE_KINDS, BatchHandedOver, BatchSettled, SendingBegun
from notices.letters import Letter

POST = "post"  # the one channel of every sender that reaches people
NOT_RECORDED = "the batch has no answer, so no reason is recorded; the list still tells it (notice outbox --skipped)"


@dataclass(frozen=True)
class Segment:
    """
    One segment of the sealed list as it stands.

    answers: by attempt, "accepted", "refused", "unknown" where it was lost, "awaited" where none is recorded.
    planned: people in the request. skipped: people left out of it. accepted: of those planned.
    sender: of the newest attempt. exceptions: position, "refused" or "skipped", why.
    """

    index: int
    answers: dict[int, str]
    planned: int
    skipped: int
    accepted: int
    sender: str
    exceptions: tuple[tuple[int, str, str], ...] = ()
    reference: str | None = None
    why: str | None = None

    @property
    def state(self) -> str:
        """
        One "accepted" settles it. A lost answer outweighs a later refusal, since that attempt may have left: only
        where every attempt was refused is it certain that nobody was written to.
        """
        given = set(self.answers.values())
        if "accepted" in given:
            return "accepted"
        return "unknown" if given & {"unknown", "awaited"} else "refused"

    @property
    def is_awaited(self) -> bool:
        """An attempt has no answer on record: its process was killed, or is at it just now."""
        return self.state == "unknown" and "awaited" in self.answers.values()

    def listed(self, state: str) -> int:
        """People who are "skipped" or "refused" one by one."""
        return sum(its == state for _, its, _ in self.exceptions)

    @property
    def next_attempt(self) -> int:
        return max(self.answers, default=0) + 1


@dataclass(frozen=True)
class Outbox:
    """
    One letter's outbox to one sealed list (scope; None for the authority) on one channel.

    begun: the newest plan; None while nothing has left. begun_at: aware, UTC.
    expected: people, as counted from the list while there is no plan yet.

    version: None where every version of the letter counts, as on the channel that reaches people: who has version 1
    does not get version 2 of the same letter as well.
    """

    letter: str
    channel: str
    version: int | None = None
    scope: str | None = None
    begun: SendingBegun | None = None
    begun_at: datetime | None = None
    expected: int = 0
    segments: dict[int, Segment] = field(default_factory=dict)

    def after(self, events: Iterable[Event]) -> Outbox:
        """The outbox after `events` too; others' events are passed over."""
        box = self
        for event in events:
            happening = happening_in(event, NOTICE_KINDS) if event.kind in SENDING_KINDS else None
            if happening is None or happening.letter != box.letter or happening.channel != box.channel:
                continue
            if happening.scope != box.scope:
                continue
            if box.version in {None, happening.letter_version}:
                box = box._with(happening, event.recorded_at)
        return box

    def expecting(self, people: int) -> Outbox:
        return replace(self, expected=people)

    @property
    def counts(self) -> dict[str, int]:
        """
        People, by what has become of their letter; the contract's JSON, and `waiting`.

        planned = waiting + handed_over + skipped, and handed_over = accepted + refused + unknown.
        """
        count: Counter[str] = Counter()
        for segment in self.segments.values():
            count["handed_over"] += segment.planned
            count["skipped"] += segment.skipped
            count["accepted"] += segment.accepted
            count["unknown" if segment.state == "unknown" else "refused"] += segment.planned - segment.accepted
        count["planned"] = self.begun.planned if self.begun else self.expected
        count["waiting"] = count["planned"] - count["handed_over"] - count["skipped"]
        names = ("planned", "waiting", "handed_over", "accepted", "refused", "skipped", "unknown")
        return {name: count[name] for name in names}

    @property
    def is_complete(self) -> bool:
        """Everyone on the plan was handed over or skipped, and no batch is unknown or refused as a whole."""
        return self.begun is not None and self.counts["waiting"] == 0 and not self.open_segments

    @property
    def open_segments(self) -> dict[int, Segment]:
        """Segments that are handed over again, or would be: refused as a whole, or unknown."""
        return {index: segment for index, segment in self.segments.items() if segment.state != "accepted"}

    @property
    def unknown(self) -> tuple[Segment, ...]:
        return tuple(segment for segment in self.segments.values() if segment.state == "unknown")

    @property
    def reasons(self) -> dict[str, dict[str, int]]:
        """How many people were "skipped" or "refused", by reason."""
        found: dict[str, Counter[str]] = {"skipped": Counter(), "refused": Counter()}
        for segment in self.segments.values():
            for _, state, why in segment.exceptions:
                found[state][why] += 1
            # Who is skipped is counted before a batch leaves, and named with its answer: without one, nobody is.
            found["skipped"][NOT_RECORDED] += max(0, segment.skipped - segment.listed("skipped"))
            if segment.state == "refused":
                found["refused"][segment.why or "no reason given"] += segment.planned
        return {state: dict(sorted((+counter).items())) for state, counter in found.items()}

    def may_hand_over(self, index: int, *, repeatable: bool, unknown_too: bool) -> bool:
        """
        Whether segment `index` may be given to a sender now.

        repeatable: the sender does no harm by writing the same batch twice. unknown_too: a named person has said to
        send again what may have left already.
        """
        segment = self.segments.get(index)
        if segment is None or segment.state == "refused":
            return True
        return segment.state == "unknown" and (repeatable or unknown_too)

    def _with(self, happening: SendingBegun | BatchHandedOver | BatchSettled, at: datetime) -> Outbox:
        if isinstance(happening, SendingBegun):
            return replace(self, begun=happening, begun_at=at)
        before = self.segments.get(happening.segment)
        if isinstance(happening, BatchHandedOver):
            segment = _handed_over(before, happening)
        elif before is None:
            return self
        else:
            segment = _settled(before, happening)
        return replace(self, segments={**self.segments, happening.segment: segment})


SENDING_KINDS = frozenset(kind.kind for kind in (SendingBegun, BatchHandedOver, BatchSettled))


def channel_of(sender: str, *, real: bool) -> str:
    """Senders that reach people share one channel, so that two of them cannot both write to one person."""
    return POST if real else sender


def outbox_of(events: Iterable[Event], letter: str, *, version: int, channel: str, scope: str | None) -> Outbox:
    """The outbox of `letter` to `scope` after `events`, the incident's own in order. A rehearsal is of one version."""
    return Outbox(letter, channel, None if channel == POST else version, scope).after(events)


def beginnings(events: Iterable[Event]) -> Iterator[SendingBegun]:
    """Every time a letter began to leave, in order."""
    found = (happening_in(event, NOTICE_KINDS) for event in events if event.kind == SendingBegun.kind)
    return (begun for begun in found if begun is not None)


def channels_of(events: Iterable[Event], letter: str, *, scope: str | None) -> dict[str, SendingBegun]:
    """Every channel the letter has begun to leave by to `scope`, with its newest beginning."""
    return {begun.channel: begun for begun in beginnings(events) if begun.letter == letter and begun.scope == scope}


def clash_with(letter: Letter, letters: dict[str, Letter], events: Iterable[Event], *, channel: str) -> str | None:
    """
    Why `letter` would reach people a second time, or None.

    Who on a sealed list gets which letter follows from the languages of the plan. A people letter that has begun to
    leave to the same list under another plan, or of another kind, may have reached the same people; what was really
    sent counts for good, a rehearsal only while the letter it rehearsed is still the newest version. What left to
    another list stops nobody: whoever was told from there is left out one by one (`notices/already_told.py`).
    """
    for begun in beginnings(events):
        if begun.scope is None or begun.scope != letter.scope:
            continue
        newest = letters.get(begun.letter)
        is_current = newest is not None and newest.version == begun.letter_version and newest.state != "withdrawn"
        if begun.channel != POST and not (begun.channel == channel and is_current):
            continue
        if newest is not None and newest.kind != letter.kind:
            return (
                f"{begun.letter} has begun to leave to {letter.scope}, and this letter is of another kind: it goes to "
                "everybody on that list too. Whom it alone is for needs a list of their own, which is written to first"
            )
        if tuple(begun.audience) != letter.audience:
            theirs, ours = ", ".join(begun.audience), ", ".join(letter.audience)
            return f"{begun.letter} has begun to leave on a plan of letters in {theirs}, and this one is of {ours}"
    return None


def document(letter: str, version: int, channel: str | None, box: Outbox) -> dict[str, Json]:
    """The JSON of `notice outbox`."""
    return {
        "notice": letter,
        "version": version,
        "channel": channel,
        **box.counts,
        "complete": box.is_complete,
        "reasons": box.reasons,
        "unknown_batches": [segment.index for segment in box.unknown],
    }


def _handed_over(before: Segment | None, event: BatchHandedOver) -> Segment:
    answers = {**(before.answers if before else {}), event.attempt: "awaited"}
    if before and before.state == "accepted":
        return replace(before, answers=answers)
    return Segment(
        index=event.segment,
        answers=answers,
        planned=event.planned,
        skipped=event.skipped,
        accepted=0,
        sender=event.sender,
        exceptions=before.exceptions if before else (),
        why="no answer is recorded",
    )


def _settled(before: Segment, event: BatchSettled) -> Segment:
    answers = {**before.answers, event.attempt: event.outcome}
    if before.state == "accepted":
        return replace(before, answers=answers)
    return replace(
        before,
        answers=answers,
        accepted=event.accepted if event.outcome == "accepted" else 0,
        exceptions=tuple((int(position), str(state), str(why)) for position, state, why in event.exceptions),
        reference=event.reference,
        why=event.why,
    )
