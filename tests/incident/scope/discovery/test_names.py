"""Names in every habit are the same words, and what looks secret is known by them."""

from __future__ import annotations

from importlib import resources
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incident.errors import UsageError
from incident.scope.discovery import names
from incident.scope.discovery.catalogue import Column, ForeignKey, Table
from incident.scope.discovery.habits import roles, tables
from incident.scope.discovery.names import words
from incident.scope.discovery.secrecy import looks_secret, secret_columns


@pytest.mark.parametrize(
    "name",
    [
        "last_login_ip",
        "lastLoginIp",
        "LastLoginIP",
        "LASTLOGINIP",
        "lastloginip",
        "LAST_LOGIN_IP",
        "last-login-ip",
        "last login ip",
    ],
)
def test_one_name_in_every_habit(name: str) -> None:
    assert words(name) == ("last", "login", "ip")


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("correo_electronico", ("email", "electronico")),
        ("Prénom", ("first", "name")),
        ("contraseña", ("password",)),
        ("e_mail", ("email",)),
        ("eMail", ("email",)),
        ("userEMail", ("user", "email")),
        ("addresses", ("address",)),
        ("UserIDs", ("user", "id")),
        ("address2", ("address",)),
        ("2fa_secret", ("mfa", "secret")),
        ("oauth2_client", ("oauth", "client")),
        ("date_of_birth", ("date", "of", "birth")),
    ],
)
def test_other_spellings_and_languages(name: str, meant: tuple[str, ...]) -> None:
    assert words(name) == meant


@pytest.mark.parametrize(
    "name",
    [
        "description",
        "recipient",
        "passenger",
        "compass",
        "shipping",
        "relationship",
        "message",
        "usage",
        "strip",
        "island",
        "keyword",
        "clip",
    ],
)
def test_a_word_is_not_cut_at_a_chance(name: str) -> None:
    assert words(name) == (name,)


SECRET = """
password passwd user_pass pwd PasswordHash encrypted_password password_digest passwordSalt kennwort mot_de_passe
contrasena token reset_password_token confirmationToken accessToken refresh_token id_token csrf_token remember_token
fcm_token push_token api_key apiKey APIKEY api_secret client_secret clientSecret consumer_key consumer_secret
private_key rsa_private_key signing_key webhook_secret secret secret_key auth_key user_activation_key secure_key
encryption_key session_key sessionToken session_data otp otp_secret totpSecret two_factor_secret
two_factor_recovery_codes otp_backup_codes backup_codes recovery_codes scratch_codes salt pin pin_hash cvv card_number
cc_number credit_card_number security_answer secret_answer verification_code activation_code auth_code
authorization_code code_verifier token_hash token_digest email_change_token_new encrypted_otp_secret_iv jwt
security_stamp password_hint smtp_password encrypted_value email_ciphertext magic_link_token key_p256dh
credential_data token_recuperacion session_tokens htpasswd access_key unlock_token
tls_psk psk preshared_key wpa_key streamtoken rsstoken dbpass ftppass ldapPassword one_time_code
one_time_password recovery_phrase session_cookie login_ticket auth_data ha1 keytab check_key verification_key
stream_key door_code authcode rootpw ldap_bindpw unsub_hash phone_code_hash snmp_community
""".split()  # noqa: SIM905 - a table of names reads best as one


@pytest.mark.parametrize("name", SECRET)
def test_a_secret_is_known_by_its_name(name: str) -> None:
    assert looks_secret(name)


PLAIN = """
tokens token_count token_type token_id api_key_id password_changed_at password_expires password_expires_at
passwordChangedAt is_secret has_password otp_enabled otp_required_for_login mfa_enabled two_factor_enabled public_key
credentialPublicKey key meta_key primary_key cache_key sort_key foreign_key keyword keyboard passenger compass
secretary tokens_used prompt_tokens completion_tokens token_last_eight card_last4 card_brand card_holder
card_exp_month last_four code country_code postal_code zip_code promo_code language_code status_code hash_tag hash
content_hash file_hash digest email_digest email_digest_enabled session_id session_count pinned pin_count id name
email token_expires_at token_endpoint token_url password_reset_sent_at failed_password_attempts secret_name
bypass_reason passive salted_snacks signature sig shipping description access_level login_count auth_provider
auth_method recovery_email verification_status loyalty_card_number
first_pass_match second_pass_replace pass_rate pass_mark boarding_pass season_pass tls_psk_identity verify_key
auth_type_code authtypecode secure_attribute_key service_category_code auth_event_key next_page_token sync_token
access_role_code feed_cache_key one_time_fee is_one_time year community app_language_key reset_id activation_id
pass_holder ski_pass cvv_result zip_code_key postal_code error_code seat_code cookie_consent recovery_time
basic_auth_enabled
""".split()  # noqa: SIM905 - as above


