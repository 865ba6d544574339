"""
From draft to approved, as rules: what may happen to a letter now, and what is recorded when it does.

A second person approves one exact digest; any later change voids it. Nothing here reads or writes anything.
"""

from __future__ import annotations

from collections.abc import Sequence

from incident.errors import RefusedError, UsageError
from notices.contents import Missing
from notices.events import LetterApproved, LetterRejected, LetterSubmitted, LetterWithdrawn
from notices.letters import Letter

_NOT_ALONE = "No second person approved this letter, and the profile does not say that there is none (one_person)."
_NOTHING = "Nothing changed."


def submitted(letter: Letter, differences: Sequence[str]) -> LetterSubmitted:
    """Ask for review. Raises RefusedError for a letter that is past that, or no longer what was drafted."""
    if letter.state == "in review":
        raise RefusedError(
            f"{_name(letter)} is in review already.", state=_NOTHING, next_step=f"incident notice approve {letter.id}"
        )
    _must_be(letter, ("draft",), "submitted")
    _must_be_intact(letter, differences, "submitted")
    return LetterSubmitted(letter.id, letter.version, letter.digest)


def approved(
    letter: Letter,
    *,
    actor: str,
    role: str,
    waiver: str | None,
    one_person: bool,
    differences: Sequence[str],
    missing: Sequence[Missing],
    forbidden: Sequence[str],
) -> LetterApproved:
    """
    Approve the letter's digest for `actor` in `role`.

    waiver: why the author approves it too; recorded only where that is so. one_person: the profile says that there is
    nobody else; where it does not, a waiver is recorded with a warning. differences: from what was sealed.
    missing, forbidden: what its duty wants in it and not in it. Wording that could be better does not refuse.
    """
    if not role.strip():
        raise UsageError("An approval names a role.", next_step=f'incident notice approve {letter.id} --role "legal"')
    _must_be_open_to_approval(letter)
    _must_be_intact(letter, differences, "approved")
    if missing or forbidden:
        lines = [f"  {line}" for each in missing for line in each.lines]
        lines += [f"  must not be in it: {each}" for each in forbidden]
        raise RefusedError(
            f"{_name(letter)} is not complete:\n" + "\n".join(lines),
            state=f"It was not approved; it is still {letter.state}.",
            next_step=f"supply what is missing, and {_draft_again(letter)}",
        )
    own = actor.strip().casefold() == letter.author.strip().casefold()
    if own and not (waiver or "").strip():
        raise RefusedError(
            f"{actor} drafted {_name(letter)}, and an author does not approve their own letter.",
            state=f"It was not approved; it is still {letter.state}.",
            next_step=f"another person runs incident notice approve {letter.id} under their own INCIDENT_ACTOR; "
            'where there is nobody else, add --waiver "one-person company"',
        )
    return LetterApproved(
        letter.id,
        letter.version,
        letter.digest,
        role.strip(),
        (waiver or "").strip() if own else None,
        _NOT_ALONE if own and not one_person else None,
    )


def rejected(letter: Letter, because: str | None) -> LetterRejected:
    """Ask for changes; the next draft answers them."""
    _must_be(letter, ("draft", "in review", "approved"), "rejected")
    return LetterRejected(letter.id, letter.version, _reason(because, "reject", letter))


def withdrawn(letter: Letter, because: str | None) -> LetterWithdrawn:
    """The letter will not be sent. Raises RefusedError for one that has left."""
    _must_be(letter, ("draft", "in review", "changes asked", "approved"), "withdrawn")
    return LetterWithdrawn(letter.id, letter.version, _reason(because, "withdraw", letter))


def after_approval(letter: Letter) -> str:
    """What a person does with an approved letter."""
    if letter.is_handed_in:
        # Only a second one needs it said here; where the first does, `done` asks.
        whom = f" --recipient {letter.country}" if letter.country and letter.is_beside_another else ""
        done = f'incident done {letter.duty}{whom} --reference "…"'
        return f"incident notice export {letter.id} --out DIR, hand it in, then {done}"
    return f"incident notice send {letter.id}"


def _must_be_open_to_approval(letter: Letter) -> None:
    if letter.state == "approved":
        approval = letter.approvals[-1]
        raise RefusedError(
            f"{_name(letter)} is approved already, by {approval.by} ({approval.role}).",
            state=_NOTHING,
            next_step=after_approval(letter),
        )
    _must_be(letter, ("draft", "in review"), "approved")


def _must_be(letter: Letter, states: Sequence[str], done: str) -> None:
    if letter.state in states:
        return
    why = f" ({letter.because})" if letter.because and letter.state in {"changes asked", "withdrawn"} else ""
    raise RefusedError(
        f"{_name(letter)} cannot be {done}: it is {_state_words(letter.state)}{why}.",
        state=_NOTHING,
        next_step="incident notice outbox" if letter.state == "sent" else _draft_again(letter),
    )


def _must_be_intact(letter: Letter, differences: Sequence[str], done: str) -> None:
    if differences:
        raise RefusedError(
            f"{_name(letter)} is no longer what was drafted:\n" + "\n".join(f"  {each}" for each in differences),
            state=f"It was not {done}.",
            next_step=f"{_draft_again(letter)}     (incident notice diff {letter.id} shows the change)",
        )


def _reason(because: str | None, verb: str, letter: Letter) -> str:
    if because and because.strip():
        return because.strip()
    raise UsageError(
        f"To {verb} a letter you say why.",
        state=_NOTHING,
        next_step=f'incident notice {verb} {letter.id} --because "…"',
    )


def _name(letter: Letter) -> str:
    return f"{letter.id} (version {letter.version})"


def _state_words(state: str) -> str:
    return {"superseded": "superseded by a newer version", "changes asked": "waiting for changes"}.get(state, state)


def _draft_again(letter: Letter) -> str:
    narrowed = "" if letter.is_to_people else f" --language {letter.language}"
    return f"incident notice draft {letter.kind}{narrowed}"
