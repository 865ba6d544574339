"""
The tables: Supabase Auth's own in the schema `auth`, the assistant's in `public`.

Columns of `auth` are those of its migrations up to 2.196.0, but the two that PostgreSQL generates, which are added
once the rows are there. Types fall back to text where an engine has no uuid, jsonb or inet.
"""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy import Boolean, Column, Date, ForeignKey, Index, Integer, MetaData, SmallInteger, Table, Text
from sqlalchemy.dialects import postgresql as pg

from playbooks.samples.stores import BIG, TIME

_UUID = sa.String(36).with_variant(pg.UUID(as_uuid=False), "postgresql")
_JSON = Text().with_variant(pg.JSON(), "postgresql")
_JSONB = Text().with_variant(pg.JSONB(), "postgresql")
_INET = sa.String(45).with_variant(pg.INET(), "postgresql")
# Times that come as text: one column of `auth` has no zone.
_NAIVE = sa.String(32).with_variant(pg.TIMESTAMP(), "postgresql")
_SHORT = sa.String(255)

metadata = MetaData()


def _user(name: str = "user_id", *, primary_key: bool = False) -> Column[str]:
    key = ForeignKey("auth.users.id", ondelete="CASCADE")
    return Column(name, _UUID, key, primary_key=primary_key, nullable=False)


Table(
    "users",
    metadata,
    Column("instance_id", _UUID),
    Column("id", _UUID, primary_key=True),
    Column("aud", _SHORT),
    Column("role", _SHORT),
    Column("email", _SHORT),
    Column("encrypted_password", _SHORT),
    Column("email_confirmed_at", TIME),
    Column("invited_at", TIME),
    Column("confirmation_token", _SHORT),
    Column("confirmation_sent_at", TIME),
    Column("recovery_token", _SHORT),
    Column("recovery_sent_at", TIME),
    Column("email_change_token_new", _SHORT),
    Column("email_change", _SHORT),
    Column("email_change_sent_at", TIME),
    Column("last_sign_in_at", TIME),
    Column("raw_app_meta_data", _JSONB),
    Column("raw_user_meta_data", _JSONB),
    Column("is_super_admin", Boolean),
    Column("created_at", TIME),
    Column("updated_at", TIME),
    Column("phone", Text),
    Column("phone_confirmed_at", TIME),
    Column("phone_change", Text),
    Column("phone_change_token", _SHORT),
    Column("phone_change_sent_at", TIME),
    Column("email_change_token_current", _SHORT),
    Column("email_change_confirm_status", SmallInteger),
    Column("banned_until", TIME),
    Column("reauthentication_token", _SHORT),
    Column("reauthentication_sent_at", TIME),
    Column("is_sso_user", Boolean, nullable=False),
    Column("deleted_at", TIME),
    Column("is_anonymous", Boolean, nullable=False),
    schema="auth",
)
Table(
    "identities",
    metadata,
    Column("provider_id", _SHORT, nullable=False),
    _user(),
    Column("identity_data", _JSONB, nullable=False),
    Column("provider", _SHORT, nullable=False),
    Column("last_sign_in_at", TIME),
    Column("created_at", TIME),
    Column("updated_at", TIME),
    Column("id", _UUID, primary_key=True),
    schema="auth",
)
Table(
    "sessions",
    metadata,
    Column("id", _UUID, primary_key=True),
    _user(),
    Column("created_at", TIME),
    Column("updated_at", TIME),
    Column("factor_id", _UUID),
    Column("aal", sa.String(4)),
    Column("not_after", TIME),
    Column("refreshed_at", _NAIVE),
    Column("user_agent", Text),
    Column("ip", _INET),
    Column("tag", Text),
    Column("oauth_client_id", _UUID),
    Column("refresh_token_hmac_key", Text),
    Column("refresh_token_counter", BIG),
    Column("scopes", Text),
    schema="auth",
)
Table(
    "refresh_tokens",
    metadata,
    Column("instance_id", _UUID),
    Column("id", BIG, primary_key=True, autoincrement=False),
    Column("token", _SHORT),
    Column("user_id", _SHORT),  # text, and no foreign key
    Column("revoked", Boolean),
    Column("created_at", TIME),
    Column("updated_at", TIME),
    Column("parent", _SHORT),
    Column("session_id", _UUID, ForeignKey("auth.sessions.id", ondelete="CASCADE")),
    schema="auth",
)
_audit = Table(
    "audit_log_entries",
    metadata,
    Column("instance_id", _UUID),
    Column("id", _UUID, primary_key=True),
    Column("payload", _JSON),
    Column("created_at", TIME),
    Column("ip_address", sa.String(64), nullable=False),
    schema="auth",
)
Index("audit_logs_created_at", _audit.c.created_at)

