"""Whose an address is: who came, or whose the thing is that they came to."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from incident.scope.discovery import show
from incident.scope.discovery.ddl import read_schema_file
from incident.scope.discovery.proposal import Proposal
from incident.scope.discovery.propose import propose
from incident.scope.discovery.proposed_map import map_text
from incident.scope.mapfile import read_datamap

PEOPLE = "CREATE TABLE users (id int PRIMARY KEY, email varchar(99), password varchar(99), name text);"


def found(tmp_path: Path, text: str) -> Proposal:
    file = tmp_path / "schema.sql"
    file.write_text(PEOPLE + text, encoding="utf-8")
    return propose(read_schema_file(file))


def account(proposal: Proposal, column: str) -> str | None:
    """Whose the column is said to be, by what `holds` says."""
    (held,) = [hold for hold in proposal.holds if str(hold.place) == column]
    return held.account


def taken(proposal: Proposal, tmp_path: Path) -> set[str]:
    """Every column with an address that the proposal, or the map it writes, ties to an account."""
    best = proposal.accounts[0]
    file = tmp_path / "map.toml"
    file.write_text(map_text(proposal, best), encoding="utf-8")
    read_datamap(file)
    written = tomllib.loads(file.read_text(encoding="utf-8"))
    ips = {str(place) for place in best.columns["ip"]}
    trails = {f"{trail['table']}.{trail['ip']}" for trail in written.get("trail", []) if "ip" in trail}
    return ips | trails | {f"{trail.table}.{trail.ip.column}" for trail in proposal.trails if trail.ip}


THINGS = {
    "pictures.lasthit_ip": """
        CREATE TABLE pictures (id int PRIMARY KEY, owner_id int, title text, lasthit_ip text, added timestamp);""",
    "comments.ip": """
        CREATE TABLE entries (id int PRIMARY KEY, author_id int, title text, body text);
        CREATE TABLE comments (id int PRIMARY KEY, entry_id int, author text, email text, ip varchar(64), body text,
                               made_at timestamp);""",
    "mock_server_log.ip_address": """
        CREATE TABLE mock_server (id text PRIMARY KEY, creator_uid int REFERENCES users(id), name text);
        CREATE TABLE mock_server_log (id text PRIMARY KEY, mock_server_id text REFERENCES mock_server(id),
                                      ip_address text, user_agent text, executed_at timestamp);""",
    "runs.visitor_ip": """
        CREATE TABLE documents (id int PRIMARY KEY, owner_id int REFERENCES users(id));
        CREATE TABLE links (id int PRIMARY KEY, document_id int REFERENCES documents(id));
        CREATE TABLE runs (id int PRIMARY KEY, link_id int REFERENCES links(id), visitor_email text, visitor_ip text,
                           started_at timestamp);""",
    "profile_views.ip": """
        CREATE TABLE profile_views (id int PRIMARY KEY, user_id int REFERENCES users(id), viewer_id int, ip inet,
                                    viewed_at timestamp);""",
    "share_token_views.ip": """
        CREATE TABLE share_tokens (id int PRIMARY KEY, user_id int REFERENCES users(id), token text);
        CREATE TABLE share_token_views (id int PRIMARY KEY, share_token_id int REFERENCES share_tokens(id), ip inet,
                                        viewed_at timestamp);""",
    "ip_bans.ip_addr": """
        CREATE TABLE ip_bans (id int PRIMARY KEY, creator_id int REFERENCES users(id), ip_addr inet, made_at timestamp);
    """,
    "admin_log.ip": """
        CREATE TABLE admin_log (id int PRIMARY KEY, item_type varchar(20), item_id int, ip varchar(45), at timestamp);
    """,
}


@pytest.mark.parametrize("column", THINGS)
def test_who_passes_by_is_not_whose_the_thing_is(column: str, tmp_path: Path) -> None:
    proposal = found(tmp_path, THINGS[column])
    assert account(proposal, column) is None
    assert column not in taken(proposal, tmp_path)
    (held,) = [one for one in show.document(proposal)["holds"] if one["column"] == column]
    assert (held["account"], held["path"]) == (None, [])
    assert held["why"].endswith("of whoever came, which need not be whose the thing is")


@pytest.mark.parametrize(
    ("schema", "columns"),
    [
        ("mock_server_log.ip_address", ["mock_server_log.user_agent"]),
        ("comments.ip", ["comments.email"]),
        ("runs.visitor_ip", ["runs.visitor_email"]),
    ],
)
def test_what_they_left_beside_it_is_theirs_too(schema: str, columns: list[str], tmp_path: Path) -> None:
    proposal = found(tmp_path, THINGS[schema])
    assert {account(proposal, column) for column in columns} == {None}


def test_when_others_came_is_not_when_the_owner_was_last_there(tmp_path: Path) -> None:
    text = """
        CREATE TABLE pages (id int PRIMARY KEY, owner_id int REFERENCES users(id), slug text);
        CREATE TABLE page_visits (id int PRIMARY KEY, page_id int REFERENCES pages(id), last_seen_at timestamp);
    """
    assert found(tmp_path, text).accounts[0].columns["last_seen_at"] == ()


def test_when_a_teams_key_was_used_its_owner_was_there(tmp_path: Path) -> None:
    text = """
        CREATE TABLE spaces (id int PRIMARY KEY, owner_id int REFERENCES users(id), label text);
        CREATE TABLE space_api_keys (id int PRIMARY KEY, space_id int REFERENCES spaces(id), hashed_key text,
                                     last_used_at timestamp);
    """
    (seen,) = found(tmp_path, text).accounts[0].columns["last_seen_at"]
    assert str(seen) == "space_api_keys.last_used_at"


THEIRS = {
    "comments.ip": """
        CREATE TABLE entries (id int PRIMARY KEY, author_id int, body text);
        CREATE TABLE comments (id int PRIMARY KEY, entry_id int, user_id int, ip varchar(64), made_at timestamp);""",
    "pictures.upload_ip": """
        CREATE TABLE pictures (id int PRIMARY KEY, owner_id int, lasthit_ip text, upload_ip text, added timestamp);""",
    "picture_hits.hit_ip": """
        CREATE TABLE picture_hits (id int PRIMARY KEY, user_id int, hit_ip text, hit_at timestamp);""",
    "site_visits.visitor_ip": """
        CREATE TABLE site_visits (id int PRIMARY KEY, visitor_id int REFERENCES users(id), visitor_ip inet,
                                  seen_at timestamp);""",
    "session_log.ip": """
        CREATE TABLE sessions (id int PRIMARY KEY, user_id int REFERENCES users(id), started timestamp);
        CREATE TABLE session_log (id int PRIMARY KEY, session_id int REFERENCES sessions(id), ip inet, at timestamp);
    """,
    "device_events.ip": """
        CREATE TABLE devices (id int PRIMARY KEY, user_id int REFERENCES users(id), label text);
        CREATE TABLE device_events (id int PRIMARY KEY, device_id int REFERENCES devices(id), ip inet, at timestamp);
    """,
    "payments.ip": """
        CREATE TABLE orders (id int PRIMARY KEY, customer_id int REFERENCES users(id), total numeric);
        CREATE TABLE payments (id int PRIMARY KEY, order_id int REFERENCES orders(id), ip inet, paid_at timestamp);""",
    "banned.ip": """
        CREATE TABLE banned (id int PRIMARY KEY, user_id int REFERENCES users(id), ip inet, made_at timestamp);""",
    "audits.ip": """
        CREATE TABLE audits (id int PRIMARY KEY, user_type text, user_id int, ip inet, created_at timestamp);""",
}


@pytest.mark.parametrize("column", THEIRS)
def test_who_did_it_themselves_keeps_their_address(column: str, tmp_path: Path) -> None:
    proposal = found(tmp_path, THEIRS[column])
    assert account(proposal, column) == "users"


def test_of_two_addresses_the_trail_takes_the_persons_own(tmp_path: Path) -> None:
    proposal = found(tmp_path, THEIRS["pictures.upload_ip"])
    assert taken(proposal, tmp_path) == {"pictures.upload_ip"}


def test_to_what_something_was_done_is_not_who_did_it(tmp_path: Path) -> None:
    text = """
        CREATE TABLE run_log (id int PRIMARY KEY, step_id int, step_type text, started_at timestamp);
        CREATE TABLE access_tokens (id int PRIMARY KEY, tokenable_id int, tokenable_type text, created_at timestamp);
    """
    assert {trail.table for trail in found(tmp_path, text).trails} == {"access_tokens"}


def test_who_plays_somebody_elses_part_is_not_whose_the_session_is(tmp_path: Path) -> None:
    text = """
        CREATE TABLE sessions (id int PRIMARY KEY, impersonated_by int REFERENCES users(id), ip inet,
                               user_id int REFERENCES users(id), created_at timestamp);
    """
    (trail,) = found(tmp_path, text).trails
    assert trail.account
    assert trail.account.column == "user_id"


STAFF = (
    "CREATE TABLE staff (id int PRIMARY KEY, username varchar(32), email text, password text, last_login timestamp);"
)


@pytest.mark.parametrize(
    ("table", "whose"),
    [
        ("ticket (id int PRIMARY KEY, staff_id int, user_id int, ip_address inet, created timestamp)", "users"),
        ("ticket (id int PRIMARY KEY, staff_id int, subject text, ip_address inet, created timestamp)", "staff"),
        ("access_log (id int PRIMARY KEY, staff_id int, item_id int, ip_address inet, created timestamp)", "staff"),
    ],
)
def test_who_deals_with_a_ticket_did_not_send_it(table: str, whose: str, tmp_path: Path) -> None:
    proposal = found(tmp_path, STAFF + f"CREATE TABLE {table};")
    assert account(proposal, f"{table.split()[0]}.ip_address") == whose


@pytest.mark.parametrize(("name", "of"), [("ticket", {"users"}), ("ticket_reply", {"users", "staff"})])
def test_staff_who_answer_a_ticket_came_from_the_address_too(name: str, of: set[str], tmp_path: Path) -> None:
    columns = "id int PRIMARY KEY, staff_id int, user_id int, ip_address inet, created timestamp"
    proposal = found(tmp_path, STAFF + f"CREATE TABLE {name} ({columns});")
    assert {trail.of for trail in proposal.trails if trail.table == name} == of


def test_where_the_owner_is_nearer_the_visitors_own_account_is_named(tmp_path: Path) -> None:
    text = (
        STAFF
        + """
        CREATE TABLE pages (id int PRIMARY KEY, staff_id int REFERENCES staff(id), owner_id int REFERENCES staff(id));
        CREATE TABLE page_log (id int PRIMARY KEY, item_type text, item_id int, user_id int REFERENCES users(id),
                               page_id int REFERENCES pages(id), ip inet, created timestamp);
    """
    )
    assert account(found(tmp_path, text), "page_log.ip") == "users"
