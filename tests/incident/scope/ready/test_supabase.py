"""Supabase Auth: the schema `auth` as GoTrue 2.196 leaves it, with row-level security on."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from unittest.mock import ANY

import psycopg
import pytest
import servers
from psycopg.types.json import Json

from incident.scope.databases import open_accounts
from incident.scope.maptext import found_text
from incident.scope.ready import detect

UNREAD = "never-to-be-read"
_THIRD_PARTY = "user.authorization.third_party_token"
_SCHEMA = """
CREATE SCHEMA auth;
CREATE TABLE auth.users (
    instance_id uuid, id uuid PRIMARY KEY, aud varchar(255), role varchar(255), email varchar(255),
    encrypted_password varchar(255), email_confirmed_at timestamptz, invited_at timestamptz,
    confirmation_token varchar(255), confirmation_sent_at timestamptz, recovery_token varchar(255),
    recovery_sent_at timestamptz, email_change_token_new varchar(255), email_change varchar(255),
    email_change_sent_at timestamptz, last_sign_in_at timestamptz, raw_app_meta_data jsonb, raw_user_meta_data jsonb,
    is_super_admin boolean, created_at timestamptz, updated_at timestamptz, phone text UNIQUE,
    phone_confirmed_at timestamptz, phone_change text DEFAULT '', phone_change_token varchar(255) DEFAULT '',
    phone_change_sent_at timestamptz,
    confirmed_at timestamptz GENERATED ALWAYS AS (LEAST(email_confirmed_at, phone_confirmed_at)) STORED,
    email_change_token_current varchar(255) DEFAULT '', email_change_confirm_status smallint DEFAULT 0,
    banned_until timestamptz, reauthentication_token varchar(255) DEFAULT '', reauthentication_sent_at timestamptz,
    is_sso_user boolean NOT NULL DEFAULT false, deleted_at timestamptz, is_anonymous boolean NOT NULL DEFAULT false);
CREATE UNIQUE INDEX one_password_user_an_address ON auth.users (email) WHERE is_sso_user = false;
CREATE TABLE auth.identities (
    provider_id text NOT NULL, user_id uuid NOT NULL REFERENCES auth.users ON DELETE CASCADE,
    identity_data jsonb NOT NULL, provider text NOT NULL, last_sign_in_at timestamptz, created_at timestamptz,
    updated_at timestamptz, email text GENERATED ALWAYS AS (lower(identity_data->>'email')) STORED,
    id uuid DEFAULT gen_random_uuid() PRIMARY KEY);
CREATE TABLE auth.sessions (
    id uuid PRIMARY KEY, user_id uuid NOT NULL REFERENCES auth.users ON DELETE CASCADE, created_at timestamptz,
    updated_at timestamptz, factor_id uuid, not_after timestamptz, refreshed_at timestamp, user_agent text, ip inet,
    tag text, oauth_client_id uuid, refresh_token_hmac_key text, refresh_token_counter bigint, scopes text);
CREATE TABLE auth.refresh_tokens (
    instance_id uuid, id bigserial PRIMARY KEY, token varchar(255), user_id varchar(255), revoked boolean,
    created_at timestamptz, updated_at timestamptz, parent varchar(255), session_id uuid);
CREATE TABLE auth.audit_log_entries (
    instance_id uuid, id uuid PRIMARY KEY, payload json, created_at timestamptz,
    ip_address varchar(64) NOT NULL DEFAULT '');
CREATE TABLE auth.one_time_tokens (
    id uuid PRIMARY KEY, user_id uuid NOT NULL, token_type text, token_hash text NOT NULL, relates_to text NOT NULL,
    created_at timestamp NOT NULL DEFAULT now(), updated_at timestamp NOT NULL DEFAULT now());
CREATE TABLE auth.mfa_factors (
    id uuid PRIMARY KEY, user_id uuid NOT NULL, friendly_name text, created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL, secret text, phone text, web_authn_credential jsonb);
