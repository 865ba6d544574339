"""Whom a record that a duty was met is about, from the words a person typed. Pure."""

from __future__ import annotations

from incident.authorities.competence import Recipient
from incident.clock.judging import Duty
from incident.errors import UsageError
from incident.organisation.profile import Authority

_NOTHING = "Nothing was recorded."


def towards(duty: Duty, words: str | None, own: Authority | None) -> tuple[str | None, str | None]:
    """
    Name and country of the authority that `duty` was met towards; None for what is not known.

    words: a country's two letters or a name, as typed; None where nothing was said. own: the authority in the profile.
    Raises UsageError, naming those there are, where the duty is owed to each of several and none of them was named, or
    where it is owed to none of that name.
    """
    if words is None:
        if duty.each:
            raise UsageError(
                f"{duty.id} is owed to each of {len(duty.each)} authorities, so it is recorded for one of them.",
                state=f"{_NOTHING} {_listed(duty.remaining or duty.each)}",
                next_step=f"incident done {duty.id} --recipient {(duty.remaining or duty.each)[0].country}",
            )
        return (duty.recipient, duty.recipient_country) if duty.recipient_country else (None, None)
    asked = words.strip().casefold()
    if own is not None and asked == own.name.casefold() and own.country in {one.country for one in duty.recipients}:
        return own.name, own.country
    if not duty.each and asked in {name.casefold() for name in (duty.recipient, duty.recipient_country) if name}:
        return duty.recipient, duty.recipient_country
    for one in duty.recipients:
        for name in (authority.name for authority in one.authorities):
            if asked == name.casefold():
                return name, one.country
        if asked in {one.country.casefold(), one.name.casefold()}:
            return (one.name if len(one.authorities) == 1 else None), one.country
    known = duty.recipients or ()
    raise UsageError(
        f'{duty.id} is not owed to "{words}".',
        state=f"{_NOTHING} {_listed(known) if known else f'It is owed to {duty.recipient or duty.owed_to}.'}",
        next_step=f"incident done {duty.id} --recipient {known[0].country}" if known else f"incident done {duty.id}",
    )


def _listed(several: tuple[Recipient, ...]) -> str:
    return "; ".join(f"{one.country}: {one.name}" for one in several) + "."
