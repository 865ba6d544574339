"""The assistant's database: Supabase Auth with its audit log, and what the app keeps of the people who use it."""

from __future__ import annotations

import heapq
import json
import random
from array import array
from collections.abc import Iterator
from dataclasses import dataclass, field
from operator import itemgetter

from playbooks.samples.company import Contents, Row, Store, Truth
from playbooks.samples.people import DAY, FIRST_KEY, bcrypt, moment, named_chance, somebody, text_time
from playbooks.samples.smmassistant.intrusion import KEPT, RANGES, requests
from playbooks.samples.smmassistant.population import Account, Population, birth_date, hash_of, obfuscated
from playbooks.samples.smmassistant.tables import AFTERWARDS, metadata
from playbooks.samples.traffic import home_address, visits

DETECTED_BEFORE = 40 * 60  # a scanner's mail about the key, so long before it was replaced
GONE_NAMED = "their account was deleted for good since, and only the audit log names them"
GONE_UNNAMED = "their account was deleted for good before the audit log begins, and nothing names them"
_RECORDS_EACH = 6  # rows of users, identities, profiles, media, analyses and subscriptions a person has, on average
_SERVICE = "00000000-0000-0000-0000-000000000000"
_BANNED_UNTIL = "2126-01-01T00:00:00Z"
_SESSIONS_LAST = 30 * DAY
_ACTIONS = ("login", "token_refreshed", "token_refreshed", "token_revoked", "logout", "user_modified")
_LOG_TYPES = {"login": "account", "logout": "account", "user_modified": "user"}  # of any other action: token

STORES = (Store("supabase", metadata, AFTERWARDS),)


@dataclass(frozen=True)
class _Lives:
    """
    What the other tables need of the accounts, by their numbers less the first; Unix seconds.

    left: when it was deleted, the newest moment where it was not. seen: the last log-in, 0 where there was none.
    whole: 1 where nothing was deleted. deletions: when, whom and whose address, as far back as the audit log goes.
    """

    created: array[int] = field(default_factory=lambda: array("q"))
    left: array[int] = field(default_factory=lambda: array("q"))
    seen: array[int] = field(default_factory=lambda: array("q"))
    whole: bytearray = field(default_factory=bytearray)
    deletions: list[tuple[int, str, str]] = field(default_factory=list)

    def add(self, account: Account, population: Population) -> None:
        person = account.person
        self.created.append(person.created_at)
        self.left.append(population.until if person.deleted_at is None else person.deleted_at)
        self.seen.append(person.last_seen_at or 0)
        self.whole.append(account.is_whole)
        if person.deleted_at is not None and person.deleted_at >= population.audit_begins:
            self.deletions.append((person.deleted_at, account.uid, person.email or ""))


def contents(number: int, *, seed: int, until: int) -> Contents:
    """See `playbooks.samples.company.Company`."""
    population, lives = Population(number, seed, until), _Lives()
    affected: list[str] = []
    uncertain: dict[str, list[str]] = {GONE_NAMED: [], GONE_UNNAMED: []}
    for account in population.accounts():
        lives.add(account, population)
        if not population.read(account):
            continue
        if account.is_there:
            affected.append(account.uid)
        else:
            named = (account.person.deleted_at or 0) >= population.audit_begins
            uncertain[GONE_NAMED if named else GONE_UNNAMED].append(account.uid)
    truth = Truth(
        seen_from=moment(population.public_since),
        seen_until=moment(population.rotated),
        ranges=RANGES,
        affected=tuple(affected),
        uncertain={reason: tuple(keys) for reason, keys in uncertain.items()},
        words={
            "detected": text_time(population.rotated - DETECTED_BEFORE),
            "requests_kept_from": text_time(until - KEPT),
            "records": str(len(affected) * _RECORDS_EACH),
        },
    )
    return Contents({"supabase": _rows(population, lives)}, truth)


