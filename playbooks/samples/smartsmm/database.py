"""
The app's account database: a mobile backend, with names in camelCase and most times in milliseconds since 1970.

Users, their devices, the social accounts they connected, ninety days of activity, posts and media. No country, no birth
date and no network address is kept.
"""

from __future__ import annotations

import hashlib
import heapq
import random
from array import array
from collections.abc import Iterator
from operator import itemgetter

from sqlalchemy import BigInteger, Column, ForeignKey, Index, Integer, MetaData, Table, Text
from sqlalchemy.dialects.postgresql import JSONB

from playbooks.samples.company import Contents, Row, Store, Truth
from playbooks.samples.people import DAY, Corner, Reader, moment, named_chance, people, somebody, text_time
from playbooks.samples.smartsmm.tokens import (
    OLDER_VERSIONS,
    Account,
    Reading,
    accounts,
    reading,
    version_of,
)
from playbooks.samples.stores import BIG, TIME
from playbooks.samples.traffic import Visit, visits

_KEPT_DELETED_DAYS = 45  # longer than rows are kept, so that some were cleared before the nine days began
_ACTIONS = ("open", "open", "sign-in", "post.create", "post.publish", "media.upload", "analytics.view", "settings")

READERS: tuple[Reader, ...] = (
    ("ru", "KZ", 390),
    ("kk", "KZ", 280),
    ("kk-KZ", "KZ", 40),
    ("ru-KZ", "KZ", 40),
    ("en", "KZ", 40),
    ("en-US", "US-CA", 85),
    ("de", "DE", 70),
    ("de-DE", "DE", 15),
    ("ru", "DE", 20),
    ("tr", "DE", 10),
    ("uk", "DE", 5),
    (None, "KZ", 5),
)

# Their names and addresses as people write them into an app, and as lists and letters get them wrong.
CORNERS: tuple[Corner, ...] = (
    ("Әсел Қасымқызы", "asel{n}@kiri.example"),
    ("Ғалымжан Өтеғұлұлы Тілеубердіұғлы", "galymzhan{n}@kiri.example"),
    ("Іңкәр Һамитқызы", "inkar{n}@post.example"),
    ("Анна-Мария д'Артаньян", "anna-maria{n}@post.example"),
    ("ООО «Ромашка» & Ко", "romashka{n}@post.example"),
    ("@smm.almaty_", "smm.almaty{n}@mail.example"),
    ("🌸 Айгерім 🌸", "aigerim+smm{n}@mail.example"),
    ("=HYPERLINK(1)", "formula{n}@mail.example"),
    ("<script>alert('сәлем')</script>", "script{n}@mail.example"),
    ("Нұр" * 60, "nur{n}@mail.example"),
    ("Ержан\r\nBcc: kimde@mail.example", "erzhan{n}@mail.example"),
    ("Jean-Luc von der Heide-O'Neill", "o'neill{n}@mail.example"),
    (None, "atsyz{n}@mail.example"),
    ("   ", "bos{n}@mail.example"),
    ("Дана Ким", None),
    ("Тимур Ли", ""),
    ("Сәуле", "saule.mail.example"),
    ("Игорь Белый", "igor@@mail.example"),
    ("Grace Lee", "grace@mail..example"),
    ("Гүлнар", "гүлнар@mail.example"),
    ("Студия", "studio@kiri.example"),
    ("Студия (2)", "Studio@Kiri.example"),
    ("Студия 3", " studio@kiri.example "),
    ("Нұрлан", "nurlan{n}@пошта.example"),
)

