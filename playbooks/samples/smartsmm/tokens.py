"""
Who gave the app access to which social account, from when to when, and what of it is left to be found.

An intruder read every token that lay in the table at any moment of nine days. Disconnecting a social account deletes
its row. Newer versions of the app note that in the log of activity; older ones note nothing. Who deleted the whole
account is cleared thirty days later, tokens and log with it, and one line says that it was cleared.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from playbooks.samples.people import DAY, Corner, Person, first_edge, named_chance, with_edges

ENDED_BEFORE = 26 * 3600  # the last reading, before the newest row
LASTED = 9 * DAY
CLEARED_AFTER = 30 * DAY  # of the deletion of an account
NEWER_VERSIONS = ("4.0.2", "4.1.0", "4.2.1")
OLDER_VERSIONS = ("3.7.0", "3.9.4")
PLATFORMS = ("instagram", "telegram")
_OLDER_OF_A_HUNDRED = 12


@dataclass(frozen=True, slots=True)
class Token:
    """
    Access to a social account. connected_at, disconnected_at: Unix milliseconds; None: its row is still there.

    noted: whether a disconnection is in the log of activity.
    """

    platform: str
    connected_at: int
    disconnected_at: int | None = None
    noted: bool = True

    def was_there(self, since: int, until: int) -> bool:
        """Whether its row was there at some moment between, in Unix seconds; an end's whole second is inside."""
        ended = self.disconnected_at
        return self.connected_at // 1000 <= until and (ended is None or ended // 1000 >= since)


@dataclass(frozen=True, slots=True)
class Account:
    """
    A person and their tokens, those that are gone included.

    version: of the app they use. traces: (Unix seconds, version, type) in the log beside the honest ones. is_edge:
    whether honest ones are left out, which would make an edge none.
    """

    person: Person
    tokens: tuple[Token, ...]
    version: str
    traces: tuple[tuple[int, str, str], ...] = ()
    is_edge: bool = False

    @property
    def cleared_at(self) -> int | None:
        """When the account's rows are removed, in Unix seconds; None where nobody asked for it."""
        return None if self.person.deleted_at is None else self.person.deleted_at + CLEARED_AFTER

    @property
    def left(self) -> tuple[Token, ...]:
        """The tokens of which the row, or a note, is left as long as the account is."""
        return tuple(token for token in self.tokens if token.disconnected_at is None or token.noted)


@dataclass(frozen=True)
class Reading:
    """The nine days in which tokens were read. began, ended, until: Unix seconds; nothing is newer than `until`."""

    began: int
    ended: int
    until: int


def reading(until: int) -> Reading:
    ended = until - ENDED_BEFORE
    return Reading(ended - LASTED, ended, until)


def accounts(everyone: Iterable[Person], *, seed: int, nine: Reading, corners: Sequence[Corner]) -> Iterator[Account]:
    """Each person with their tokens; the corner cases all have one, and those behind them stand on the edges."""
    chance = named_chance("tokens", seed)
    edges, first = edge_accounts(nine), first_edge(corners)
    created = nine.began - 40 * DAY
    for person in with_edges(everyone, [(created, edge.deleted_at) for edge in edges], corners=corners):
        place = person.key - first
        version = version_of(person.key)
        if place < 0:
            early = Token(PLATFORMS[person.key % 2], (person.created_at + 60) * 1000)
            yield Account(person, (early,), version)
        elif place < len(edges):
            edge = edges[place]
            yield Account(person, edge.tokens, edge.version, edge.traces, is_edge=True)
        else:
            tokens, traces = _tokens(chance, person, version, nine)
            yield Account(person, tokens, version, traces)


