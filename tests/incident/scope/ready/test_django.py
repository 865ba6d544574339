"""Django with allauth and python-social-auth, in the tables that their own migrations make."""

from __future__ import annotations

import shutil
import subprocess
import sys
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.engine import make_url

UNREAD = "never-to-be-read"
_SITE = Path(__file__).with_name("django_site.py")
_THIRD_PARTY = "user.authorization.third_party_token"


def migrate(engine: str, name: str, host: str, kind: str, folder: Path) -> None:
    words = [sys.executable, str(_SITE), engine, name, host, kind, str(folder)]
    done = subprocess.run(words, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An SQLite file with the tables and nobody in them."""
    folder = tmp_path_factory.mktemp("django")
    migrate("sqlite3", str(folder / "site.db"), "", "stock", folder)
    return folder / "site.db"


def account(number: int, **values: Any) -> dict[str, Any]:
    return {
        "id": number,
        "password": f"pbkdf2_sha256$1${UNREAD}",
        "username": f"person{number}",
        "email": f"person{number}@example.com",
        "first_name": "Mari",
        "last_name": "Maasikas",
        "is_superuser": False,
        "is_staff": False,
        "is_active": True,
        "date_joined": "2025-03-01 08:00:00",
        "last_login": None,
        **values,
    }


_ACCOUNTS = [
    account(1, first_name="Õie", last_name="O'Neill 😀", last_login="2026-11-20 21:00:00.123456"),
    account(2, email="", is_active=False),  # its address is with allauth only
    account(3, email="", first_name="", last_name=""),
    account(4, email="Person1@example.com"),  # the address of 1 again
    account(10, date_joined="2026-11-21 00:30:00", is_staff=True),
]
_SESSION = {"user_agent": "Mozilla", "data": f'{{"x": "{UNREAD}"}}'}


def session(number: int, user: int, ip: str, seen: str) -> dict[str, Any]:
    times = {"created_at": "2026-11-20 20:00:00", "last_seen_at": seen}
    return {"id": number, "user_id": user, "ip": ip, "session_key": f"{UNREAD}{number}", **times, **_SESSION}


def filled(database: Any) -> Any:
    social = {"last_login": "2026-11-01 00:00:00", "date_joined": "2026-11-01 00:00:00"}
    token = {"token": UNREAD, "token_secret": UNREAD}
    database.fill("auth_user", *_ACCOUNTS)
    address = {"verified": True, "primary": True}
    database.fill("account_emailaddress", {"id": 1, "user_id": 2, "email": "two@example.com", **address})
    database.fill(
        "socialaccount_socialaccount",
        {"id": 100, "user_id": 1, "provider": "google", "uid": "g-1", "extra_data": '{"name": "Õie"}', **social},
        {"id": 101, "user_id": 3, "provider": "google", "uid": "g-3", "extra_data": "{}", **social},
    )
    database.fill("socialaccount_socialtoken", {"id": 1, "account_id": 100, **token})
    database.fill(
        "social_auth_usersocialauth",
        {
            "id": 1, "user_id": 4, "provider": "github", "uid": "h-4", "created": "2026-11-19 00:00:00",
            "modified": "2026-11-19 00:00:00", "id_key": "id", "extra_data": f'{{"access_token": "{UNREAD}"}}',
        },
    )  # fmt: skip
    database.fill(
        "usersessions_usersession",
        session(1, 1, "203.0.113.7", "2026-11-20 22:30:00"),
        session(2, 2, "2001:db8::2", "2026-11-20 22:30:00"),
        session(3, 3, "203.0.113.8", "2026-11-01 00:00:00"),
    )
    database.fill(
        "django_session", {"session_key": UNREAD, "session_data": UNREAD, "expire_date": "2027-01-01 00:00:00"}
    )
    database.fill(
        "mfa_authenticator",
        {
            "id": 1,
            "type": "totp",
            "data": f'{{"secret": "{UNREAD}"}}',
            "user_id": 1,
            "created_at": "2026-11-01 00:00:00",
        },
    )
    return database


@pytest.fixture(params=["sqlite", "postgresql"])
def site(request: pytest.FixtureRequest, migrated: Path, tmp_path: Path) -> Any:
    """The same people in each engine, in the tables that the migrations make there."""
    if request.param == "sqlite":
        database = request.getfixturevalue("sqlite_database")
        shutil.copy(migrated, tmp_path / "product.db")
        return filled(database)
    database = request.getfixturevalue("postgres_database")
    place = make_url(database.url)
    migrate("postgresql", str(place.database), str(place.query["host"]), "stock", tmp_path)
    return filled(database)


_WINDOW = ["--seen", "2026-11-20T22:00:00Z..2026-11-20T23:00:00Z"]


def test_accounts_their_trail_and_holders_of_tokens_are_found(site: Any, ask: Callable[..., Any]) -> None:
    answer = ask(site.url, "--everyone")
    assert list(answer.people) == ["1", "10", "2", "3", "4"]
    assert answer.people["1"].name == "Õie O'Neill 😀"
    assert answer.people["1"].last_seen_at == "2026-11-20T21:00:00Z"
    assert answer.people["1"].created_at == "2025-03-01T08:00:00Z"
    assert answer.people["2"].email == "two@example.com"
    assert (answer.people["3"].email, answer.people["3"].name) == (None, None)
    assert (answer.document["people"], answer.document["unreachable"]) == (4, 1)
    categories = answer.document["by_category"]
    assert categories["user.device.ip_address"] == 3
    assert categories[_THIRD_PARTY] == 2
    assert "the ready map django (Django accounts)" in answer.err
    assert answer.uncertain("Deletions are not recorded") is False  # nobody asked about a day
    trail = ["--trail", "usersessions", *_WINDOW]
    assert ask(site.url, *trail).keys == {"1", "2"}
    assert ask(site.url, *trail, "--from-ip", "203.0.113.0/24").keys == {"1"}
    assert ask(site.url, "--trail", "usersessions", "--from-ip", "2001:db8::/32").keys == {"2"}
    assert ask(site.url, "--trail", "log-ins", "--seen", "2026-11-20T20:59:00Z..2026-11-20T21:01:00Z").keys == {"1"}
    assert ask(site.url, "--holding", _THIRD_PARTY).keys == {"1", "4"}
    existing = ask(site.url, "--existing-at", "2026-11-20T00:00:00Z")
    assert existing.keys == {"1", "2", "3", "4"}
    assert existing.uncertain("Deletions are not recorded")


@pytest.mark.parametrize("condition", ["password <> ''", '"password" IS NULL'])
def test_the_password_cannot_be_looked_at(
    sqlite_database: Any, migrated: Path, tmp_path: Path, ask: Callable[..., Any], condition: str
) -> None:
    shutil.copy(migrated, tmp_path / "product.db")
    assert "which is a secret" in ask(filled(sqlite_database).url, "--where", condition, expect=2).err


def test_the_account_table_may_have_any_name_and_key(
    sqlite_database: Any, tmp_path: Path, ask: Callable[..., Any]
) -> None:
    migrate("sqlite3", str(tmp_path / "product.db"), "", "custom", tmp_path)
    one, two = (uuid.UUID(int=number).hex for number in (1, 2))
    member = {"password": UNREAD, "is_superuser": False, "created": "2025-03-01 08:00:00", "language": "et"}
    sqlite_database.fill(
        "people_member",
        {"uid": one, "email_address": "one@example.com", "full_name": "Õie", "date_of_birth": "2012-01-01", **member},
        {"uid": two, "email_address": "two@example.com", "full_name": "", "date_of_birth": None, **member},
    )
    sqlite_database.fill(
        "usersessions_usersession", session(1, 0, "203.0.113.7", "2026-11-20 22:30:00") | {"user_id": two}
    )
    answer = ask(sqlite_database.url, "--everyone")
    assert answer.keys == {one, two}
    assert (answer.people[one].email, answer.people[one].name) == ("one@example.com", "Õie")
    assert (answer.document["minors"], answer.document["by_locale"]) == (1, {"et": 2})
    assert ask(sqlite_database.url, "--trail", "usersessions", "--from-ip", "203.0.113.0/24").keys == {two}
