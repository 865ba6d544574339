"""
Sending one letter: to everyone on its sealed list whose letter it is, batch by batch, once.

Each batch is written into the journal before it is handed over and settled after. The journal's key decides between
two processes that want the same batch; after a kill at any moment the next run sees what is certain, what is open and
what is unknown, and goes on from there.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from incident.organisation.profile import Organisation
from incident.organisation.profile import Sender as From
from incident.record.events import Event, Happening, happening_in
from incident.record.journal import Collision
from incident.record.timeline import Incident, replay
from incident.workspace import Workspace
from notices import refusals
from notices.addressees import addressees_of
from notices.events import NOTICE_KINDS, BatchHandedOver, BatchSettled, LetterRehearsed, LetterSent, SendingBegun
from notices.letters import Letter, letter_named, letters_of
from notices.outbox import SENDING_KINDS, Outbox, channel_of, clash_with, outbox_of
from notices.recipients import Share
from notices.sealed_letter import SealedLetter, Unsealed, read_sealed_letter
from notices.senders import Batch, Outcome, Sender
from notices.settled_duties import duties_met

SealCheck = Callable[[Workspace, Incident, Letter], Sequence[str]]
Progress = Callable[[Outbox], None]


@dataclass(frozen=True)
class Resend:
    """A named person's decision to send again what may have left already. because: kept in the record."""

    because: str


@dataclass(frozen=True)
class Sent:
    """
    How a letter stands after a run. waiting_before: people nothing had been done about when this run began.

    handed_over: batches this run handed over, those sent again too. newly_done: this run finished it.
    place: where a rehearsal's letters lie, None for a sender that reaches people.
    elsewhere: batches that another process took while this one ran, and has no answer for yet.
    """

    letter: Letter
    outbox: Outbox
    waiting_before: int
    handed_over: int
    newly_done: bool
    place: str | None
    elsewhere: tuple[int, ...] = ()

    @property
    def unknown(self) -> tuple[int, ...]:
        """Batches of which nobody can say whether they left."""
        return tuple(segment.index for segment in self.outbox.unknown if segment.index not in self.elsewhere)


def send_letter(
    workspace: Workspace,
    incident_id: str | None,
    name: str,
    make_sender: Callable[[Incident, Letter], Sender],
    *,
    seal_check: SealCheck,
    resend: Resend | None = None,
    progress: Progress | None = None,
) -> Sent:
    """
    Hand the letter called `name` over to everyone who is still waiting for it.

    make_sender: called when the letter and the list have held; may refuse. seal_check: what differs from what was
    approved, one sentence each. progress: called after each batch.

    Raises RefusedError, with nothing left, for a letter that is not approved or no longer what was approved, and for
    people who would be reached twice; RecordIntegrityError for another list than was sealed; OutsideError where a
    sender stopped, after what had left was recorded.
    """
    run = _Run(workspace, workspace.incident(incident_id), name, seal_check)
    run.check_letter()
    run.check_list()
    sender = make_sender(run.incident, run.letter)
    run.begin(sender, resend)
    waiting = run.box.counts["waiting"]
    run.hand_over_all(progress)
    done = run.finish()
    return Sent(run.letter, run.box, waiting, run.handed_over, done, sender.place, run.elsewhere)


def people_waiting(workspace: Workspace, incident: Incident, letter: Letter) -> int:
    """How many people `letter` is for, before anything has left. Raises RefusedError where its files have changed."""
    run = _Run(workspace, incident, letter.id, lambda *_: ())
    return run.planned()


def _from(organisation: Organisation | None) -> From:
    if organisation is None or organisation.sender is None:
        raise refusals.nobody_to_come_from()
    return organisation.sender