def version_of(key: int) -> str:
    """The version of the app that this person uses."""
    mixed = key * 2_654_435_761 % 4_294_967_296  # neighbours use different ones
    versions = OLDER_VERSIONS if mixed % 100 < _OLDER_OF_A_HUNDRED else NEWER_VERSIONS
    return versions[mixed // 100 % len(versions)]


def _tokens(
    chance: random.Random, person: Person, version: str, nine: Reading
) -> tuple[tuple[Token, ...], tuple[tuple[int, str, str], ...]]:
    """What a person connected and disconnected, and the trace of a disconnection that the app itself notes not."""
    lot, part = chance.random(), chance.random()
    platform = PLATFORMS[lot * 1000 % 10 > 6]
    gone_by = person.deleted_at or nine.until
    connected = (person.created_at + int(part * (gone_by - person.created_at))) * 1000 + chance.randrange(1000)
    if lot < 0.34:  # still connected; some have both
        second = (Token(PLATFORMS[platform == PLATFORMS[0]], connected + 1),) if lot < 0.05 else ()
        return (Token(platform, connected), *second), ()
    if lot > 0.42 or person.deleted_at is not None or person.created_at > nine.began - 2 * DAY:
        return (), ()  # never connected
    earlier = (person.created_at + int(part * (nine.began - DAY - person.created_at))) * 1000
    if lot < 0.37:  # before the nine days
        return (_ended(Token(platform, earlier), nine.began - 1 - int(part * 60 * DAY), chance, version),), ()
    if lot < 0.385:  # connected after them
        return (Token(platform, chance.randrange(nine.ended + 1, nine.until) * 1000),), ()
    if lot < 0.39:  # connected after them, and gone again
        token = Token(platform, (nine.ended + 60) * 1000)
        return (_ended(token, chance.randrange(nine.ended + 120, nine.until), chance, version),), ()
    ended_at = chance.randrange(nine.began, nine.ended if lot < 0.415 else nine.until)
    ended = _ended(Token(platform, earlier), ended_at, chance, version)
    return (ended,), () if ended.noted else ((ended_at - 30, version, "open"),)


def _ended(token: Token, at: int, chance: random.Random, version: str) -> Token:
    ended = max(at * 1000 + chance.randrange(1000), token.connected_at + 1)
    return replace(token, disconnected_at=ended, noted=version in NEWER_VERSIONS)


@dataclass(frozen=True)
class Edge:
    """Somebody who is on one side of a line by one second, or differs from the touched in one respect."""

    tokens: tuple[Token, ...] = ()
    version: str = NEWER_VERSIONS[0]
    traces: tuple[tuple[int, str, str], ...] = ()
    deleted_at: int | None = None


def edge_accounts(nine: Reading) -> tuple[Edge, ...]:
    """By place behind the corner cases. tests/playbooks/test_smartsmm.py says of each what it must come to."""
    began, ended = nine.began, nine.ended
    early = (began - 20 * DAY) * 1000
    older, newer = OLDER_VERSIONS[0], NEWER_VERSIONS[0]

    def token(connected_at: int, disconnected_at: int | None = None, platform: str = "instagram") -> Token:
        return Token(platform, connected_at, disconnected_at)

    return (
        Edge((token(ended * 1000),)),
        Edge((token(ended * 1000 + 999),)),  # within the last second
        Edge((token((ended + 1) * 1000),)),
        Edge((token(early, began * 1000),)),
        Edge((token(early, began * 1000 - 1),)),
        Edge((token(ended * 1000, (ended + 3600) * 1000),)),  # gone since, but there at the end
        Edge((token((ended + 1) * 1000, (ended + 3600) * 1000),)),
        # Twice: gone before the nine days, and come and gone after them. Neither was there in between.
        Edge((token(early, began * 1000 - 1), token((ended + 1) * 1000, (ended + 60) * 1000))),
        Edge((token(early, platform="telegram"),)),
        Edge((token(early, began * 1000 - 1), token((ended + 1) * 1000, platform="telegram"))),
        Edge(version=older, traces=((began, older, "open"),)),
        Edge(version=older, traces=((began - 1, older, "open"),)),
        Edge((token((ended + 1) * 1000),), older, ((began + DAY, older, "open"),)),
        Edge((token(early),), older, ((began + DAY, older, "open"),)),
        Edge(version=newer, traces=((began + DAY, older, "open"), (began + 2 * DAY, newer, "open"))),
        Edge(traces=((began + DAY, newer, "connect.cancelled"),)),
        Edge((token(early),), deleted_at=began - CLEARED_AFTER),  # cleared as the nine days begin
        Edge((token(early),), deleted_at=began - CLEARED_AFTER - 1),
        Edge((token(early),), deleted_at=nine.until - CLEARED_AFTER + 1),  # deleted and not cleared yet
    )
