"""Two account databases of one company, people on the edges of one theft, and whom the databases can name."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from playbooks.samples.company import Contents, Truth
from playbooks.samples.names import CORNERS
from playbooks.samples.people import DAY, Corner, Edge, Person, first_edge, moment, people, text_time, with_edges
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

# The same four people have an account in both stores: address and country as each store has them. Addresses are
# compared without blanks around them and in small letters.
_BOTH_ELSEWHERE = (
    ("pereehala@mail.example", "DE"),
    ("dva.berega@mail.example", "KZ"),
    ("toliko.tut@mail.example", "FR"),
    ("toliko.tam@mail.example", "GB"),
)
_BOTH_IN_RUSSIA = (
    ("pereehala@mail.example", "RU"),
    (" Dva.Berega@Mail.example", "KZ"),
    ("toliko.tut@mail.example", "RU"),
    ("TOLIKO.TAM@mail.example", "RU"),
)
_EDGES = 14  # those four, and ten who stand on an edge of the theft by their sessions


def contents(number: int, *, seed: int, until: int) -> Contents:
    """See `playbooks.samples.company.Company`."""
    theft = Theft(until)
    in_russia = round(number * _IN_RUSSIA)
    abroad = number - in_russia
    edges: tuple[Edge, ...] = ((until - 400 * DAY, None),) * _EDGES

    def russians() -> Iterator[tuple[Person, Trace]]:  # made anew for each reading, so that millions never lie there
        found = people(in_russia, seed=seed, until=until, readers=russia.READERS, corners=russia.CORNERS)
        placed = _with_both(with_edges(found, edges, corners=russia.CORNERS), _BOTH_IN_RUSSIA, russia.CORNERS)
        return _with_traces(traces(placed, theft, seed=seed), theft)

    def others() -> Iterator[tuple[Person, tuple[Ended, ...]]]:
        found = people(abroad, seed=seed + 1, until=until, readers=elsewhere.READERS)
        placed = _with_both(with_edges(found, edges, corners=CORNERS), _BOTH_ELSEWHERE, CORNERS)
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
    own_from = first_edge(russia.CORNERS) + len(_BOTH_IN_RUSSIA)
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
        seen_from=moment(theft.began),
        seen_until=moment(theft.ended),
        ranges=(),
        affected=tuple(affected),
        uncertain=uncertain,
        words={"journal_until": text_time(theft.until), "records": str(len(affected) * _RECORDS_EACH)},
    )


def _with_both(
    everyone: Iterator[Person], both: tuple[tuple[str, str], ...], corners: tuple[Corner, ...]
) -> Iterator[Person]:
    """The first accounts behind the corner cases belong to those who have one in the other store too."""
    first = first_edge(corners)
    for person in everyone:
        if 0 <= (place := person.key - first) < len(both):
            email, country = both[place]
            yield replace(person, email=email, country=country, locale="ru")
        else:
            yield person


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
    first = first_edge(russia.CORNERS)
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
    first = first_edge(CORNERS)
    for person, history in everyone:
        place = person.key - first
        if elsewhere.is_robot(person):
            yield person, ((before, None),)
        else:
            yield person, fixed[place] if 0 <= place < len(fixed) else history
