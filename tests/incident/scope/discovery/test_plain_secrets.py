"""Secrets with plain or unusual names: each beside a column of the same name that holds none."""

from __future__ import annotations

from pathlib import Path

import pytest

from incident.scope.discovery.ddl import read_schema_file
from incident.scope.discovery.naming import Naming
from incident.scope.discovery.propose import propose
from incident.scope.discovery.secrecy import looks_secret, secret_columns


@pytest.mark.parametrize(
    "name",
    [
        "prvkey",
        "sprvkey",
        "rsaPrivKey",
        "prv_key",
        "mpass",
        "upasswd",
        "tfa_backup",
        "two_factor_recovery",
        "deletion_cancel_key",
        "cancellationKey",
        "user_psalt",
        "psalt",
        "api_key_readonly",
        "apiKeyReadOnly",
        "ping_key",
    ],
)
def test_shortened_and_unusual_names_are_secret(name: str) -> None:
    assert looks_secret(name)


@pytest.mark.parametrize(
    "name",
    [
        "spubkey",
        "compass",
        "bypass",
        "epass_number",
        "backup",
        "tfa_backup_enabled",
        "tfa_recovery_email",
        "passwd_flood",
        "login_password_throttle",
        "credential_params",
        "secret_directory",
        "cancelled_at",
        "account_key",
        "contact_key",
        "script_key",
        "stored_key",
        "hashed_key",
        "cookie",
        "cookie_consent",
        "code",
        "app_code",
        "currency_code",
        "product_code",
        "hash",
        "file_hash",
        "ticket_id",
        "value",
        "basalt",
        "user_basalt",
        "sea_salty",
        "readonly",
        "key_readonly",
        "ping_count",
        "shipping_key",
        "mapping_key",
        "shopping_key",
        "lookup_hash",
        "auth",
    ],
)
def test_by_their_name_alone_these_are_none(name: str) -> None:
    assert not looks_secret(name)