@pytest.mark.parametrize("name", PLAIN)
def test_a_name_that_only_tells_of_a_secret_or_sounds_like_one_is_none(name: str) -> None:
    assert not looks_secret(name)


def found(table: str, *columns: Column, key: str = "id", references: frozenset[str] = frozenset()) -> set[str]:
    made = Table(table, columns, (key,), foreign=(ForeignKey(("user_id",), "users"),))
    return set(secret_columns(made, words(table), references=references))


def test_in_a_table_of_secrets_plain_names_are_secrets() -> None:
    number, text = Column("id", "bigint"), Column("key", "varchar(40)")
    assert found("authtoken_token", text, Column("created", "datetime"), key="key") == {"key"}
    assert found("settings", text, Column("value", "text"), key="key") == set()
    kept = Column("id", "varchar(128)"), Column("data", "blob"), Column("time", "int")
    assert found("php_sessions", *kept) == {"id", "data"}
    assert found("sessions", Column("id", "text"), Column("session_token", "text")) == {"session_token"}
    assert found("sessions", Column("id", "varchar(255)"), Column("user_id", "bigint"), Column("ip", "inet")) == {"id"}
    assert found("sessions", Column("id", "uuid"), Column("user_id", "uuid")) == set()
    assert found("password_history", number, Column("hash", "text")) == {"hash"}
    assert found("push_subscriptions", number, Column("auth", "text"), Column("p256dh", "text")) == {"auth", "p256dh"}
    assert found("ssh_keys", number, Column("key", "text"), Column("public_key", "text")) == set()
    assert found("users", number, Column("hash", "text"), Column("pin", "int")) == {"hash", "pin"}


def test_a_type_that_holds_no_secret_is_none() -> None:
    columns = [
        Column("password_reset", kind)
        for kind in ("boolean", "timestamp", "tinyint(1)", "bigint", "date", "enum('a','b')")
    ]
    assert not any(found("users", column) for column in columns)
    assert found("users", Column("password_reset", "text")) == {"password_reset"}


def test_a_key_of_another_table_is_no_secret_and_a_session_id_elsewhere_is() -> None:
    column = Column("session_id", "varchar(64)")
    assert found("events", column) == {"session_id"}
    assert found("events", column, references=frozenset({"session_id"})) == set()
    assert found("events", Column("session_id", "bigint")) == set()


def test_values_that_look_like_hashes_make_a_secret_of_any_name() -> None:
    assert found("users", Column("k", "text", shapes=frozenset({"password hash"}))) == {"k"}


@given(st.text(max_size=40))
def test_no_name_is_too_odd(name: str) -> None:
    assert all(isinstance(word, str) and word for word in words(name))
    assert looks_secret(name) in {True, False}


def test_the_vocabularies_are_well_formed() -> None:
    names = [role.id for role in roles()]
    assert len(names) == len(set(names))
    assert set(tables().proof) <= {*names, "password"}


def test_what_a_table_only_lists_is_no_secret() -> None:
    number, key = Column("id", "bigint"), Column("key", "varchar(32)")
    assert found("session_defaults", number, key, Column("value", "text")) == set()
    assert found("token_types", number, Column("code", "varchar(9)")) == set()
    assert found("recovery_addresses", number, Column("value", "text")) == set()
    assert found("session_data", number, Column("data_key", "varchar(99)")) == set()


def test_a_hash_that_names_rows_or_files_is_no_secret() -> None:
    number, digest = Column("id", "bigint"), Column("hash", "char(32)")
    made = Table("user_row_cache", (Column("user_id", "int"), digest), ("user_id", "hash"))
    assert secret_columns(made, words(made.name)) == {}
    assert found("user_files", number, digest) == set()
    assert found("chart_profiles", number, digest, Column("name", "text")) == set()
    assert found("profiles", number, digest, Column("email", "text")) == {"hash"}
    assert found("user_auth", number, digest) == {"hash"}