CREATE TABLE auth.flow_state (
    id uuid PRIMARY KEY, user_id uuid, auth_code text, code_challenge text, provider_type text NOT NULL,
    provider_access_token text, provider_refresh_token text, created_at timestamptz, updated_at timestamptz);
CREATE TABLE public.profiles (id uuid REFERENCES auth.users ON DELETE CASCADE, plan text);
CREATE TABLE public.users (id uuid, plan text);
"""
_TABLES = ("users", "identities", "sessions", "refresh_tokens", "audit_log_entries", "one_time_tokens", "mfa_factors")


def key(number: int) -> str:
    return f"00000000-0000-4000-8000-{number:012d}"


def user(number: int, **values: Any) -> dict[str, Any]:
    secrets = ("encrypted_password", "confirmation_token", "recovery_token", "email_change_token_new")
    return {
        "id": key(number),
        "email": f"person{number}@example.com",
        "raw_user_meta_data": Json({}),
        "created_at": "2025-03-01 10:00:00+02:00",
        **dict.fromkeys(secrets, f"{UNREAD} {number}"),
        **values,
    }


_ANN = {"full_name": "Ann Õunapuu 😀", "name": "ann", "locale": "et", "country": "EE", "sub": "1"}
_USERS = [
    user(1, raw_user_meta_data=Json(_ANN), phone="37255500001", last_sign_in_at="2026-11-20 21:00:00+00"),
    user(2, raw_user_meta_data=Json({"name": "O'Neill"}), banned_until="2099-01-01 00:00:00+00"),
    user(3, email=None, is_anonymous=True),
    user(4, email="Zm9vYmFy", deleted_at="2026-11-10 00:00:00+00"),  # a hash in place of the address
    user(5, email="person1@example.com", is_sso_user=True, created_at="2026-11-21 00:30:00+00"),
    user(6, email="SIX@Example.COM", raw_user_meta_data=Json({"full_name": {"first": "no text"}, "locale": 7})),
]


def entry(actor: str | None, at: str, ip: str) -> dict[str, Any]:
    payload = {"actor_id": actor, "actor_username": "person@example.com", "action": "login", "log_type": "account"}
    return {"id": str(uuid.uuid4()), "payload": Json(payload), "created_at": at, "ip_address": ip}


_AUDIT = [
    entry(key(1), "2026-11-20 22:00:00+00", "203.0.113.7"),
    entry(key(2), "2026-11-20 22:30:00+00", "2001:db8::1"),
    entry(key(3), "2026-11-20 22:30:00+00", ""),
    entry(key(99), "2026-11-20 22:30:00+00", "203.0.113.8"),  # gone for good
    entry(key(0).replace("4", "0", 1).replace("8", "0", 1), "2026-11-20 22:30:00+00", "203.0.113.9"),  # the service
    entry(None, "2026-11-20 22:30:00+00", "203.0.113.9"),
]
_WINDOW = ["--seen", "2026-11-20T21:59:00Z..2026-11-20T23:00:00Z"]


@pytest.fixture
def supabase(postgres_database: Any) -> Any:
    postgres_database.script(_SCHEMA)
    for table in (*_TABLES, "flow_state"):
        postgres_database.run(f"ALTER TABLE auth.{table} ENABLE ROW LEVEL SECURITY")
    postgres_database.fill("auth.users", *_USERS)
    postgres_database.fill("auth.audit_log_entries", *_AUDIT)
    session = {"created_at": "2026-11-20 22:10:00+00", "refresh_token_hmac_key": UNREAD}
    postgres_database.fill(
        "auth.sessions",
        {"id": key(1), "user_id": key(6), "ip": "2001:db8::6", "refreshed_at": "2026-11-21 00:15:00", **session},
        {"id": key(2), "user_id": key(1), "ip": None, "refreshed_at": None, **session},
    )
    flow = {"provider_type": "google", "provider_access_token": UNREAD, "auth_code": UNREAD}
    postgres_database.fill(
        "auth.flow_state",
        {"id": key(1), "user_id": key(1), "created_at": "2026-11-20 22:00:00+00", **flow},
        {"id": key(2), "user_id": None, "created_at": "2026-11-20 22:00:00+00", **flow},
    )
    postgres_database.fill(
        "auth.identities",
        {
            "provider_id": "g-1",
            "user_id": key(1),
            "provider": "google",
            "identity_data": Json({"email": "G@x.example"}),
        },
    )
    return postgres_database


def test_everyone_is_found_with_what_their_documents_say(supabase: Any, ask: Callable[..., Any]) -> None:
    answer = ask(supabase.url, "--everyone")
    assert answer.keys == {key(number) for number in range(1, 7)}
    one = answer.people[key(1)]
    assert (one.name, one.locale, one.country) == ("Ann Õunapuu 😀", "et", "EE")
    assert (one.created_at, one.last_seen_at) == ("2025-03-01T08:00:00Z", "2026-11-20T21:00:00Z")
    assert answer.people[key(2)].name == "O'Neill"
    assert answer.people[key(6)].name is None
    assert answer.people[key(3)].email is None
    assert (answer.document["accounts"], answer.document["people"]) == (6, 5)
    assert answer.document["unreachable"] == 2  # the guest, and the one whose address is a hash now
    assert answer.document["by_category"]["user.contact.phone_number"] == 1
    assert answer.document["by_category"]["user.name"] == 2
    assert answer.document["by_category"]["user.unique_id"] == 1


def test_the_map_and_its_traps_are_said_and_recorded(supabase: Any, ask: Callable[..., Any]) -> None:
    answer = ask(supabase.url, "--everyone")
    assert "Map: the ready map supabase-auth" in answer.err
    assert "Row-level security is on for every table" in answer.err
    assert "the table auth.webauthn_credentials" in answer.err  # left out: it is not there
    used = answer.document["maps"][""]
    assert used["map"] == "the ready map supabase-auth"
    assert used["digest"].startswith("sha256:")


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["--existing-at", "2026-11-15T00:00:00Z"], {1, 2, 3, 6}),
        (["--existing-at", "2026-11-15T00:00:00Z", "--deleted-within", "10"], {1, 2, 3, 4, 6}),
        (["--trail", "audit", *_WINDOW], {1, 2, 3}),
        (["--trail", "audit", *_WINDOW, "--from-ip", "203.0.113.0/24"], {1}),
        (["--trail", "audit", "--from-ip", "2001:db8::/32"], {2}),
        (["--trail", "sessions", "--from-ip", "2001:db8::/32"], {6}),
        (["--trail", "sessions", *_WINDOW], {1, 6}),
        (["--trail", "refreshes", "--seen", "2026-11-21T00:14:00Z..2026-11-21T00:16:00Z"], {6}),
        (["--holding", _THIRD_PARTY], {1}),
        (["--holding", _THIRD_PARTY, "--held", "2026-11-20T22:00:00Z"], {1}),
        (["--where", "is_anonymous = false"], {1, 2, 4, 5, 6}),
    ],
)
def test_who_is_asked_for(supabase: Any, ask: Callable[..., Any], words: list[str], expected: set[int]) -> None:
    assert ask(supabase.url, *words).keys == {key(number) for number in expected}


def test_whoever_is_gone_is_counted_and_the_service_is_nobody(supabase: Any, ask: Callable[..., Any]) -> None:
    answer = ask(supabase.url, "--trail", "audit", *_WINDOW)
    assert answer.uncertain("1 account on the trail is not in the account table any more")


@pytest.mark.parametrize("column", ["encrypted_password", "recovery_token", '"confirmation_token"'])
def test_a_condition_cannot_look_at_a_secret(supabase: Any, ask: Callable[..., Any], column: str) -> None:
    assert "which is a secret" in ask(supabase.url, "--where", f"{column} IS NOT NULL", expect=2).err


@pytest.fixture
def reader(supabase: Any) -> Iterator[Callable[[str], str]]:
    """A role of one's own that may read everything, with the given rights; its URL."""
    name = f"reader_{uuid.uuid4().hex[:10]}"

    def made(rights: str) -> str:
        supabase.run(f"CREATE ROLE {name} LOGIN {rights}")
        supabase.run(f"GRANT USAGE ON SCHEMA auth TO {name}")
        supabase.run(f"GRANT SELECT ON ALL TABLES IN SCHEMA auth TO {name}")
        return servers.with_user(supabase.url, name)

    yield made
    with psycopg.connect(supabase.url) as connection:
        connection.execute(f"DROP OWNED BY {name}".encode())
        connection.execute(f"DROP ROLE {name}".encode())


