"""What is said when a letter does not leave, or stops on its way. Pure: each function makes one error."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from incident.errors import IncidentError, OutsideError, RefusedError
from notices.approval import after_approval
from notices.handing_in import Way
from notices.letters import Letter
from notices.senders import Batch, Outcome


def not_approved(letter: Letter, counts: Mapping[str, int]) -> RefusedError:
    return RefusedError(
        f"Not sent: {letter.id} version {letter.version} is not approved (its state: {letter.state}).",
        state=_left(counts),
        next_step=f"incident notice approve {letter.id}",
    )


def changed(letter: Letter, differences: Sequence[str], counts: Mapping[str, int]) -> RefusedError:
    """differences: one sentence each, at least one."""
    by = f"{letter.approval.by} approved it" if letter.approval else "it was approved"
    lines = "\n".join(f"  {difference}" for difference in differences)
    return RefusedError(
        f"Not sent: the letter {letter.id} is no longer what it was when {by}:\n{lines}",
        state=_left(counts),
        next_step=f"incident notice diff {letter.id}   then draft it again and have it approved",
    )


def handed_in(letter: Letter, way: Way) -> RefusedError:
    """A letter for a portal: neither sent nor rehearsed, since no message would be what the authority takes."""
    how = f"\n  How it goes: {way.how}" if way.how else ""
    return RefusedError(
        f"Not sent: {letter.id} is handed in to {way.recipient or 'its recipient'}, and nothing here does that.{how}",
        state="Nothing left.",
        next_step=after_approval(letter),
    )


def second_letter(clash: str, counts: Mapping[str, int]) -> RefusedError:
    return RefusedError(
        f"Not sent: {clash}. Somebody could get two letters.",
        state=_left(counts),
        next_step="incident notice outbox   shows what has left; draft the letters of one list on one plan",
    )


def everyone_has_it(letter: Letter, version: int) -> RefusedError:
    return RefusedError(
        f"Not sent: everyone on the list already has version {version} of {letter.id}.",
        state="Nothing left; nobody gets the same letter twice.",
        next_step=f"incident notice outbox {letter.id}",
    )


def nobody_to_come_from() -> RefusedError:
    return RefusedError(
        "Not sent: the profile does not say whom letters come from.",
        state="Nothing left.",
        next_step="fill in [sender] in organisation.toml; incident organisation check",
    )


def stopped(batch: Batch, outcome: Outcome, counts: Mapping[str, int]) -> IncidentError:
    """A batch that was refused as a whole, or whose answer was lost. counts: with that batch in them."""
    so_far = f"{counts['accepted']:,} of {counts['planned']:,} letters are accepted"
    people = f"{len(batch.recipients):,} people"
    if outcome.outcome == "unknown":
        return OutsideError(
            f"The answer for batch {batch.segment} ({people}) was lost: {outcome.why}.",
            state=f"{so_far}; whether that batch left is unknown, and it is not sent again by itself.",
            next_step=f"look into the service's log; incident notice send {batch.letter} … goes on with the rest",
        )
    kind = RefusedError if outcome.by_rule else OutsideError
    return kind(
        f"Batch {batch.segment} ({people}) was refused: {outcome.why}.",
        state=f"{so_far}; nobody in that batch was written to.",
        next_step="mend the cause, then run the same command again: it goes on where it stopped",
    )


def _left(counts: Mapping[str, int]) -> str:
    """What has left so far. counts: empty where nothing can have."""
    if not counts.get("handed_over"):
        return "Nothing left."
    return f"{counts['accepted']:,} of {counts['planned']:,} letters had left before; nothing more did."
