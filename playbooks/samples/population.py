"""
The invented accounts and their honest traces: every row of the sample's database but the intruder's. Pure: the same
number, seed and time give the same rows on every machine.
"""

from __future__ import annotations

import base64
import hashlib
import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from playbooks.samples.names import CORNERS, DOMAINS, NAMES, READERS, mailbox

DAY = 86_400
LOG_DAYS = 90
BACKUP_DAYS = 30
FIRST_ID = 10_001
VISITS_A_DAY = 0.055  # of each account, so about five in the ninety days a log is kept
_ACTIONS = ("sign-in", "page", "page", "render.start", "render.download", "settings", "error", "sign-out")
_CARDS = ("Visa", "Mastercard", "Maestro", "American Express")

Row = tuple[object, ...]


@dataclass(frozen=True)
class Account:
    """One account. Times in Unix seconds. The columns are those of the table `accounts`, in its order."""

    id: int
    email: str | None
    name: str | None
    password_hash: str
    language: str | None
    country: str | None
    created_at: int
    last_login_at: int | None
    deleted_at: int | None


def accounts(people: int, *, seed: int, until: int) -> Iterator[Account]:
    """
    `people` accounts in the order of their ids, the corner cases first.

    until: Unix seconds; nothing happens later.
    """
    chance = random.Random(f"accounts {seed}")  # noqa: S311 - made up, and the same again for the same seed
    weights = [parts for *_, parts in READERS]
    readers = chance.choices(READERS, weights, k=people)
    for number, (locale, country, _) in enumerate(readers):
        key = FIRST_ID + number
        name, email = _corner(number) if number < len(CORNERS) else _person(chance, locale, key)
        created = until - int((0.02 + 0.98 * chance.random()) * 4 * 365 * DAY)
        deleted = None
        if chance.random() < 0.012 and number >= len(CORNERS):  # left, and still in the backups for thirty days
            deleted = until - int(chance.random() * BACKUP_DAYS * DAY)
        seen = until - int(chance.random() ** 2 * 400 * DAY) if chance.random() < 0.96 else None
        if seen is not None:
            seen = min(max(seen, created), deleted or until)
        yield Account(
            key, email, name, _bcrypt(seed, key), locale, country, min(created, deleted or until), seen, deleted
        )


def visits(people: int, *, seed: int, until: int) -> Iterator[tuple[int, int, str | None, str]]:
    """Honest traces of the last ninety days in order of time: (Unix seconds, account, address, action)."""
    chance = random.Random(f"visits {seed}")  # noqa: S311 - as above
    a_day = max(1, int(people * VISITS_A_DAY))
    numbers = range(people)
    for day in range(LOG_DAYS, 0, -1):
        start = until - day * DAY
        times = sorted(start + int(part * DAY) for part in (chance.random() for _ in range(a_day)))
        who = chance.choices(numbers, k=a_day)
        what = chance.choices(_ACTIONS, k=a_day)
        odd = chance.choices(range(1000), k=a_day)
        for at, number, action, lot in zip(times, who, what, odd, strict=True):
            key = FIRST_ID + number
            yield at, key, home_address(key + (lot if lot < 60 else 0)) if lot < 994 else _JUNK[lot - 994], action


# What is found where an address should be. None of it is an address.
_JUNK: tuple[str | None, ...] = (None, "", "-", "unknown", "203.0.113", "198.18.4.5, 10.0.0.1")


def home_address(key: int) -> str:
    """Where an account usually comes from: addresses that are reserved for tests and documentation (RFC 2544, 3849)."""
    if key % 7 == 0:
        return f"2001:db8:{1 + key % 4000:x}::{1 + key % 65_000:x}"
    return f"198.{18 + key % 2}.{key // 2 % 251}.{1 + key // 502 % 250}"


def purchases(people: int, *, seed: int, until: int) -> Iterator[Row]:
    """Token purchases with their invoices: the columns of `token_purchases`."""
    chance = random.Random(f"purchases {seed}")  # noqa: S311 - as above
    countries = ("EE", "FI", "GB", "SE", "LV", "DE", "CH")
    for number in range(1, int(people * 0.4) + 1):
        key = FIRST_ID + chance.randrange(people)
        at = until - int(chance.random() * 3 * 365 * DAY)
        tokens = chance.choice((100, 500, 2000))
        card = (chance.choice(_CARDS), f"{chance.randrange(10_000):04d}")
        yield (number, key, at, tokens, tokens * 9, "EUR", chance.choice(countries), *card, f"SP-{number:07d}")


def renders(people: int, *, seed: int, until: int) -> Iterator[Row]:
    """Films people made: the columns of `renders`."""
    chance = random.Random(f"renders {seed}")  # noqa: S311 - as above
    subjects = ("a harbour at dawn", "a cat that reads", "our new shop", "a birthday", "two dancers", "rain on glass")
    for number in range(1, people + 1):
        key = FIRST_ID + chance.randrange(people)
        at = until - int(chance.random() * 365 * DAY)
        yield (number, key, at, f"a film of {chance.choice(subjects)}", chance.choice((6, 12, 30)))


def text_time(at: int) -> str:
    """Unix seconds as `2026-11-21T07:40:00Z`."""
    day, second = divmod(at, DAY)
    if day not in _days:
        _days[day] = datetime.fromtimestamp(day * DAY, UTC).strftime("%Y-%m-%d")
    return f"{_days[day]}T{second // 3600:02d}:{second // 60 % 60:02d}:{second % 60:02d}Z"


_days: dict[int, str] = {}


def _corner(number: int) -> tuple[str | None, str | None]:
    name, email = CORNERS[number]
    return name, email.format(n=number) if email else email


def _person(chance: random.Random, locale: str | None, key: int) -> tuple[str | None, str | None]:
    given_names, family_names = NAMES[(locale or "et").partition("-")[0]]
    given, family = chance.choice(given_names), chance.choice(family_names)
    lot = chance.random()
    name = None if lot < 0.01 else f"{family} {given}" if locale == "ja" else f"{given} {family}"
    if lot > 0.996:
        return name, None
    address = f"{mailbox(given)}.{mailbox(family)}.{key}@{chance.choice(DOMAINS)}"
    return name, address.replace("@", " at ") if lot > 0.994 else address


def _bcrypt(seed: int, key: int) -> str:
    """What a bcrypt hash looks like. It is the hash of nothing."""
    digest = hashlib.sha512(f"{seed}/{key}".encode()).digest()
    return "$2b$12$" + base64.b64encode(digest[:40], b"./").decode()[:53]
