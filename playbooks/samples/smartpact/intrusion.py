"""
The intruder's traces, hidden among the honest ones, and whom they are about.

A stolen service credential reads accounts one after another, from a handful of addresses, for some hours of one night,
and fetches the newest backup of the read replica. Traces name some of the people; the backup held nearly all of them.
"""

from __future__ import annotations

import random
from array import array
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from operator import itemgetter

from playbooks.samples.names import CORNERS
from playbooks.samples.people import DAY, Person, first_edge, named_chance
from playbooks.samples.traffic import Visit

RANGES = ("203.0.113.0/24", "2001:db8:5a17::/48")  # for documentation only (RFC 5737, RFC 3849)
_ADDRESSES = ("203.0.113.17", "203.0.113.18", "203.0.113.201", "2001:db8:5a17::1f", "2001:db8:5a17:4::9")
_ACTIONS = ("account.read", "renders.list", "render.download")
_SHARE = 0.062  # of all accounts
BEGAN_BEFORE = 43 * 3600  # the last trace is more than a day old when somebody notices
LASTED = 5 * 3600 + 1200
BACKUP_BEFORE = 3 * 3600  # the backup was taken so long before the intruder came
TAIL_DAYS = 30  # people who left are in backups for so long


@dataclass(frozen=True)
class Intrusion:
    """
    began, ended, backup_taken: Unix seconds; every trace of the intruder lies between the first two.

    traced: the keys in the intruder's traces. times, keys, ways: of the intruder's and the decoys' rows, in order of
    time; a way is a place in `kinds`, the addresses and actions there are, so that millions lie in arrays.
    """

    began: int
    ended: int
    backup_taken: int
    traced: frozenset[int]
    times: array[int]
    keys: array[int]
    ways: bytes
    kinds: tuple[tuple[str | None, str], ...]

    def visits(self) -> Iterator[Visit]:
        """The intruder's and the decoys' rows, in order of time."""
        for at, key, way in zip(self.times, self.keys, self.ways, strict=True):
            yield at, key, *self.kinds[way]

    def reached(self, person: Person) -> bool:
        """Whether the traces name them, or the backup held their account."""
        return person.key in self.traced or self._was_in_backup(person)

    def _was_in_backup(self, person: Person) -> bool:
        """Created by then; not deleted, or so shortly before that backups still held the account."""
        kept_since = self.backup_taken - TAIL_DAYS * DAY
        return person.created_at <= self.backup_taken and (person.deleted_at is None or person.deleted_at >= kept_since)


def plant(everyone: Iterable[Person], *, seed: int, until: int, newcomer: int) -> Intrusion:
    """
    Choose whom the intruder read, and leave the traces and the decoys.

    newcomer: the key of an account opened after the backup was taken, which the intruder read all the same.
    """
    chance = named_chance("intrusion", seed)
    began = until - BEGAN_BEFORE
    ended = began + LASTED
    there, number = array("q"), 0
    for person in everyone:
        number += 1
        if person.created_at < began - DAY and (person.deleted_at is None or person.deleted_at > ended):
            there.append(person.key)
    behind = first_edge(CORNERS)
    corners = [key for key in there if key < behind]
    others = array("q", (key for key in there if key >= behind))
    chosen = chance.sample(others, min(len(others), int(number * _SHARE)))
    traced = frozenset({*corners, *chosen, newcomer})
    traces = [trace for key in sorted(traced) for trace in _reads(chance, key, began, ended)]
    untouched = array("q", (key for key in others if key not in traced))
    traces += _decoys(chance, untouched, began, ended, until)
    traces.sort(key=itemgetter(0, 1))
    times, keys = array("q", (at for at, *_ in traces)), array("q", (key for _, key, *_ in traces))
    places = {kind: place for place, kind in enumerate(dict.fromkeys((ip, action) for *_, ip, action in traces))}
    ways = bytes(places[ip, action] for *_, ip, action in traces)
    return Intrusion(began, ended, began - BACKUP_BEFORE, traced, times, keys, ways, tuple(places))


def _reads(chance: random.Random, key: int, began: int, ended: int) -> list[Visit]:
    return [
        (chance.randrange(began + 60, ended - 60), key, chance.choice(_ADDRESSES), action)
        for action in _ACTIONS[: chance.randint(1, 3)]
    ]


def _decoys(chance: random.Random, honest: Sequence[int], began: int, ended: int, until: int) -> list[Visit]:
    """Traces that look like the intruder's in one respect and are not."""

    def some(share: float) -> list[int]:
        return chance.sample(honest, min(len(honest), max(2, int(len(honest) * share))))

    at_night = [(chance.randrange(began, ended), key, "198.18.77.4", "account.read") for key in some(0.01)]
    # The addresses belong to a hosting company: honest people came from them on other days, and just outside the hours.
    same_place = [
        (chance.randrange(until - 80 * DAY, began - DAY), key, _ADDRESSES[0], "sign-in") for key in some(0.004)
    ]
    before = [(began - 1 - chance.randrange(600), key, _ADDRESSES[1], "page") for key in some(0.001)]
    after = [(ended + 1 + chance.randrange(600), key, _ADDRESSES[3], "page") for key in some(0.001)]
    next_door = ("203.0.112.17", "203.0.114.18", "2001:db8:5a18::1f", "203.0.113.999", "203.0.113", "", None)
    nearly = [(chance.randrange(began, ended), key, chance.choice(next_door), "page") for key in some(0.002)]
    return [*at_night, *same_place, *before, *after, *nearly]
