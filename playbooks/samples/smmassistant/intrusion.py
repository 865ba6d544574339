"""
What the log of requests has of a week: honest reads, the operator's own server, and a stranger with the same key.

The key opens every row, so nobody is safe for not being in this log: it is kept for seven days, and the key lay open
for seven weeks. It shows that the key was used, and by whom some rows were fetched one by one.
"""

from __future__ import annotations

import heapq
import random
from collections.abc import Iterator, Sequence
from operator import itemgetter

from playbooks.samples.people import DAY, FIRST_KEY, named_chance, somebody
from playbooks.samples.smmassistant.population import Population
from playbooks.samples.traffic import visits

RANGES = ("198.51.100.0/24", "2001:db8:c0de::/48")  # for documentation only (RFC 5737, RFC 3849)
KEPT = 7 * DAY
_STRANGER = ("198.51.100.23", "198.51.100.77", "2001:db8:c0de::17")
_SERVER = "192.0.2.10"  # the operator's own functions use the key too
_PATHS = ("/rest/v1/profiles", "/rest/v1/media", "/rest/v1/analyses", "/storage/v1/object/sign/media")
_TABLES = ("users", "profiles", "media", "analyses", "subscriptions")
_SHARE = 0.03  # of all accounts were fetched one by one

Request = tuple[int, str, str | None, str, int, int | None]  # at, role, address, path, status, number of the account


def requests(population: Population, kept: Sequence[int]) -> Iterator[Request]:
    """In order of time. kept: for each account, by its number less the first, 1 where it is there."""
    honest = (
        (at, "authenticated", ip, _PATHS[key % 4], 200, key)
        for at, key, ip, _ in visits(population.number, seed=population.seed + 2, until=population.until, days=7)
        if kept[key - FIRST_KEY]
    )
    others = sorted((*_stranger(population, kept), *_decoys(population, kept)), key=itemgetter(0))
    return heapq.merge(honest, others, key=itemgetter(0))


def _stranger(population: Population, kept: Sequence[int]) -> Iterator[Request]:
    """Whole tables in pages, then single people's pictures, in the nights before the key was replaced."""
    chance = named_chance("stranger", population.seed)
    ended = population.rotated
    for night in (5, 4, 2):
        at = ended - night * DAY
        for table in _TABLES:
            for offset in range(0, min(population.number, 20_000), 1000):
                at += chance.randrange(2, 9)
                path = f"/rest/v1/{table}?select=*&limit=1000&offset={offset}"
                yield at, "service_role", chance.choice(_STRANGER), path, 200, None
    for key in _some(chance, population, kept, _SHARE):
        at = chance.randrange(ended - 2 * DAY, ended)
        yield at, "service_role", chance.choice(_STRANGER), "/storage/v1/object/media", 200, key
    for _ in range(3):  # the key does not open anything any more
        at = ended + chance.randrange(5, 300)
        yield at, "service_role", _STRANGER[0], "/rest/v1/profiles?select=*", 401, None


def _decoys(population: Population, kept: Sequence[int]) -> Iterator[Request]:
    """Requests that look like the stranger's in one respect and are not."""
    chance = named_chance("decoys", population.seed)
    ended = population.rotated
    for key in _some(chance, population, kept, 0.02):  # the same key, in the operator's own hands
        yield chance.randrange(ended - 6 * DAY, ended), "service_role", _SERVER, "/rest/v1/media", 200, key
    for key in _some(chance, population, kept, 0.005):  # somebody with an account, from the same hosting company
        yield chance.randrange(ended - 6 * DAY, ended), "authenticated", _STRANGER[1], "/rest/v1/media", 200, key


def _some(chance: random.Random, population: Population, kept: Sequence[int], share: float) -> Iterator[int]:
    for _ in range(max(2, int(population.number * share))):
        key = somebody(chance, population.number)
        if kept[key - FIRST_KEY]:
            yield key
