"""Keycloak: two realms in one database, names in small letters on PostgreSQL and in capitals on MariaDB."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest

UNREAD = "never-to-be-read"
_THIRD_PARTY = "user.authorization.third_party_token"
_SCHEMA = """
CREATE TABLE realm (id varchar(36) PRIMARY KEY, name varchar(255), enabled boolean);
CREATE TABLE user_entity (
    id varchar(36) PRIMARY KEY, email varchar(255), email_constraint varchar(255), email_verified boolean NOT NULL,
    enabled boolean NOT NULL, federation_link varchar(255), first_name varchar(255), last_name varchar(255),
    realm_id varchar(255), username varchar(255), created_timestamp bigint, service_account_client_link varchar(255),
    not_before int NOT NULL);
CREATE TABLE user_attribute (
    name varchar(255) NOT NULL, value varchar(255), user_id varchar(36) NOT NULL, id varchar(36) PRIMARY KEY,
    long_value text);
CREATE TABLE federated_identity (
    identity_provider varchar(255) NOT NULL, realm_id varchar(36), federated_user_id varchar(255),
    federated_username varchar(255), token text, user_id varchar(36) NOT NULL);
CREATE TABLE credential (
    id varchar(36) PRIMARY KEY, type varchar(255), user_id varchar(36), created_date bigint, user_label varchar(255),
    secret_data text, credential_data text, priority int);
CREATE TABLE event_entity (
    id varchar(36) PRIMARY KEY, client_id varchar(255), details_json varchar(2550), error varchar(255),
    ip_address varchar(255), realm_id varchar(255), session_id varchar(255), event_time bigint, type varchar(255),
    user_id varchar(255), details_json_long_value text);
CREATE TABLE admin_event_entity (
    id varchar(36) PRIMARY KEY, admin_event_time bigint, realm_id varchar(255), operation_type varchar(255),
    auth_realm_id varchar(255), auth_client_id varchar(255), auth_user_id varchar(255), ip_address varchar(255),
    resource_path varchar(2550), representation text, error varchar(255), resource_type varchar(64));
CREATE TABLE offline_user_session (
    user_session_id varchar(36) NOT NULL, user_id varchar(255), realm_id varchar(36) NOT NULL, created_on int NOT NULL,
    offline_flag varchar(4) NOT NULL, data text, last_session_refresh int NOT NULL, broker_session_id varchar(1024),
    version int);