metadata = MetaData()
_JSON = Text().with_variant(JSONB(), "postgresql")
Table(
    "Users",
    metadata,
    Column("id", BIG, primary_key=True, autoincrement=False),
    Column("email", Text),
    Column("userName", Text),
    Column("language", Text),
    Column("status", Text, nullable=False),
    Column("createdAt", TIME, nullable=False),
    Column("lastActiveAt", BigInteger),
    Column("deletedAt", TIME),
)
Table(
    "Devices",
    metadata,
    Column("id", BIG, primary_key=True, autoincrement=False),
    Column("userId", ForeignKey("Users.id"), nullable=False),
    Column("deviceId", Text, nullable=False),
    Column("platform", Text, nullable=False),
    Column("appVersion", Text),
)
_social_accounts = Table(
    "SocialAccounts",
    metadata,
    Column("id", BIG, primary_key=True, autoincrement=False),
    Column("userId", ForeignKey("Users.id"), nullable=False),
    Column("platform", Text, nullable=False),
    Column("platformUserId", Text, nullable=False),
    Column("platformUserName", Text),
    Column("accessTokenEncrypted", Text, nullable=False),
    Column("connectedAt", BigInteger, nullable=False),
)
_activity = Table(
    "Activity",
    metadata,
    Column("id", BIG, primary_key=True, autoincrement=False),
    Column("userId", BIG, nullable=False),  # no foreign key: a line of a cleared account stays
    Column("type", Text, nullable=False),
    Column("appVersion", Text),
    Column("details", _JSON),
    Column("createdAt", BigInteger, nullable=False),
)
Table(
    "Posts",
    metadata,
    Column("id", BIG, primary_key=True, autoincrement=False),
    Column("userId", ForeignKey("Users.id"), nullable=False),
    Column("text", Text),
    Column("createdAt", BigInteger, nullable=False),
    Column("publishedAt", BigInteger),
)
Table(
    "Media",
    metadata,
    Column("id", BIG, primary_key=True, autoincrement=False),
    Column("userId", ForeignKey("Users.id"), nullable=False),
    Column("fileName", Text),
    Column("kind", Text, nullable=False),
    Column("bytes", Integer),
    Column("createdAt", BigInteger, nullable=False),
)
Index("SocialAccounts_userId", _social_accounts.c.userId)
Index("Activity_createdAt", _activity.c.createdAt)
Index("Activity_userId", _activity.c.userId)

STORES = (Store("app", metadata),)

OLDER_APP = "used a version of the app that notes no disconnection"
CLEARED = "account deleted and cleared since"


def contents(number: int, *, seed: int, until: int) -> Contents:
    """See `playbooks.samples.company.Company`."""
    made = _Made(number, seed, until)
    rows: dict[str, Iterator[Row]] = {
        "Users": (_user(account) for account in made.kept()),
        "Devices": _devices(made),
        "SocialAccounts": _social(made),
        "Activity": _log(made),
        "Posts": _posts(made),
        "Media": _media(made),
    }
    return Contents({"app": rows}, _truth(made))


class _Made:
    """The people of one making; read anew for each table, so that millions never lie in memory."""

    def __init__(self, number: int, seed: int, until: int) -> None:
        self.number, self.seed, self.until = number, seed, until
        self.nine: Reading = reading(until)
        cleared, edges = set[int](), set[int]()
        for account in self.everyone():
            if account.cleared_at is not None and account.cleared_at <= until:
                cleared.add(account.person.key)
            if account.is_edge:
                edges.add(account.person.key)
        self.cleared = frozenset(cleared)
        self.edges = frozenset(edges)

    def everyone(self) -> Iterator[Account]:
        """Those whose rows were cleared included."""
        everyone = people(
            self.number,
            seed=self.seed,
            until=self.until,
            readers=READERS,
            corners=CORNERS,
            kept_deleted_days=_KEPT_DELETED_DAYS,
        )
        return accounts(everyone, seed=self.seed, nine=self.nine, corners=CORNERS)

    def kept(self) -> Iterator[Account]:
        return (account for account in self.everyone() if account.person.key not in self.cleared)

    def visits(self) -> Iterator[Visit]:
        """Honest ones of accounts that are kept; edges have only the traces that make them one."""
        found = visits(self.number, seed=self.seed, until=self.until, actions=_ACTIONS)
        return (visit for visit in found if visit[1] not in self.cleared and visit[1] not in self.edges)

    def somebody(self, chance: random.Random, many: int) -> Iterator[tuple[int, int]]:
        """`many` times a number from 1 on, and the key of an account that is kept."""
        for place in range(1, many + 1):
            key = somebody(chance, self.number)
            if key not in self.cleared:
                yield place, key