def _rows(population: Population, lives: _Lives) -> dict[str, Iterator[Row]]:
    def accounts() -> Iterator[Account]:  # made anew for each table, so that millions never lie in memory
        return (account for account in population.accounts() if account.is_there)

    def whole() -> Iterator[Account]:
        return (account for account in population.accounts() if account.is_whole and not account.guest)

    return {
        "auth.users": (_user(account, population) for account in accounts()),
        "auth.identities": (_identity(account, population) for account in whole()),
        "auth.sessions": _sessions(population, lives),
        "auth.refresh_tokens": _refresh_tokens(population, lives),
        "auth.audit_log_entries": _audit_log(population, lives),
        "public.profiles": (_profile(account, population) for account in whole()),
        "public.media": _media(population, lives),
        "public.analyses": _analyses(population, lives),
        "public.subscriptions": _subscriptions(population, lives),
        "public.api_requests": (
            (place, at, role, ip, path, status, population.uid(key) if key else None)
            for place, (at, role, ip, path, status, key) in enumerate(requests(population, lives.whole), start=1)
        ),
    }


def _user(account: Account, population: Population) -> Row:
    person = account.person
    lot = hash_of(population.seed, person.key)
    softly_deleted = not account.is_whole
    email = obfuscated(person.email or account.uid) if softly_deleted else person.email
    has_password = not (account.guest or account.google or account.sso or softly_deleted)
    confirmed = person.created_at if email and lot % 50 else None
    return (
        _SERVICE,
        account.uid,
        "authenticated",
        "authenticated",
        email,
        bcrypt(population.seed, person.key) if has_password else "",
        confirmed,
        None,  # invited_at
        *("", None),  # confirmation
        *("", None),  # recovery
        *("", "", None),  # change of address
        person.last_seen_at,
        "{}" if softly_deleted else _provider(account),
        "{}" if softly_deleted else _user_data(account),
        None,  # is_super_admin
        person.created_at,
        person.deleted_at or person.last_seen_at or person.created_at,
        *(None, None, "", "", None),  # phone
        *("", 0),  # change of address, the older one's part
        _BANNED_UNTIL if lot % 250 == 7 else None,
        *("", None),  # reauthentication
        account.sso,
        person.deleted_at,
        account.guest,
    )


def _provider(account: Account) -> str:
    if account.guest:
        return "{}"
    name = "google" if account.google else "sso:b71e0000" if account.sso else "email"
    return f'{{"provider": "{name}", "providers": ["{name}"]}}'


def _user_data(account: Account) -> str:
    """What the provider sent, or what GoTrue writes itself."""
    person = account.person
    if account.guest:
        return "{}"
    data: dict[str, object] = {"sub": account.uid, "email": person.email, "email_verified": True}
    if account.google:
        number = f"1{hash_of(1, person.key):010d}{hash_of(2, person.key):010d}"
        picture = f"https://pictures.example/a/{number}"
        data |= {"sub": number, "full_name": person.name, "name": person.name, "avatar_url": picture}
        data |= {"locale": person.locale} if person.locale else {}
    return json.dumps(data, ensure_ascii=False)


def _identity(account: Account, population: Population) -> Row:
    person = account.person
    provider = "google" if account.google else "sso:b71e0000" if account.sso else "email"
    number = f"1{hash_of(1, person.key):010d}{hash_of(2, person.key):010d}" if account.google else account.uid
    data = json.dumps({"sub": number, "email": person.email}, ensure_ascii=False)
    since = person.created_at
    identity = population.uid(-person.key)
    return number, account.uid, data, provider, person.last_seen_at, since, since, identity


def _signed_in(population: Population, lives: _Lives) -> Iterator[tuple[int, str, int]]:
    """Number, session and time of everybody who was there in the last thirty days."""
    for place, (seen, whole) in enumerate(zip(lives.seen, lives.whole, strict=True)):
        if whole and seen > population.until - _SESSIONS_LAST:
            key = FIRST_KEY + place
            yield key, population.uid(key << 32), seen


def _sessions(population: Population, lives: _Lives) -> Iterator[Row]:
    agents = ("Mozilla/5.0 (Linux; Android 15)", "Mozilla/5.0 (iPhone)", "Mozilla/5.0 (Windows NT 10.0)")
    for key, session, seen in _signed_in(population, lives):
        times = (seen, seen, None, "aal1", None, text_time(seen))
        client = (agents[key % 3], home_address(key))
        yield (session, population.uid(key), *times, *client, None, None, None, None, None)


