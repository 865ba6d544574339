"""Auth.js: the tables of the adapter for pg, with camelCase columns, and of Prisma, with capital tables."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

UNREAD = "never-to-be-read"
_THIRD_PARTY = "user.authorization.third_party_token"
_PG = """
CREATE TABLE verification_token (identifier text NOT NULL, expires timestamptz NOT NULL, token text NOT NULL);
CREATE TABLE accounts (
    id serial PRIMARY KEY, "userId" integer NOT NULL, type varchar(255) NOT NULL, provider varchar(255) NOT NULL,
    "providerAccountId" varchar(255) NOT NULL, refresh_token text, access_token text, expires_at bigint, id_token text,
    scope text, session_state text, token_type text);
CREATE TABLE sessions (
    id serial PRIMARY KEY, "userId" integer NOT NULL, expires timestamptz NOT NULL,
    "sessionToken" varchar(255) NOT NULL);
CREATE TABLE users (
    id serial PRIMARY KEY, name varchar(255), email varchar(255), "emailVerified" timestamptz, image text)
"""
_PRISMA = """
CREATE TABLE "User" (
    "id" text PRIMARY KEY, "name" text, "email" text UNIQUE, "emailVerified" {time}, "image" text,
    "createdAt" {time} NOT NULL, "updatedAt" {time} NOT NULL);
CREATE TABLE "Account" (
    "userId" text NOT NULL, "type" text NOT NULL, "provider" text NOT NULL, "providerAccountId" text NOT NULL,
    "refresh_token" text, "access_token" text, "expires_at" integer, "token_type" text, "scope" text, "id_token" text,
    "session_state" text, "createdAt" {time} NOT NULL, "updatedAt" {time} NOT NULL);
CREATE TABLE "Session" ("sessionToken" text UNIQUE, "userId" text NOT NULL, "expires" {time} NOT NULL,
    "createdAt" {time} NOT NULL, "updatedAt" {time} NOT NULL);
CREATE TABLE "VerificationToken" ("identifier" text NOT NULL, "token" text NOT NULL, "expires" {time} NOT NULL);
CREATE TABLE "Authenticator" (
    "credentialID" text NOT NULL, "userId" text NOT NULL, "providerAccountId" text NOT NULL,
    "credentialPublicKey" text NOT NULL, "counter" integer, "credentialDeviceType" text, "credentialBackedUp" boolean,
    "transports" text)
"""


def link(user: Any, number: int, **values: Any) -> dict[str, Any]:
    tokens = dict.fromkeys(("access_token", "refresh_token", "id_token", "session_state"), UNREAD)
    return {"userId": user, "type": "oauth", "provider": "google", "providerAccountId": str(number), **tokens, **values}


def test_the_adapter_for_pg_knows_people_and_holders_of_tokens_and_no_times(
    postgres_database: Any, ask: Callable[..., Any]
) -> None:
    postgres_database.script(_PG)
    postgres_database.fill(
        "users",
        {"id": 1, "name": "Õie O'Neill 😀", "email": "one@example.com", "image": "https://img.example/1"},
        {"id": 2, "name": None, "email": None},
        {"id": 10, "name": "", "email": "One@Example.com"},
    )
    postgres_database.fill("accounts", link(1, 1), link(1, 2, provider="github"), link(77, 3))
    postgres_database.fill("sessions", {"userId": 10, "expires": "2026-12-01 00:00:00+00", "sessionToken": UNREAD})
    invited = {"identifier": "invited@example.com", "expires": "2026-12-01 00:00:00+00", "token": UNREAD}
    postgres_database.fill("verification_token", invited)
    answer = ask(postgres_database.url, "--everyone")
    assert list(answer.people) == ["1", "10", "2"]
    assert answer.people["1"].name == "Õie O'Neill 😀"
    assert (answer.document["people"], answer.document["unreachable"]) == (2, 1)
    assert answer.document["by_category"]["user.content.self_image"] == 1
    assert "verification tokens" in answer.err
    assert ask(postgres_database.url, "--holding", _THIRD_PARTY).keys == {"1"}
    assert ask(postgres_database.url, "--holding", "user.authorization.session").keys == {"10"}
    assert "names no created_at" in ask(postgres_database.url, "--existing-at", "2026-11-20", expect=2).err
    assert "names no trail" in ask(postgres_database.url, "--from-ip", "::/0", expect=2).err


@pytest.mark.parametrize("engine", ["sqlite", "postgres"])
def test_prisma_knows_when_an_account_was_made(
    engine: str, request: pytest.FixtureRequest, ask: Callable[..., Any]
) -> None:
    database = request.getfixturevalue(f"{engine}_database")
    database.script(_PRISMA.format(time="timestamp(3)" if engine == "postgres" else "DATETIME"))
    made = {"createdAt": "2026-11-20 12:00:00.123", "updatedAt": "2026-11-20 12:00:00.123"}
    database.fill(
        '"User"',
        {"id": "cm1", "name": "Õie", "email": "one@example.com", **made},
        {"id": "cm2", "name": "Ann", "email": "two@example.com", **made, "createdAt": "2026-11-21 00:30:00"},
    )
    database.fill('"Account"', link("cm1", 1, **made))
    device = {"credentialID": UNREAD, "credentialPublicKey": UNREAD, "credentialDeviceType": "phone"}
    database.fill('"Authenticator"', {"userId": "cm2", "providerAccountId": "x", **device})
    assert ask(database.url, "--everyone").people["cm1"].created_at == "2026-11-20T12:00:00Z"
    assert ask(database.url, "--existing-at", "2026-11-20T13:00:00Z").keys == {"cm1"}
    assert ask(database.url, "--holding", _THIRD_PARTY, "--held", "2026-11-20T13:00:00Z").keys == {"cm1"}
    ask(database.url, "--holding", _THIRD_PARTY, "--held", "2026-11-20T11:00:00Z", expect=1)
    assert ask(database.url, "--holding", "user.device").keys == {"cm2"}
