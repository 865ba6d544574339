"""The store in Russia: the older version of the application, its times in Moscow's, its log-outs in a journal."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from sqlalchemy import Column, Index, Integer, MetaData, SmallInteger, String, Table, Text

from playbooks.samples.company import Row, Store
from playbooks.samples.names import mailbox
from playbooks.samples.people import (
    DAY,
    FIRST_KEY,
    Corner,
    Person,
    Reader,
    bcrypt,
    named_chance,
    somebody,
    text_time,
)
from playbooks.samples.stores import BIG
from playbooks.samples.traffic import home_address
from playbooks.samples.twoshores.sessions import FAILED, LASTS, LOGOUT, Theft, Trace

NAME = "russia"
_MOSCOW = 3 * 3600  # ahead of UTC, the whole year since 2014
_SERVICE_EVERY = 300  # of so many accounts one is a robot's
GONE = 3  # accounts removed for good after a log-out while it lasted

READERS: tuple[Reader, ...] = (
    ("ru", "RU", 870),
    ("ru-RU", "ru", 60),  # the older version never mended the letters
    ("en", "RU", 12),
    ("kk", "RU", 6),
    (None, "RU", 8),
    ("ru", "KZ", 14),  # moved; their data stayed
    ("ru", "DE", 12),
    ("de", "DE", 3),
    ("ru", "EE", 6),
)

CORNERS: tuple[Corner, ...] = (
    ("Соловьёва-Щукина Ольга Дмитриевна", "olga{n}@pochta.example"),
    ("Д'Артаньян Пётр", "d'artanyan{n}@pochta.example"),
    ("Белый «Снег» Игорь", "sneg{n}@pochta.example"),
    ("<b>Ким & Ко</b>", "kim{n}@pochta.example"),
    ("Оглы Мамедов Рустам", "rustam+ii{n}@pochta.example"),
    ("Константинопольская-Александровская " * 5 + "Анна", "anna{n}@pochta.example"),
    ("Алёна\r\nBcc: kto-to@pochta.example", "alyona{n}@pochta.example"),
    (None, "bezimeni{n}@pochta.example"),
    ("   ", "pusto{n}@pochta.example"),
    ("Ёлкин Пётр", "ёлкин{n}@почта.example"),
    ("Йорданская Алёна", "yordan{n}@почта.example"),
    ("Щукин Игорь", None),
    ("Щукина Ольга", ""),
    ("Белая Ольга", "olga.belaya"),
    ("Ким Игорь", "kim@@pochta.example"),
    ("Первый Общий", "obshchiy@pochta.example"),
    ("Второй Общий", "Obshchiy@Pochta.example"),
    ("Третий Общий", " obshchiy@pochta.example "),
)

metadata = MetaData()
Table(
    "users",
    metadata,
    Column("id", BIG, primary_key=True, autoincrement=False),
    Column("email", Text),
    Column("fio", Text),
    Column("lang", String(8)),
    Column("country", String(2)),
    Column("pass_hash", String(60), nullable=False),
    Column("otp_secret", String(32)),
    Column("reg_date", String(19), nullable=False),
    Column("reg_ip", String(45)),
    Column("is_service", SmallInteger, nullable=False),
    Column("blocked", SmallInteger, nullable=False),
    Column("deleted", String(19)),
)
_sessions = Table(
    "user_sessions",
    metadata,
    Column("user_id", BIG, nullable=False),
    Column("token_hash", String(64), nullable=False),
    Column("opened", String(19), nullable=False),
    Column("runs_out", String(19), nullable=False),
    Column("ip", String(45)),
    Column("browser", String(120)),
)
_journal = Table(
    "login_journal",
    metadata,
    Column("user_id", BIG, nullable=False),
    Column("happened", String(19), nullable=False),
    Column("event", String(16), nullable=False),
    Column("ip", String(45)),
)
Table(
    "payments",
    metadata,
    Column("id", BIG, primary_key=True, autoincrement=False),
    Column("user_id", BIG, nullable=False),
    Column("paid", String(19), nullable=False),
    Column("provider_payment_id", String(32), nullable=False),
    Column("status", String(12), nullable=False),
    Column("kopecks", Integer, nullable=False),
)
Table(
    "requests",
    metadata,
    Column("id", BIG, primary_key=True, autoincrement=False),
    Column("user_id", BIG, nullable=False),
    Column("sent", String(19), nullable=False),
    Column("model", String(40), nullable=False),
    Column("prompt", Text),
    Column("file_name", Text),
    Column("result", Text),
    Column("tokens", Integer, nullable=False),
)
Table(
    "support",
    metadata,
    Column("id", BIG, primary_key=True, autoincrement=False),
    Column("user_id", BIG, nullable=False),
    Column("opened", String(19), nullable=False),
    Column("message", Text, nullable=False),
)
Table(
    "consents",
    metadata,
    Column("user_id", BIG, nullable=False),
    Column("kind", String(20), nullable=False),
    Column("given", String(19), nullable=False),
    Column("withdrawn", String(19)),
)
Index("user_sessions_user", _sessions.c.user_id)
Index("login_journal_user", _journal.c.user_id)
Index("login_journal_happened", _journal.c.happened)

STORE = Store(NAME, metadata)


def moscow(at: int) -> str:
    """Unix seconds as the older version writes them: `2026-11-21 10:40:00`, in Moscow's time and without saying so."""
    return text_time(at + _MOSCOW)[:19].replace("T", " ")


