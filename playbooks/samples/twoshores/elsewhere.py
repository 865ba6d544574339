"""The store for everyone else: the newer version of the application; a session that ended stays, with when."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from sqlalchemy import Column, Index, Integer, MetaData, String, Table, Text

from playbooks.samples.company import Row, Store
from playbooks.samples.people import DAY, FIRST_KEY, Person, Reader, bcrypt, named_chance, somebody
from playbooks.samples.stores import BIG, TIME
from playbooks.samples.traffic import home_address
from playbooks.samples.twoshores.sessions import Ended

NAME = "elsewhere"
_SERVICE_EVERY = 250

READERS: tuple[Reader, ...] = (
    ("de-DE", "DE", 270),
    ("en", "DE", 40),
    ("ru", "DE", 60),
    ("fr-FR", "FR", 150),
    ("en", "FR", 20),
    ("et-EE", "EE", 60),
    ("ru-EE", "EE", 40),
    ("ru-KZ", "KZ", 80),
    ("kk-KZ", "KZ", 40),
    ("en-GB", "GB", 150),
    ("ru", "RU", 20),  # registered abroad, and home again
    ("en", None, 40),
    (None, None, 10),
    ("ru", "", 20),
)

metadata = MetaData()
_ID = String(16)
_accounts = Table(
    "accounts",
    metadata,
    Column("account_id", _ID, primary_key=True),
    Column("email", Text),
    Column("display_name", Text),
    Column("locale", String(16)),
    Column("country_code", String(2)),
    Column("kind", String(12), nullable=False),
    Column("status", String(12), nullable=False),
    Column("password_hash", String(60)),
    Column("created_at", TIME, nullable=False),
    Column("last_seen_at", TIME),
    Column("deleted_at", TIME),
)
_sessions = Table(
    "sessions",
    metadata,
    Column("session_id", BIG, primary_key=True, autoincrement=False),
    Column("account_id", _ID, nullable=False),
    Column("token_hash", String(64), nullable=False),
    Column("started_at", TIME, nullable=False),
    Column("ended_at", TIME),
    Column("ip", String(45)),
    Column("user_agent", String(120)),
    Column("cookie_id", String(40)),
)
Table(
    "second_factors",
    metadata,
    Column("account_id", _ID, nullable=False),
    Column("method", String(12), nullable=False),
    Column("secret", String(64), nullable=False),
    Column("added_at", TIME, nullable=False),
)
Table(
    "payments",
    metadata,
    Column("payment_id", String(32), primary_key=True),
    Column("account_id", _ID, nullable=False),
    Column("created_at", TIME, nullable=False),
    Column("status", String(12), nullable=False),
    Column("amount_minor", Integer, nullable=False),
    Column("currency", String(3), nullable=False),
)
Table(
    "generations",
    metadata,
    Column("generation_id", BIG, primary_key=True, autoincrement=False),
    Column("account_id", _ID, nullable=False),
    Column("created_at", TIME, nullable=False),
    Column("provider", String(40), nullable=False),
    Column("model", String(40), nullable=False),
    Column("prompt", Text),
    Column("uploaded_file", Text),
    Column("result", Text),
    Column("tokens_in", Integer, nullable=False),
    Column("tokens_out", Integer, nullable=False),
)
Table(
    "tickets",
    metadata,
    Column("ticket_id", BIG, primary_key=True, autoincrement=False),
    Column("account_id", _ID, nullable=False),
    Column("opened_at", TIME, nullable=False),
    Column("message", Text, nullable=False),
)
Table(
    "consents",
    metadata,
    Column("account_id", _ID, nullable=False),
    Column("purpose", String(20), nullable=False),
    Column("given_at", TIME, nullable=False),
    Column("withdrawn_at", TIME),
)
Index("sessions_account", _sessions.c.account_id)

STORE = Store(NAME, metadata)


def account_id(key: int) -> str:
    return f"acc_{key:08d}"


def is_robot(person: Person) -> bool:
    return person.key % _SERVICE_EVERY == 0


def rows(
    everyone: Callable[[], Iterator[tuple[Person, tuple[Ended, ...]]]], number: int, *, until: int, seed: int
) -> dict[str, Iterator[Row]]:
    """All rows, by table in the order of writing. everyone: the people and their sessions, anew at each call."""
    return {
        "accounts": (_account(person, seed) for person, _ in everyone()),
        "sessions": _session_rows(everyone(), seed),
        "second_factors": _factors(number, until),
        "payments": _payments(number, until, seed),
        "generations": _generations(number, until, seed),
        "tickets": _tickets(number, until, seed),
        "consents": _consents(number, until, seed),
    }


def _account(person: Person, seed: int) -> Row:
    return (
        account_id(person.key),
        person.email,
        person.name,
        person.locale,
        person.country,
        "service" if is_robot(person) else "person",
        "deleted" if person.deleted_at else "banned" if person.key % 97 == 0 else "active",
        None if person.key % 5 == 0 else bcrypt(seed, person.key),  # some sign in through another service
        person.created_at,
        person.last_seen_at,
        person.deleted_at,
    )


def _session_rows(everyone: Iterator[tuple[Person, tuple[Ended, ...]]], seed: int) -> Iterator[Row]:
    place = 0
    for person, history in everyone:
        for opened, ended in history:
            place += 1
            token = f"{seed * 65_539 + place * 7907:064x}"
            agent = "Mozilla/5.0 (Macintosh)" if person.key % 2 else "Mozilla/5.0 (Windows NT 10.0)"
            ip = home_address(person.key)
            yield (place, account_id(person.key), token, opened, ended, ip, agent, f"ck-{place:012x}")


def _factors(number: int, until: int) -> Iterator[Row]:
    for key in range(FIRST_KEY, FIRST_KEY + number, 7):
        yield (account_id(key), "totp", f"{key * 7919:032x}", until - 200 * DAY)


def _payments(number: int, until: int, seed: int) -> Iterator[Row]:
    chance = named_chance("payments elsewhere", seed)
    for place in range(1, int(number * 0.3) + 1):
        key, at = account_id(somebody(chance, number)), until - int(chance.random() * 700 * DAY)
        status = chance.choice(("succeeded", "succeeded", "succeeded", "refunded", "failed"))
        yield (f"pi_{seed}_{place:09d}", key, at, status, chance.choice((990, 2990)), chance.choice(("EUR", "GBP")))


def _generations(number: int, until: int, seed: int) -> Iterator[Row]:
    chance = named_chance("generations elsewhere", seed)
    subjects = ("a letter to the landlord", "a lesson on rivers", "a poem for a birthday", "my application", "a recipe")
    for place in range(1, number + 1):
        key, at = account_id(somebody(chance, number)), until - int(chance.random() * 300 * DAY)
        prompt, file = f"Write {chance.choice(subjects)}", f"upload-{place}.png" if chance.random() < 0.2 else None
        tokens = (chance.randrange(20, 900), chance.randrange(50, 4000))
        yield (place, key, at, "second-party", "large-2", prompt, file, "Here it is.", *tokens)


def _tickets(number: int, until: int, seed: int) -> Iterator[Row]:
    chance = named_chance("tickets elsewhere", seed)
    for place in range(1, int(number * 0.05) + 1):
        key, at = account_id(somebody(chance, number)), until - int(chance.random() * 300 * DAY)
        yield (place, key, at, "The code does not arrive.")


def _consents(number: int, until: int, seed: int) -> Iterator[Row]:
    chance = named_chance("consents elsewhere", seed)
    for key in range(FIRST_KEY, FIRST_KEY + number):
        at = until - int((0.1 + chance.random()) * 700 * DAY)
        yield (account_id(key), "terms", at, None)
        if (lot := chance.random()) < 0.3:
            yield (account_id(key), "newsletter", at, at + 20 * DAY if lot < 0.06 else None)
