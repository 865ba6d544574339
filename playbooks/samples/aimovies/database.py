"""
The film site's database: plain PHP of some years ago on MySQL, without a foreign key anywhere.

Times of people are Unix seconds, with 0 for never; the logs have the server's own clock without a zone, so an hour of
every autumn comes twice. Passwords are salted SHA-1. There is no country, no language and no birth date.
"""

from __future__ import annotations

import hashlib
import heapq
from collections.abc import Iterator
from datetime import datetime
from operator import itemgetter

from sqlalchemy import Column, DateTime, Index, Integer, MetaData, SmallInteger, String, Table, Text

from playbooks.samples.aimovies.botnet import (
    LOG_DAYS,
    RANGES,
    SERVER_ZONE,
    Botnet,
    edges,
    honest_logins,
    is_banned,
    plant,
)
from playbooks.samples.company import Contents, Row, Store, Truth
from playbooks.samples.names import CORNERS
from playbooks.samples.people import DAY, Person, Reader, first_edge, moment, named_chance, people, somebody, with_edges
from playbooks.samples.stores import BIG
from playbooks.samples.traffic import Visit, visits

HIDDEN = "the log has no readable address for a log-in of theirs in these nights"
_KEPT_REMOVED_DAYS = 60  # the row of somebody who left stays until somebody clears it
_PAGES_A_DAY = 0.02
_WAITING, _ACTIVE, _BANNED, _REMOVED = range(4)  # users.status
_PAGES = ("/", "/make", "/gallery", "/account", "/inbox", "/help")
_REFERRERS = (None, None, "https://search.example/", "https://aimovies.example/", "https://films.example.org/list")
_BROWSERS = (
    ("Firefox 131", "Windows", "desktop"),
    ("Chrome 130", "Android", "phone"),
    ("Safari 18", "iOS", "phone"),
    ("Edge 130", "Windows", "desktop"),
    ("Chrome 129", "Linux", "desktop"),
)
_OF_THE_BOTNET = ("Chrome 103", "Windows", "desktop")
_READ_AFTERWARDS = (("/account", 2), ("/inbox", 5))  # page, seconds after each log-in of the botnet

# Nobody knows where the people live; names in many languages say that it is in many places. Country stays unused.
READERS: tuple[Reader, ...] = tuple(
    (language, None, parts)
    for language, parts in (
        ("en", 330), ("de", 120), ("fr", 90), ("pl", 70), ("ru", 70), ("uk", 60), ("tr", 60), ("ar", 50),
        ("ja", 50), ("sv", 30), ("fi", 20), ("lt", 15), ("lv", 15), ("et", 10), ("kk", 10),
    )
)  # fmt: skip

metadata = MetaData()
Table(
    "users",
    metadata,
    Column("user_id", Integer, primary_key=True, autoincrement=False),
    Column("login", String(255)),
    Column("email", String(255)),
    Column("passwd", String(40), nullable=False),
    Column("salt", String(8), nullable=False),
    Column("registered", Integer, nullable=False),
    Column("last_visit", Integer, nullable=False),
    Column("status", SmallInteger, nullable=False),
    Column("removed", Integer, nullable=False),
)
_attempts = Table(
    "login_attempts",
    metadata,
    Column("attempt_id", BIG, primary_key=True, autoincrement=False),
    Column("tried_at", DateTime, nullable=False),
    Column("user_id", Integer),
    Column("tried_login", String(255)),  # what was typed, where it is nobody's
    Column("ip", String(60)),
    Column("success", SmallInteger, nullable=False),
)
Index("login_attempts_when", _attempts.c.tried_at)
Table(
    "server_logs",
    metadata,
    Column("log_id", BIG, primary_key=True, autoincrement=False),
    Column("logged_at", DateTime, nullable=False),
    Column("user_id", Integer),
    Column("ip", String(60)),
    Column("page", String(255), nullable=False),
    Column("referrer", String(255)),
    Column("browser", String(60)),
    Column("os", String(60)),
    Column("device", String(60)),
)
Table(
    "messages",
    metadata,
    Column("message_id", BIG, primary_key=True, autoincrement=False),
    Column("user_id", Integer, nullable=False),
    Column("sent", Integer, nullable=False),
    Column("subject", String(255)),
    Column("body", Text),
)

STORES = (Store("site", metadata),)