class _Run:
    """One run of `send_letter`: the journal as this process knows it, and the steps in their order."""

    sender: Sender
    box: Outbox

    def __init__(self, workspace: Workspace, incident: Incident, name: str, seal_check: SealCheck) -> None:
        self.workspace = workspace
        self.incident = incident
        self.letter = letter_named(incident, name)
        self._events = list(incident.events)
        self._seal_check = seal_check
        self._resend: Resend | None = None
        self._addressees = addressees_of(workspace, incident, self.letter)
        self.handed_over = 0

    # Before anything leaves.

    def check_letter(self) -> None:
        """Approved, and still what was approved."""
        letter = self.letter
        if letter.approval is None:
            raise refusals.not_approved(letter, self._counts)
        if differences := self._seal_check(self.workspace, self.incident, letter):
            raise refusals.changed(letter, differences, self._counts)
        self._sealed()

    def check_list(self) -> None:
        """The list is the one that was sealed; one full reading."""
        self._addressees.check()

    def begin(self, sender: Sender, resend: Resend | None) -> None:
        """Settle who gets the letter, in the same step in which the journal is asked whether anyone already has."""
        self.sender, self._resend = sender, resend
        channel = channel_of(sender.name, real=sender.real)
        self._from = _from(self.workspace.organisation)
        planned = self.planned()
        self.box = outbox_of(
            self._events, self.letter.id, version=self.letter.version, channel=channel, scope=self.letter.scope
        )

        def decide() -> list[Happening]:
            if clash := clash_with(self.letter, letters_of(self.incident), self._events, channel=channel):
                raise refusals.second_letter(clash, self._counts)
            begun = self.box.begun
            if begun is not None and begun.digest == self.letter.digest:
                return []
            if begun is not None and self.box.is_complete:
                raise refusals.everyone_has_it(self.letter, begun.letter_version)
            return [
                SendingBegun(
                    letter=self.letter.id,
                    letter_version=self.letter.version,
                    digest=self.letter.digest,
                    scope=self.letter.scope,
                    audience=self.letter.audience,
                    sender=sender.name,
                    channel=channel,
                    planned=planned,
                    choices=dict(sender.choices),
                )
            ]

        self._record(decide)

    # Batch by batch.

    def hand_over_all(self, progress: Progress | None) -> None:
        """
        Everything not handed over yet, then what an earlier run left open.

        A batch that another process is handing over meanwhile is left to it. Stops at the first batch that is refused
        as a whole or whose answer is lost: what is wrong would be wrong with the next one too.
        """
        self._left_open = left_open = frozenset(self.box.open_segments)
        self._pass(lambda index: index not in self.box.segments, progress)
        if any(self._may(index) for index in left_open):
            self._pass(lambda index: index in left_open, progress)

    @property
    def elsewhere(self) -> tuple[int, ...]:
        """Batches that were not open when this run began, and that wait for an answer to another process."""
        return tuple(each.index for each in self.box.unknown if each.is_awaited and each.index not in self._left_open)

    def finish(self) -> bool:
        """Record that the letter is done, once. True where this process did."""

        def decide() -> list[Happening]:
            if not self.box.is_complete or self._is_recorded_as_done():
                return []
            return self._done()

        return bool(self._record(decide))

    def planned(self) -> int:
        """People whose letter this is, those with a reason to be left out included."""
        return self._addressees.count(self._sealed().fields)

    def _pass(self, wanted: Callable[[int], bool], progress: Progress | None) -> None:
        for segment in self._addressees.segments():
            if not wanted(segment.index):
                continue
            sealed = self._sealed()
            share = self._addressees.share(segment, sealed.fields)
            if not share.people or not (attempt := self._claim(segment.index, share)):
                continue
            batch = self._batch(segment.index, attempt, sealed, share)
            outcome = self.sender.hand_over(batch) if batch.recipients else Outcome("accepted")
            self._settle(batch, share, outcome)
            self.handed_over += 1
            if progress:
                progress(self.box)
            if outcome.outcome != "accepted":
                raise refusals.stopped(batch, outcome, self._counts)

    def _claim(self, index: int, share: Share) -> int | None:
        """Write that the batch is about to leave. The attempt's number, or None where it is not ours to hand over."""
        seen = self.box.segments.get(index)

        def decide() -> list[Happening]:
            now = self.box.segments.get(index)
            if now is not seen or not self._may(index):  # another process was here since this one looked
                return []
            return [
                BatchHandedOver(
                    letter=self.letter.id,
                    letter_version=self.letter.version,
                    digest=self.letter.digest,
                    scope=self.letter.scope,
                    segment=index,
                    planned=len(share.recipients),
                    sender=self.sender.name,
                    channel=self.box.channel,
                    attempt=now.next_attempt if now else 1,
                    skipped=len(share.skipped),
                    because=self._resend.because if self._resend and now and now.state == "unknown" else None,
                )
            ]

        events = self._record(decide)
        return int(events[0].body["attempt"]) if events else None

    def _settle(self, batch: Batch, share: Share, outcome: Outcome) -> None:
        exceptions = [[position, "skipped", why] for position, why in share.skipped]
        exceptions += [[position, "refused", why] for position, why in outcome.refused]
        taken = len(batch.recipients) - len(outcome.refused) if outcome.outcome == "accepted" else 0
        settled = BatchSettled(
            letter=batch.letter,
            letter_version=batch.version,
            scope=self.letter.scope,
            segment=batch.segment,
            channel=self.box.channel,
            attempt=batch.attempt,
            outcome=outcome.outcome,
            accepted=taken,
            exceptions=exceptions,
            reference=outcome.reference,
            why=outcome.why,
        )
        # What happened is recorded whatever else went on meanwhile: no re-check may stand between.
        self._take_in(
            self.workspace.journal.append(
                self.incident.id, [settled], actor=self.workspace.actor, now=self.workspace.now()
            )
        )

    def _batch(self, index: int, attempt: int, sealed: SealedLetter, share: Share) -> Batch:
        return Batch(
            letter=self.letter.id,
            version=self.letter.version,
            digest=self.letter.digest,
            language=self.letter.language,
            segment=index,
            attempt=attempt,
            prints=sealed.prints,
            recipients=share.recipients,
            from_name=self._from.name,
            from_email=self._from.email,
            reply_to=self._from.reply_to,
            dated=self.box.begun_at or self.workspace.now(),
        )

    def _may(self, index: int) -> bool:
        return self.box.may_hand_over(
            index, repeatable=self.sender.repeatable, unknown_too=self._resend is not None and self.sender.real
        )

    # The journal.

    def _record(self, decide: Callable[[], list[Happening]]) -> list[Event]:
        """Append what `decide` answers from the newest state; an empty answer appends nothing."""
        journal = self.workspace.journal
        while True:
            happenings = decide()
            if not happenings:
                return []
            try:
                events = journal.append(
                    self.incident.id,
                    happenings,
                    actor=self.workspace.actor,
                    now=self.workspace.now(),
                    after=self._events[-1].sequence,
                )
            except Collision:
                self._catch_up()
                continue
            self._take_in(events)
            return events

    def _take_in(self, events: Sequence[Event]) -> None:
        """Add our own events, with others' in between where there are any."""
        if events[0].sequence != self._events[-1].sequence + 1:
            self._catch_up()
            return
        self._events += events
        self.box = self.box.after(events)

    def _catch_up(self) -> None:
        """Read what others recorded. Where that is more than batches, the letter may have changed: check it again."""
        events = self.workspace.journal.read(self.incident.id, since=self._events[-1].sequence)
        self._events += events
        self.box = self.box.after(events)
        if any(event.kind not in SENDING_KINDS for event in events):
            self.incident = replay(self._events)
            self.letter = letter_named(self.incident, self.letter.id, version=self.letter.version)
            self.check_letter()

    def _is_recorded_as_done(self) -> bool:
        kind = LetterSent if self.sender.real else LetterRehearsed
        found = (happening_in(event, NOTICE_KINDS) for event in self._events if event.kind == kind.kind)
        return any(done.digest == self.letter.digest and done.sender == self.sender.name for done in found if done)

    def _done(self) -> list[Happening]:
        counts, letter = self.box.counts, self.letter
        if not self.sender.real:
            return [
                LetterRehearsed(
                    letter.id, letter.version, letter.digest, self.sender.name, counts["accepted"], counts["skipped"]
                )
            ]
        sent = LetterSent(
            letter=letter.id,
            letter_version=letter.version,
            digest=letter.digest,
            sender=self.sender.name,
            accepted=counts["accepted"],
            refused=counts["refused"],
            skipped=counts["skipped"],
        )
        now, organisation = self.workspace.now(), self.workspace.organisation
        return [sent, *duties_met(self.incident, letter, self.box, organisation, now=now)]

    def _sealed(self) -> SealedLetter:
        folder = self.workspace.incident_folder(self.incident.id) / self.letter.folder
        try:
            return read_sealed_letter(folder, self.letter.digest)
        except Unsealed as error:
            raise refusals.changed(self.letter, error.differences, self._counts) from None

    @property
    def _counts(self) -> dict[str, int]:
        """What has left so far; empty before the journal was asked."""
        return self.box.counts if hasattr(self, "box") else {}