def _truth(made: _Made) -> Truth:
    nine = made.nine
    affected, records = array("q"), 0  # in the order of the keys
    for account in made.kept():
        if read := sum(token.was_there(nine.began, nine.ended) for token in account.left):
            affected.append(account.person.key)
            records += read
    older = {key for at, key, _, _ in made.visits() if at >= nine.began and version_of(key) in OLDER_VERSIONS}
    cleared = []
    for account in made.everyone():
        key = account.person.key
        if any(at >= nine.began and version in OLDER_VERSIONS for at, version, _ in account.traces):
            older.add(key)
        if account.cleared_at is not None and nine.began <= account.cleared_at <= nine.until:
            cleared.append(str(key))
    older.difference_update(affected, made.cleared)
    return Truth(
        seen_from=moment(nine.began),
        seen_until=moment(nine.ended),
        ranges=(),
        affected=tuple(map(str, affected)),
        uncertain={OLDER_APP: tuple(map(str, sorted(older))), CLEARED: tuple(cleared)},
        words={"read_until": text_time(made.until), "records": str(records)},
    )


def _user(account: Account) -> Row:
    person = account.person
    status = "deleted" if person.deleted_at else "banned" if person.key % 211 == 0 else "active"
    active = person.last_seen_at * 1000 if person.last_seen_at else None
    return (
        person.key, person.email, person.name, person.locale, status, person.created_at, active, person.deleted_at
    )  # fmt: skip


def _devices(made: _Made) -> Iterator[Row]:
    place = 0
    for account in made.kept():
        key = account.person.key
        for number in range(2 if key % 9 == 0 else 1):
            place += 1
            device = hashlib.blake2b(f"{made.seed}/{key}/{number}".encode(), digest_size=16).hexdigest()
            yield place, key, device, "ios" if key % 3 == 0 else "android", account.version


def _social(made: _Made) -> Iterator[Row]:
    place = 0
    for account in made.kept():
        key = account.person.key
        for token in account.tokens:
            if token.disconnected_at is None:
                place += 1
                secret = hashlib.blake2b(f"{made.seed}/{key}/{token.platform}".encode(), digest_size=48).hexdigest()
                name = f"{token.platform}_{key}"
                yield place, key, token.platform, str(7_000_000 + key), name, f"v1:{secret}", token.connected_at


def _log(made: _Made) -> Iterator[Row]:
    """All activity in the order of time; details are written as JSON."""
    honest = ((at * 1000 + key % 1000, key, action, version_of(key), None) for at, key, _, action in made.visits())
    rows = heapq.merge(honest, sorted(_notes(made), key=itemgetter(0, 1, 2)), key=itemgetter(0))
    for place, (at, key, action, version, details) in enumerate(rows, start=1):
        yield place, key, action, version, details, at


def _notes(made: _Made) -> Iterator[tuple[int, int, str, str | None, str | None]]:
    """What is not everyday: disconnections, cleared accounts, and what the edges do."""
    kept_since = made.until - 90 * DAY
    for account in made.everyone():
        key = account.person.key
        if key in made.cleared:
            assert account.cleared_at is not None  # noqa: S101 - it is what made it one of them
            yield account.cleared_at * 1000, key, "account.cleared", None, None
            continue
        for token in account.left:
            if token.disconnected_at is not None and token.disconnected_at // 1000 >= kept_since:
                details = f'{{"platform": "{token.platform}", "connectedAt": {token.connected_at}}}'
                yield token.disconnected_at, key, "disconnect", account.version, details
        for at, version, action in account.traces:
            yield at * 1000, key, action, version, None


def _posts(made: _Made) -> Iterator[Row]:
    chance = named_chance("posts", made.seed)
    texts = ("Жаңа маусым, жаңа мәзір!", "Скидки до пятницы", "Behind the scenes", "Бүгін тікелей эфир", "Розыгрыш 🎁")
    for place, key in made.somebody(chance, made.number):
        at = (made.until - int(chance.random() * 365 * DAY)) * 1000
        yield place, key, chance.choice(texts), at, at + 60_000 if chance.random() < 0.8 else None


def _media(made: _Made) -> Iterator[Row]:
    chance = named_chance("media", made.seed)
    for place, key in made.somebody(chance, made.number * 6 // 10):
        kind = chance.choice(("image/jpeg", "image/png", "video/mp4"))
        at = (made.until - int(chance.random() * 365 * DAY)) * 1000
        yield place, key, f"{place:08d}.{kind.rpartition('/')[2]}", kind, chance.randrange(40_000, 9_000_000), at