def contents(number: int, *, seed: int, until: int) -> Contents:
    """See `playbooks.samples.company.Company`."""

    def plain() -> Iterator[Person]:  # made anew for each reading, so that millions never lie in memory
        return people(number, seed=seed, until=until, readers=READERS, kept_deleted_days=_KEPT_REMOVED_DAYS)

    botnet = plant(plain(), number, seed=seed, until=until)
    everyone = with_edges(plain(), edges(botnet, until), corners=CORNERS)
    rows: dict[str, Iterator[Row]] = {
        "users": (_row(one, seed) for one in everyone),
        "login_attempts": _attempt_rows(number, botnet, seed=seed, until=until),
        "server_logs": _log_rows(number, botnet, seed=seed, until=until),
        "messages": _messages(number, seed=seed, until=until),
    }
    truth = Truth(
        seen_from=moment(botnet.began),
        seen_until=moment(botnet.ended),
        ranges=RANGES,
        affected=tuple(map(str, botnet.opened)),
        uncertain={HIDDEN: tuple(map(str, botnet.hidden))},
        words={"records": str(_how_many_records(number, botnet, seed=seed, until=until))},
    )
    return Contents({"site": rows}, truth)


def _how_many_records(number: int, botnet: Botnet, *, seed: int, until: int) -> int:
    """What could be read in the opened accounts: the accounts themselves, and their messages."""
    opened = set(botnet.opened)
    return len(opened) + sum(key in opened for _, key, *_ in _messages(number, seed=seed, until=until))


def local_text(at: int) -> str:
    """Unix seconds as the server's clock shows them, without a zone: `2026-10-25 02:30:00` twice in one night."""
    hour, second = divmod(at, 3600)
    if hour not in _hours:
        _hours[hour] = datetime.fromtimestamp(hour * 3600, SERVER_ZONE).strftime("%Y-%m-%d %H:")
    return f"{_hours[hour]}{second // 60:02d}:{second % 60:02d}"


_hours: dict[int, str] = {}


def _row(one: Person, seed: int) -> Row:
    digest = hashlib.sha512(f"{seed}/{one.key}".encode()).hexdigest()  # it is the hash of nothing
    return (
        one.key,
        _login(one),
        one.email,
        digest[:40],
        digest[40:48],
        one.created_at,
        one.last_seen_at or 0,
        _status(one),
        one.deleted_at or 0,
    )


def _login(one: Person) -> str | None:
    """The user name somebody chose: their name in their own script, mostly with something behind it."""
    if one.name is None or one.key < first_edge(CORNERS):
        return one.name
    return f"{one.name.replace(' ', '_')}{one.key % 100 or ''}"


def _status(one: Person) -> int:
    if one.deleted_at is not None:
        return _REMOVED
    if is_banned(one.key):
        return _BANNED
    return _ACTIVE if one.last_seen_at or one.key % 3 else _WAITING


def _attempt_rows(number: int, botnet: Botnet, *, seed: int, until: int) -> Iterator[Row]:
    honest = honest_logins(number, seed=seed, until=until)
    logins = heapq.merge(honest, botnet.tries(), botnet.planted, key=itemgetter(0))
    for place, (at, key, typed, ip, success) in enumerate(logins, start=1):
        yield (place, local_text(at), key, typed, ip, int(success))


def _log_rows(number: int, botnet: Botnet, *, seed: int, until: int) -> Iterator[Row]:
    honest = visits(number, seed=seed, until=until, days=LOG_DAYS, actions=_PAGES, a_day=_PAGES_A_DAY)
    read = (_reads(botnet, page, after) for page, after in _READ_AFTERWARDS)
    for place, (at, key, ip, page) in enumerate(heapq.merge(honest, *read, key=itemgetter(0)), start=1):
        browser = _OF_THE_BOTNET if ip and ip.startswith(_BOTNETS) else _BROWSERS[key % len(_BROWSERS)]
        yield (place, local_text(at), key, ip, page, _REFERRERS[at % len(_REFERRERS)], *browser)


_BOTNETS = ("192.0.2.", "198.51.100.", "2001:db8:b07e:")


def _reads(botnet: Botnet, page: str, after: int) -> Iterator[Visit]:
    return ((at + after, key, ip, page) for at, key, ip in botnet.let_in())


def _messages(number: int, *, seed: int, until: int) -> Iterator[Row]:
    chance = named_chance("messages", seed)
    subjects = ("How long may a film be?", "My film is stuck", "Thank you", "About the sound", "Please remove my film")
    for place in range(1, int(number * 1.2) + 1):
        key = somebody(chance, number)
        subject = chance.choice(subjects)
        yield (place, key, until - int(chance.random() * 500 * DAY), subject, f"{subject} It is film {place}.")