# What is secret in the first schema of each class. In the second the same names hold something else, and nothing is.
CLASSES = {
    "what a password is checked with": (
        "CREATE TABLE people (id int PRIMARY KEY, stored_key varchar(64), server_key varchar(64), salt text);",
        {"people.stored_key", "people.server_key", "people.salt"},
        "CREATE TABLE parcels (id int PRIMARY KEY, stored_key varchar(64), shelf varchar(9));",
    ),
    "the hash of a key": (
        "CREATE TABLE team_keys (id text PRIMARY KEY, prefix text, hashed_key text, revoked_at timestamp);",
        {"team_keys.hashed_key"},
        "CREATE TABLE page_cache (hashed_key varchar(64) PRIMARY KEY, user_id int, content text);",
    ),
    "an account for storage": (
        "CREATE TABLE disks (id int PRIMARY KEY, container text, account_name text, account_key text);",
        {"disks.account_key"},
        "CREATE TABLE accounts (account_key varchar(20) PRIMARY KEY, account_name text, opened date);",
    ),
    "a cookie in place of a log-in": (
        "CREATE TABLE sources (id int PRIMARY KEY, address text, username text, password text, cookie text);",
        {"sources.password", "sources.cookie"},
        "CREATE TABLE banners (id int PRIMARY KEY, cookie text, cookie_consent text, label text);",
    ),
    "a person's own key": (
        "CREATE TABLE contacts (id int PRIMARY KEY, email text, password text, contact_key varchar(191));",
        {"contacts.password", "contacts.contact_key"},
        "CREATE TABLE visits (id int PRIMARY KEY, contact_key varchar(191), script_key varchar(32), day date);",
    ),
    "a program's code": (
        "CREATE TABLE scan_agents (id int PRIMARY KEY, name text, code varchar(32) UNIQUE, last_access timestamp);"
        "CREATE TABLE api (id int PRIMARY KEY, app_id varchar(32), app_code varchar(32));",
        {"scan_agents.code", "api.app_code"},
        "CREATE TABLE sales_agents (id int PRIMARY KEY, code varchar(32), phone text, last_seen timestamp);"
        "CREATE TABLE travel_agents (id int PRIMARY KEY, code varchar(8), last_access timestamp);"
        "CREATE TABLE api_calls (id int PRIMARY KEY, app_code varchar(32), at timestamp);",
    ),
    "tickets that let in": (
        "CREATE TABLE calendar_ticket (ticket_id text PRIMARY KEY, user_no int, expires timestamp);",
        {"calendar_ticket.ticket_id"},
        "CREATE TABLE access_ticket (ticket_id varchar(20) PRIMARY KEY, subject text, user_no int);"
        "CREATE TABLE concert_ticket (ticket_id varchar(20) PRIMARY KEY, seat text, user_no int);"
        "CREATE TABLE service_ticket (ticket_id varchar(20) PRIMARY KEY, priority int, user_no int);"
        "CREATE TABLE ticket (ticket_id varchar(20) PRIMARY KEY, user_no int, expires timestamp);"
        "CREATE TABLE hourly_ticket (ticket_id bigint PRIMARY KEY, user_no int);"
        "CREATE TABLE watched_ticket (ticket_id varchar(20), user_no int, PRIMARY KEY (ticket_id, user_no));",
    ),
    "what proves an address": (
        "CREATE TABLE verifications (id text PRIMARY KEY, identifier text, value text, expires_at timestamp);",
        {"verifications.value"},
        "CREATE TABLE age_verifications (id int PRIMARY KEY, value text, country text, expires_at timestamp);"
        "CREATE TABLE meter_verifications (id int PRIMARY KEY, value text, made_at timestamp);",
    ),
    "what is kept in a vault": (
        "CREATE TABLE vault_items (id int PRIMARY KEY, vault_id int, kind text, `values` text);",
        {"vault_items.values"},
        "CREATE TABLE vault_settings (id int PRIMARY KEY, name text, value text);"
        "CREATE TABLE vault_items (id int PRIMARY KEY, value numeric(9, 2));",
    ),
    "who waits for an account": (
        "CREATE TABLE register (id int PRIMARY KEY, hash varchar(255), password text);"
        "CREATE TABLE awaitingactivation (id int PRIMARY KEY, uid int, code varchar(100));",
        {"register.hash", "register.password", "awaitingactivation.code"},
        "CREATE TABLE cash_register (id int PRIMARY KEY, hash varchar(255), code varchar(9), shop text);"
        "CREATE TABLE files (id int PRIMARY KEY, hash varchar(64), email text);",
    ),
    "the row of a public key": (
        "CREATE TABLE passkey_credentials (id text PRIMARY KEY, user_id int, secret text, public_key text);",
        {"passkey_credentials.secret"},
        "CREATE TABLE passkey_credentials (id text PRIMARY KEY, user_id int, public_key text, credential_params text);",
    ),
    "the key of a session, declared or not": (
        "CREATE TABLE ci_sessions (id varchar(128) NOT NULL, ip_address varchar(45), data blob);"
        "CREATE TABLE web_sessions (id text PRIMARY KEY, user_id int, seen timestamp);",
        {"ci_sessions.id", "ci_sessions.data", "web_sessions.id"},
        "CREATE TABLE chat_session (id text PRIMARY KEY, made_at timestamp);"
        "CREATE TABLE training_sessions (id text PRIMARY KEY, teacher text, day date);"
        "CREATE TABLE sessions (id int PRIMARY KEY, user_id int, seen timestamp);",
    ),
    "what names a session beside its number": (
        "CREATE TABLE sessions (id varchar(24) PRIMARY KEY, session_id varchar(32) UNIQUE, user_id varchar(24));",
        {"sessions.session_id"},
        "CREATE TABLE session_kinds (id int PRIMARY KEY, label text);",
    ),
    "what another program is asked with": (
        "CREATE TABLE integrations (id int PRIMARY KEY, provider text, auth text, last_sync text);",
        {"integrations.auth"},
        "CREATE TABLE films (id int PRIMARY KEY, auth text);"
        "CREATE TABLE integrations (id int PRIMARY KEY, auth boolean, provider text);",
    ),
    "in which way another program is asked": (
        "CREATE TABLE connections (id int PRIMARY KEY, auth text, access_token text);",
        {"connections.access_token"},
        "CREATE TABLE connections (id int PRIMARY KEY, auth_method text, label text);",
    ),
    "a second hash of a key": (
        "CREATE TABLE api_keys (id text PRIMARY KEY, hashed_key text, lookup_hash text, last_used_at timestamp);",
        {"api_keys.hashed_key", "api_keys.lookup_hash"},
        "CREATE TABLE addresses (id int PRIMARY KEY, street text, lookup_hash text);",
    ),
    "a key that is a row's": (
        "CREATE TABLE api_keys (id text PRIMARY KEY, label text);",
        {"api_keys.id"},
        "CREATE TABLE api_key_workspaces (id text PRIMARY KEY, api_key_id text, workspace_id text);",
    ),
    "what makes active": (
        "CREATE TABLE people (id int PRIMARY KEY, email text, password text, activate varchar(64));",
        {"people.password", "people.activate"},
        "CREATE TABLE downloads (id int PRIMARY KEY, filename text, activate varchar(64), max_downloads int);",
    ),
    "the code of a customer": (
        "CREATE TABLE customers (id int PRIMARY KEY, email text, password text, code varchar(40));"
        "CREATE TABLE people (id int PRIMARY KEY, email text, password text, code varchar(32));",
        {"customers.code", "customers.password", "people.code", "people.password"},
        "CREATE TABLE suppliers (id int PRIMARY KEY, code varchar(32), email text);",
    ),
}


