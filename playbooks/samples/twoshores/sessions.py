"""
Who was signed in and when, in both stores, and what each store still knows of it.

Tokens of live sessions were taken from a cache between two moments. The newer version, elsewhere, keeps ended
sessions with the moment they ended. The older one, in Russia, deletes the row of a session when somebody logs out and
writes the log-out into its journal; a session that ran out is deleted at night, and nothing is written.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass

from playbooks.samples.people import DAY, Person, named_chance

LASTS = 30 * DAY  # a session that nobody ends
JOURNAL_KEPT = 14 * DAY  # shorter than a session lasts: of one that ran out not even the log-in is left
BEGAN_BEFORE = 33 * 3600
ENDED_BEFORE = 2 * 3600
LOGIN, LOGOUT, FAILED = "login", "logout", "login_failed"

Ended = tuple[int, int | None]  # opened, ended; None: still open


@dataclass(frozen=True)
class Theft:
    """
    began, ended: Unix seconds, both of them within it. until: the newest moment in the data.

    purged: when the older version last deleted the sessions that had run out: at midnight UTC, three in Moscow.
    Since `ended` it took no new log-ins, as it needs the cache that was moved then; the newer one did.
    """

    until: int

    @property
    def began(self) -> int:
        return self.until - BEGAN_BEFORE

    @property
    def ended(self) -> int:
        return self.until - ENDED_BEFORE

    @property
    def purged(self) -> int:
        return self.until - self.until % DAY

    def touches(self, opened: int, ended: int | None) -> bool:
        """Whether a session was open at some moment of it."""
        return opened <= self.ended and (ended is None or ended >= self.began)


@dataclass(frozen=True, slots=True)
class Trace:
    """
    One person's sessions in Russia, by what the store has of them.

    rows: when the sessions that are still in the table were opened. journal: (moment, event), not older than it is
    kept. ran_out: when sessions ran out that were deleted since; the store has nothing of them.
    """

    rows: tuple[int, ...] = ()
    journal: tuple[tuple[int, str], ...] = ()
    ran_out: tuple[int, ...] = ()

    def is_known(self, theft: Theft) -> bool:
        """Whether the store can say that they were signed in while it lasted."""
        in_table = any(theft.touches(opened, opened + LASTS) for opened in self.rows)
        return in_table or any(event == LOGOUT and at >= theft.began for at, event in self.journal)

    def is_lost(self, theft: Theft) -> bool:
        """Whether they were, and nothing says so."""
        return not self.is_known(theft) and any(at >= theft.began for at in self.ran_out)


def traces(everyone: Iterator[Person], theft: Theft, *, seed: int) -> Iterator[tuple[Person, Trace]]:
    """What the store in Russia has of each person's sessions; the same each time it is read."""
    chance = named_chance("sessions in Russia", seed)
    for person in everyone:
        yield person, _kept(_trace(person, chance, theft), theft)


def histories(everyone: Iterator[Person], theft: Theft, *, seed: int) -> Iterator[tuple[Person, tuple[Ended, ...]]]:
    """Each person's sessions elsewhere, where a row stays; the same each time it is read."""
    chance = named_chance("sessions elsewhere", seed)
    for person in everyone:
        yield person, _history(person, chance, theft)


def _trace(person: Person, chance: random.Random, theft: Theft) -> Trace:
    lot, part = chance.random(), chance.random()
    if person.deleted_at is not None:  # whoever deletes an account is signed in, and is not afterwards
        opened = min(person.deleted_at, theft.ended) - int(part * 9 * DAY)
        return _logged_out(max(opened, person.created_at), person.deleted_at)
    if lot < 0.34:
        return _in_table(person, theft, part)
    if lot < 0.42:
        out = theft.began - 1 - int(part * 10 * DAY)
        return _logged_out(max(person.created_at, out - 5 * DAY), out)
    if lot < 0.49:  # during it, or after it: nobody has logged in since, so the session is from before
        out = theft.began + int(part * BEGAN_BEFORE)
        return _logged_out(max(person.created_at, min(out, theft.ended) - int(part * 6 * DAY)), out)
    if lot < 0.53:
        return _ran_out(person, theft.began + int(part * (theft.purged - theft.began + 1)))
    if lot < 0.56:
        return _ran_out(person, theft.began - 1 - int(part * 20 * DAY))
    if lot < 0.60:  # one device is forgotten, the other one tells
        also = _ran_out(person, theft.began + int(part * (theft.purged - theft.began + 1)))
        return Trace(rows=_in_table(person, theft, chance.random()).rows, ran_out=also.ran_out)
    if lot < 0.66:
        return Trace(journal=((theft.began + int(part * (BEGAN_BEFORE - ENDED_BEFORE)), FAILED),))
    return Trace()


def _in_table(person: Person, theft: Theft, part: float) -> Trace:
    oldest = max(person.created_at, theft.purged - LASTS + 1)
    opened = theft.ended - int(part**2 * (theft.ended - oldest))
    return Trace(rows=(opened,), journal=((opened, LOGIN),))


def _logged_out(opened: int, out: int) -> Trace:
    return Trace(journal=((opened, LOGIN), (out, LOGOUT)))


def _ran_out(person: Person, at: int) -> Trace:
    return Trace(ran_out=(at,)) if at - LASTS >= person.created_at else Trace()


def _kept(trace: Trace, theft: Theft) -> Trace:
    kept = theft.until - JOURNAL_KEPT
    return Trace(trace.rows, tuple(entry for entry in trace.journal if entry[0] >= kept), trace.ran_out)


def _history(person: Person, chance: random.Random, theft: Theft) -> tuple[Ended, ...]:
    lot, part = chance.random(), chance.random()
    if person.deleted_at is not None:
        return ((max(person.created_at, person.deleted_at - int(part * 9 * DAY)), person.deleted_at),)
    earliest = max(person.created_at, theft.until - LASTS + 1)
    if lot < 0.34:
        return ((theft.until - int(part**2 * (theft.until - earliest)), None),)
    if lot < 0.46:  # ended before it began, and another one since it was over
        ended = theft.began - 1 - int(part * 20 * DAY)
        before: Ended = (max(person.created_at, ended - 3 * DAY), max(ended, person.created_at))
        return (before, (theft.ended + 1 + int(part * 3600), None)) if part > 0.7 else (before,)
    if lot < 0.58:
        ended = theft.began + int(part * BEGAN_BEFORE)
        return ((max(person.created_at, ended - int(chance.random() * 8 * DAY)), ended),)
    if lot < 0.64:  # run out, which is an end like another
        ended = theft.until - int(part * 20 * DAY)
        return ((ended - LASTS, ended),) if ended - LASTS >= person.created_at else ()
    if lot < 0.67:
        opened = theft.ended + 1 + int(part * 3600)
        return ((opened, opened + 600),)
    return ()
