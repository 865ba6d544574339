"""Devise: columns only for the modules switched on, several populations, doorkeeper and polymorphic tables beside."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

UNREAD = "never-to-be-read"
_THIRD_PARTY = "user.authorization.third_party_token"
_USERS = """
CREATE TABLE {table} (
    id bigint PRIMARY KEY, email varchar(255) NOT NULL DEFAULT '', encrypted_password varchar(255) NOT NULL DEFAULT '',
    reset_password_token varchar(255), reset_password_sent_at timestamp, remember_created_at timestamp{more},
    created_at timestamp NOT NULL, updated_at timestamp)
"""
_TRACKABLE = """, sign_in_count int, current_sign_in_at timestamp, last_sign_in_at timestamp,
    current_sign_in_ip {ip}, last_sign_in_ip {ip}"""
_APP = ", full_name varchar(255), locale varchar(10), discarded_at timestamp, otp_secret varchar(255), tokens text"
_BESIDE = """
CREATE TABLE identities (
    id bigint PRIMARY KEY, user_id bigint, provider varchar(255), uid varchar(255), token varchar(255),
    refresh_token varchar(255), created_at timestamp);
CREATE TABLE oauth_access_tokens (
    id bigint PRIMARY KEY, resource_owner_id bigint, application_id bigint, token varchar(255),
    refresh_token varchar(255), created_at timestamp, revoked_at timestamp);
CREATE TABLE login_activities (
    id bigint PRIMARY KEY, scope varchar(255), identity varchar(255), success boolean, user_type varchar(255),
    user_id bigint, ip varchar(255), user_agent text, created_at timestamp);
CREATE TABLE versions (
    id bigint PRIMARY KEY, item_type varchar(255), item_id bigint, event varchar(255), object text,
    created_at timestamp)
"""


def account(number: int, **values: Any) -> dict[str, Any]:
    return {
        "id": number,
        "email": f"person{number}@example.com",
        "encrypted_password": f"$2a$12${UNREAD}",
        "reset_password_token": UNREAD,
        "created_at": "2025-03-01 08:00:00.123456",
        **values,
    }


@pytest.fixture(params=["sqlite", "postgres"])
def rails(request: pytest.FixtureRequest) -> Any:
    database = request.getfixturevalue(f"{request.param}_database")
    trackable = _TRACKABLE.format(ip="inet" if request.param == "postgres" else "varchar(255)")
    database.run(_USERS.format(table="users", more=trackable + _APP))
    database.script(_BESIDE)
    seen = {"current_sign_in_at": "2026-11-20 22:30:00", "last_sign_in_at": "2026-11-20 21:30:00"}
    database.fill(
        "users",
        account(1, full_name="Õie O'Neill", locale="et", otp_secret=UNREAD, current_sign_in_ip="203.0.113.7",
                last_sign_in_ip="2001:db8::1", **seen),
        account(2, email="", discarded_at="2026-11-19 00:00:00", tokens=UNREAD),
        account(3, email="ciphertext:8sk2==", full_name="", created_at="2026-11-21 00:30:00"),
    )  # fmt: skip
    made = {"created_at": "2026-11-20 12:00:00"}
    database.fill("identities", {"id": 1, "user_id": 1, "provider": "x", "uid": "1", "token": UNREAD, **made})
    database.fill("oauth_access_tokens", {"id": 1, "resource_owner_id": 3, "token": UNREAD, **made})
    activity = {"ip": "198.51.100.1", "identity": "person@example.com", "created_at": "2026-11-20 22:00:00"}
    database.fill(
        "login_activities",
        {"id": 1, "user_type": "User", "user_id": 2, **activity},
        {"id": 2, "user_type": "Admin", "user_id": 1, **activity},
        {"id": 3, "user_type": None, "user_id": None, **activity},
    )
    database.fill("versions", {"id": 1, "item_type": "User", "item_id": 1, "object": f"encrypted_password: {UNREAD}"})
    return database


def test_users_and_their_last_two_sign_ins_are_found(rails: Any, ask: Callable[..., Any]) -> None:
    answer = ask(rails.url, "--everyone")
    assert answer.keys == {"1", "2", "3"}
    assert (answer.people["1"].name, answer.people["1"].locale) == ("Õie O'Neill", "et")
    assert answer.people["1"].last_seen_at == "2026-11-20T22:30:00Z"
    assert answer.people["2"].deleted_at == "2026-11-19T00:00:00Z"
    assert answer.document["unreachable"] == 2
    assert "the trail sessions" not in answer.err
    assert "the table sessions" in answer.err
    assert ask(rails.url, "--existing-at", "2026-11-20T00:00:00Z").keys == {"1"}
    assert ask(rails.url, "--existing-at", "2026-11-20T00:00:00Z", "--deleted-within", "2").keys == {"1", "2"}
    assert ask(rails.url, "--trail", "sign-ins", "--from-ip", "203.0.113.0/24").keys == {"1"}
    assert ask(rails.url, "--trail", "sign-ins-before", "--from-ip", "2001:db8::/32").keys == {"1"}
    before = ["--trail", "sign-ins-before", "--seen", "2026-11-20T22:00:00Z..2026-11-20T23:00:00Z"]
    ask(rails.url, *before, expect=1)
    assert ask(rails.url, "--trail", "login-activities", "--from-ip", "198.51.100.0/24").keys == {"2"}  # 1 is an admin
    assert ask(rails.url, "--holding", _THIRD_PARTY).keys == {"1"}
    assert ask(rails.url, "--holding", "user.authorization.session").keys == {"3"}


def test_two_populations_have_a_map_each(rails: Any, ask: Callable[..., Any]) -> None:
    rails.run(_USERS.format(table="customers", more=""))
    rails.run("CREATE TABLE sessions (id bigint PRIMARY KEY, customer_id bigint, ip_address varchar(64), "
              "created_at timestamp, session_id varchar(255))")  # fmt: skip
    rails.fill("customers", account(1, email="Person1@example.com"), account(9))
    rails.fill(
        "sessions", {"id": 1, "customer_id": 9, "ip_address": "203.0.113.9", "created_at": "2026-11-20 22:00:00"}
    )
    refused = ask(rails.url, "--everyone", expect=2)
    assert "2 ready maps fit" in refused.err
    assert "devise:customers, devise:users" in refused.err
    customers = ask(rails.url, "--ready", "devise:customers", "--from-ip", "203.0.113.0/24", "--trail", "sessions")
    assert customers.keys == {"9"}
    both = ask(rails.url, "--ready", "devise:customers", "--ready", "devise:users", "--everyone")
    assert both.document["by_store"] == {"devise:customers": 2, "devise:users": 3}
    assert (both.document["accounts"], both.document["people"]) == (5, 4)  # one has an account in each
    assert set(both.document["maps"]) == {"devise:customers", "devise:users"}
    assert 'No ready map "devise" fits' in ask(rails.url, "--ready", "devise", "--everyone", expect=2).err


def test_only_the_database_module_is_enough(sqlite_database: Any, ask: Callable[..., Any]) -> None:
    sqlite_database.run(_USERS.format(table="admin_users", more=""))
    sqlite_database.fill("admin_users", account(1))
    answer = ask(sqlite_database.url, "--everyone")
    assert answer.keys == {"1"}
    for said in ("the trail sign-ins", "when it was last seen", "the language", "the table identities"):
        assert said in answer.err
    assert "names no trail" in ask(sqlite_database.url, "--seen", "2026-11-20..2026-11-21", expect=2).err