def is_robot(person: Person) -> bool:
    return person.key % _SERVICE_EVERY == 0


def rows(
    everyone: Callable[[], Iterator[tuple[Person, Trace]]], number: int, theft: Theft, *, own_from: int, seed: int
) -> dict[str, Iterator[Row]]:
    """
    All rows, by table in the order of writing.

    everyone: the people and their sessions, anew at each call. own_from: the first key whose address is made here, so
    that nobody elsewhere has it.
    """
    return {
        "users": (_user(person, own_from, seed) for person, _ in everyone()),
        "user_sessions": _open_sessions(everyone(), seed),
        "login_journal": _journal_rows(everyone(), number, theft),
        "payments": _payments(number, theft.until, seed),
        "requests": _requests(number, theft.until, seed),
        "support": _support(number, theft.until, seed),
        "consents": _consents(number, theft.until, seed),
    }


def _user(person: Person, own_from: int, seed: int) -> Row:
    email = person.email
    if email and "@" in email and person.key >= own_from:
        email = f"{mailbox(person.name or '')}.{person.key}@pochta.example"
    return (
        person.key,
        email,
        person.name,
        person.locale,
        person.country,
        bcrypt(seed, person.key),
        f"{person.key * 7919:032x}" if person.key % 9 == 0 else None,
        moscow(person.created_at),
        home_address(person.key),
        int(is_robot(person)),
        int(person.key % 97 == 0),
        None if person.deleted_at is None else moscow(person.deleted_at),
    )


def _open_sessions(everyone: Iterator[tuple[Person, Trace]], seed: int) -> Iterator[Row]:
    for person, trace in everyone:
        for opened in trace.rows:
            token = f"{seed * 65_537 + person.key * 7919 + opened:064x}"
            ip = home_address(person.key)
            yield (person.key, token, moscow(opened), moscow(opened + LASTS), ip, "Mozilla/5.0 (X11; Linux x86_64)")


def _journal_rows(everyone: Iterator[tuple[Person, Trace]], number: int, theft: Theft) -> Iterator[Row]:
    for person, trace in everyone:
        for at, event in trace.journal:
            yield (person.key, moscow(at), event, home_address(person.key))
    middle = (theft.began + theft.ended) // 2
    for place in range(GONE):  # removed for good since; one more had left before it began
        yield (FIRST_KEY + number + place, moscow(middle + place), LOGOUT, home_address(place))
    yield (FIRST_KEY + number + GONE, moscow(theft.began - DAY), LOGOUT, home_address(GONE))
    yield (0, moscow(middle), FAILED, "198.18.0.9")  # a log-in name that nobody has


def gone_keys(number: int) -> Iterator[int]:
    """Of accounts that the journal names within the window and the table of users does not have any more."""
    yield from range(FIRST_KEY + number, FIRST_KEY + number + GONE)


def _payments(number: int, until: int, seed: int) -> Iterator[Row]:
    chance = named_chance("payments in Russia", seed)
    for place in range(1, int(number * 0.3) + 1):
        key, at = somebody(chance, number), until - int(chance.random() * 700 * DAY)
        status = chance.choice(("succeeded", "succeeded", "succeeded", "refunded", "declined"))
        yield (place, key, moscow(at), f"pay-{seed}-{place:09d}", status, chance.choice((29_900, 99_900)))


def _requests(number: int, until: int, seed: int) -> Iterator[Row]:
    chance = named_chance("requests in Russia", seed)
    subjects = ("письмо арендодателю", "открытка бабушке", "план урока", "резюме", "стихи про дождь")
    for place in range(1, number + 1):
        key, at = somebody(chance, number), until - int(chance.random() * 300 * DAY)
        file = f"фото {place}.jpg" if chance.random() < 0.2 else None
        prompt = f"Напиши: {chance.choice(subjects)}"
        yield (place, key, moscow(at), "first-party/large-1", prompt, file, "Готово.", chance.randrange(50, 4000))


def _support(number: int, until: int, seed: int) -> Iterator[Row]:
    chance = named_chance("support in Russia", seed)
    for place in range(1, int(number * 0.05) + 1):
        key, at = somebody(chance, number), until - int(chance.random() * 300 * DAY)
        yield (place, key, moscow(at), "Не приходит письмо с кодом.")


def _consents(number: int, until: int, seed: int) -> Iterator[Row]:
    chance = named_chance("consents in Russia", seed)
    for key in range(FIRST_KEY, FIRST_KEY + number):
        at = until - int((0.1 + chance.random()) * 700 * DAY)
        yield (key, "processing", moscow(at), None)
        if (lot := chance.random()) < 0.3:
            yield (key, "newsletter", moscow(at), moscow(at + 20 * DAY) if lot < 0.06 else None)
