"""
Who has an account with the assistant, and who had one. Pure: the same number, seed and time give the same people.

Supabase deletes a user for good: the row goes, and with it everything that refers to it. A few were deleted softly, by
an older version of the app: their row stays, with a hash where the address was.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, replace

from playbooks.samples.names import CORNERS as EVERYWHERE
from playbooks.samples.people import DAY, Edge, Person, Reader, first_edge, moment, people, with_edges

ROTATED_BEFORE = 600  # the key was replaced so long before the newest row
PUBLIC_FOR = 47 * DAY + 5 * 3600 + 1234  # from the push to the rotation
AUDIT_KEPT = 30 * DAY
REMEMBERED_DAYS = 60  # people who left so long ago still count here; most of them are in no table

READERS: tuple[Reader, ...] = (
    ("ru", "KZ", 520),
    ("ru-KZ", "KZ", 90),
    ("kk", "KZ", 170),
    ("kk-KZ", "KZ", 30),
    ("en", "KZ", 40),
    ("de", "DE", 50),
    ("ru", "DE", 18),
    ("en", "DE", 12),
    ("en-US", "US-CA", 45),
    ("en", "US-CA", 10),
    ("ru", "US-CA", 5),
    (None, "KZ", 5),
    ("ru", None, 5),
)
CORNERS = (
    *EVERYWHERE,
    ("Әбдірахманова Гүлбаршын Төлегенқызы", "gulbarshyn{n}@kiri.example"),
    ("Щербаков-Қонаев Ерғали", "yergali{n}@post.example"),
    ("«Көктем» студиясы", "koktem{n}@mail.example"),
    ("Ә", "a{n}@mail.example"),
)
_SHARED_ADDRESS = f"gulbarshyn{len(EVERYWHERE)}@kiri.example"
_KAZAKH = (
    (
        ("Айгерім", "Гүлнұр", "Жәния", "Күлтай", "Мөлдір", "Сәуле", "Ұлпан", "Үміт", "Іңкәр"),
        ("Ахметова", "Ержанқызы", "Жүнісова", "Мұқанова", "Оспанова", "Серікқызы", "Хамитова", "Әлиева"),
    ),
    (
        ("Бауыржан", "Дәурен", "Еркебұлан", "Қуаныш", "Нұржан", "Өмірбек", "Темірлан", "Шыңғыс"),
        ("Байжанов", "Дүйсенбаев", "Көшербаев", "Қалиев", "Нұрғалиев", "Рақымжан", "Сейітқали", "Төлеу", "Ыбырайым"),
    ),
)
_RUSSIAN = (
    (
        ("Анна", "Виктория", "Дарья", "Жанна", "Зарина", "Камила", "Марина", "Наталья", "Полина", "Светлана", "Юлия"),
        ("Абрамова", "Гусева", "Дюсенова", "Зайцева", "Ибраева", "Ли", "Морозова", "Нургалиева", "Сорокина", "Шмидт"),
    ),
    (
        ("Борис", "Геннадий", "Ерлан", "Илья", "Лев", "Олег", "Руслан", "Тимур", "Фёдор"),
        ("Бондаренко", "Волков", "Егоров", "Жумабаев", "Крылов", "Орлов", "Пак", "Тен", "Щербаков", "Юн"),
    ),
)
_NAMES = {"kk": _KAZAKH, "kk-KZ": _KAZAKH, "ru": _RUSSIAN, "ru-KZ": _RUSSIAN}


@dataclass(frozen=True, slots=True)
class Account:
    """
    One account that there is or was. person: with the times in Unix seconds; `deleted_at` of both kinds of deletion.

    soft: deleted softly, so the row is there. guest: signed in without an address. sso: by single sign-on.
    """

    uid: str
    person: Person
    soft: bool
    guest: bool
    google: bool
    sso: bool = False

    @property
    def is_there(self) -> bool:
        """Whether the table has its row."""
        return self.person.deleted_at is None or self.soft

    @property
    def is_whole(self) -> bool:
        """Whether nothing was deleted."""
        return self.person.deleted_at is None


@dataclass(frozen=True)
class Population:
    """`number` accounts with everybody who left in the last sixty days. until: Unix seconds; nothing is newer."""

    number: int
    seed: int
    until: int

    @property
    def rotated(self) -> int:
        return self.until - ROTATED_BEFORE

    @property
    def public_since(self) -> int:
        return self.rotated - PUBLIC_FOR

    @property
    def audit_begins(self) -> int:
        return self.until - AUDIT_KEPT

    def uid(self, key: int) -> str:
        """The random UUID that the account's row has as its key."""
        digest = hashlib.blake2b(f"{self.seed}/{key}".encode(), digest_size=16).hexdigest()
        return f"{digest[:8]}-{digest[8:12]}-4{digest[13:16]}-a{digest[17:20]}-{digest[20:]}"

    def accounts(self) -> Iterator[Account]:
        """In the order of their numbers: the corner cases, those on the edges of the breach, one who is there twice."""
        everyone = people(
            self.number,
            seed=self.seed,
            until=self.until,
            readers=READERS,
            corners=CORNERS,
            kept_deleted_days=REMEMBERED_DAYS,
        )
        edges, first = self._edges(), first_edge(CORNERS)
        softly = {first + place for place, (_, soft) in enumerate(edges) if soft}
        for person in with_edges(everyone, [edge for edge, _ in edges], corners=CORNERS):
            if person.key > first + len(edges):
                yield self._account(person)
            elif person.key == first + len(edges):
                yield self._by_single_sign_on(person)
            else:
                yield Account(self.uid(person.key), person, person.key in softly, guest=False, google=False)

    def read(self, account: Account) -> bool:
        """Whether the account was there at some moment while the key could be used."""
        left = account.person.deleted_at
        return account.person.created_at <= self.rotated and (left is None or left >= self.public_since)

    def _edges(self) -> tuple[tuple[Edge, bool], ...]:
        """To the second, and whether they were deleted softly."""
        public, rotated, audit = self.public_since, self.rotated, self.audit_begins
        long_ago = public - 100 * DAY
        return (
            ((rotated, None), False),  # created in the second in which the key was replaced: it could be read
            ((rotated + 1, None), False),
            ((long_ago, public), True),  # left softly in the second of the push
            ((long_ago, public - 1), True),
            ((public + 5 * DAY, public + 9 * DAY), True),  # came and left while the key was public
            ((long_ago, rotated + 60), False),  # gone for good after the key was replaced: only the audit log has them
            ((long_ago, audit), False),  # the first line of the audit log
            ((long_ago, audit - 1), False),  # one second before it begins: nothing names them
            ((long_ago, public - 1), False),  # gone before the key was public, and not touched
        )

    def _by_single_sign_on(self, person: Person) -> Account:
        """One address, two users: a password for one, single sign-on for the other."""
        stood = replace(person, email=_SHARED_ADDRESS, deleted_at=None)
        return Account(self.uid(person.key), stood, soft=False, guest=False, google=False, sso=True)

    def _account(self, person: Person) -> Account:
        lot = hash_of(self.seed, person.key)
        soft = person.deleted_at is not None and lot % 4 == 0
        guest = lot % 64 == 1
        if guest:
            person = replace(person, email=None, name=None, locale=None, country=None)
        elif person.name and (names := _NAMES.get(person.locale or "")):
            given, family = names[lot // 8 % 2]
            name = f"{given[lot % len(given)]} {family[lot // 64 % len(family)]}"
            times = person.created_at, person.last_seen_at, person.deleted_at
            person = Person(person.key, person.email, name, person.locale, person.country, *times)
        return Account(self.uid(person.key), person, soft, guest, google=not guest and lot % 3 == 0)


def hash_of(seed: int, key: int) -> int:
    """A number that looks random and is the same for the same two."""
    mixed = (key * 0x9E3779B97F4A7C15 + seed * 0xBF58476D1CE4E5B9) & 0xFFFFFFFFFFFFFFFF
    return (mixed ^ (mixed >> 29)) * 0x94D049BB133111EB >> 24 & 0xFFFFFFFF


def obfuscated(text: str) -> str:
    """What GoTrue leaves of an address that was deleted softly: a hash."""
    return base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).decode().rstrip("=")


def birth_date(population: Population, key: int) -> str | None:
    """From 13 years on; six in a hundred are under 18, a few gave none, and one child got past the age gate."""
    lot = hash_of(population.seed + 1, key)
    if lot % 100 < 3:
        return None
    today = moment(population.until).date()
    if key == first_edge(CORNERS) - 1:
        return today.replace(year=today.year - 11, day=1).isoformat()
    years = 13 + lot // 100 % 5 if lot % 100 < 9 else 18 + lot // 100 % 50
    month, day = 1 + lot // 5000 % 12, 1 + lot // 60_000 % 28
    birthday_passed = (month, day) <= (today.month, today.day)
    return f"{today.year - years - (not birthday_passed):04d}-{month:02d}-{day:02d}"