CREATE TABLE user_consent (id varchar(36) PRIMARY KEY, user_id varchar(36), created_date bigint)
"""
_AT = 1_795_212_000  # 2026-11-20 22:00:00 UTC, in seconds


def user(number: int, **values: Any) -> dict[str, Any]:
    return {
        "id": f"u{number}",
        "email": f"person{number}@example.com",
        "email_constraint": f"person{number}@example.com",
        "email_verified": False,
        "enabled": True,
        "first_name": "Mari",
        "last_name": "Maasikas",
        "realm_id": "r-shop",
        "username": f"person{number}",
        "created_timestamp": 1_740_816_000_999,
        "not_before": 0,
        **values,
    }


_ROWS: dict[str, list[dict[str, Any]]] = {
    "realm": [{"id": "r-shop", "name": "shop"}, {"id": "r-staff", "name": "Staff"}],
    "user_entity": [
        user(1, first_name="Õie", last_name="O'Neill 😀"),
        user(2, enabled=False, email=None, last_name=None),
        user(3, realm_id="r-staff", email="person1@example.com", created_timestamp=None),
        user(4, service_account_client_link="client-1", email=None, first_name=None, last_name=None),
        user(5, federation_link="ldap", created_timestamp=_AT * 1000 + 1),
    ],
    "user_attribute": [
        {"id": "a1", "user_id": "u1", "name": "locale", "value": "et"},
        {"id": "a2", "user_id": "u1", "name": "country", "value": "ee"},
        {"id": "a3", "user_id": "u1", "name": "birthdate", "value": "2012-02-03"},
        {"id": "a4", "user_id": "u2", "name": "phoneNumber", "value": "+372 5550 0001"},
        {"id": "a5", "user_id": "u2", "name": "nickname", "value": "no role"},
    ],
    "federated_identity": [
        {"identity_provider": "google", "user_id": "u3", "federated_user_id": "g-3", "token": UNREAD},
    ],
    "credential": [
        {"id": "c1", "user_id": "u1", "type": "password", "secret_data": UNREAD, "credential_data": UNREAD},
    ],
    "event_entity": [
        {"id": "e1", "user_id": "u1", "event_time": _AT * 1000, "ip_address": "203.0.113.7", "session_id": UNREAD},
        {"id": "e2", "user_id": "u2", "event_time": _AT * 1000 + 999, "ip_address": "2001:db8::2", "type": "LOGIN"},
        {"id": "e3", "user_id": "u5", "event_time": _AT, "ip_address": "203.0.113.7"},  # seconds: that is 1970
        {"id": "e4", "user_id": None, "event_time": _AT * 1000, "ip_address": "203.0.113.7", "error": "user_not_found"},
        {"id": "e5", "user_id": "u4", "event_time": _AT * 1000, "ip_address": "203.0.113.7"},  # a service account
    ],
    "offline_user_session": [
        {
            "user_session_id": f"{UNREAD}{number}", "user_id": user, "realm_id": "r-shop", "created_on": _AT - 100,
            "offline_flag": "0", "data": UNREAD, "last_session_refresh": _AT + number,
        }
        for number, user in enumerate(("u1", "u1", "u5"))
    ],
}  # fmt: skip


@pytest.fixture(params=["postgresql", "mariadb"])
def keycloak(request: pytest.FixtureRequest) -> Any:
    if request.param == "postgresql":
        database = request.getfixturevalue("postgres_database")
        capitals = str
    else:
        database = request.getfixturevalue("mariadb_database")
        capitals = str.upper
    for statement in _SCHEMA.split(";\n"):
        names = re.sub(r"\b[a-z_]{2,}\b(?!\()", lambda word: capitals(word[0]), statement)
        database.run(names)
    for table, rows in _ROWS.items():
        database.fill(capitals(table), *({capitals(name): value for name, value in row.items()} for row in rows))
    return database


def test_realms_attributes_and_events_are_understood(keycloak: Any, ask: Callable[..., Any]) -> None:
    answer = ask(keycloak.url, "--everyone")
    assert answer.keys == {"u1", "u2", "u3", "u5"}  # u4 is a program
    one = answer.people["u1"]
    assert (one.name, one.locale, one.country, one.birth_date) == ("Õie O'Neill 😀", "et", "EE", "2012-02-03")
    assert (one.created_at, one.last_seen_at) == ("2025-03-01T08:00:00Z", "2026-11-20T22:00:01Z")
    assert answer.people["u3"].created_at is None
    assert (answer.document["people"], answer.document["minors"]) == (3, 1)
    categories = answer.document["by_category"]
    assert categories["user.contact.phone_number"] == 1
    assert categories["user.authorization.password"] == 1  # by their rows, which are not looked into
    assert categories[_THIRD_PARTY] == 1
    assert ask(keycloak.url, "--tenant", "shop").keys == {"u1", "u2", "u5"}
    assert ask(keycloak.url, "--tenant", "Staff").keys == {"u3"}
    ask(keycloak.url, "--tenant", "staff", expect=1)
    assert ask(keycloak.url, "--existing-at", "2026-11-20T21:00:00Z").keys == {"u1", "u2", "u3"}
    window = ["--seen", "2026-11-20T22:00:00Z..2026-11-20T22:00:00Z"]
    assert ask(keycloak.url, "--trail", "events", *window).keys == {"u1", "u2"}
    assert ask(keycloak.url, "--trail", "events", *window, "--from-ip", "203.0.113.0/24").keys == {"u1"}
    assert ask(keycloak.url, "--trail", "events", "--from-ip", "2001:db8::/32").keys == {"u2"}
    seconds = ask(keycloak.url, "--trail", "sessions", "--seen", "2026-11-20T22:00:02Z..2026-11-20T22:00:02Z")
    assert seconds.keys == {"u5"}
    assert ask(keycloak.url, "--holding", _THIRD_PARTY).keys == {"u3"}
    assert ask(keycloak.url, "--holding", "user.contact.phone_number").keys == {"u2"}


def test_an_installation_without_service_accounts_keeps_everybody(
    postgres_database: Any, ask: Callable[..., Any]
) -> None:
    postgres_database.script(_SCHEMA.replace("service_account_client_link varchar(255),", ""))
    postgres_database.fill("user_entity", user(1), user(2))
    answer = ask(postgres_database.url, "--everyone")
    assert answer.keys == {"u1", "u2"}
    assert "the filter that leaves out robots" in answer.err
