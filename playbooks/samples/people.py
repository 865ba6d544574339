"""
Invented people, as any of the companies may have them. Pure: the same number, seed and time give the same people.

What every company's module needs for that is here too: chance by name, and accounts on the edges of a breach.
"""

from __future__ import annotations

import base64
import hashlib
import random
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from playbooks.samples.names import CORNERS, DOMAINS, NAMES, mailbox

DAY = 86_400
FIRST_KEY = 10_001
_AT_ONCE = 20_000

Reader = tuple[str | None, str | None, int]  # locale, country, parts in a thousand
Corner = tuple[str | None, str | None]  # name, address; an address may hold {n}, the person's own number
Edge = tuple[int, int | None]  # created, deleted; Unix seconds


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody with an account. key: from FIRST_KEY on, one by one. Times in Unix seconds."""

    key: int
    email: str | None
    name: str | None
    locale: str | None
    country: str | None
    created_at: int
    last_seen_at: int | None
    deleted_at: int | None


def people(
    number: int,
    *,
    seed: int,
    until: int,
    readers: Sequence[Reader],
    corners: Sequence[Corner] = CORNERS,
    kept_deleted_days: int = 30,
) -> Iterator[Person]:
    """
    `number` people in the order of their keys, the corner cases first.

    until: Unix seconds; nothing happens later. kept_deleted_days: for how long the row of somebody who left is there.
    """
    chance = named_chance("people", seed)
    weights = [parts for *_, parts in readers]
    homes = bytearray()  # all are drawn before the first person; by places, since of millions these are small
    while len(homes) < number:
        homes.extend(chance.choices(range(len(readers)), weights, k=min(_AT_ONCE, number - len(homes))))
    for place, home in enumerate(homes):
        locale, country, _ = readers[home]
        key = FIRST_KEY + place
        name, email = _corner(corners, place) if place < len(corners) else _anyone(chance, locale, key)
        created = until - int((0.02 + 0.98 * chance.random()) * 4 * 365 * DAY)
        deleted = None
        if chance.random() < 0.012 and place >= len(corners):
            deleted = until - int(chance.random() * kept_deleted_days * DAY)
        seen = until - int(chance.random() ** 2 * 400 * DAY) if chance.random() < 0.96 else None
        if seen is not None:
            seen = min(max(seen, created), deleted or until)
        yield Person(key, email, name, locale, country, min(created, deleted or until), seen, deleted)


def named_chance(name: str, seed: int) -> random.Random:
    """
    The chance by which `name` is made: the same again for the same seed, and its own for each name.

    So what is made later, or not at all, changes nothing in the rest.
    """
    return random.Random(f"{name} {seed}")  # noqa: S311 - nothing here is a secret


def somebody(chance: random.Random, number: int) -> int:
    """The key of one of the first `number` people."""
    return FIRST_KEY + chance.randrange(number)


def first_edge(corners: Sequence[Corner]) -> int:
    """The key of the first account behind the corner cases; from there on they stand on the edges of the breach."""
    return FIRST_KEY + len(corners)


def with_edges(everyone: Iterable[Person], edges: Sequence[Edge], *, corners: Sequence[Corner]) -> Iterator[Person]:
    """`everyone`; but the accounts behind the corner cases have the times of `edges`, one each, and no last visit."""
    first = first_edge(corners)
    for person in everyone:
        if 0 <= (place := person.key - first) < len(edges):
            created, deleted = edges[place]
            yield replace(person, created_at=created, last_seen_at=None, deleted_at=deleted)
        else:
            yield person


def bcrypt(seed: int, key: int) -> str:
    """What a bcrypt hash looks like. It is the hash of nothing."""
    digest = hashlib.sha512(f"{seed}/{key}".encode()).digest()
    return "$2b$12$" + base64.b64encode(digest[:40], b"./").decode()[:53]


def moment(at: int) -> datetime:
    """Unix seconds as an aware time in UTC."""
    return datetime.fromtimestamp(at, UTC)


def text_time(at: int) -> str:
    """Unix seconds as `2026-11-21T07:40:00Z`."""
    day, second = divmod(at, DAY)
    if day not in _days:
        _days[day] = moment(day * DAY).strftime("%Y-%m-%d")
    return f"{_days[day]}T{second // 3600:02d}:{second // 60 % 60:02d}:{second % 60:02d}Z"


_days: dict[int, str] = {}


def _corner(corners: Sequence[Corner], place: int) -> Corner:
    name, email = corners[place]
    return name, email.format(n=place) if email else email


def _anyone(chance: random.Random, locale: str | None, key: int) -> tuple[str | None, str | None]:
    given_names, family_names = NAMES[(locale or "en").partition("-")[0]]
    given, family = chance.choice(given_names), chance.choice(family_names)
    lot = chance.random()
    name = None if lot < 0.01 else f"{family} {given}" if locale == "ja" else f"{given} {family}"
    if lot > 0.996:
        return name, None
    address = f"{mailbox(given)}.{mailbox(family)}.{key}@{chance.choice(DOMAINS)}"
    return name, address.replace("@", " at ") if lot > 0.994 else address