def _refresh_tokens(population: Population, lives: _Lives) -> Iterator[Row]:
    for number, (key, session, seen) in enumerate(_signed_in(population, lives), start=1):
        token = f"{hash_of(3, key):08x}{hash_of(4, key):08x}"[:12]
        yield _SERVICE, number, token, population.uid(key), False, seen, seen, None, session


def _audit_log(population: Population, lives: _Lives) -> Iterator[Row]:
    """Thirty days of it, in order of time: what people did, and whom the service deleted."""
    deleted = ((at, _deletion(uid, email), "") for at, uid, email in sorted(lives.deletions))
    entries = heapq.merge(_done_by_people(population, lives), deleted, key=itemgetter(0))
    for place, (at, payload, ip) in enumerate(entries, start=1):
        yield _SERVICE, population.uid(place << 64), payload, at, ip


def _done_by_people(population: Population, lives: _Lives) -> Iterator[tuple[int, str, str]]:
    """The name of whoever did it is left out: the sample needs none, and the account says who it is."""
    created, left = lives.created, lives.left
    honest = visits(population.number, seed=population.seed, until=population.until, days=30, actions=_ACTIONS)
    for at, key, ip, action in honest:
        if created[key - FIRST_KEY] <= at < left[key - FIRST_KEY]:
            payload = (
                f'{{"action":"{action}","actor_id":"{population.uid(key)}","actor_username":"",'
                f'"actor_via_sso":false,"log_type":"{_LOG_TYPES.get(action, "token")}"}}'
            )
            yield at, payload, ip or ""


def _deletion(uid: str, email: str) -> str:
    payload = {
        "action": "user_deleted",
        "actor_id": _SERVICE,
        "actor_username": "service_role",
        "actor_via_sso": False,
        "log_type": "team",
        "traits": {"user_email": email, "user_id": uid, "user_phone": ""},
    }
    return json.dumps(payload, ensure_ascii=False)


def _profile(account: Account, population: Population) -> Row:
    person = account.person
    country, _, part = (person.country or "").partition("-")
    return (
        account.uid,
        person.name,
        person.locale,
        country or None,
        person.country if part else None,
        birth_date(population, person.key),
        person.created_at,
    )


def _rows_of_people(
    name: str, population: Population, lives: _Lives, share: float
) -> Iterator[tuple[int, str, int, random.Random]]:
    """Number, account, time and chance for the rest, `share` times as often as there are accounts."""
    chance = named_chance(name, population.seed)
    for number in range(1, int(population.number * share) + 1):
        key = somebody(chance, population.number)
        place = key - FIRST_KEY
        at = population.until - int(chance.random() * (population.until - lives.created[place]))
        if lives.whole[place]:
            yield number, population.uid(key), at, chance


def _media(population: Population, lives: _Lives) -> Iterator[Row]:
    """Raw uploads go after a month, previews stay."""
    for number, uid, at, chance in _rows_of_people("media", population, lives, 1.2):
        raw = f"raw/{number}" if at > population.until - 30 * DAY else None
        faces, kind = chance.choice((0, 1, 1, 2, 3, 5)), chance.choice(("photo", "photo", "video"))
        yield number, uid, kind, faces, f"previews/{number}.webp", raw, at


def _analyses(population: Population, lives: _Lives) -> Iterator[Row]:
    asked = ("When do I post this?", "Какой подписью начать?", "Бұл сурет жарай ма?", "Write three captions")
    for number, uid, at, chance in _rows_of_people("analyses", population, lives, 0.8):
        score = f'{{"score": {chance.randrange(20, 99)}}}'
        yield number, uid, chance.choice(asked), score, chance.choice(("vision-a", "vision-b")), at


def _subscriptions(population: Population, lives: _Lives) -> Iterator[Row]:
    """What Lemon Squeezy says of who pays; the cards are with it."""
    for number, uid, at, chance in _rows_of_people("subscriptions", population, lives, 0.09):
        status = chance.choice(("active", "active", "active", "past_due", "cancelled"))
        renews = at + 30 * DAY if status == "active" else None
        yield number, uid, 4_000_000 + number, status, chance.choice(("solo", "team")), renews, at