def test_the_number_that_a_shop_gives_its_customers_is_no_secret(tmp_path: Path) -> None:
    text = "CREATE TABLE customers (id int PRIMARY KEY, code varchar(32), email text, password_hash text);"
    assert found(text, tmp_path) == {"customers.password_hash"}


@pytest.mark.parametrize(
    ("sessions", "secret"),
    [
        ("id text PRIMARY KEY, token text, user_id int", {"sessions.token", "grants.token"}),
        ("id text PRIMARY KEY, user_id int", {"sessions.id", "grants.token", "grants.session_id"}),
    ],
)
def test_the_id_of_a_session_is_secret_where_it_lets_in(sessions: str, secret: set[str], tmp_path: Path) -> None:
    file = tmp_path / "schema.sql"
    file.write_text(
        f"CREATE TABLE sessions ({sessions});"
        "CREATE TABLE grants (id text PRIMARY KEY, token text, session_id text REFERENCES sessions(id));",
        encoding="utf-8",
    )
    assert set(propose(read_schema_file(file)).secrets) == secret


@pytest.mark.parametrize("of", CLASSES)
def test_what_stands_beside_it_says_what_a_plain_name_is(of: str, tmp_path: Path) -> None:
    secret, expected, harmless = CLASSES[of]
    assert found(secret, tmp_path) == expected
    assert found(harmless, tmp_path) == set()


def test_a_key_that_is_declared_to_name_another_row_is_no_secret(tmp_path: Path) -> None:
    text = (
        "CREATE TABLE cards (key varchar(191) PRIMARY KEY);"
        "CREATE TABLE people (id int PRIMARY KEY, password text, contact_key varchar(191) REFERENCES cards(key));"
    )
    assert found(text, tmp_path) == {"people.password"}


def found(text: str, tmp_path: Path) -> set[str]:
    file = tmp_path / "schema.sql"
    file.write_text(text, encoding="utf-8")
    naming = Naming(read_schema_file(file))
    assert naming.catalogue.tables
    return {
        f"{table.name}.{column}"
        for table in naming.catalogue.tables
        for column in secret_columns(table, naming.table_words[table.name])
    }