def test_a_role_that_sees_no_row_is_warned(reader: Callable[[str], str], ask: Callable[..., Any]) -> None:
    answer = ask(reader("NOBYPASSRLS"), "--everyone", expect=1)
    assert "WARNING: Row-level security is on for auth.users" in answer.err
    assert answer.document["accounts"] == 0


def test_a_role_that_passes_it_by_sees_everybody(reader: Callable[[str], str], ask: Callable[..., Any]) -> None:
    answer = ask(reader("BYPASSRLS"), "--everyone")
    assert "WARNING" not in answer.err
    assert answer.document["accounts"] == 6


def test_no_secret_column_is_ever_touched(
    supabase: Any, reader: Callable[[str], str], ask: Callable[..., Any], tmp_path: Path
) -> None:
    """PostgreSQL refuses a statement that so much as names a column without a grant."""
    with open_accounts(supabase.url) as database:
        tables = database.tables()
    (found,) = detect(tables)
    (tmp_path / "map.toml").write_text(found_text(found), encoding="utf-8")
    url = reader("BYPASSRLS")
    role = url.split("//")[1].split(":")[0]
    secrets = {(secret.table, secret.column) for secret in found.datamap.secrets}
    supabase.run(f"REVOKE SELECT ON ALL TABLES IN SCHEMA auth FROM {role}")
    for table, columns in tables.items():
        if table.schema == "auth":
            open_ = [f'"{column}"' for column in columns if (table, column) not in secrets]
            assert len(open_) < len(columns) or table.name in {"identities", "audit_log_entries"}
            supabase.run(f"GRANT SELECT ({', '.join(open_)}) ON {table} TO {role}")
    words = ["--map", str(tmp_path / "map.toml")]
    assert ask(url, *words, "--everyone").document == {
        **ask(supabase.url, *words, "--everyone").document, "scope": ANY, "file": ANY, "taken_at": ANY, "seconds": ANY
    }  # fmt: skip
    assert ask(url, *words, "--holding", _THIRD_PARTY).keys == {key(1)}
    assert ask(url, *words, "--trail", "audit", *_WINDOW).keys == {key(1), key(2), key(3)}


def test_an_older_installation_has_less(supabase: Any, ask: Callable[..., Any]) -> None:
    supabase.run("DROP TABLE auth.flow_state")
    supabase.run("DROP TABLE auth.mfa_factors")
    supabase.run("ALTER TABLE auth.sessions DROP COLUMN ip, DROP COLUMN refreshed_at, DROP COLUMN user_agent")
    supabase.run("ALTER TABLE auth.users DROP COLUMN deleted_at, DROP COLUMN is_anonymous")
    answer = ask(supabase.url, "--everyone")
    assert answer.document["accounts"] == 6
    for said in (
        "the table auth.flow_state",
        "when it was deleted",
        "the trail refreshes",
        "the addresses on the trail",
    ):
        assert said in answer.err
    assert ask(supabase.url, "--trail", "sessions", *_WINDOW).keys == {key(1), key(6)}
    assert "records no addresses" in ask(supabase.url, "--trail", "sessions", "--from-ip", "::/0", expect=2).err
