"""Two account databases of one company, people on the edges of one theft, and whom the databases can name."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime

from incident.moments import stamp
from playbooks.samples.company import Contents, Truth
from playbooks.samples.names import CORNERS
from playbooks.samples.people import DAY, FIRST_KEY, Corner, Person, people
from playbooks.samples.twoshores import elsewhere, russia
from playbooks.samples.twoshores.sessions import (
    FAILED,
    LASTS,
    LOGIN,
    LOGOUT,
    Ended,
    Theft,
    Trace,
    histories,
    traces,
)

STORES = (elsewhere.STORE, russia.STORE)

RAN_OUT = "in Russia, whose session ran out and was deleted at night, with nothing written"
GONE = "in Russia, whose account was removed for good since; the journal has its number and nothing else"
_IN_RUSSIA = 0.62
_RECORDS_EACH = 4  # rows of accounts, sessions, requests and payments a person has, on average

# The same person has an account in both stores: (address elsewhere, address in Russia). Compared without blanks
# around it and in small letters.
_BOTH = (
    ("pereehala@mail.example", "pereehala@mail.example"),
    ("dva.berega@mail.example", " Dva.Berega@Mail.example"),
    ("toliko.tut@mail.example", "toliko.tut@mail.example"),
    ("toliko.tam@mail.example", "TOLIKO.TAM@mail.example"),
)


def contents(number: int, *, seed: int, until: int) -> Contents:
    """See `playbooks.samples.company.Company`."""
    theft = Theft(until)
    in_russia = round(number * _IN_RUSSIA)
    abroad = number - in_russia

    def russians() -> Iterator[tuple[Person, Trace]]:  # made anew for each reading, so that millions never lie there
        found = people(in_russia, seed=seed, until=until, readers=russia.READERS, corners=russia.CORNERS)
        placed = _with_edges(found, until, russia.CORNERS, 1)
        return _with_traces(traces(placed, theft, seed=seed), theft)

    def others() -> Iterator[tuple[Person, tuple[Ended, ...]]]:
        found = people(abroad, seed=seed + 1, until=until, readers=elsewhere.READERS)
        placed = _with_edges(found, until, CORNERS, 0)
        return _with_histories(histories(placed, theft, seed=seed), theft)

    affected = [
        f"elsewhere/{elsewhere.account_id(person.key)}"
        for person, history in others()
        if not elsewhere.is_robot(person) and any(theft.touches(*session) for session in history)
    ]
    ran_out: list[str] = []
    for person, trace in russians():
        if russia.is_robot(person):
            continue
        if trace.is_known(theft):
            affected.append(f"russia/{person.key}")
        elif trace.is_lost(theft):
            ran_out.append(f"russia/{person.key}")
    own_from = FIRST_KEY + len(russia.CORNERS) + len(_BOTH)
    gone = tuple(f"russia/{key}" for key in russia.gone_keys(in_russia))
    return Contents(
        {
            elsewhere.NAME: elsewhere.rows(others, abroad, until=until, seed=seed),
            russia.NAME: russia.rows(russians, in_russia, theft, own_from=own_from, seed=seed),
        },
        _truth(theft, affected, {RAN_OUT: tuple(ran_out), GONE: gone}),
    )


def _truth(theft: Theft, affected: list[str], uncertain: dict[str, tuple[str, ...]]) -> Truth:
    return Truth(
        seen_from=datetime.fromtimestamp(theft.began, UTC),
        seen_until=datetime.fromtimestamp(theft.ended, UTC),
        ranges=(),
        affected=tuple(affected),
        uncertain=uncertain,
        words={
            "journal_until": stamp(datetime.fromtimestamp(theft.until, UTC)),
            "records": str(len(affected) * _RECORDS_EACH),
        },
    )


def _with_edges(everyone: Iterator[Person], until: int, corners: tuple[Corner, ...], column: int) -> Iterator[Person]:
    """Behind the corner cases: who has an account in both stores, and then who stands on an edge, to the second."""
    first = FIRST_KEY + len(corners)
    for person in everyone:
        place = person.key - first
        if 0 <= place < len(_BOTH):
            yield replace(
                person,
                email=_BOTH[place][column],
                country=("RU", "KZ", "RU", "RU")[place] if column else ("DE", "KZ", "FR", "GB")[place],
                locale="ru",
                created_at=until - 400 * DAY,
                last_seen_at=None,
                deleted_at=None,
            )
        elif len(_BOTH) <= place < len(_BOTH) + EDGES:
            yield replace(person, created_at=until - 400 * DAY, last_seen_at=None, deleted_at=None)
        else:
            yield person


EDGES = 10


def _with_traces(everyone: Iterator[tuple[Person, Trace]], theft: Theft) -> Iterator[tuple[Person, Trace]]:
    long_ago, middle = theft.began - 5 * DAY, theft.began + 3600
    fixed = (
        Trace(rows=(long_ago,), journal=((long_ago, LOGIN),)),  # pereehala: touched in both
        Trace(journal=((long_ago, LOGIN), (middle, LOGOUT))),
        Trace(),  # toliko.tut: only elsewhere
        Trace(rows=(long_ago,), journal=((long_ago, LOGIN),)),  # toliko.tam: only in Russia
        Trace(journal=((long_ago, LOGIN), (theft.began - 1, LOGOUT))),
        Trace(journal=((long_ago, LOGIN), (theft.began, LOGOUT))),
        Trace(journal=((long_ago, LOGIN), (theft.until, LOGOUT))),
        Trace(rows=(theft.ended,), journal=((theft.ended, LOGIN),)),
        Trace(journal=((middle, FAILED),)),
        Trace(ran_out=(theft.began,)),
        Trace(ran_out=(theft.began - 1,)),
        Trace(ran_out=(theft.purged,)),
        Trace(rows=(theft.purged + 1 - LASTS,)),  # it ran out a second after the night's deletion
        Trace(rows=(middle,), journal=((middle, LOGIN),), ran_out=(theft.began,)),
    )
    first = FIRST_KEY + len(russia.CORNERS)
    for person, trace in everyone:
        place = person.key - first
        if russia.is_robot(person):  # robots never log out
            yield person, Trace(rows=(long_ago,))
        else:
            yield person, fixed[place] if 0 <= place < len(fixed) else trace


def _with_histories(
    everyone: Iterator[tuple[Person, tuple[Ended, ...]]], theft: Theft
) -> Iterator[tuple[Person, tuple[Ended, ...]]]:
    before, middle = theft.began - DAY, theft.began + 3600
    fixed: tuple[tuple[Ended, ...], ...] = (
        ((before, None),),
        ((before, middle),),
        ((before, None),),
        ((before, before + 60),),
        ((before, theft.began - 1),),
        ((before, theft.began),),
        ((theft.ended, None),),
        ((theft.ended + 1, None),),
        ((middle, middle + 60),),
        ((before, theft.ended + 60),),
        ((theft.began, theft.began),),
        ((before, theft.began - 1), (theft.ended + 1, theft.until)),  # one before, one after, none during
        ((theft.ended, theft.ended),),
        (),
    )
    first = FIRST_KEY + len(CORNERS)
    for person, history in everyone:
        place = person.key - first
        if elsewhere.is_robot(person):
            yield person, ((before, None),)
        else:
            yield person, fixed[place] if 0 <= place < len(fixed) else history