def test_a_code_is_a_secret_by_what_stands_beside_it() -> None:
    number, code, password = Column("id", "bigint"), Column("code", "varchar(40)"), Column("password", "varchar(255)")
    assert found("buyers", number, code, password) == {"code", "password"}
    assert found("buyers", number, code) == set()
    assert found("buyers", number, Column("code", "varchar(12)"), password) == {"password"}
    pin = Column("pincode", "varchar(6)")
    assert found("logins", number, pin, Column("state", "int")) == {"pincode"}
    assert found("homes", number, pin, Column("city", "text")) == set()


def test_a_number_that_resets_and_the_plain_form_of_something_encrypted() -> None:
    number = Column("id", "bigint")
    assert found("users", number, Column("reset_uuid", "varchar(40)")) == {"reset_uuid"}
    assert found("users", number, Column("reset_id", "varchar(40)")) == set()
    twins = Column("value", "text"), Column("encrypted_value", "text")
    assert found("variables", number, *twins) == {"value", "encrypted_value"}
    assert found("variables", number, Column("value", "text")) == set()


def test_remembered_log_ins_and_stored_credentials() -> None:
    number, text = Column("id", "bigint"), Column("config", "jsonb")
    assert found("person_credentials", number, text) == {"config"}
    series = Column("sequence", "varchar(64)")
    assert found("remember_me", number, series, Column("token", "text")) == {"sequence", "token"}
    assert found("sessions_keys", Column("key_id", "char(32)"), Column("user_id", "int")) == {"key_id"}
    assert found("register_codes", number, Column("code", "varchar(64)")) == {"code"}


def test_what_is_too_short_to_be_guessed_by_nobody_is_none() -> None:
    assert found("access", Column("id", "int"), Column("access_code", "char(1)")) == set()


def test_the_card_of_a_member_names_rows() -> None:
    made = Table("photos", (Column("card_number", "text"),), foreign=(ForeignKey(("card_number",), "readers"),))
    assert secret_columns(made, ("photo",)) == {}


@pytest.mark.parametrize("section", ["words", ""])
def test_a_misspelt_key_of_the_words_is_an_error(section: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    folder = resources.files("incident.scope.discovery")
    for name in ("words.toml", "roles.toml", "tables.toml", "secrets.toml"):
        text = folder.joinpath(name).read_text(encoding="utf-8")
        if name == "words.toml":
            text = text.replace("[words]", '[words]\nknwon = ["abc"]') if section else "knwon = 1\n" + text
        (tmp_path / name).write_text(text, encoding="utf-8")
    monkeypatch.setattr(names, "_file", tmp_path.joinpath)
    with pytest.raises(UsageError, match="knwon"):
        names._vocabulary.__wrapped__()


def test_what_opens_something_under_other_names_is_a_secret() -> None:
    for name in (
        "ciphertext",
        "payload_ciphertext",
        "developer_key",
        "twitter_oauth",
        "github_oauth_data",
        "review_code",
    ):
        assert looks_secret(name), name
    for name in ("use_oauth", "oauth_provider", "reviewer_code_count", "twitter_handle"):
        assert not looks_secret(name), name


@pytest.mark.parametrize("kind", ["text", "uuid"])
def test_the_id_of_a_session_beside_its_own_number_is_a_secret(kind: str) -> None:
    columns = (Column("id", "int"), Column("user_id", "int"), Column("session_id", kind), Column("created_at", "time"))
    table = Table("login_sessions", columns, ("id",))
    assert set(secret_columns(table, ("login", "session"))) == {"session_id"}
    assert not secret_columns(replace_key(table, "session_id"), ("login", "session")) or kind == "text"
    codes = Table("upgrade_codes", (Column("id", "int"), Column("code", "text"), Column("user_id", "int")), ("id",))
    assert set(secret_columns(codes, ("upgrade", "code"))) == {"code"}


def replace_key(table: Table, key: str) -> Table:
    return Table(table.name, table.columns, (key,))