Table(
    "profiles",
    metadata,
    _user("id", primary_key=True),
    Column("display_name", Text),
    Column("locale", Text),
    Column("country", Text),
    Column("region", Text),  # asked of people in the United States only
    Column("birth_date", Date),
    Column("created_at", TIME, nullable=False),
    schema="public",
)
_media = Table(
    "media",
    metadata,
    Column("id", BIG, primary_key=True, autoincrement=False),
    _user(),
    Column("kind", Text, nullable=False),
    Column("faces", Integer),  # people the model saw, the uploader or others
    Column("preview_path", Text),
    Column("raw_path", Text),  # empty once the upload is a month old
    Column("uploaded_at", TIME, nullable=False),
    schema="public",
)
_analyses = Table(
    "analyses",
    metadata,
    Column("id", BIG, primary_key=True, autoincrement=False),
    _user(),
    Column("question", Text),
    Column("answer", Text),
    Column("model", Text),
    Column("created_at", TIME, nullable=False),
    schema="public",
)
Table(
    "subscriptions",
    metadata,
    Column("id", BIG, primary_key=True, autoincrement=False),
    _user(),
    Column("lemon_squeezy_customer_id", BIG, nullable=False),
    Column("status", Text, nullable=False),
    Column("plan", Text, nullable=False),
    Column("renews_at", TIME),
    Column("created_at", TIME, nullable=False),
    schema="public",
)
_requests = Table(
    "api_requests",
    metadata,
    Column("id", BIG, primary_key=True, autoincrement=False),
    Column("at", TIME, nullable=False),
    Column("role", Text, nullable=False),
    Column("ip", Text),
    Column("path", Text, nullable=False),
    Column("status", Integer, nullable=False),
    Column("user_id", _UUID),  # whose rows were asked for, where the path says so
    schema="public",
)
Index("api_requests_at", _requests.c.at)
Index("media_user_id", _media.c.user_id)
Index("analyses_user_id", _analyses.c.user_id)

_OWN = "nullif(current_setting('request.jwt.claim.sub', true), '')::uuid"
AFTERWARDS = {
    "postgresql": (
        "ALTER TABLE auth.users ADD COLUMN confirmed_at timestamptz "
        "GENERATED ALWAYS AS (LEAST(email_confirmed_at, phone_confirmed_at)) STORED",
        "ALTER TABLE auth.identities ADD COLUMN email text "
        "GENERATED ALWAYS AS (lower(identity_data ->> 'email')) STORED",
        "CREATE UNIQUE INDEX users_email_partial_key ON auth.users (email) WHERE is_sso_user = false",
        *(f"ALTER TABLE {table.fullname} ENABLE ROW LEVEL SECURITY" for table in metadata.sorted_tables),
        f'CREATE POLICY "one\'s own" ON public.profiles FOR SELECT USING (id = {_OWN})',
        *(
            f'CREATE POLICY "one\'s own" ON public.{name} FOR SELECT USING (user_id = {_OWN})'
            for name in ("media", "analyses", "subscriptions")
        ),
    )
}
