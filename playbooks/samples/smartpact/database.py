"""The video studio's account database: accounts, purchases, films, ninety days of access log."""

from __future__ import annotations

import heapq
from collections.abc import Iterator
from operator import itemgetter

from sqlalchemy import Column, ForeignKey, Index, Integer, MetaData, Table, Text

from playbooks.samples.company import Contents, Row, Store, Truth
from playbooks.samples.names import CORNERS
from playbooks.samples.people import (
    DAY,
    Edge,
    Person,
    Reader,
    bcrypt,
    first_edge,
    moment,
    named_chance,
    people,
    somebody,
    text_time,
    with_edges,
)
from playbooks.samples.smartpact.intrusion import BACKUP_BEFORE, BEGAN_BEFORE, RANGES, TAIL_DAYS, Intrusion, plant
from playbooks.samples.stores import BIG, TIME
from playbooks.samples.traffic import visits

_CARDS = ("Visa", "Mastercard", "Maestro", "American Express")
_KEPT_DELETED_DAYS = 40  # the clearing of rows lags behind; not all of those who left were still in the backup
_RECORDS_EACH = 14  # rows of accounts, films and purchases a person has, on average
_NEWCOMER = 4  # the place among the edges of an account opened after the backup was taken

READERS: tuple[Reader, ...] = (
    ("et", "EE", 420),
    ("et-EE", "EE", 60),
    ("ru", "EE", 55),
    ("en", "EE", 25),
    ("en-GB", "GB", 70),
    ("en", "IE", 45),
    ("fi", "FI", 80),
    ("sv", "SE", 45),
    ("lv", "LV", 40),
    ("lt", "LT", 35),
    ("de", "DE", 35),
    ("de-CH", "CH", 15),
    ("fr", "FR", 20),
    ("fr-CH", "CH", 5),
    ("pl", "PL", 15),
    ("uk", "PL", 10),
    ("kk", "DE", 3),
    ("tr", "DE", 4),
    ("ja", "FI", 4),
    ("ar", "SE", 4),
    (None, "EE", 6),
    ("en", None, 4),
)

metadata = MetaData()
_accounts = Table(
    "accounts",
    metadata,
    Column("id", BIG, primary_key=True, autoincrement=False),
    Column("email", Text),
    Column("display_name", Text),
    Column("password_hash", Text, nullable=False),
    Column("language", Text),
    Column("billing_country", Text),
    Column("created_at", TIME, nullable=False),
    Column("last_login_at", TIME),
    Column("deleted_at", TIME),
)
Table(
    "token_purchases",
    metadata,
    Column("id", BIG, primary_key=True, autoincrement=False),
    Column("account_id", ForeignKey("accounts.id"), nullable=False),
    Column("bought_at", TIME, nullable=False),
    Column("quantity", Integer, nullable=False),
    Column("amount_cents", Integer, nullable=False),
    Column("currency", Text, nullable=False),
    Column("billing_country", Text),
    Column("card_brand", Text),
    Column("card_last4", Text),
    Column("invoice_number", Text),
)
Table(
    "renders",
    metadata,
    Column("id", BIG, primary_key=True, autoincrement=False),
    Column("account_id", ForeignKey("accounts.id"), nullable=False),
    Column("rendered_at", TIME, nullable=False),
    Column("prompt", Text),
    Column("seconds", Integer),
)
_log = Table(
    "access_log",
    metadata,
    Column("id", BIG, primary_key=True, autoincrement=False),
    Column("at", TIME, nullable=False),
    Column("account_id", ForeignKey("accounts.id"), nullable=False),
    Column("ip", Text),
    Column("action", Text, nullable=False),
)
Index("access_log_at", _log.c.at)
Index("access_log_account", _log.c.account_id)

STORES = (Store("studio", metadata),)


def contents(number: int, *, seed: int, until: int) -> Contents:
    """See `playbooks.samples.company.Company`."""

    def everyone() -> Iterator[Person]:  # made anew for each reading, so that millions never lie in memory
        plain = people(number, seed=seed, until=until, readers=READERS, kept_deleted_days=_KEPT_DELETED_DAYS)
        return with_edges(plain, _edges(until), corners=CORNERS)

    newcomer = first_edge(CORNERS) + _NEWCOMER
    intrusion = plant(everyone(), seed=seed, until=until, newcomer=newcomer)
    affected = tuple(str(one.key) for one in everyone() if intrusion.reached(one))
    rows: dict[str, Iterator[Row]] = {
        "accounts": (_row(person, seed) for person in everyone()),
        "token_purchases": _purchases(number, seed=seed, until=until),
        "renders": _renders(number, seed=seed, until=until),
        "access_log": _log_rows(number, intrusion, seed=seed, until=until),
    }
    truth = Truth(
        seen_from=moment(intrusion.began),
        seen_until=moment(intrusion.ended),
        ranges=RANGES,
        affected=affected,
        words={"backup_taken": text_time(intrusion.backup_taken), "records": str(len(affected) * _RECORDS_EACH)},
    )
    return Contents({"studio": rows}, truth)


def _edges(until: int) -> tuple[Edge, ...]:
    """Of the backup, to the second."""
    taken = until - BEGAN_BEFORE - BACKUP_BEFORE
    tail = taken - TAIL_DAYS * DAY
    return (
        (taken, None),  # created as it was taken: in it
        (taken + 1, None),
        (tail - DAY, tail),  # left thirty days before to the second: in it
        (tail - DAY, tail - 1),
        (taken + 3600, None),  # the newcomer, whom the intruder's traces name
    )


def _row(person: Person, seed: int) -> Row:
    return (
        person.key,
        person.email,
        person.name,
        bcrypt(seed, person.key),
        person.locale,
        person.country,
        person.created_at,
        person.last_seen_at,
        person.deleted_at,
    )


def _log_rows(number: int, intrusion: Intrusion, *, seed: int, until: int) -> Iterator[Row]:
    traces = heapq.merge(visits(number, seed=seed, until=until), intrusion.visits(), key=itemgetter(0))
    return ((place, at, key, ip, action) for place, (at, key, ip, action) in enumerate(traces, start=1))


def _purchases(number: int, *, seed: int, until: int) -> Iterator[Row]:
    chance = named_chance("purchases", seed)
    countries = ("EE", "FI", "GB", "SE", "LV", "DE", "CH")
    for place in range(1, int(number * 0.4) + 1):
        key = somebody(chance, number)
        at = until - int(chance.random() * 3 * 365 * DAY)
        tokens = chance.choice((100, 500, 2000))
        card = (chance.choice(_CARDS), f"{chance.randrange(10_000):04d}")
        yield (place, key, at, tokens, tokens * 9, "EUR", chance.choice(countries), *card, f"SP-{place:07d}")


def _renders(number: int, *, seed: int, until: int) -> Iterator[Row]:
    chance = named_chance("renders", seed)
    subjects = ("a harbour at dawn", "a cat that reads", "our new shop", "a birthday", "two dancers", "rain on glass")
    for place in range(1, number + 1):
        key = somebody(chance, number)
        at = until - int(chance.random() * 365 * DAY)
        yield (place, key, at, f"a film of {chance.choice(subjects)}", chance.choice((6, 12, 30)))
